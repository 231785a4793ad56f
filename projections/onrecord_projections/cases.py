"""Cases: which units are there, whom do they concern, and when does one of them change by itself?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, merge
from onrecord_projections.change import Change

SHAPE = Shape(
    "cases",
    (
        ("case_id", "text"),
        ("kind", "text"),
        ("customer", "text"),
        ("building", "text"),
        ("opened_at", "timestamptz"),
        ("last_at", "timestamptz"),
        ("events", "int4"),
        ("last_position", "int8"),
        ("next_due_at", "timestamptz"),
    ),
)
TABLES = (("cases", "case_id"),)
DDL = """
CREATE TABLE cases (
    case_id text PRIMARY KEY,
    kind text NOT NULL,
    customer text,
    building text,
    opened_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    events integer NOT NULL,
    last_position bigint NOT NULL,
    next_due_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX cases_due ON cases (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX cases_recent ON cases (last_at, case_id);
"""

_LIVED_SINCE = """
SELECT case_id FROM cases WHERE last_at >= %s
UNION SELECT case_id FROM sla WHERE due_at >= %s OR stopped_at IS NULL
ORDER BY case_id
"""

_NEXT = """
SELECT least(
    (SELECT min(next_due_at) FROM cases WHERE next_due_at IS NOT NULL),
    (SELECT min(next_change_at) FROM families WHERE next_change_at IS NOT NULL)
)
"""


async def write(cursor: AsyncCursor[Any], changes: Iterable[Change]) -> None:
    """One row a case: its span, its people, and when it next changes by itself."""
    await merge(cursor, SHAPE, [_row(change) for change in changes])


async def due_by(connection: AsyncConnection[Any], now: datetime, *, besides: Iterable[str]) -> list[str]:
    """The cases whose time has come although nothing happened to them."""
    cursor = await connection.execute(
        "SELECT case_id FROM cases WHERE next_due_at <= %s ORDER BY case_id", (now,)
    )
    skip = set(besides)
    return [case_id for (case_id,) in await cursor.fetchall() if case_id not in skip]


async def lived_since(connection: AsyncConnection[Any], since: datetime) -> list[str]:
    """The cases in which something happened, fell due or was still open at or after an instant."""
    cursor = await connection.execute(_LIVED_SINCE, (since, since))
    return [case_id for (case_id,) in await cursor.fetchall()]


def _row(change: Change) -> tuple[Any, ...]:
    history = change.history
    return (
        change.case_id,
        change.case_id.partition("/")[0],
        first(history, "customer"),
        first(history, "building"),
        min(event.occurred_at for event in history),
        max(event.occurred_at for event in history),
        len(history),
        max(event.position for event in history),
        change.next_due_at,
    )


def first(history: Sequence[Recorded], field: str) -> str | None:
    """The value an earliest event gave; by position, so that it is the same in every replay."""
    for event in history:
        if isinstance(value := event.data.get(field), str):
            return value
    return None


async def next_due_at(connection: AsyncConnection[Any]) -> datetime | None:
    """The next instant at which some case, or whose client somebody is, changes although nothing happens."""
    cursor = await connection.execute(_NEXT)
    row = await cursor.fetchone()
    found: datetime | None = row[0] if row else None
    return found
