"""Turn: of a duty owed again and again, which days one turn has, and how its last day was found."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.clauses import RecurringClause
from onrecord_projections.judging.clauses.duty import every_of
from onrecord_projections.judging.duties.periods import period_on
from onrecord_projections.judging.effective import effective_at, local_day
from onrecord_projections.judging.explaining.days import Day, days_between
from onrecord_projections.judging.explaining.parts import SettingTold, reading_told
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.judging.verdict import Clock

_ONE_DAY = timedelta(days=1)


class Done(msgspec.Struct, frozen=True):
    """What was done towards it."""

    at: datetime
    count: int
    event: str
    position: int


class Turn(msgspec.Struct, frozen=True):
    """The days of one turn; `by` says how its last day follows from them."""

    every: str
    first: date
    last: date
    by: str
    """The period's end, a window, a weekday, days of grace, the last working day, or a rolling one."""
    closes: str | None
    """Of a window the day it closes on, of a weekly duty its day."""
    count: int | None
    """Days of grace."""
    times: int
    """How often it is owed."""
    zone: str
    rolls: bool
    days: tuple[Day, ...]
    """The days after the period, or the last ones of it, where working days matter."""
    dones: tuple[Done, ...] = ()


def turn_told(
    settings: Settings, book: Rulebook, clause: RecurringClause, clock: Clock
) -> tuple[Turn, tuple[SettingTold, ...]]:
    """The days this clock was owed in, and the readings they were found by."""
    assert clock.due_at is not None
    zone = ZoneInfo(settings.reading("r1.zone", clock.started_at))
    number = settings.number(clause.id, clock.started_at)
    every = every_of(number.value if number else "") if clause.every == "tenant_number" else clause.every
    assert every is not None, "a duty has a clock only where it has a rhythm"
    names = [name for name in (clause.month_end_reading, clause.rolling_reading) if name]
    rolling = clause.rolling_reading is not None and (
        settings.reading(clause.rolling_reading, clock.started_at) == "rolling"
    )
    begun = local_day(settings, clock.started_at)
    period = period_on(every, begun)
    first, last = (begun, begun) if rolling else (period.first, period.last)
    by, closes, count = (
        _last_day(settings, clause, _noon(last, zone)) if not rolling else ("rolling", None, None)
    )
    name = settings.reading("r3.calendar", clock.due_at) or clause.calendar or book.calendar
    calendar, days = settings.calendar(name, clock.due_at), []
    rolls = settings.reading("r4.roll-over", clock.due_at) == "on"
    if calendar is not None and by == "last-working-day":
        days = list(days_between(calendar, _noon(last, zone) - 14 * _ONE_DAY, _noon(last, zone)))
    elif calendar is not None and count is not None:
        days = list(days_between(calendar, _noon(last, zone), clock.due_at))
    told = Turn(every, first, last, by, closes, count, clause.times, zone.key, rolls, tuple(days))
    names += ["r3.calendar", "r4.roll-over"] if count is not None else []
    return told, tuple(reading_told(settings, name, clock.due_at) for name in names)


def _last_day(
    settings: Settings, clause: RecurringClause, end: datetime
) -> tuple[str, str | None, int | None]:
    """How the last day follows from the period, under the readings at its end."""
    if clause.window is not None:
        return "window", clause.window.closes, None
    if clause.weekday is not None:
        return "weekday", clause.weekday, None
    if clause.month_end_reading is not None:
        value = settings.reading(clause.month_end_reading, end)
        return value if value in ("before-last-day", "last-working-day") else "period-end", None, None
    if clause.grace is not None:
        return clause.due_measure, None, clause.grace.count
    return "period-end", None, None


def dones_in(
    settings: Settings, clause: RecurringClause, clock: Clock, events: Iterable[Recorded]
) -> tuple[Done, ...]:
    """The events this clock rests on that did what was owed."""
    stops = {selector.event for selector in clause.stops_on}
    return tuple(
        Done(effective_at(settings, event), int(event.data.get("count", 1)), f"{event.source}#{event.id}",
             event.position)
        for event in events
        if event.position in clock.evidence and event.type in stops
    )  # fmt: skip


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone)
