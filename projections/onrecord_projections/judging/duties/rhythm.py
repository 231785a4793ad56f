"""Rhythm: when a duty is owed next, and until when, under the tenant's calendar, readings and numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfo

from onrecord_projections.calendar import Calendar, CalendarError
from onrecord_projections.calendar.spans import moment_at
from onrecord_projections.calendar.zones import first_instant, last_second, midnight
from onrecord_projections.judging.clauses import RecurringClause
from onrecord_projections.judging.clauses.duty import Every, every_of
from onrecord_projections.judging.duties.periods import Period, later, period_on
from onrecord_projections.judging.limit import FROM_TENANT
from onrecord_projections.judging.policy import Settings, Timed
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import SECOND

DAY = timedelta(days=1)
REST_DAYS_MAX = 400
"""No calendar rests longer: a rulebook's has working time."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Lack = Literal["no-number", "no-calendar"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One time that a duty is owed."""

    period: Period
    begins: datetime
    ends: datetime | None
    """When the next turn may begin; None where that is when this one was done."""
    due_at: datetime
    provisional: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing is owed from here."""

    until: datetime | None
    """When to ask again; None: never."""
    lacks: Lack | None = None
    """What the tenant has to give before there is a duty."""


class _NoCalendarError(Exception):
    """No calendar is in force from this instant on."""


class Rhythm:
    """The turns of one duty, one after the other."""

    __slots__ = ("_clause", "_rule", "_settings")

    def __init__(self, rule: Rule, settings: Settings) -> None:
        assert isinstance(rule.clause, RecurringClause)
        self._rule, self._settings, self._clause = rule, settings, rule.clause

    def day_of(self, at: datetime) -> date:
        """The local day of an instant (reading R1)."""
        return at.astimezone(self._zone(at)).date()

    def turn(self, at: datetime) -> Turn | Gap:
        """The turn that runs at this instant, counted from it; else the next, or why there is none."""
        try:
            return self._turn(at)
        except _NoCalendarError:
            return Gap(self._next_decision(at), "no-calendar" if self._holds(at) else None)
        except CalendarError:  # the calendar ends, and with it what can be told
            return Gap(None)

    def _turn(self, at: datetime) -> Turn | Gap:
        every = self._every(at)
        if every is None:
            return Gap(self._next_decision(at), "no-number" if self._holds(at) else None)
        name = self._clause.rolling_reading
        if name is not None and self._settings.reading(name, at) == "rolling":
            turn = self._rolling(every, at)
        else:
            turn = self._by_calendar(every, at)
        return turn if self._holds(turn.begins) else self._gap(every, turn.begins)

    def _rolling(self, every: Every, at: datetime) -> Turn:
        day, zone = self.day_of(at), self._zone(at)
        due_at = last_second(later(every, day), zone).astimezone(UTC)
        return Turn(Period("", day, day), at, None, due_at, note=self._note)

    def _by_calendar(self, every: Every, at: datetime) -> Turn:
        zone, day = self._zone(at), self.day_of(at)
        if every == "working-day":
            day = self._working_day(at, day)
        period = period_on(every, day)
        ends = _begin(period.last + DAY, zone)
        opens, last, provisional = self._due_day(every, period, ends)
        begins = max(at, _begin(opens, zone))
        return Turn(period, begins, ends, last_second(last, zone).astimezone(UTC), provisional, self._note)

    def _due_day(self, every: Every, period: Period, ends: datetime) -> tuple[date, date, bool]:
        """The days from which it is shown and until whose end it is done."""
        clause, first, last = self._clause, period.first, period.last
        if clause.window is not None:
            opens, closes = (
                date.fromisoformat(f"{first.year:04}-{bound}")
                for bound in (clause.window.opens, clause.window.closes)
            )
            return opens, closes, False
        if clause.weekday is not None:
            return first, first + timedelta(days=_WEEKDAYS.index(clause.weekday)), False
        if every == "working-day":
            calendar = self._calendar(ends - SECOND)
            return first, *self._after(last, ends, provisional=_leans(calendar, first, last))
        if clause.month_end_reading is not None:
            return first, *self._month_end(clause.month_end_reading, first, last, ends)
        return first, *self._after(last, ends, provisional=False)

    def _after(self, last: date, ends: datetime, *, provisional: bool) -> tuple[date, bool]:
        """The last day with the days of grace."""
        grace = self._clause.grace
        if grace is None:
            return last, provisional
        if (
            grace.measure == "calendar_days"
            and self._settings.reading("r4.roll-over", ends - SECOND) == "off"
        ):
            return last + timedelta(days=grace.count), provisional
        calendar = self._calendar(ends - SECOND)
        noon = datetime.combine(last, midnight(last).time(), calendar.zone)
        add = calendar.add_legal_days if grace.measure == "calendar_days" else calendar.add_working_days
        due = add(noon, grace.count)
        return calendar.local_day(due.at), provisional or due.provisional

    def _month_end(self, name: str, first: date, last: date, ends: datetime) -> tuple[date, bool]:
        match self._settings.reading(name, ends - SECOND):
            case "before-last-day":
                return last - DAY, False
            case "last-working-day":
                calendar = self._calendar(ends - SECOND)
                days = (last - n * DAY for n in range((last - first).days + 1))
                day = next((day for day in days if calendar.is_working_day(day)), last)
                return day, _leans(calendar, day, last)
            case _:
                return last, False

    def _working_day(self, at: datetime, day: date) -> date:
        for _ in range(REST_DAYS_MAX):
            if self._calendar(max(at, _begin(day, self._zone(at)))).is_working_day(day):
                return day
            day += DAY
        raise CalendarError("the calendar knows no working day from here on")

    def _gap(self, every: Every, at: datetime) -> Gap:
        """A policy that comes into force, or is switched on, midway begins with the next period."""
        since = self._next_decision(at)
        if since is None:
            return Gap(None)
        period = period_on(every, self.day_of(since))
        begins = _begin(period.first, self._zone(since))
        return Gap(since if begins == since else _begin(period.last + DAY, self._zone(since)))

    def _every(self, at: datetime) -> Every | None:
        if self._clause.every != "tenant_number":
            return self._clause.every
        number = self._settings.number(self._rule.id, at)
        return every_of(number.value) if number is not None else None

    def _holds(self, at: datetime) -> bool:
        switch = self._rule.switch
        return self._rule.holds_at(at) and (
            switch is None or self._settings.reading(switch.reading, at) == switch.value
        )

    def _next_decision(self, at: datetime) -> datetime | None:
        """When the policy, its switch, its number or its calendar changes next."""
        return min((since for since in self._decisions() if since > at), default=None)

    def _decisions(self) -> Iterator[datetime]:
        settings, rule = self._settings, self._rule
        yield from (since for since, _ in rule.spans)
        timed: list[Timed[object] | None] = [
            cast("Timed[object] | None", settings.numbers.get(rule.id)),
            cast("Timed[object] | None", settings.readings.get(rule.switch.reading if rule.switch else "")),
            cast("Timed[object] | None", settings.readings.get("r3.calendar")),
            *(cast("Timed[object]", calendar) for calendar in settings.calendars.values()),
        ]
        for values in timed:
            yield from values.since if values is not None else ()

    def _calendar(self, at: datetime) -> Calendar:
        name = self._settings.reading("r3.calendar", at) or self._rule.calendar
        calendar = self._settings.calendar(name, at)
        if calendar is None:
            raise _NoCalendarError
        return calendar

    def _zone(self, at: datetime) -> ZoneInfo:
        return ZoneInfo(self._settings.reading("r1.zone", at))

    @property
    def _note(self) -> str:
        return FROM_TENANT if self._clause.every == "tenant_number" else self._rule.note


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day."""
    return moment_at(first_instant(midnight(day), zone), zone).astimezone(UTC)


def _leans(calendar: Calendar, first: date, last: date) -> bool:
    """Whether it rests on days whose holidays are not yet published."""
    return calendar.is_provisional(last_second(first - DAY, calendar.zone), last_second(last, calendar.zone))
