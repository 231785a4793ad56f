"""Intervals: every stretch of a clock's time, and whether it counted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

import msgspec

from onrecord_projections.calendar import Calendar
from onrecord_projections.judging.run import Run
from onrecord_projections.judging.verdict import Clock

Kind = Literal["counted", "paused", "outside-hours"]


class Interval(msgspec.Struct, frozen=True):
    """One stretch of time `[begin, end)` and whether it counted."""

    begin: datetime
    end: datetime
    kind: Kind
    why: str
    event: str
    """The event that opened this stretch."""
    position: int


def intervals(clock: Clock, run: Run, as_of: datetime) -> Iterator[Interval]:
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
        event, position = mark.seen.id, mark.seen.position
        if causes:
            yield Interval(mark.at, until, "paused", "+".join(causes), event, position)
        else:
            yield from _by_hours(mark.at, until, run.limit.calendar, event, position)


def ahead(clock: Clock, run: Run, as_of: datetime) -> Iterator[Interval]:
    """What would have counted, or will, from the last look or the stop to the limit."""
    target, due_at = run.limit.target, clock.due_at
    end = clock.stopped_at or max(as_of, clock.started_at)
    if target is None or target.count or due_at is None or due_at <= end:
        return
    last = run.marks[-1].seen
    yield from _by_hours(end, due_at, run.limit.calendar, last.id, last.position)


def _by_hours(
    at: datetime, until: datetime, calendar: Calendar | None, event: str, position: int
) -> Iterator[Interval]:
    """A stretch that counts, cut at the hours of the calendar."""
    if calendar is None:
        yield Interval(at, until, "counted", "elapsed time", event, position)
        return
    for begin, end in _hours(calendar, at, until):
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
