"""Clock: why a clock says what it says, down to the events, the hours, the days and the arithmetic."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.case import CaseFold, whole_second
from onrecord_projections.judging.clauses import RecurringClause
from onrecord_projections.judging.explaining import turn as turns
from onrecord_projections.judging.explaining.days import LimitTold, Repeat, limit_told, repeats
from onrecord_projections.judging.explaining.intervals import Interval, ahead, intervals
from onrecord_projections.judging.explaining.parts import (
    RuleTold,
    SettingTold,
    Sum,
    number_told,
    reading_told,
    rules_told,
)
from onrecord_projections.judging.explaining.turn import Done, Turn
from onrecord_projections.judging.hands import Hand, hands_by, hands_told
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import Mark, Run
from onrecord_projections.judging.sharing import READING, policy_at, share
from onrecord_projections.judging.verdict import Clock

__all__ = ["ClockTold", "Done", "Step", "Turn", "explain"]


class Step(msgspec.Struct, frozen=True):
    """One event that moved the clock."""

    at: datetime
    what: str
    cause: str
    event: str
    position: int


class ClockTold(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person needs to check one clock by hand."""

    clock: Clock
    as_of: datetime
    rules: tuple[RuleTold, ...]
    settings: tuple[SettingTold, ...]
    limit: LimitTold | None
    turn: Turn | None
    """Of a duty: which days it was owed in."""
    steps: tuple[Step, ...]
    intervals: tuple[Interval, ...]
    ahead: tuple[Interval, ...]
    """What was left until the limit."""
    repeats: tuple[Repeat, ...]
    hands: tuple[Hand, ...] = ()
    """Who had the case up to its end, if it was broken and the case went from hand to hand."""
    arithmetic: tuple[Sum, ...]


def explain(
    settings: Settings, events: Iterable[Recorded], clause: str, instance: str, as_of: datetime
) -> ClockTold | None:
    """The whole story of one clock at `as_of`; None if the case has no such clock."""
    listed = sorted(events, key=attrgetter("position"))
    fold = CaseFold.open(settings, listed[0].case if listed else "")
    for event in listed:
        fold.take(event)
    as_of, named = whole_second(as_of), (clause, instance)
    clocks = (clock for clock in fold.at(as_of).clocks if (clock.clause, clock.instance) == named)
    clock = next(clocks, None)
    if clock is None:
        return None
    run = next((run for run in fold.state_at(as_of).runs if (run.rule.id, run.instance) == named), None)
    if run is None:
        return _of_duty(settings, clock, listed, as_of)
    return _shared(settings, _of_run(settings, clock, run, as_of), listed)


def _shared(settings: Settings, told: ClockTold, events: list[Recorded]) -> ClockTold:
    """With who answers for how much of the overrun, if the case went from hand to hand."""
    clock, hands = told.clock, hands_by(settings, events, told.as_of)
    if len(hands) < 2 or clock.due_at is None:  # noqa: PLR2004 (one hand shares nothing)
        return told
    policy = policy_at(settings, clock.due_at)
    parts = share(clock, hands, policy, told.as_of)
    if not parts:
        return told
    until = clock.stopped_at or told.as_of
    sums = tuple(Sum("hand", {"person": part.person, "policy": policy}, part.seconds) for part in parts)
    return msgspec.structs.replace(
        told,
        settings=(*told.settings, reading_told(settings, READING, clock.due_at)),
        hands=tuple(hands_told(hands, clock.started_at, until)),
        arithmetic=(*told.arithmetic, *sums),
    )


def _of_run(settings: Settings, clock: Clock, run: Run, as_of: datetime) -> ClockTold:
    limit = limit_told(run.rule, settings, run.started_at, run.marks[0].seen.data, clock.due_at)
    further = (found for found in run.findings if found.instance.startswith(f"{run.instance}+"))
    steps = tuple(Step(mark.at, mark.what, mark.cause, *_source(mark)) for mark in run.marks)
    return ClockTold(
        clock=clock,
        as_of=as_of,
        rules=rules_told(settings, iter([(clock.pack, clock.edition, clock.clause)])),
        settings=(
            *(limit.settings if limit else ()),
            *number_told(settings, clock.clause, clock.started_at),
        ),
        limit=msgspec.structs.replace(limit, settings=()) if limit else None,
        turn=None,
        steps=steps,
        intervals=tuple(intervals(clock, run, as_of)),
        ahead=tuple(ahead(clock, run, as_of)),
        repeats=tuple(repeats(run, sum(1 for _ in further))),
        arithmetic=tuple(_sums(clock, limit, steps, as_of)),
    )


def _of_duty(settings: Settings, clock: Clock, events: Iterable[Recorded], as_of: datetime) -> ClockTold:
    book = settings.edition(clock.pack, clock.edition)
    clause = next(one for one in book.clause if one.id == clock.clause) if book else None
    assert book is not None
    assert isinstance(clause, RecurringClause)
    told, settled = turns.turn_told(settings, book, clause, clock)
    return ClockTold(
        clock=clock,
        as_of=as_of,
        rules=rules_told(settings, iter([(clock.pack, clock.edition, clock.clause)])),
        settings=(*settled, *number_told(settings, clock.clause, clock.started_at)),
        limit=None,
        turn=msgspec.structs.replace(told, dones=turns.dones_in(settings, clause, clock, events)),
        steps=(),
        intervals=(),
        ahead=(),
        repeats=(),
        arithmetic=tuple(_sums(clock, None, (), as_of)),
    )


def _source(mark: Mark) -> tuple[str, int]:
    return mark.seen.id, mark.seen.position


def _sums(clock: Clock, limit: LimitTold | None, steps: tuple[Step, ...], as_of: datetime) -> Iterator[Sum]:
    """How the due date and the verdict came about, step by step."""
    yield Sum("start", {}, clock.started_at)
    if limit is not None and limit.seconds is not None:
        yield Sum("limit", {"measure": limit.measure}, limit.seconds)
    elif limit is not None and limit.count is not None:
        counted = sum(day.works for day in limit.days)
        listed = {"working": counted} if limit.days else {}
        yield Sum("limit", {"measure": limit.measure, **listed}, limit.count)
    if limit is not None and limit.measure == "elapsed" and clock.paused:
        yield Sum("paused", {}, _seconds(clock.paused))
    moved = [step.at for step in steps if step.what == "migrate"]
    if moved:
        yield Sum("not-before", {}, moved[-1])
    yield Sum("due", {}, clock.due_at)
    yield Sum("stop" if clock.stopped_at else "look", {}, clock.stopped_at or as_of)
    late = _late(clock, as_of)
    if late:
        yield Sum("late", {}, late)
    yield Sum("state", {}, clock.state)


def _late(clock: Clock, as_of: datetime) -> int:
    if clock.due_at is None or clock.state not in ("breached", "excused"):
        return 0
    return max(0, _seconds((clock.stopped_at or as_of) - clock.due_at))


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
