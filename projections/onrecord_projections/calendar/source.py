"""Source: a calendar as data, in TOML, checked key by key before anybody relies on it.

    id = "dealer"                      who it is; with `version`, what every result names
    version = "2026.1"
    extends = "cn-state-council"       optional: start from another calendar, whose exceptions come first
    zone = "Asia/Shanghai"
    known_from = 2004-01-01            optional: before it, and after `known_until`, results are provisional
    known_until = 2026-12-31
    day_ends = "midnight"              or "closing": a day clock ends when the last shift of the day does

    [weekly]                           days or ranges of days; an end at or before the start is the next day
    mon-fri = ["09:00-12:00", "13:30-18:00"]

    [[off_every_year]]                 fixed days of the Gregorian year only; may span New Year
    from = "12-24"
    to = "01-02"

    [[exceptions]]                     a later block overrides an earlier one
    source = "notice of 4 November 2025"
    off = [{ from = 2026-02-15, to = 2026-02-23, name = "春节" },
           { on = 2026-12-31, hours = ["12:00-18:00"] }]
    work = [2026-02-14, { on = 2026-02-28, hours = ["09:00-12:00"] }]

`off` with hours closes only those; `work` with hours replaces the day's own. `work` without hours takes the
weekday's, or on a day of the week that is always closed, those of the first open day of the week.
"""

import tomllib
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from onrecord_projections.calendar.dates import Checked, EveryYear, Exceptions, Named
from onrecord_projections.calendar.hours import (
    Hours,
    Stretches,
    ordered,
    parse_stretch,
    refuse_unusable,
    without,
)
from onrecord_projections.calendar.spans import CalendarError
from onrecord_projections.toml_text import read_toml

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Resolve = Callable[[str], str]
"""Finds the text of the calendar that another one extends."""


class Source(Checked):
    """One calendar file, read and checked; what it leaves out may come from the one it extends."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    version: Named
    extends: str | None = None
    source: str | None = None
    zone: str | None = None
    known_from: date | None = None
    known_until: date | None = None
    day_ends: Literal["midnight", "closing"] | None = None
    weekly: dict[str, list[str]] | None = None
    off_every_year: Annotated[tuple[EveryYear, ...], Field(strict=False)] = ()
    exceptions: Annotated[tuple[Exceptions, ...], Field(strict=False)] = ()

    @field_validator("zone")
    @classmethod
    def _real_zone(cls, zone: str | None) -> str | None:
        if zone is not None:
            _zone(zone)
        return zone

    @field_validator("weekly")
    @classmethod
    def _real_week(cls, weekly: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
        if weekly is not None:
            _week(weekly)
        return weekly

    @model_validator(mode="after")
    def _horizon_in_order(self) -> Self:
        if self.known_from and self.known_until and self.known_until < self.known_from:
            raise ValueError("known_until lies before known_from")
        return self

    def on(self, base: "Source") -> "Source":
        """This calendar with what it left out taken from `base`; its exceptions come after, so they win."""
        own = {key: value for key, value in self if value is not None and key != "extends"}
        own["version"] = f"{self.version} on {base.id} {base.version}"
        own["off_every_year"] = (*base.off_every_year, *self.off_every_year)
        own["exceptions"] = (*base.exceptions, *self.exceptions)
        return base.model_copy(update=own)

    def hours(self) -> Hours:
        """What the file says of every day, refused if no clock could run on it."""
        closed = frozenset(day for every in self.off_every_year for day in every.days())
        usual = Hours(_week(self.weekly or {}), closed)
        hours = Hours(usual.weekly, closed, self._dated(usual))
        refuse_unusable(hours)
        return hours

    def names(self) -> dict[date, str]:
        """Days with a name, such as a festival's."""
        listed = (dates for block in self.exceptions for dates in (*block.off, *block.work))
        return {day: dates.name for dates in listed if dates.name for day in dates.days()}

    def _dated(self, usual: Hours) -> dict[date, Stretches]:
        """Later blocks see what earlier ones left: hours closed by two of them are both closed."""
        open_day = next((stretches for stretches in usual.weekly if stretches), ())
        dated: dict[date, Stretches] = {}
        for block in self.exceptions:
            for dates in block.off:
                cut = dates.stretches()
                for day in dates.days():
                    dated[day] = without(dated.get(day, usual.of(day)), cut) if cut else ()
            for dates in block.work:
                own = dates.stretches()
                dated.update((day, own or usual.weekly[day.weekday()] or open_day) for day in dates.days())
        return dated


def read(text: str, resolve: Resolve | None = None) -> Source:
    """A calendar file with everything it extends, or a CalendarError that names the key at fault."""
    return _read(text, resolve, ())


def _read(text: str, resolve: Resolve | None, seen: tuple[str, ...]) -> Source:
    source = _checked(text)
    if source.extends is None:
        return source
    if source.id in seen:
        raise CalendarError(f"extends: {source.id} extends itself by way of {', '.join(seen)}")
    if resolve is None:
        raise CalendarError(f"extends: nothing given to find {source.extends!r} with")
    return source.on(_read(resolve(source.extends), resolve, (*seen, source.id)))


@lru_cache(maxsize=64)
def _checked(text: str) -> Source:
    """Cached, because most tenants extend the same few texts and reading one takes milliseconds."""
    try:
        return Source.model_validate(read_toml(text))
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(f"not TOML: {error}") from error
    except ValidationError as error:
        raise CalendarError(_first_fault(error)) from error


def _first_fault(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "calendar"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"


def zone_of(source: Source) -> ZoneInfo:
    """A calendar without a zone is refused: local time without one is a guess."""
    if source.zone is None:
        raise CalendarError("zone: missing")
    return _zone(source.zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, unreadable, or no name at all
        raise CalendarError(f"{name!r} is not a time zone, such as Asia/Shanghai") from None


def _week(weekly: dict[str, list[str]]) -> tuple[Stretches, ...]:
    week: dict[str, Stretches] = {}
    for key, texts in weekly.items():
        for day in _weekdays(key):
            if day in week:
                raise CalendarError(f"{day} is named twice")
            week[day] = ordered(parse_stretch(text) for text in texts)
    return tuple(week.get(day, ()) for day in WEEKDAYS)


def _weekdays(key: str) -> tuple[str, ...]:
    first, _, last = key.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise CalendarError(f"{key!r} is not a day or range of days, such as mon or mon-fri")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < begin:
        raise CalendarError(f"{key!r} runs backward; name sat and sun apart")
    return WEEKDAYS[begin : end + 1]
