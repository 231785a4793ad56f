"""Periods: the days, weeks, months and years in which a duty is owed. Pure arithmetic on local dates."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from onrecord_projections.judging.clauses.duty import Every

MONTHS: dict[str, int] = {"month": 1, "two-months": 2, "quarter": 3, "half-year": 6, "year": 12}
DAYS: dict[str, int] = {"day": 1, "working-day": 1, "week": 7}

_NAMED = re.compile(
    r"\d{4}(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|W(?P<week>\d\d)"
    r"|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local days with a name, both ends included."""

    name: str
    first: date
    last: date


def period_on(every: Every, day: date) -> Period:
    """The period of this length in which a day lies; weeks are those of ISO 8601."""
    if every in ("day", "working-day"):
        return Period(day.isoformat(), day, day)
    if every == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return Period(f"{year:04}-W{week:02}", monday, monday + timedelta(days=6))
    return _months(day.year, (day.month - 1) // MONTHS[every], MONTHS[every])


def period_named(name: str) -> Period | None:
    """The days that a name such as `2026-Q2` means; None where it means none."""
    found = _NAMED.fullmatch(name)
    try:
        return _period(name, found.groupdict()) if found is not None else None
    except ValueError:
        return None


def _period(name: str, parts: dict[str, str | None]) -> Period:
    year = int(name[:4])
    if parts["day"] is not None:
        return period_on("day", date.fromisoformat(name))
    if (week := parts["week"]) is not None:
        return period_on("week", date.fromisocalendar(year, int(week), 1))
    for part, length in (("half", 6), ("quarter", 3), ("month", 1)):
        if (nth := parts[part]) is not None:
            return _months(year, int(nth) - 1, length)
    return _months(year, 0, 12)


def later(every: Every, day: date) -> date:
    """The corresponding day one period on; a month that lacks it ends it (Civil Code 202)."""
    if every in DAYS:
        return day + timedelta(days=DAYS[every])
    year, month = divmod(day.year * 12 + day.month - 1 + MONTHS[every], 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _months(year: int, nth: int, length: int) -> Period:
    """The `nth` stretch of so many months in a year, from nought."""
    opens, closes = nth * length + 1, (nth + 1) * length
    first = date(year, opens, 1)
    names = {1: f"-{opens:02}", 2: f"-M{opens:02}-{closes:02}", 3: f"-Q{nth + 1}", 6: f"-H{nth + 1}", 12: ""}
    return Period(f"{year:04}{names[length]}", first, date(year, closes, monthrange(year, closes)[1]))
