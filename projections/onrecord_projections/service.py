"""Service: how soon was each matter answered and settled, did it come back, and who had it?

One row an item (`matters`), and sums of them (`service_sums`, `promise_sums`). A batch takes away what its
cases said before and adds what they say now, so a late fact or a correction moves a row, and a rebuild comes
to equal rows. Rows hold instants, never how long something has been open: that follows from the instant
asked about.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncCursor

from onrecord_projections import promise_sums, service_sums
from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Settings
from onrecord_projections.matters import THE_MATTER, TYPES, Item, items_of
from onrecord_projections.matters_memory import Memory
from onrecord_projections.promise_sums import Placed

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
SHAPES = (SHAPE, service_sums.SHAPE, promise_sums.SHAPE)
TABLES = (("service", "case_id, item"), *service_sums.TABLES, *promise_sums.TABLES)
_DDL = """
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
CREATE INDEX service_due ON service (due_at) WHERE due_at IS NOT NULL;
"""
DDL = _DDL + service_sums.DDL + promise_sums.DDL


async def write(
    cursor: AsyncCursor[Any], changes: Iterable[Change], memory: Memory, was: Settings, settings: Settings
) -> None:
    """Only the items that differ. `memory` is of the settings that held before."""
    moved: list[tuple[Item | None, Item | None]] = []
    placed: list[Placed] = []
    for change in changes:
        if was is not settings:
            before = items_of(was, change.history[: len(change.history) - len(change.events)])
            after = items_of(settings, change.history)
        elif not TYPES.isdisjoint([event.type for event in change.events]):
            before, after = memory.moved(change.case_id, change.history, len(change.events))
        else:
            if change.old.clocks is not change.new.clocks:
                matter = memory.matter(change.case_id, change.history)
                placed.append(Placed(change, matter, matter))
            continue
        moved += [(before.get(name), item) for name, item in after.items() if before.get(name) != item]
        moved += [(before[name], None) for name in before.keys() - after.keys()]
        placed.append(Placed(change, before.get(THE_MATTER), after.get(THE_MATTER)))
    await delete(cursor, SHAPE, [(old.case, old.item) for old, new in moved if old and not new])
    await merge(cursor, SHAPE, [new for _, new in moved if new])
    await service_sums.write(cursor, moved)
    await promise_sums.write(cursor, placed)
