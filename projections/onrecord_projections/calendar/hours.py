"""Hours: which stretches of a local day are working time, as wall-clock minutes from its midnight.

A stretch belongs to the day it starts on and may run past midnight, so its end may be more than 24:00.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from onrecord_projections.calendar.spans import CalendarError

Stretch = tuple[int, int]
Stretches = tuple[Stretch, ...]

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """The week's pattern, days closed every year, and dated exceptions; a date beats a yearly day."""

    weekly: tuple[Stretches, ...]
    closed_yearly: frozenset[tuple[int, int]] = frozenset()
    dated: Mapping[date, Stretches] = field(default_factory=dict)

    def of(self, day: date) -> Stretches:
        """The working stretches that start on this day."""
        own = self.dated.get(day)
        if own is not None:
            return own
        if (day.month, day.day) in self.closed_yearly:
            return ()
        return self.weekly[day.weekday()]

    def odd_years(self) -> set[int]:
        """Years that a dated exception touches; one on the last night of a year touches the next too."""
        return {day.year for day in self.dated} | {(day + timedelta(1)).year for day in self.dated}


def parse_stretch(text: str) -> Stretch:
    """`09:00-12:30`; an end at or before the start lies on the next day, `24:00` ends this one."""
    opens, _, closes = text.partition("-")
    begin, end = _minute(opens), _minute(closes)
    if begin in (end, DAY_MINUTES):
        raise CalendarError(f"{text!r} is empty; a whole day is 00:00-24:00")
    return (begin, end if end > begin else end + DAY_MINUTES)


def ordered(stretches: Iterable[Stretch]) -> Stretches:
    """In order of the day; overlapping stretches are refused, for one of the two must be a mistake."""
    inorder = tuple(sorted(stretches))
    for (_, closes), (opens, _) in pairwise(inorder):
        if opens < closes:
            raise CalendarError(f"working hours overlap at {opens // 60:02}:{opens % 60:02}")
    return inorder


def without(stretches: Stretches, cut: Stretches) -> Stretches:
    """The stretches with some hours of the same day taken out."""
    for begin, end in cut:
        pieces = [
            piece
            for opens, closes in stretches
            for piece in ((opens, min(closes, begin)), (max(opens, end), closes))
        ]
        stretches = tuple((opens, closes) for opens, closes in pieces if opens < closes)
    return stretches


def refuse_unusable(hours: Hours) -> None:
    """A calendar that never opens, or whose days run into each other, is refused with the reason."""
    if not any(hours.weekly):
        raise CalendarError("weekly: no working time on any day; a clock on this calendar would never end")
    for today in range(7):
        _refuse_collision(hours.weekly[today], hours.weekly[(today + 1) % 7], f"weekly: day {today + 1}")
    for day in hours.dated:
        for before in (day - timedelta(1), day):
            _refuse_collision(hours.of(before), hours.of(before + timedelta(1)), before.isoformat())


def _refuse_collision(today: Stretches, tomorrow: Stretches, where: str) -> None:
    if today and tomorrow and today[-1][1] - DAY_MINUTES > tomorrow[0][0]:
        raise CalendarError(f"{where}: the shift past midnight runs into the next day's hours")


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    if not (len(hour) == len(minute) == 2 and hour.isdecimal() and minute.isdecimal()):  # noqa: PLR2004
        raise CalendarError(f"{text!r} is not a time such as 09:00")
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > DAY_MINUTES:  # noqa: PLR2004
        raise CalendarError(f"{text!r} is not a time of day")
    return total
