"""Timeline: what happened, in order, to this case, this person, this customer?

Keeps the stored bytes of every event, so a damaged log can be repaired from it. It never decides.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections.bulk import Shape, insert

EVENTS = Shape(
    "timeline",
    (
        ("position", "int8"),
        ("case_id", "text"),
        ("stream", "text"),
        ("type", "text"),
        ("occurred_at", "timestamptz"),
        ("recorded_at", "timestamptz"),
        ("actor", "text"),
        ("raw", "bytea"),
    ),
)
PARTIES = Shape("party", (("party", "text"), ("position", "int8")), keys=2)
TABLES = (("timeline", "position"), ("party", "party, position"), ("policy", "position"))
DDL = """
CREATE TABLE timeline (
    position bigint PRIMARY KEY,
    case_id text NOT NULL,
    stream text NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text,
    raw bytea NOT NULL
);
CREATE INDEX timeline_case ON timeline (case_id, position);
CREATE TABLE party (party text NOT NULL, position bigint NOT NULL, PRIMARY KEY (party, position));
CREATE TABLE policy (position bigint PRIMARY KEY);
"""

LAST = 2**62
"""A position that no log reaches."""
PERSON_FIELDS = frozenset(
    (
        "staff",
        "by",
        "received_by",
        "area_manager",
        "consultant",
        "person",
        "owner",
        "giver",
        "taker",
        "signed_by",
        "asked_by",
        "salesperson",
        "borrower",
        "leader",
        "handler",
        "original",
        "accused",
        "among",
        "members",
    )
)
"""Body fields that name somebody of the staff, or several."""


def parties(event: Recorded) -> set[str]:
    """Whom the event is about: `customer/<id>`, `person/<id>`; each once."""
    data = event.data
    found: set[str] = set()
    for field in PERSON_FIELDS & data.keys():
        named = data[field]
        found.update(f"person/{one}" for one in (named if isinstance(named, list) else (named,)) if one)
    if event.actor:
        found.add(f"person/{event.actor}")
    if customer := data.get("customer"):
        found.add(f"customer/{customer}")
    return found


async def write(cursor: AsyncCursor[Any], events: Sequence[Recorded]) -> None:
    """New events, once each."""
    await insert(
        cursor,
        EVENTS,
        [
            (e.position, e.case, e.stream, e.type, e.occurred_at, e.recorded_at, e.actor, e.raw)
            for e in events
        ],
    )
    await insert(cursor, PARTIES, sorted((party, e.position) for e in events for party in parties(e)))


async def of_cases(
    connection: AsyncConnection[Any], cases: Sequence[str], *, until: int | None = None
) -> dict[str, list[Recorded]]:
    """Every event of these cases up to a position, in the order of the log."""
    cursor = await connection.execute(
        "SELECT case_id, position, recorded_at, raw FROM timeline "
        "WHERE case_id = ANY(%s) AND position <= %s ORDER BY position",
        (list(cases), LAST if until is None else until),
    )
    found: dict[str, list[Recorded]] = {case: [] for case in cases}
    for case_id, position, recorded_at, raw in await cursor.fetchall():
        found[case_id].append(from_bytes(raw, position, recorded_at))
    return found


async def of_party(
    connection: AsyncConnection[Any], party: str, *, before: int | None = None, limit: int = 100
) -> list[Recorded]:
    """The newest events about a person or customer, newest first, older than position `before`."""
    cursor = await connection.execute(
        "SELECT t.position, t.recorded_at, t.raw FROM party p JOIN timeline t USING (position) "
        "WHERE p.party = %s AND p.position < %s ORDER BY p.position DESC LIMIT %s",
        (party, before or LAST, limit),
    )
    return [from_bytes(raw, position, at) for position, at, raw in await cursor.fetchall()]


async def mark_policy(cursor: AsyncCursor[Any], event: Recorded) -> None:
    """Remember that this event changed the rules."""
    await cursor.execute("INSERT INTO policy VALUES (%s)", (event.position,))


async def of_policies(connection: AsyncConnection[Any], *, until: int | None = None) -> list[Recorded]:
    """Every event up to a position that changed the rules, in the order of the log."""
    cursor = await connection.execute(
        "SELECT t.position, t.recorded_at, t.raw FROM policy p JOIN timeline t USING (position) "
        "WHERE t.position <= %s ORDER BY t.position",
        (LAST if until is None else until,),
    )
    return [from_bytes(raw, position, at) for position, at, raw in await cursor.fetchall()]
