"""Limit clauses: how much, how often, how early or late something may be, seen on the event itself."""

from datetime import time
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.durations import Measure
from onrecord_projections.judging.parts import Checked, Coded, Duration, Name, Owners, Selectors

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Band(Checked):
    """A cap or a floor, for events of some codes, or with another number in some range, ends included."""

    where: dict[str, Coded] = Field(default_factory=dict)
    from_: int | None = Field(default=None, alias="from")
    to: int | None = None
    cap: Decimal | None = None
    floor: Decimal | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.cap is None) == (self.floor is None):
            raise ValueError("a band has either a `cap` or a `floor`")
        return self


class LimitClause(Executable):
    """A number of an event that has to stay within a cap or reach a floor."""

    kind: Literal["limit"]
    event: Selectors = Field(min_length=1)
    value_field: Name
    per_field: Name | None = None
    """The number is divided by this one first: money per head."""
    band_field: Name | None = None
    """The number that `from` and `to` of the bands speak of."""
    band: tuple[Band, ...] = ()
    """Without any, the cap is the tenant's number for this clause."""
    finding: Name
    quantity: Literal["once", "excess"] = "once"
    """excess: as many as are missing or too many, rounded up."""
    tolerance_percent: Decimal = Decimal(0)
    added_up: bool = False
    """The events of a case count together against the cap; each one is found for what it adds beyond it."""
    person: Owners = ()

    @model_validator(mode="after")
    def _adds_to_a_cap(self) -> Self:
        if self.added_up and any(band.floor is not None for band in self.band):
            raise ValueError("`added_up` goes with a `cap`: a sum passes it once")
        return self


class CountClause(Executable):
    """Events of a case that may happen so many times; each one beyond that is found."""

    kind: Literal["count"]
    counts: Selectors = Field(min_length=1)
    resets_on: Selectors = ()
    cap: int = Field(ge=0)
    finding: Name
    distinct_field: Name | None = None
    """Count different values of this field, not events."""
    person: Owners = ()


class TimingClause(Executable):
    """An event whose own time has to lie before (or not before) a time of day, or an instant it names."""

    kind: Literal["timing"]
    event: Selectors = Field(min_length=1)
    must_be: Literal["by", "before", "not-before"] = "by"
    """by: at or before; before: strictly before; not-before: at or after."""
    time_of_day: time | None = None
    """On the local day of the event."""
    field: Name | None = None
    """An instant or a day in the event's body; a day means its last second."""
    never_on: tuple[Weekday, ...] = ()
    """Instead of a bound: days of the week on which it may not be, of the field's day or the event's own."""
    offset: Duration | None = None
    """Added to the field, such as `-PT3M` or `-P1D`, by the measure."""
    measure: Measure = "elapsed"
    finding: Name
    person: Owners = ()

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if not self.never_on and (self.time_of_day is None) == (self.field is None):
            raise ValueError("give either a `time_of_day` or the `field` that names the instant")
        if self.never_on and (self.time_of_day or self.offset):
            raise ValueError("`never_on` speaks of days; drop `time_of_day` and `offset`")
        return self
