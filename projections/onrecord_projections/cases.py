"""Cases: which units are there, whom do they concern, and when does one of them change by itself?

Also the judge's memory: the cases in work, folded. A batch folds each touched case event by event, with the
watermark that stood before each event, so that neither the size of a batch nor a restart shows in any row.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection, AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections import timeline
from onrecord_projections.bulk import Shape, merge
from onrecord_projections.judging import CaseFold, Clock, Settings, Verdict

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

UNJUDGED_KINDS = frozenset({"clock", "intake", "rulebook", "calendar", "setting", "source"})
"""Streams that are no case: endless, and no clause speaks of them."""

EVENTS_IN_MEMORY_MAX = 60_000
"""About 90 MB. Cases over it are read again from the timeline when something happens to them."""

_LIVED_SINCE = """
SELECT case_id FROM cases WHERE last_at >= %s
UNION SELECT case_id FROM sla WHERE due_at >= %s OR stopped_at IS NULL
ORDER BY case_id
"""
"""Cases in which something happened, fell due or was still open at or after an instant."""

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Stamped(NamedTuple):
    """An event and the watermark that stood before it: the only "now" a projection has."""

    event: Recorded
    watermark: datetime


class Retraction(NamedTuple):
    """A breach that could be seen, until this event said otherwise."""

    clause: str
    instance: str
    position: int


class Change(NamedTuple):
    """What a batch did to one case."""

    case_id: str
    events: Sequence[Recorded]
    old: Verdict
    new: Verdict
    retractions: Sequence[Retraction]
    history: Sequence[Recorded]
    next_due_at: datetime | None


def one_each(changes: Iterable[Change]) -> list[Change]:
    """What several changes of one case come to, one change a case."""
    merged: dict[str, Change] = {}
    for change in changes:
        before = merged.get(change.case_id)
        if before is not None:
            events = (*before.events, *change.events)
            retractions = (*before.retractions, *change.retractions)
            change = change._replace(events=events, old=before.old, retractions=retractions)  # noqa: PLW2901
        merged[change.case_id] = change
    return list(merged.values())


class CaseState:
    """One case in memory: its history and what it means."""

    __slots__ = ("fold", "history", "verdict")

    def __init__(self, settings: Settings, case_id: str) -> None:
        self.fold = CaseFold.open(settings, case_id)
        self.history: list[Recorded] = []
        self.verdict = Verdict()

    def take(self, event: Recorded) -> None:
        """Add an event; what it means is asked for apart."""
        kept = msgspec.structs.replace(event, raw=b"")
        self.history.append(kept)
        self.fold.take(kept)

    def look(self, as_of: datetime) -> Verdict:
        """What it means as of an instant that never goes back."""
        self.verdict = self.fold.at(as_of)
        return self.verdict

    def standing(self) -> tuple[Sequence[Recorded], datetime | None]:
        """Its history, and when its verdict changes next."""
        return self.history, self.next_due_at()

    def next_due_at(self) -> datetime | None:
        """When the verdict changes although nothing happens."""
        return self.fold.next_due


class Bench:
    """The cases in work. Holds as many as fit; the rest lie in the timeline."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._states: OrderedDict[str, CaseState] = OrderedDict()

    def clear(self) -> None:
        """Forget everything held (a transaction failed, or the rules changed)."""
        self._states.clear()

    async def judge(
        self,
        connection: AsyncConnection[Any],
        stamped: Sequence[Stamped],
        was: datetime | None,
        now: datetime,
    ) -> list[Change]:
        """What these events, and the time that passed with them, did to every case they touch."""
        by_case: dict[str, list[Stamped]] = {}
        for item in stamped:
            if item.event.stream.partition("/")[0] not in UNJUDGED_KINDS:
                by_case.setdefault(item.event.case, []).append(item)
        due = await _due(connection, now, by_case.keys()) if was is not None and now > was else []
        states = await self._states_of(connection, [*by_case, *due], was or LONG_AGO)
        changes = [_follow(case_id, states[case_id], by_case.get(case_id, ()), now) for case_id in states]
        self._keep(states)
        return changes

    async def judge_again(
        self, connection: AsyncConnection[Any], settings: Settings, since: datetime, now: datetime
    ) -> list[Change]:
        """What a change of the rules from `since` on did to the cases that lived then."""
        cursor = await connection.execute(_LIVED_SINCE, (since, since))
        affected = [case_id for (case_id,) in await cursor.fetchall()]
        before = await self._states_of(connection, affected, now)
        self.clear()
        self.settings = settings
        after = await self._states_of(connection, affected, now)
        return [
            Change(
                case_id, (), before[case_id].verdict, after[case_id].verdict, (), *after[case_id].standing()
            )
            for case_id in affected
        ]

    async def _states_of(
        self, connection: AsyncConnection[Any], cases: Sequence[str], as_of: datetime
    ) -> dict[str, CaseState]:
        missing = [case_id for case_id in cases if case_id not in self._states]
        histories = await timeline.of_cases(connection, missing) if missing else {}
        states = {}
        for case_id in cases:
            state = self._states.get(case_id)
            if state is None:
                state = CaseState(self.settings, case_id)
                for event in histories[case_id]:
                    state.take(event)
                if state.history:
                    state.look(as_of)
            states[case_id] = state
        return states

    def _keep(self, states: dict[str, CaseState]) -> None:
        for case_id, state in states.items():
            self._states[case_id] = state
            self._states.move_to_end(case_id)
        held = sum(len(state.history) for state in self._states.values())
        while held > EVENTS_IN_MEMORY_MAX and len(self._states) > 1:
            _, dropped = self._states.popitem(last=False)
            held -= len(dropped.history)


async def write(cursor: AsyncCursor[Any], changes: Iterable[Change]) -> None:
    """One row a case: its span, its people, and when it next changes by itself."""
    await merge(cursor, SHAPE, [_row(change) for change in changes])


def _follow(case_id: str, state: CaseState, stamped: Sequence[Stamped], now: datetime) -> Change:
    """Take the events one by one; a breach that was visible before one and is none after it is taken back."""
    old = state.verdict
    retractions: list[Retraction] = []
    for event, watermark in stamped:
        due_at = state.next_due_at()
        if due_at is not None and due_at <= watermark:
            state.look(watermark)
        visible = [clock for clock in state.verdict.clocks if clock.state == "breached"]
        state.take(event)
        state.look(max(watermark, event.recorded_at))
        if visible and event.captured_at is None:
            retractions += _taken_back(visible, state.verdict, event)
    new = state.look(now)
    return Change(case_id, [item.event for item in stamped], old, new, retractions, *state.standing())


def _taken_back(visible: Sequence[Clock], after: Verdict, event: Recorded) -> Iterable[Retraction]:
    broken = {(clock.clause, clock.instance) for clock in after.clocks if clock.state == "breached"}
    for clock in visible:
        if (clock.clause, clock.instance) not in broken:
            yield Retraction(clock.clause, clock.instance, event.position)


async def _due(connection: AsyncConnection[Any], now: datetime, touched: Iterable[str]) -> list[str]:
    """The cases whose time has come although nothing happened to them."""
    cursor = await connection.execute(
        "SELECT case_id FROM cases WHERE next_due_at <= %s ORDER BY case_id", (now,)
    )
    skip = set(touched)
    return [case_id for (case_id,) in await cursor.fetchall() if case_id not in skip]


def _row(change: Change) -> tuple[Any, ...]:
    history = change.history
    return (
        change.case_id,
        change.case_id.partition("/")[0],
        _first(history, "customer"),
        _first(history, "building"),
        min(event.occurred_at for event in history),
        max(event.occurred_at for event in history),
        len(history),
        max(event.position for event in history),
        change.next_due_at,
    )


def _first(history: Sequence[Recorded], field: str) -> str | None:
    """The value an earliest event gave; by position, so that it is the same in every replay."""
    for event in history:
        if isinstance(value := event.data.get(field), str):
            return value
    return None


async def next_due_at(connection: AsyncConnection[Any]) -> datetime | None:
    """The next instant at which some case changes although nothing happens."""
    cursor = await connection.execute("SELECT min(next_due_at) FROM cases WHERE next_due_at IS NOT NULL")
    row = await cursor.fetchone()
    found: datetime | None = row[0] if row else None
    return found
