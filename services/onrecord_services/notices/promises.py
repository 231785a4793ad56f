"""Promises: what the read models know of clocks, and of what was told about them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from onrecord_events.alert import Acknowledged, PolicySet, Raised
from onrecord_events.envelope import Recorded
from onrecord_projections import timeline
from onrecord_projections.calendar import Calendar
from onrecord_projections.judging import Settings
from onrecord_services.notices.steps import DEFAULT, Promise, Regime

POLICY_STREAM = "alert/policy"
_HISTORY = b'"capturedat":'
"""How an event taken in from history shows in its stored bytes; inside a text the quotes would be escaped."""

_CLOCKS = """
SELECT s.case_id, s.clause, s.instance, s.pack, s.edition, s.owner, s.state, s.started_at, s.due_at,
       s.stopped_at, s.paused
FROM unnest(%s::text[]) AS wanted (case_id)
CROSS JOIN LATERAL (SELECT * FROM sla WHERE sla.case_id = wanted.case_id OFFSET 0) AS s
WHERE s.kind <> 'retention' AND coalesce(
    (SELECT position(%s::bytea IN t.raw) FROM timeline t WHERE t.position = s.evidence[1]), 0) = 0
"""
"""Case by case through the index (OFFSET keeps the planner to it): a scan of all for every thousand of a
hundred thousand would take a minute."""
_OPEN_CASES = """
SELECT DISTINCT case_id FROM sla WHERE stopped_at IS NULL AND kind <> 'retention' ORDER BY case_id
"""
_TOUCHED = "SELECT DISTINCT case_id, type FROM timeline WHERE position > %s AND position <= %s"
_TURNS = "SELECT case_id, next_due_at FROM cases WHERE case_id = ANY(%s) AND next_due_at IS NOT NULL"


class Told(NamedTuple):
    """What was said about one clock: the last event of its stream, the steps told, who took note when."""

    last: int = 0
    names: frozenset[str] = frozenset()
    acknowledged_at: datetime | None = None

    def more(self, position: int, names: Iterable[str]) -> "Told":
        """With these steps told at a position."""
        return Told(position, self.names.union(names), self.acknowledged_at)

    @classmethod
    def of(cls, events: Iterable[Recorded], before: "Told | None" = None) -> "Told":
        """Out of the clock's own stream, oldest first; of what came before, if that is known."""
        told = before or cls()
        for event in events:
            names, acknowledged_at = told.names, told.acknowledged_at
            if event.type == Raised.TYPE:
                names |= {event.data["step"]}
            elif event.type == Acknowledged.TYPE and acknowledged_at is None:
                acknowledged_at = event.recorded_at
            told = cls(event.position, names, acknowledged_at)
        return told


def stream_of(promise: Promise) -> str:
    """The stream of a clock's notices: the clock's name, shortened to what a subject takes."""
    name = f"{promise.case}\0{promise.clause}\0{promise.instance}"
    return f"alert/{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"


async def of_cases(rows: AsyncConnection[Any], cases: Sequence[str]) -> list[Promise]:
    """Every clock of these cases, but those that history started: of what is long past nobody is told."""
    cursor = await rows.execute(_CLOCKS, (list(cases), _HISTORY))
    return [
        Promise._make((*names, started_at.astimezone(UTC), _utc(due_at), _utc(stopped_at), paused))
        for *names, started_at, due_at, stopped_at, paused in await cursor.fetchall()
    ]


def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)


async def told_of(rows: AsyncConnection[Any], streams: Sequence[str]) -> dict[str, Told]:
    """What was said, as far as the rows know."""
    found = await timeline.of_cases(rows, streams)
    return {stream: Told.of(events) for stream, events in found.items()}


async def open_cases(rows: AsyncConnection[Any]) -> list[str]:
    """The cases with a clock that nothing has stopped."""
    cursor = await rows.execute(_OPEN_CASES)
    return [case for (case,) in await cursor.fetchall()]


async def touched(rows: AsyncConnection[Any], after: int, until: int) -> tuple[set[str], set[str]]:
    """The cases something happened in, and the types of event there were."""
    cursor = await rows.execute(_TOUCHED, (after, until))
    found = await cursor.fetchall()
    return {case for case, _ in found}, {type_ for _, type_ in found}


async def turns(rows: AsyncConnection[Any], cases: Sequence[str]) -> dict[str, datetime]:
    """When each of them next changes although nothing happens."""
    cursor = await rows.execute(_TURNS, (list(cases),))
    return {case: at.astimezone(UTC) for case, at in await cursor.fetchall()}


async def cases_told_in(rows: AsyncConnection[Any], streams: Iterable[str]) -> set[str]:
    """The cases whose clocks these streams of notices are about."""
    found = await timeline.of_cases(rows, list(streams))
    return {event.data["case"] for events in found.values() for event in events if event.type == Raised.TYPE}


async def regimes(rows: AsyncConnection[Any]) -> tuple[Regime, ...]:
    """Every policy of notices the tenant has had, the one we bring first."""
    found = await timeline.of_cases(rows, [POLICY_STREAM])
    said = [(event.recorded_at, event.body()) for event in found[POLICY_STREAM]]
    return (*DEFAULT, *(Regime(at, body) for at, body in said if isinstance(body, PolicySet)))


async def settings(rows: AsyncConnection[Any]) -> Settings:
    """The rules in force."""
    folded = Settings()
    for event in await timeline.of_policies(rows):
        folded = folded.evolve(event)
    return folded


class Counting:
    """On which calendar a clause counts working time; None where it counts all time, or days."""

    def __init__(self, rules: Settings) -> None:
        self._rules = rules
        self._names: dict[tuple[str, int, str], str | None] = {}

    def calendar_of(self, promise: Promise) -> Calendar | None:
        """The calendar in force when the clock started."""
        key = (promise.pack, promise.edition, promise.clause)
        if key not in self._names:
            self._names[key] = self._name(*key)
        name = self._names[key]
        return self._rules.calendar(name, promise.started_at) if name else None

    def _name(self, pack: str, edition: int, clause_id: str) -> str | None:
        book = self._rules.edition(pack, edition)
        clause = next((one for one in book.clause if one.id == clause_id), None) if book else None
        if book is None or getattr(clause, "measure", None) != "working":
            return None
        return getattr(clause, "calendar", None) or book.calendar
