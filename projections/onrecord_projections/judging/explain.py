"""Explain: why a clock says what it says, down to the events, the hours and the arithmetic."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from operator import attrgetter
from typing import Literal

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import Calendar
from onrecord_projections.judging.case import CaseFold, whole_second
from onrecord_projections.judging.limit import FROM_EVENT, FROM_TENANT
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.judging.run import Mark, Run
from onrecord_projections.judging.verdict import Clock

Counted = Literal["counted", "paused", "outside-hours"]
Origin = Literal["policy", "tenant", "event"]

_ORIGINS: dict[str, Origin] = {FROM_TENANT: "tenant", FROM_EVENT: "event"}


class Step(msgspec.Struct, frozen=True):
    """One event that moved the clock."""

    at: datetime
    what: str
    cause: str
    event: str
    position: int


class Interval(msgspec.Struct, frozen=True):
    """One stretch of time `[begin, end)` and whether it counted."""

    begin: datetime
    end: datetime
    kind: Counted
    why: str
    event: str
    """The event that opened this stretch."""
    position: int


class Explanation(msgspec.Struct, frozen=True):
    """Everything a person needs to check one clock by hand."""

    clock: Clock
    as_of: datetime
    cites: str
    says_en: str
    says_zh: str
    source: str
    number_origin: Origin
    arithmetic: tuple[str, ...]
    steps: tuple[Step, ...]
    intervals: tuple[Interval, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the content: what a decision names as seen."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def explain(
    settings: Settings, events: Iterable[Recorded], clause: str, instance: str, as_of: datetime
) -> Explanation | None:
    """The whole story of one clock at `as_of`; None if the case has no such clock."""
    listed = sorted(events, key=attrgetter("position"))
    fold = CaseFold.open(settings, listed[0].case if listed else "")
    for event in listed:
        fold.take(event)
    as_of = whole_second(as_of)
    clocks = (
        clock for clock in fold.at(as_of).clocks if (clock.clause, clock.instance) == (clause, instance)
    )
    clock = next(clocks, None)
    if clock is None:
        return None
    runs = fold.state_at(as_of).runs
    run = next((run for run in runs if (run.rule.id, run.instance) == (clause, instance)), None)
    book = settings.edition(clock.pack, clock.edition)
    assert book is not None
    return _told(settings, book, clock, run, as_of)


def _told(settings: Settings, book: Rulebook, clock: Clock, run: Run | None, as_of: datetime) -> Explanation:
    clause = next(clause for clause in book.clause if clause.id == clock.clause)
    return Explanation(
        clock,
        as_of,
        clause.cites,
        clause.says_en,
        clause.says_zh,
        f"{book.source} (edition {book.edition})",
        _ORIGINS.get(clock.note, "policy"),
        tuple(_arithmetic(settings, book, clock, run)),
        tuple(_step(mark) for mark in run.marks) if run else (),
        tuple(_intervals(clock, run, as_of)) if run else (),
    )


def _step(mark: Mark) -> Step:
    return Step(mark.at, mark.what, mark.cause, mark.seen.id, mark.seen.position)


def _intervals(clock: Clock, run: Run, as_of: datetime) -> Iterator[Interval]:
    """Every stretch from the start to the stop (or to `as_of`), counted, paused or outside hours."""
    end = clock.stopped_at or max(as_of, clock.started_at)
    turns = [mark for mark in run.marks if mark.what in ("start", "pause", "resume")]
    causes: list[str] = []
    ends = [(mark, after.at) for mark, after in pairwise(turns)] + [(turns[-1], end)]
    for mark, until in ends:
        if mark.what == "pause":
            causes.append(mark.cause)
        elif mark.what == "resume" and mark.cause in causes:
            causes.remove(mark.cause)
        if mark.at >= until:
            continue
        if causes:
            why = " and ".join(causes)
            yield Interval(mark.at, until, "paused", why, mark.seen.id, mark.seen.position)
        else:
            yield from _by_hours(mark, until, run.limit.calendar)


def _by_hours(mark: Mark, until: datetime, calendar: Calendar | None) -> Iterator[Interval]:
    """A stretch that counts, cut at the hours of the calendar."""
    event, position = mark.seen.id, mark.seen.position
    if calendar is None:
        yield Interval(mark.at, until, "counted", "elapsed time", event, position)
        return
    at = mark.at
    for begin, end in _hours(calendar, mark.at, until):
        if at < begin:
            yield Interval(at, begin, "outside-hours", calendar.id, event, position)
        yield Interval(begin, end, "counted", calendar.id, event, position)
        at = end
    if at < until:
        yield Interval(at, until, "outside-hours", calendar.id, event, position)


def _hours(calendar: Calendar, begin: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = calendar.local_day(begin) - timedelta(days=1)  # a night shift belongs to the day it starts on
    while day <= calendar.local_day(until):
        for opens, closes in calendar.working_intervals(day):
            first, last = max(opens.astimezone(UTC), begin), min(closes.astimezone(UTC), until)
            if first < last:
                yield first, last
        day += timedelta(days=1)


def _arithmetic(settings: Settings, book: Rulebook, clock: Clock, run: Run | None) -> Iterator[str]:
    """How the due date came about, step by step."""
    yield f"starts {clock.started_at.isoformat()} by event {clock.started_by}"
    target = run.limit.target if run else None
    if target is not None:
        yield f"limit {target.time or target.count} {target.measure}" + (
            f" ({clock.note})" if clock.note else ""
        )
    if target is not None and target.measure == "working_days" and clock.due_at is not None:
        name = settings.reading("r3.calendar", clock.started_at) or book.calendar
        calendar = settings.calendar(name, clock.started_at)
        if calendar is not None:
            yield f"counted days of {calendar.id} {calendar.version}: {_days(calendar, clock)}"
    if clock.paused:
        yield f"paused {clock.paused}, which moves the limit on"
    if clock.due_at is None:
        yield "not due while it is paused"
    else:
        yield f"due {clock.due_at.isoformat()}" + (", provisional" if clock.provisional else "")
    if clock.overrun is not None:
        yield f"ended {clock.overrun} late"


def _days(calendar: Calendar, clock: Clock) -> str:
    assert clock.due_at is not None
    day, last = calendar.local_day(clock.started_at), calendar.local_day(clock.due_at)
    days = (day + timedelta(days=n) for n in range(1, (last - day).days + 1))
    return ", ".join(day.isoformat() for day in days if calendar.is_working_day(day))
