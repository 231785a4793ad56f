"""Zones: what a wall clock shows, turned into instants.

One rule covers every change of offset: a reading means the first instant at which the wall clock reaches it.
So a repeated hour counts from its first pass, a skipped reading means the instant of the jump, and readings
in order give instants in order.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import cast
from zoneinfo import ZoneInfo

from onrecord_projections.calendar.spans import MICROSECOND, moment_at

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 24 * 60 * MINUTE_US

_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall-clock reading, which has no zone
_MIDNIGHT, _LAST_SECOND = time(), time(23, 59, 59)


def midnight(day: date) -> datetime:
    """The reading 00:00 of a day, still without a zone."""
    return datetime.combine(day, _MIDNIGHT)


def first_instant(reading: datetime, zone: ZoneInfo) -> int:
    """When the zone's wall clocks first show `reading` or anything later."""
    first = _offset(reading.replace(tzinfo=zone))
    second = _offset(reading.replace(tzinfo=zone, fold=1))
    wall = (reading - _NAIVE_EPOCH) // MICROSECOND
    if first >= second:  # plain, or a repeated hour: its first pass
        return wall - first
    return _jump(zone, wall - second, wall - first)


@lru_cache(maxsize=16_384)
def last_second(day: date, zone: ZoneInfo) -> datetime:
    """23:59:59 of a local day: its second pass if clocks repeat it, the second before if they skip it."""
    reading = datetime.combine(day, _LAST_SECOND, zone)
    again = reading.replace(fold=1)
    if _offset(reading) >= _offset(again):
        return reading if _offset(reading) == _offset(again) else again
    return moment_at(first_instant(reading.replace(tzinfo=None), zone) - SECOND_US, zone)


@lru_cache(maxsize=4096)
def year_start(zone: ZoneInfo, year: int) -> int:
    """When the year begins in the zone."""
    return first_instant(midnight(date(year, 1, 1)), zone)


@lru_cache(maxsize=4096)
def midnight_offsets(zone: ZoneInfo, year: int) -> tuple[int, ...]:
    """Offsets in microseconds at each local midnight from 1 January to 2 January after `year`."""
    days = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 3).toordinal())
    return tuple(_offset(datetime.combine(date.fromordinal(n), _MIDNIGHT, zone)) for n in days)


@lru_cache(maxsize=4096)
def changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Each change of offset from 31 December before: its instant from the year's start, and by how much."""
    before = _offset(datetime.combine(date(year - 1, 12, 31), _MIDNIGHT, zone))
    offsets = (before, *midnight_offsets(zone, year))
    if len(set(offsets)) == 1:
        return ()
    wall = (midnight(date(year - 1, 12, 31)) - _NAIVE_EPOCH) // MICROSECOND
    found = []
    for old, new in pairwise(offsets):
        if old != new:
            jump = _jump(zone, wall - old, wall + DAY_US - new)
            found.append((jump - year_start(zone, year), new - old))
        wall += DAY_US
    return tuple(found)


def _jump(zone: ZoneInfo, before: int, after: int) -> int:
    """The instant between two others at which the offset becomes that of the later one."""
    later = _offset(moment_at(after, zone))
    low, high = before // SECOND_US, after // SECOND_US  # offsets change on whole seconds
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(moment_at(middle * SECOND_US, zone)) == later:
            high = middle
        else:
            low = middle
    return high * SECOND_US


def _offset(moment: datetime) -> int:
    return cast("timedelta", moment.utcoffset()) // MICROSECOND  # a ZoneInfo always knows
