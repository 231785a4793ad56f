"""Service: how soon was each matter answered and settled, did it come back, and who had it?

One row an item (`matters`). A batch takes away what its cases said before and adds what they say now, so a
late fact or a correction moves a row, and a rebuild comes to equal rows. Rows hold instants, never how long
something has been open: that follows from the instant asked about.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncCursor

from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Settings
from onrecord_projections.matters import TYPES, Item, items_of
from onrecord_projections.matters_memory import Memory

SHAPE = Shape(
    "service",
    (
        ("case_id", "text"),
        ("item", "text"),
        ("kind", "text"),
        ("opened_at", "timestamptz"),
        ("person", "text"),
        ("held_by", "text"),
        ("held_at", "timestamptz"),
        ("channel", "text"),
        ("building", "text"),
        ("answered_at", "timestamptz"),
        ("settled_at", "timestamptz"),
        ("ended_at", "timestamptz"),
        ("due_at", "timestamptz"),
        ("repeats", "int4"),
        ("reopened", "int4"),
        ("evidence", "int8[]"),
    ),
    keys=2,
)
TABLES = (("service", "case_id, item"),)
DDL = """
CREATE TABLE service (
    case_id text NOT NULL,
    item text NOT NULL,
    kind text NOT NULL,
    opened_at timestamptz NOT NULL,
    person text NOT NULL,
    held_by text NOT NULL,
    held_at timestamptz NOT NULL,
    channel text NOT NULL,
    building text NOT NULL,
    answered_at timestamptz,
    settled_at timestamptz,
    ended_at timestamptz,
    due_at timestamptz,
    repeats integer NOT NULL,
    reopened integer NOT NULL,
    evidence bigint[] NOT NULL,
    PRIMARY KEY (case_id, item)
) WITH (fillfactor = 80);
CREATE INDEX service_opened ON service (kind, opened_at, case_id, item);
"""


async def write(
    cursor: AsyncCursor[Any], changes: Iterable[Change], memory: Memory, was: Settings, settings: Settings
) -> None:
    """Only the items that differ. `memory` is of the settings that held before."""
    moved: list[Item] = []
    gone: list[tuple[str, str]] = []
    for change in changes:
        if was is not settings:
            before = items_of(was, change.history[: len(change.history) - len(change.events)])
            after = items_of(settings, change.history)
        elif TYPES.isdisjoint([event.type for event in change.events]):
            continue
        else:
            before, after = memory.moved(change.case_id, change.history, len(change.events))
        moved += [item for name, item in after.items() if before.get(name) != item]
        gone += [(change.case_id, name) for name in before.keys() - after.keys()]
    await delete(cursor, SHAPE, gone)
    await merge(cursor, SHAPE, moved)
