"""Layout: one year of working time on the real clock, with prefix sums to search in."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from onrecord_projections.calendar.hours import Hours
from onrecord_projections.calendar.zones import (
    DAY_US,
    MINUTE_US,
    first_instant,
    midnight,
    midnight_offsets,
    year_start,
)

_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Layout:
    """One year's working stretches and days, counted from the year's first instant and first day."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    """Working time of the year before each stretch, and after the last: one longer than the others."""
    days: list[int]


def lay_out(hours: Hours, zone: ZoneInfo, year: int) -> Layout:
    """All stretches that touch a year, the last night before it included, cut at the year's ends."""
    start, end = year_start(zone, year), year_start(zone, year + 1)
    first = date(year, 1, 1).toordinal()
    layout = Layout([], [], [0], [])
    for ordinal in range(first - 1, date(year + 1, 1, 1).toordinal()):
        spans = real_stretches(hours, zone, date.fromordinal(ordinal))
        if spans and ordinal >= first:
            layout.days.append(ordinal - first)
        for opens, closes in spans:
            _append(layout, max(opens, start) - start, min(closes, end) - start)
    return layout


def real_stretches(hours: Hours, zone: ZoneInfo, day: date) -> list[tuple[int, int]]:
    """A day's working stretches as instants; what the clocks skip is no time at all."""
    stretches = hours.of(day)
    if not stretches:
        return []
    offsets, ordinal = midnight_offsets(zone, day.year), day.toordinal()
    nth = ordinal - date(day.year, 1, 1).toordinal()
    if offsets[nth] == offsets[nth + 1] == offsets[nth + 2]:  # the common day: a shift ends within two
        base = (ordinal - _EPOCH_DAY) * DAY_US - offsets[nth]
        return [(base + opens * MINUTE_US, base + closes * MINUTE_US) for opens, closes in stretches]
    spans = ((_reading(day, opens, zone), _reading(day, closes, zone)) for opens, closes in stretches)
    return [(opens, closes) for opens, closes in spans if opens < closes]


def _append(layout: Layout, begin: int, end: int) -> None:
    if begin < end:
        layout.opens.append(begin)
        layout.closes.append(end)
        layout.before.append(layout.before[-1] + end - begin)


def _reading(day: date, minute: int, zone: ZoneInfo) -> int:
    return first_instant(midnight(day) + timedelta(minutes=minute), zone)
