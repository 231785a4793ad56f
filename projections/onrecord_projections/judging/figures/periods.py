"""Periods: the stretches of time figures are of, by name. A day is a day on the tenant's own walls.

2026, 2026-H1, 2026-Q2, 2026-07..08 (two months), 2026-06, 2026-W24, 2026-06-12.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from onrecord_projections.judging.clauses.kpi import Every
from onrecord_projections.judging.policy import Settings

MONTHS: dict[Every, int] = {"month": 1, "two-months": 2, "quarter": 3, "half-year": 6, "year": 12}
"""How many months a period lasts; each year begins one."""

_SHAPE = re.compile(
    r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|W(?P<week>\d\d)"
    r"|(?P<month>\d\d)(?:-(?P<day>\d\d)|\.\.(?P<last>\d\d))?))?"
)

_KINDS: dict[str, Every] = {"half": "half-year", "quarter": "quarter", "last": "two-months", "month": "month"}


def finest(every: Iterable[Every]) -> tuple[Every, ...]:
    """The kinds of which all these are made up."""
    kinds = tuple(dict.fromkeys(every))
    return tuple(kind for kind in kinds if not any(_divides(other, kind) for other in kinds))


def parts_of(period: str, every: Iterable[Every]) -> list[str]:
    """The periods that make up one, in order, each of the same one of the kinds `finest` gives."""
    first, after, whole = days_of(period)
    part = next(kind for kind in finest(every) if kind == whole or _divides(kind, whole))
    found = []
    while first < after:
        found.append(period_of(first, part))
        first = days_of(found[-1])[1]
    return found


@lru_cache(maxsize=4096)
def period_of(day: date, every: Every) -> str:
    """The name of the period a day lies in."""
    if every == "day":
        return day.isoformat()
    if every == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    nth = (day.month - 1) // MONTHS[every] + 1
    names = {
        "month": f"-{nth:02}",
        "two-months": f"-{2 * nth - 1:02}..{2 * nth:02}",
        "quarter": f"-Q{nth}",
        "half-year": f"-H{nth}",
        "year": "",
    }
    return f"{day.year:04}{names[every]}"


def days_of(period: str) -> tuple[date, date, Every]:
    """Its first day, the first day after it, and what kind it is. Raises ValueError if it names no period."""
    every, first = _first_day(period)
    if period_of(first, every) != period:
        raise _unknown(period)
    return first, _after(first, every), every


def span_of(period: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants `[begin, end)` of a period on the walls of a zone. Raises ValueError."""
    first, after, _ = days_of(period)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def begin_of(settings: Settings, period: str) -> datetime:
    """The first instant of a period, on the walls of the zone that held then. Raises ValueError."""
    rough, _ = span_of(period, ZoneInfo("UTC"))
    return span_of(period, ZoneInfo(settings.reading("r1.zone", rough)))[0].astimezone(UTC)


def end_of(settings: Settings, period: str) -> datetime:
    """The first instant after a period, on the walls of the zone that held then. Raises ValueError."""
    _, rough = span_of(period, ZoneInfo("UTC"))
    return span_of(period, ZoneInfo(settings.reading("r1.zone", rough)))[1].astimezone(UTC)


def _first_day(period: str) -> tuple[Every, date]:
    found = _SHAPE.fullmatch(period)
    if found is None:
        raise _unknown(period)
    part = {name: int(text) for name, text in found.groupdict().items() if text}
    year = part["year"]
    if "week" in part:
        return "week", date.fromisocalendar(year, part["week"], 1)
    if "day" in part:
        return "day", date(year, part["month"], part["day"])
    for name, every in _KINDS.items():
        if name in part:
            return every, date(year, _first_month(name, part[name]), 1)
    return "year", date(year, 1, 1)


def _after(first: date, every: Every) -> date:
    """The first day after; at the end of all calendars, their last day."""
    if every not in MONTHS:
        days = min(7 if every == "week" else 1, (date.max - first).days)
        return first + timedelta(days=days)
    year, month = divmod(first.year * 12 + first.month - 1 + MONTHS[every], 12)
    return date(year, month + 1, 1) if year <= date.max.year else date.max


def _divides(part: Every, whole: Every) -> bool:
    """Whether several of one make up the other."""
    if part == whole:
        return False
    return part == "day" or (part in MONTHS and whole in MONTHS and MONTHS[whole] % MONTHS[part] == 0)


def _first_month(name: str, nth: int) -> int:
    """Of the n-th period of a kind; two months are known by their second."""
    return nth - 1 if name == "last" else (nth - 1) * MONTHS[_KINDS[name]] + 1


def _unknown(period: str) -> ValueError:
    return ValueError(
        f"{period!r} is no period such as 2026, 2026-H1, 2026-Q2, 2026-07..08, 2026-06 or 2026-W24"
    )
