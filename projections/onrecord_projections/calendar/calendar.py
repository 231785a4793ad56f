"""Calendar: when a promise falls due, in working time, elapsed time or days of several kinds.

A calendar is data of one version and never changes. Every answer is a `Due`: an instant in the calendar's
zone, and whether it reaches past what the calendar knows. On time means at or before `at`.

Compare instants in UTC: Python compares two moments of one zone by their wall-clock readings.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final, Literal
from zoneinfo import ZoneInfo

from onrecord_projections.calendar.layout import real_stretches
from onrecord_projections.calendar.line import FIRST_YEAR, LAST_YEAR, Line
from onrecord_projections.calendar.source import Resolve, Source, read, zone_of
from onrecord_projections.calendar.spans import (
    MICROSECOND,
    CalendarError,
    Span,
    elapsed_between,
    instant_of,
    moment_at,
    resumed,
)
from onrecord_projections.calendar.text import dump
from onrecord_projections.calendar.zones import first_instant, last_second, midnight


@dataclass(frozen=True, slots=True)
class Due:
    """When a promise breaks: it is kept by anything done at or before `at`."""

    at: datetime
    provisional: bool
    """The answer leans on days whose holidays are not yet published, and may move when they are."""


class Calendar:
    """Working hours of one place and the days that differ, in one version; equal by content."""

    def __init__(self, source: Source) -> None:
        self.id: Final[str] = source.id
        self.version: Final[str] = source.version
        self.zone: Final[ZoneInfo] = zone_of(source)
        self.known_from: Final[date | None] = source.known_from
        self.known_until: Final[date | None] = source.known_until
        self.day_ends: Final[Literal["midnight", "closing"]] = source.day_ends or "midnight"
        self._source = source
        self._hours = source.hours()
        self._names = source.names()
        self._line = Line(self._hours, self.zone)
        self._known = self._published()
        # Clocks that start on one day for one number of days share their end: most of a busy day's do.
        self._working_days_due = lru_cache(maxsize=4096)(self._after_working_days)
        self._rest_rolled = lru_cache(maxsize=4096)(self._rolled)

    @classmethod
    def parse(cls, toml_text: str, resolve: Resolve | None = None) -> "Calendar":
        """Read a calendar file; a fault is a CalendarError that names the key."""
        return cls(read(toml_text, resolve))

    def dump(self) -> str:
        """The whole content in one text that extends nothing, so an event can carry it."""
        return dump(self._source)

    def add_elapsed(self, start: datetime, amount: timedelta, pauses: Iterable[Span] = ()) -> Due:
        """Real time later, pauses left out: hours that clocks skip do not count, repeated ones do twice."""
        if pauses:
            start, amount = resumed(start, amount, pauses, elapsed_between)
        return Due(moment_at(instant_of(start) + amount // MICROSECOND, self.zone), provisional=False)

    def add_working(self, start: datetime, amount: timedelta, pauses: Iterable[Span] = ()) -> Due:
        """The earliest instant by which so much working time has passed, pauses left out.

        A target that fills the day is thus due at its close, not at the next opening; none at all is due at
        once. A negative amount goes back to the latest instant from which so much lies before `start`.
        """
        begin = at = instant_of(start)
        if pauses:
            start, amount = resumed(start, amount, pauses, self.working_between)
            at = instant_of(start)
        if not amount:
            return Due(moment_at(at, self.zone), provisional=False)
        at = self._line.moved(at, start.year, amount // MICROSECOND)
        return Due(moment_at(at, self.zone), self._leans_past(begin, at))

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """Working time from `a` to `b`; negative when `b` is the earlier."""
        begin, end = self._line.position(instant_of(a), a.year), self._line.position(instant_of(b), b.year)
        return timedelta(microseconds=end - begin)

    def add_working_days(self, start: datetime, days: int) -> Due:
        """The end of the N-th working day; the start's own day never counts. Zero is the end of that day."""
        return self._working_days_due(self.local_day(start), days)

    def add_calendar_days(self, start: datetime, days: int) -> Due:
        """23:59:59 local, N dates later, working day or not (Civil Code 201); zero is the same day."""
        return Due(last_second(_later(self.local_day(start), days), self.zone), provisional=False)

    def add_months(self, start: datetime, months: int) -> Due:
        """The corresponding day at 23:59:59 local, else the month's last (Civil Code 202)."""
        return Due(last_second(_months_later(self.local_day(start), months), self.zone), provisional=False)

    def add_years(self, start: datetime, years: int) -> Due:
        """The corresponding day at 23:59:59 local; from 29 February, the 28th in a common year."""
        return self.add_months(start, 12 * years)

    def add_legal_days(self, start: datetime, days: int) -> Due:
        """Civil Code 201 and 203: the first day does not count, a last day of rest moves on."""
        return self._rest_rolled(_later(self.local_day(start), days))

    def add_legal_months(self, start: datetime, months: int) -> Due:
        """Civil Code 202 and 203: the corresponding day, and a last day of rest moves on."""
        return self._rest_rolled(_months_later(self.local_day(start), months))

    def month_end(self, start: datetime, months: int = 0) -> Due:
        """The last second of the local month, or of one so many months later."""
        first = self.local_day(start).replace(day=1)
        last = _months_later(first, months + 1) - timedelta(1)
        return Due(last_second(last, self.zone), provisional=False)

    def is_open(self, instant: datetime) -> bool:
        """Whether work is being done just then; an opening is open, a close is not."""
        at = instant_of(instant)
        return self._line.moved(at, instant.year, 0) == at

    def next_opening(self, instant: datetime) -> Due:
        """The instant itself while open, else the next at which work begins: when to send what can wait."""
        at = self._line.moved(instant_of(instant), instant.year, 0)
        return Due(moment_at(at, self.zone), self._leans_past(instant_of(instant), at))

    def is_provisional(self, a: datetime, b: datetime) -> bool:
        """Whether a figure about the time between two instants leans on days not yet published."""
        return self._leans_past(instant_of(a), instant_of(b))

    def is_working_day(self, day: date) -> bool:
        """Whether any work is done on this date."""
        return bool(self._stretches(day))

    def working_intervals(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working stretches that start on this day; the last may end on the next."""
        return tuple(
            (moment_at(opens, self.zone), moment_at(closes, self.zone))
            for opens, closes in self._stretches(day)
        )

    def local_day(self, instant: datetime) -> date:
        """The date on the calendar's wall when it happened."""
        if instant.tzinfo is None:
            raise CalendarError(f"{instant!r} names no time zone")
        return instant.astimezone(self.zone).date()

    def name_of(self, day: date) -> str | None:
        """What the calendar calls this day, such as a festival."""
        return self._names.get(day)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content; two calendars with the same digest give the same answers."""
        return sha256(self.dump().encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Calendar({self.id!r}, {self.version!r})"

    def _stretches(self, day: date) -> list[tuple[int, int]]:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise CalendarError(f"calendars answer for {FIRST_YEAR} to {LAST_YEAR}; this asks for {day}")
        return real_stretches(self._hours, self.zone, day)

    def _after_working_days(self, day: date, days: int) -> Due:
        if not days:
            return Due(last_second(day, self.zone), provisional=False)
        if days < 0:
            return self._due_on(self._line.working_day(day, days), _later(day, -1))
        first = _later(day, 1)
        return self._due_on(self._line.working_day(first, days - 1), first)

    def _rolled(self, last: date) -> Due:
        return self._due_on(self._line.working_day(last, 0), last)

    def _due_on(self, day: date, counted_from: date) -> Due:
        first, last = min(day, counted_from), max(day, counted_from)
        known_from, known_until = self.known_from, self.known_until
        unknown = (known_until is not None and last > known_until) or (
            known_from is not None and first < known_from
        )
        return Due(self._end_of(day), unknown)

    def _end_of(self, day: date) -> datetime:
        end = last_second(day, self.zone)
        if self.day_ends == "midnight":
            return end
        closes = self._stretches(day)[-1][1]
        at_midnight = closes == first_instant(midnight(day + timedelta(1)), self.zone)
        return end if at_midnight else moment_at(closes, self.zone)

    def _published(self) -> tuple[int, int]:
        """The instants between which nothing is provisional; the last known night counts to its end."""
        begin, end = -(2**63), 2**63
        if self.known_from is not None:
            begin = first_instant(midnight(self.known_from), self.zone)
        if self.known_until is not None:
            end = first_instant(midnight(self.known_until + timedelta(1)), self.zone)
            end = max([end, *(closes for _, closes in self._stretches(self.known_until))])
        return begin, end

    def _leans_past(self, begin: int, end: int) -> bool:
        if end < begin:
            begin, end = end, begin
        return begin < self._known[0] or end > self._known[1]


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        raise CalendarError(f"{days} days from {day} lies outside the years 1 to 9999") from None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year < 9999:  # noqa: PLR2004 - what datetime can hold
        raise CalendarError(f"{months} months from {day} lies outside the years 1 to 9999")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
