"""Days: the limit of a clock as it was found, and the days it was counted over, one by one."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from onrecord_projections.calendar import Calendar
from onrecord_projections.judging.clauses import RetentionClause
from onrecord_projections.judging.effective import local_day
from onrecord_projections.judging.explaining.parts import SettingTold, reading_told
from onrecord_projections.judging.limit import FROM_EVENT, FROM_TENANT, Limit, Missing, instant, limit_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import SECOND, Run

_DAY = timedelta(days=1)
DAYS_MAX = 400
"""Longer stretches are told by their first and last day alone: five years of days help nobody."""

Origin = Literal["policy", "tenant", "event"]
_ORIGINS: dict[str, Origin] = {FROM_TENANT: "tenant", FROM_EVENT: "event"}


class Day(msgspec.Struct, frozen=True):
    """One local day, whether work is done on it, and its last second."""

    on: date
    works: bool
    name: str | None
    """What the calendar calls it, such as a festival."""
    ends_at: datetime


class LimitTold(msgspec.Struct, frozen=True):
    """How long it may take, and how that is counted."""

    measure: str
    seconds: int | None
    count: int | None
    from_at: datetime
    """From when it counts: the start, or the day before where the first day counts too."""
    origin: Origin
    calendar: str | None
    version: str | None
    zone: str
    rolls: bool
    """Whether a last day of rest moves on to the next working day."""
    named_at: datetime | None
    """The instant or day an event names."""
    days: tuple[Day, ...] = ()
    settings: tuple[SettingTold, ...] = ()


class Repeat(msgspec.Struct, frozen=True):
    """Each further day it stays open: the day that was let pass, and when that is found."""

    nth: int
    day: Day
    at: datetime


def limit_told(
    rule: Rule, settings: Settings, at: datetime, data: Mapping[str, Any], due_at: datetime | None
) -> LimitTold | None:
    """The limit of a clock that starts at `at`; None if the tenant still has to give something."""
    zone = ZoneInfo(settings.reading("r1.zone", at))
    if isinstance(rule.clause, RetentionClause):
        span = rule.clause.span
        return LimitTold(
            span.measure, None, span.count, at, "policy", None, None, zone.key, rolls=False, named_at=None
        )
    limit = limit_of(rule, settings, at, data)
    if isinstance(limit, Missing):
        return None
    if limit.target is None:
        return _named(rule, settings, at, data, limit, zone)
    target, reading = limit.target, getattr(rule.clause, "first_day_reading", None)
    settled = [reading_told(settings, name, at) for name in ("r3.calendar", "r3.day-ends", "r4.roll-over")]
    from_at = at
    if reading is not None:
        settled.append(reading_told(settings, reading, at))
        from_at = at - _DAY if settings.reading(reading, at) == "counts" else at
    calendar = _calendar(rule, settings, at, target.measure)
    timed = target.measure in ("elapsed", "working", "started_24h")
    rolls = target.measure == "legal_days" or settings.reading("r4.roll-over", at) == "on"
    return LimitTold(
        target.measure,
        int(target.time.total_seconds()) if timed else None,
        None if timed else target.count,
        from_at,
        _ORIGINS.get(limit.note, "policy"),
        calendar.id if calendar else None,
        calendar.version if calendar else None,
        (calendar.zone if calendar else zone).key,
        rolls and not timed and target.measure != "working_days",
        None,
        () if timed or calendar is None else tuple(days_between(calendar, from_at, due_at or limit.due_at)),
        () if timed and calendar is None else tuple(settled),
    )


def _named(
    rule: Rule, settings: Settings, at: datetime, data: Mapping[str, Any], limit: Limit, zone: ZoneInfo
) -> LimitTold:
    """The event names when it is due, or the day ahead of which it is."""
    assert rule.due_field is not None
    named = instant(data[rule.due_field])
    ahead = getattr(rule.clause, "ahead", None) is not None
    count = (local_day(settings, named) - local_day(settings, limit.due_at)).days if ahead else None
    origin = _ORIGINS.get(limit.note, "policy")
    return LimitTold(
        "ahead" if ahead else "until_field", None, count, at, origin, None, None, zone.key, False, named
    )  # fmt: skip


def _calendar(rule: Rule, settings: Settings, at: datetime, measure: str) -> Calendar | None:
    if measure in ("elapsed", "started_24h"):
        return None
    number = settings.number(rule.id, at) if rule.target is None else None
    name = (number.calendar if number else None) or rule.calendar
    if measure == "working_days":
        name = settings.reading("r3.calendar", at) or name
    return settings.calendar(name, at)


def days_between(calendar: Calendar, begin: datetime, end: datetime) -> Iterator[Day]:
    """Every day after the first one up to the last; of very many only the last ones."""
    first, last = calendar.local_day(begin), calendar.local_day(end)
    if (last - first).days > DAYS_MAX:
        first = last - _DAY
    for n in range(1, (last - first).days + 1):
        yield _day(calendar, first + n * _DAY)


def _day(calendar: Calendar, day: date) -> Day:
    works = calendar.is_working_day(day)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=calendar.zone)
    due = calendar.add_working_days(noon - _DAY, 1) if works else calendar.add_calendar_days(noon, 0)
    return Day(day, works, calendar.name_of(day), due.at)


def repeats(run: Run, nth: int) -> Iterator[Repeat]:
    """The further days that were let pass after the limit, up to the n-th."""
    calendar = run.repeats_on
    if calendar is None or run.due_at is None:
        return
    working = run.rule.repeats == "working_day"
    add = calendar.add_working_days if working else calendar.add_calendar_days
    for n in islice(range(1, nth + 1), nth):
        last = add(run.due_at, n).at
        yield Repeat(n, _day(calendar, calendar.local_day(last)), last + SECOND)
