"""Bench: the cases in work, folded. The judge's memory.

A batch folds each touched case event by event, with the watermark that stood before each event, so that
neither the size of a batch nor a restart shows in any row.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from onrecord_events.envelope import Recorded
from onrecord_projections import cases, timeline
from onrecord_projections.change import Change, Retraction, Stamped
from onrecord_projections.journal import Ground, Step, Tally
from onrecord_projections.judging import CaseFold, Clock, Settings, Verdict
from onrecord_projections.judging.case import whole_second
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.run import SECOND

UNJUDGED_KINDS = frozenset({"alert", "clock", "intake", "calendar", "setting", "source", "report", "webhook"})
"""Streams that are no case: endless, and no clause speaks of them."""

EVENTS_IN_MEMORY_MAX = 30_000
"""About 45 MB. Cases over it are read again from the timeline when something happens to them."""

CASES_AT_A_STRETCH = 32
"""Judged before others may have the processor: who writes rows meanwhile waits a millisecond or two."""

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Work(NamedTuple):
    """What a batch asks of the bench: its events case by case, and every case that it or its time moves."""

    by_case: Mapping[str, Sequence[Stamped]]
    states: "Mapping[str, CaseState]"
    until: datetime


class CaseState:
    """One case in memory: its history and what it means."""

    __slots__ = ("_changed_at", "_due_at", "_looked", "fold", "history", "verdict")

    def __init__(self, settings: Settings, case_id: str) -> None:
        self.fold = CaseFold.open(settings, case_id)
        self.history: list[Recorded] = []
        self.verdict = Verdict()
        self._looked = False
        """Whether the verdict is of everything taken, and `_due_at` the next instant at which it changes."""
        self._due_at: datetime | None = None
        self._changed_at: datetime | None = None
        """The verdict has held at least since then; None if nobody looked."""

    def take(self, event: Recorded) -> None:
        """Add an event; what it means is asked for apart."""
        kept = msgspec.structs.replace(event, raw=b"")
        self.history.append(kept)
        self.fold.take(kept)
        self._looked = False

    def look(self, as_of: datetime) -> Verdict:
        """What it means as of an instant that never goes back."""
        if not self._looked or (self._due_at is not None and self._due_at <= as_of):
            self.verdict = self.fold.at(as_of)
            self._looked, self._due_at, self._changed_at = True, self.fold.next_due, None
        return self.verdict

    def steps(self, since: datetime, until: datetime) -> list[Step]:
        """What it means at each instant of `[since, until]`, in whole seconds, change by change."""
        found: list[Step] = []
        at = whole_second(since)
        while at <= until and self.history:
            self.verdict = self.fold.at(at)
            found.append(Step(at, self.verdict))
            self._looked, self._due_at, self._changed_at = True, self.fold.next_due, at
            if self._due_at is None:
                break
            at = max(whole_second(self._due_at), at + SECOND)  # a limit with a fraction passes a second later
        return found

    def told(self, since: datetime, watermark: datetime) -> list[Step]:
        """How it is told so far from an instant on: beyond the watermark as if time brought nothing new."""
        since, changed_at = whole_second(since), self._changed_at
        if since > watermark or (changed_at is not None and changed_at <= since):
            return [Step(since, self.verdict)]
        return self.steps(since, watermark)

    def begins_at(self) -> datetime:
        """No event of it counts before this."""
        times = ((event.occurred_at, event.recorded_at, event.captured_at) for event in self.history)
        return min((at for found in times for at in found if at is not None), default=LONG_AGO)

    def standing(self) -> tuple[Sequence[Recorded], datetime | None]:
        """Its history, and when its verdict changes next."""
        return self.history, self.next_due_at()

    def next_due_at(self) -> datetime | None:
        """When the verdict changes although nothing happens."""
        return self._due_at if self._looked else self.fold.next_due


class Bench:
    """The cases in work. Holds as many as fit; the rest lie in the timeline."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ground = Ground(settings)
        self._states: OrderedDict[str, CaseState] = OrderedDict()

    def clear(self) -> None:
        """Forget everything held (a transaction failed, or the rules changed)."""
        self._states.clear()

    async def gather(
        self,
        connection: AsyncConnection[Any],
        stamped: Sequence[Stamped],
        was: datetime | None,
        now: datetime,
    ) -> Work:
        """All that must be read to judge these events; before they are in the timeline."""
        by_case: dict[str, list[Stamped]] = {}
        for item in stamped:
            if _is_judged(item.event):
                by_case.setdefault(item.event.case, []).append(item)
        due = (
            await cases.due_by(connection, now, besides=by_case.keys())
            if was is not None and now > was
            else []
        )
        states = await self._states_of(connection, [*by_case, *due], was or LONG_AGO)
        return Work(by_case, states, now)

    async def judge(self, work: Work, tally: Tally | None = None) -> list[Change]:
        """What the events, and the time that passed with them, did to every case. Reads nothing."""
        changes = []
        for nth, (case_id, state) in enumerate(work.states.items()):
            if nth % CASES_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
            stamped = work.by_case.get(case_id, ())
            changes.append(_follow(case_id, state, stamped, work.until, self._ground, tally))
        self._keep(work.states)
        return changes

    async def judge_again(
        self,
        connection: AsyncConnection[Any],
        settings: Settings,
        since: datetime,
        now: datetime,
        tally: Tally | None = None,
        also: Iterable[str] = (),
    ) -> list[Change]:
        """What a change of the rules from `since` on did to the cases that lived then, and to `also`."""
        affected = sorted({*await cases.lived_since(connection, since), *also})
        before = await self._states_of(connection, affected, now)
        was, self.settings, self._ground = self._ground, settings, Ground(settings)
        self.clear()
        after = await self._states_of(connection, affected, now)
        if tally is not None:
            position = tally.passed.first
            for case_id in affected:
                begins_at = before[case_id].begins_at()
                tally.untold(was, position, before[case_id].steps(begins_at, now))
                tally.told(self._ground, position, after[case_id].steps(begins_at, now))
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
                    if _is_judged(event):
                        state.take(event)
                if state.history:
                    state.look(as_of)
            states[case_id] = state
        return states

    def _keep(self, states: Mapping[str, CaseState]) -> None:
        for case_id, state in states.items():
            self._states[case_id] = state
            self._states.move_to_end(case_id)
        held = sum(len(state.history) for state in self._states.values())
        while held > EVENTS_IN_MEMORY_MAX and len(self._states) > 1:
            _, dropped = self._states.popitem(last=False)
            held -= len(dropped.history)


def _is_judged(event: Recorded) -> bool:
    """Whether it is part of a case, whatever case it names."""
    return event.stream.partition("/")[0] not in UNJUDGED_KINDS


def _follow(
    case_id: str,
    state: CaseState,
    stamped: Sequence[Stamped],
    now: datetime,
    ground: Ground,
    tally: Tally | None,
) -> Change:
    """Take the events one by one; a breach that was visible before one and is none after it is taken back."""
    old = state.verdict
    retractions: list[Retraction] = []
    for event, watermark in stamped:
        _age(state, watermark, ground, tally)
        visible = [clock for clock in state.verdict.clocks if clock.state == "breached"]
        seen_at = max(watermark, event.recorded_at)
        if tally is not None and event.type in ground.settings.plans:
            since = min(effective_at(ground.settings, event), state.next_due_at() or seen_at)
            was = state.told(since, watermark)
            state.take(event)
            tally.retold(ground, event.position, was, state.steps(since, seen_at))
        else:
            state.take(event)
        state.look(seen_at)
        if visible and event.captured_at is None:
            retractions += _taken_back(visible, state.verdict, event)
    _age(state, now, ground, tally)
    new = state.look(now)
    return Change(case_id, [item.event for item in stamped], old, new, retractions, *state.standing())


def _age(state: CaseState, to: datetime, ground: Ground, tally: Tally | None) -> None:
    """Let time pass in a case that changes by itself."""
    due_at = state.next_due_at()
    if due_at is None or due_at > to:
        return
    if tally is not None:
        tally.aged(ground, state.verdict, state.steps(due_at, to))
    state.look(to)


def _taken_back(visible: Sequence[Clock], after: Verdict, event: Recorded) -> Iterable[Retraction]:
    broken = {(clock.clause, clock.instance) for clock in after.clocks if clock.state == "breached"}
    for clock in visible:
        if (clock.clause, clock.instance) not in broken:
            yield Retraction(clock.clause, clock.instance, event.position)
