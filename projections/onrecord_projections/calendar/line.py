"""Line: all working time of a calendar laid end to end, so that adding is a look-up and not a walk.

A position on the line is the working time since an arbitrary zero. An instant maps to its position, and a
position back to an instant, by bisection: first over years, then over one year's stretches. Years are laid
out on first use; years of one shape (weekdays, leap day, changes of offset, no dated exception) share one
layout, so past the published plans a few layouts serve for ever.
"""

from bisect import bisect_left, bisect_right
from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from onrecord_projections.calendar.hours import Hours
from onrecord_projections.calendar.layout import Layout, lay_out
from onrecord_projections.calendar.spans import CalendarError
from onrecord_projections.calendar.zones import changes, year_start

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Nothing is promised outside these years; they bound every search."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The years laid out so far: where each starts on the clock, on the line, and in working days."""

    first: int
    starts: list[int]
    times: list[int]
    counts: list[int]

    @property
    def end(self) -> int:
        """The first year not laid out."""
        return self.first + len(self.starts) - 1


class Line:
    """Positions on the working time of one calendar; grows by whole years and never moves what it holds."""

    __slots__ = ("_hours", "_layouts", "_odd_years", "_reach", "_shapes", "_zone")

    def __init__(self, hours: Hours, zone: ZoneInfo) -> None:
        self._hours, self._zone = hours, zone
        self._odd_years = hours.odd_years()
        self._reach: Reach | None = None
        self._layouts: dict[int, Layout] = {}
        self._shapes: dict[object, Layout] = {}

    def position(self, instant: int, year: int) -> int:
        """Working time before this instant; `year` is its year in any zone."""
        return self._position(self._covering(year - 1, year + 1), instant)

    def moved(self, instant: int, year: int, work: int) -> int:
        """The instant so much working time later, or earlier if negative; for none, the next opening."""
        reach = self._covering(year - 1, year + 1)
        position = self._position(reach, instant) + work
        reach = self._around(reach, _times, position)
        return self._done(reach, position) if work > 0 else self._left(reach, position)

    def working_day(self, day: date, nth: int) -> date:
        """The nth working day counted from `day`: 0 is itself or else the next, -1 the last one before it."""
        reach = self._covering(day.year, day.year)
        within = day.toordinal() - date(day.year, 1, 1).toordinal()
        number = reach.counts[day.year - reach.first] + nth
        number += bisect_left(self._layouts[day.year].days, within)
        reach = self._around(reach, _counts, number)
        i = bisect_right(reach.counts, number) - 1
        year = reach.first + i
        first = date(year, 1, 1).toordinal()
        return date.fromordinal(first + self._layouts[year].days[number - reach.counts[i]])

    def _position(self, reach: Reach, instant: int) -> int:
        i = bisect_right(reach.starts, instant) - 1
        layout = self._layouts[reach.first + i]
        rest = instant - reach.starts[i]
        k = bisect_right(layout.opens, rest) - 1
        if k < 0:
            return reach.times[i]
        return reach.times[i] + layout.before[k] + min(rest, layout.closes[k]) - layout.opens[k]

    def _done(self, reach: Reach, position: int) -> int:
        """The earliest instant at this position: work that fills a day ends at its close."""
        i = bisect_left(reach.times, position) - 1
        return reach.starts[i] + self._at(reach, i, position - reach.times[i], bisect_left)

    def _left(self, reach: Reach, position: int) -> int:
        """The latest instant at this position: going back a whole day ends at its opening."""
        i = bisect_right(reach.times, position) - 1
        return reach.starts[i] + self._at(reach, i, position - reach.times[i], bisect_right)

    def _at(self, reach: Reach, i: int, rest: int, bisect: Callable[[list[int], int], int]) -> int:
        layout = self._layouts[reach.first + i]
        k = bisect(layout.before, rest) - 1
        return layout.opens[k] + rest - layout.before[k]

    def _covering(self, first: int, last: int) -> Reach:
        """The laid-out years, grown until they include these."""
        reach = self._reach
        if reach is not None and reach.first <= first and last < reach.end:
            return reach
        reach = reach or self._empty(first)
        while reach.first > first:
            reach = self._grown_down(reach)
        while reach.end <= last:
            reach = self._grown_up(reach)
        self._reach = reach
        return reach

    def _around(self, reach: Reach, values: Callable[[Reach], list[int]], value: int) -> Reach:
        """The laid-out years, grown until `value` lies strictly inside them; the bounds end the search."""
        if values(reach)[0] < value < values(reach)[-1]:
            return reach
        while values(reach)[0] >= value:
            reach = self._grown_down(reach)
        while values(reach)[-1] <= value:
            reach = self._grown_up(reach)
        self._reach = reach
        return reach

    def _empty(self, year: int) -> Reach:
        _refuse_outside(year)
        return Reach(year, [year_start(self._zone, year)], [0], [0])

    def _grown_up(self, reach: Reach) -> Reach:
        """One year more; a new value, so that a reader in another thread never sees half of it."""
        layout = self._layout(reach.end)
        return Reach(
            reach.first,
            [*reach.starts, year_start(self._zone, reach.end + 1)],
            [*reach.times, reach.times[-1] + layout.before[-1]],
            [*reach.counts, reach.counts[-1] + len(layout.days)],
        )

    def _grown_down(self, reach: Reach) -> Reach:
        """One year earlier; what lies before the zero is negative, so nothing known ever moves."""
        layout = self._layout(reach.first - 1)
        return Reach(
            reach.first - 1,
            [year_start(self._zone, reach.first - 1), *reach.starts],
            [reach.times[0] - layout.before[-1], *reach.times],
            [reach.counts[0] - len(layout.days), *reach.counts],
        )

    def _layout(self, year: int) -> Layout:
        _refuse_outside(year)
        if year not in self._layouts:
            shape: object = year
            if year not in self._odd_years:
                shape = (date(year, 1, 1).weekday(), isleap(year), changes(self._zone, year))
            if shape not in self._shapes:
                self._shapes[shape] = lay_out(self._hours, self._zone, year)
            self._layouts[year] = self._shapes[shape]
        return self._layouts[year]


def _times(reach: Reach) -> list[int]:
    return reach.times


def _counts(reach: Reach) -> list[int]:
    return reach.counts


def _refuse_outside(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(f"calendars answer for {FIRST_YEAR} to {LAST_YEAR}; this asks for {year}")
