"""Dates: how a calendar file names the days that differ from the week's pattern."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from onrecord_projections.calendar.hours import Stretches, ordered, parse_stretch
from onrecord_projections.calendar.line import FIRST_YEAR, LAST_YEAR

Named = Annotated[str, Field(min_length=1, max_length=200)]

_LEAP_YEAR = 2024


class Checked(BaseModel):
    """Every key known, every value of its own type: a misspelt key is refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Dates(Checked):
    """One date, or a first and a last one; perhaps only some hours of them."""

    on: date | None = None
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    hours: list[str] | None = Field(None, min_length=1)
    name: Named | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_date(cls, value: Any) -> Any:
        return {"on": value} if isinstance(value, date) else value

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.on is None) == (self.first is None) or (self.first is None) != (self.last is None):
            raise ValueError("give either `on`, or `from` and `to`")
        days = list(self.days())
        if not days:
            raise ValueError("`to` lies before `from`")
        if days[0].year < FIRST_YEAR or days[-1].year > LAST_YEAR:
            raise ValueError(f"outside {FIRST_YEAR} to {LAST_YEAR}")
        return self

    @field_validator("hours")
    @classmethod
    def _readable(cls, hours: list[str] | None) -> list[str] | None:
        ordered(parse_stretch(text) for text in hours or ())
        return hours

    def days(self) -> Iterator[date]:
        """Every date meant."""
        match self.on or self.first, self.on or self.last:
            case date() as first, date() as last:
                yield from (first + timedelta(n) for n in range((last - first).days + 1))

    def stretches(self) -> Stretches | None:
        """Its own hours, if it names any."""
        return None if self.hours is None else ordered(parse_stretch(text) for text in self.hours)


class Exceptions(Checked):
    """Dated exceptions from one source, such as one year's notice."""

    source: Named | None = None
    off: Annotated[tuple[Dates, ...], Field(strict=False)] = ()
    work: Annotated[tuple[Dates, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        seen: set[date] = set()
        for day in (day for dates in (*self.off, *self.work) for day in dates.days()):
            if day in seen:
                raise ValueError(f"{day} is named twice")
            seen.add(day)
        return self


class EveryYear(Checked):
    """Days closed in every Gregorian year, as `MM-DD`; lunar holidays need a dated list instead."""

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    name: Named | None = None

    @field_validator("first", "last")
    @classmethod
    def _real_day(cls, text: str) -> str:
        _in_leap_year(text)
        return text

    def days(self) -> Iterator[tuple[int, int]]:
        """Every (month, day) meant; a last day before the first lies in the next year."""
        day, last = _in_leap_year(self.first), _in_leap_year(self.last)
        while (day.month, day.day) != (last.month, last.day):
            yield (day.month, day.day)
            day += timedelta(1)
        yield (last.month, last.day)


def _in_leap_year(text: str) -> date:
    try:
        return date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the year such as 12-24") from None
