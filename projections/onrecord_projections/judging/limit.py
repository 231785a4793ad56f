"""Limit: how long one clock may run, from the clause, the event, or the tenant's own number."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from onrecord_projections.calendar import Calendar, Due
from onrecord_projections.calendar.zones import last_second
from onrecord_projections.judging.durations import DurationError, Target, days_ahead, worded_target
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule

_DAY = timedelta(days=1)
FROM_TENANT = "number from tenant, not from policy"
FROM_EVENT = "due date named by the event"


class Limit(msgspec.Struct, frozen=True):
    """When it is due as things stand, and what is needed to move that date on when the clock pauses."""

    due_at: datetime
    provisional: bool = False
    note: str = ""
    target: Target | None = None
    calendar: Calendar | None = None
    """Only where working time is counted, not elapsed time."""


class Missing(msgspec.Struct, frozen=True):
    """Why there can be no clock yet: what the tenant has to give."""

    what: str


def limit_of(rule: Rule, settings: Settings, at: datetime, data: Mapping[str, Any]) -> Limit | Missing:
    """The limit of a clock that starts at `at` with an event of this body."""
    target = rule.target
    if target is not None and target.measure == "elapsed":
        return Limit(at + target.time, note=rule.note, target=target)
    said = data.get(rule.due_field) if rule.due_field is not None else None
    ahead: str | None = getattr(rule.clause, "ahead", None)
    if ahead is not None:
        return Missing("no-number") if said is None else _ahead(rule, ahead, settings, at, instant(said))
    if said is not None:
        return Limit(instant(said), note=FROM_EVENT)
    calendar_name, note = rule.calendar, rule.note
    if target is None:
        number = settings.number(rule.id, at)
        if number is None:
            return Missing("no-number")
        try:
            target = worded_target(number.value, on_calendar=number.calendar is not None)
        except DurationError:
            return Missing("no-number")  # a number of another kind is none for a clock
        calendar_name, note = number.calendar or rule.calendar, FROM_TENANT
    reading: str | None = getattr(rule.clause, "first_day_reading", None)
    if reading is not None and settings.reading(reading, at) == "counts":
        at -= _DAY
    return _counted(target, calendar_name, settings, at, note)


def _ahead(rule: Rule, ahead: str, settings: Settings, at: datetime, named: datetime) -> Limit | Missing:
    """The end of the day that lies so many days before the one the event names."""
    number = settings.number(rule.id, at) if ahead == "tenant_number" else None
    days = days_ahead(number.value if number else ahead)
    if days is None:
        return Missing("no-number")
    zone = ZoneInfo(settings.reading("r1.zone", at))
    due_at = last_second(named.astimezone(zone).date() - days * _DAY, zone).astimezone(UTC)
    return Limit(due_at, note=FROM_TENANT if number else FROM_EVENT)


def _counted(target: Target, name: str, settings: Settings, at: datetime, note: str) -> Limit | Missing:
    if target.measure in ("elapsed", "started_24h"):
        return Limit(at + target.time, note=note, target=target)
    if target.measure == "working_days":
        name = settings.reading("r3.calendar", at) or name
    calendar = settings.calendar(name, at)
    if calendar is None:
        return Missing("no-calendar")
    due = _due(target, calendar, settings, at)
    counting = calendar if target.measure == "working" else None
    return Limit(due.at.astimezone(UTC), due.provisional, note, target, counting)


def _due(target: Target, calendar: Calendar, settings: Settings, at: datetime) -> Due:
    """The last second in time, by the measure of the target (readings R2 to R4)."""
    rolls = settings.reading("r4.roll-over", at) == "on"
    match target.measure:
        case "working":
            return calendar.add_working(at, target.time)
        case "working_days":
            due = calendar.add_working_days(at, target.count)
            return _ending(due, calendar, settings.reading("r3.day-ends", at))
        case "calendar_days" if not rolls:
            return calendar.add_calendar_days(at, target.count)
        case "calendar_days" | "legal_days":
            return calendar.add_legal_days(at, target.count)
        case _:
            months = target.count * (12 if target.measure == "years" else 1)
            return calendar.add_legal_months(at, months) if rolls else calendar.add_months(at, months)


def _ending(due: Due, calendar: Calendar, day_ends: str) -> Due:
    """The same day with the end the tenant set (switch of R3)."""
    if not day_ends:
        return due
    day = calendar.local_day(due.at)
    if day_ends == "24:00":
        return Due(datetime.combine(day, time(23, 59, 59), calendar.zone), due.provisional)
    return Due(datetime.combine(day, time.fromisoformat(day_ends), calendar.zone), due.provisional)


def instant(value: str | datetime) -> datetime:
    """An instant out of a stored body, in UTC; it keeps its fraction of a second."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)


def counted_between(calendar: Calendar | None, begin: datetime, end: datetime) -> timedelta:
    """Time that counts: working time where the clock runs on a calendar, else all of it."""
    return end - begin if calendar is None else calendar.working_between(begin, end)
