"""Durations: how a rulebook or a tenant writes a length of time. Always text, never a bare number."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Measure = Literal[
    "elapsed",
    "working",
    "working_days",
    "calendar_days",
    "legal_days",
    "months",
    "years",
    "started_24h",
]

_ISO = re.compile(
    r"P(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8})S)?)?"
)
_WORDS = re.compile(r"(\d{1,8}) (working |calendar |legal )?(second|minute|hour|day|month|year)s?")
_UNITS = {"second": "seconds", "minute": "minutes", "hour": "hours"}


DAYS_MAX = 36_525
"""A hundred years: no promise is longer, and every calendar reaches that far."""

_DAYS = {"months": 31, "years": 366}


class DurationError(ValueError):
    """A text that names no length of time."""


@dataclass(frozen=True, slots=True)
class Target:
    """How much of what may pass: `time` for measures in time, `count` for those in days, months, years.

    No calendar days, `P0D`, are the rest of the day it starts on; of everything else there is something.
    """

    measure: Measure
    time: timedelta = timedelta()
    count: int = 0

    def __post_init__(self) -> None:
        nothing = self.time <= timedelta() and self.count <= 0
        if nothing and (self.measure, self.count) != ("calendar_days", 0):
            raise DurationError("a target must be longer than nothing")
        if self.time.days + self.count * _DAYS.get(self.measure, 1) > DAYS_MAX:
            raise DurationError("no promise is longer than a hundred years")


def iso_target(text: str, measure: Measure) -> Target:
    """`PT24H`, `P3D`, `P2Y` in the unit that the measure counts. Raises DurationError."""
    found = _ISO.fullmatch(text)
    if found is None or not any(found.groups()):
        raise DurationError(f"{text!r} is no duration such as PT24H, P3D or P2Y")
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    time = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    match measure:
        case "years":
            return _count(text, measure, years, months or time)
        case "months":
            return _count(text, measure, 12 * years + months, time)
        case "working_days" | "calendar_days" | "legal_days":
            return _count(text, measure, days, years or months or time - timedelta(days=days))
        case "started_24h":
            whole = _count(text, measure, days, years or months or time - timedelta(days=days))
            return Target(measure, whole.count * timedelta(days=1))
        case _ if years or months:
            raise DurationError(f"{text!r}: {measure} time knows no months or years")
    return Target(measure, time)


def worded_target(text: str, *, on_calendar: bool = False) -> Target:
    """What a tenant sets: `PT4H`, `3 working days`, `4 working hours`, `10 days`. Raises DurationError.

    A calendar named beside a length in hours makes them working hours.
    """
    found = _WORDS.fullmatch(text.strip())
    if found is None:
        return iso_target(text.strip(), "working" if on_calendar else "elapsed")
    count, kind, unit = int(found[1]), (found[2] or "").strip(), found[3]
    if unit in _UNITS:
        working = on_calendar or kind == "working"
        return Target("working" if working else "elapsed", timedelta(**{_UNITS[unit]: count}))
    if unit == "day":
        measures: dict[str, Measure] = {"working": "working_days", "legal": "legal_days"}
        return Target(measures.get(kind, "calendar_days"), count=count)
    return Target("months" if unit == "month" else "years", count=count)


def days_ahead(text: str) -> int | None:
    """How many whole calendar days a text names: `P3D`, `3 days`; None where it names none."""
    try:
        target = worded_target(text)
    except DurationError:
        return None
    if target.measure == "calendar_days":
        return target.count
    whole = target.measure == "elapsed" and not target.time % timedelta(days=1)
    return target.time.days if whole else None


def _count(text: str, measure: Measure, count: int, rest: object) -> Target:
    if rest:
        raise DurationError(f"{text!r}: {measure} counts whole ones only")
    return Target(measure, count=count)
