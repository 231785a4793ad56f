"""Staff: who is in which team, since when, until when?

A person's moves are kept one a row and folded anew whenever one more comes, however late it comes. Nothing
else has to move for it: whoever counts by team looks up here who was where at the instant of the event.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, insert, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Settings
from onrecord_projections.judging.effective import effective_at

MOVES = Shape(
    "staff_moves",
    (
        ("position", "int8"),
        ("person", "text"),
        ("what", "text"),
        ("team", "text"),
        ("at", "timestamptz"),
        ("sequence", "int8"),
    ),
)
SPANS = Shape(
    "team_spans",
    (
        ("person", "text"),
        ("team", "text"),
        ("since", "timestamptz"),
        ("until", "timestamptz"),
        ("joined", "int8"),
        ("ended", "int8"),
    ),
    keys=3,
)
TABLES = (("staff_moves", "position"), ("team_spans", "person, team, since"))
DDL = """
CREATE TABLE staff_moves (
    position bigint PRIMARY KEY,
    person text NOT NULL,
    what text NOT NULL,
    team text NOT NULL,
    at timestamptz NOT NULL,
    sequence bigint NOT NULL
);
CREATE INDEX staff_moves_person ON staff_moves (person);
CREATE TABLE team_spans (
    person text NOT NULL,
    team text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    joined bigint NOT NULL,
    ended bigint,
    PRIMARY KEY (person, team, since)
);
"""
"""`until` NULL: to this day. `joined`, `ended`: the positions of the events that say so."""

JOINED, LEFT, GONE = "team.joined", "team.left", "staff.left"
TYPES = frozenset({JOINED, LEFT, GONE})


class Move(NamedTuple):
    """Somebody came to a team, left it, or left altogether (then no team is named)."""

    position: int
    person: str
    what: str
    team: str
    at: datetime
    sequence: int


class Span(NamedTuple):
    """A person in a team, `[since, until)`."""

    person: str
    team: str
    since: datetime
    until: datetime | None
    joined: int
    ended: int | None


def move_of(settings: Settings, event: Recorded) -> Move:
    """What one event of staff says."""
    team = event.data.get("team") or ""
    at = effective_at(settings, event)
    return Move(event.position, event.data["person"], event.type, team, at, event.sequence or 0)


def spans_of(moves: Iterable[Move]) -> list[Span]:
    """Who was where, whatever order the moves arrived in. Leaving the house leaves every team."""
    found: list[Span] = []
    running: dict[tuple[str, str], int] = {}
    for move in sorted(moves, key=lambda one: (one.at, one.sequence, one.position)):
        key = move.person, move.team
        if move.what == JOINED:
            if key not in running:
                running[key] = len(found)
                found.append(Span(*key, move.at, None, move.position, None))
            continue
        for ended in [each for each in running if each == key or (move.what == GONE and each[0] == key[0])]:
            nth = running.pop(ended)
            found[nth] = found[nth]._replace(until=move.at, ended=move.position)
    return sorted(span for span in found if span.until is None or span.until > span.since)


async def write(
    cursor: AsyncCursor[Any], changes: Sequence[Change], settings: Settings, *, rules_changed: bool
) -> None:
    """Fold anew everybody who moved."""
    moves = [
        move_of(settings, event)
        for change in changes
        for event in (change.history if rules_changed else change.events)
        if event.type in TYPES
    ]
    if not moves:
        return
    await merge(cursor, MOVES, moves)
    people = sorted({move.person for move in moves})
    await cursor.execute("DELETE FROM team_spans WHERE person = ANY(%s)", (people,))
    await cursor.execute(
        "SELECT position, person, what, team, at, sequence FROM staff_moves WHERE person = ANY(%s)", (people,)
    )
    await insert(cursor, SPANS, spans_of(Move(*row) for row in await cursor.fetchall()))
