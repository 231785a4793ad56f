"""Bounds: the instant before or after which an event had to lie, by its clause."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from onrecord_projections.judging.clauses import TimingClause
from onrecord_projections.judging.durations import iso_target
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import Seen

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_ENDS = time(23, 59, 59)


def instant_of(clause: TimingClause, settings: Settings, seen: Seen) -> datetime | None:
    """The instant the clause speaks of, in UTC; None where the event does not name it."""
    zone = ZoneInfo(settings.reading("r1.zone", seen.at))
    if clause.time_of_day is not None:
        return datetime.combine(seen.at.astimezone(zone), clause.time_of_day, zone).astimezone(UTC)
    named = seen.data.get(clause.field or "")
    if named is None:
        return None
    return _moved(clause, _named(named, zone), zone).astimezone(UTC)


def weekday_of(clause: TimingClause, settings: Settings, seen: Seen) -> str:
    """The day of the week the clause speaks of, such as `mon`."""
    zone = ZoneInfo(settings.reading("r1.zone", seen.at))
    named = seen.data.get(clause.field) if clause.field else None
    day = seen.at if named is None else _named(named, zone)
    return _WEEK[day.astimezone(zone).weekday()]


def _named(value: Any, zone: ZoneInfo) -> datetime:
    """An instant; a day stands for its last second."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, _DAY_ENDS, zone)
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(moment, datetime)
    return moment.astimezone(zone).replace(microsecond=0)


def _moved(clause: TimingClause, at: datetime, zone: ZoneInfo) -> datetime:
    if clause.offset is None:
        return at
    earlier = clause.offset.startswith("-")
    target = iso_target(clause.offset.lstrip("-"), clause.measure)
    if clause.measure == "elapsed":
        return at - target.time if earlier else at + target.time
    days = timedelta(days=-target.count if earlier else target.count)
    return datetime.combine(at.date() + days, _DAY_ENDS, zone)
