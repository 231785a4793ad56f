"""KPI clauses: figures that are asked for. A figure is a fraction; empty is no data, never nought or one.

What each formula counts, and what it takes:
    clocks      of the clocks that fell due, those done (or met in time): `of`, `counts`
    share       events above, events below; or sums and values of them: `numerator`, `denominator`
    cases       of the cases begun by a first `denominator` event, those whose event is a `numerator` too
    coverage    of what a `denominator` event names or numbers, how many `numerator` events name: once each
    count, sum  `numerator` events, their `distinct` values, or the sum of `value_field`; perhaps `out_of` n
    mean, median, percentile
                of `value_field`, of the used time of the clocks `of`, or of the time from `starts_on` to
                `stops_on` within a case; times are seconds
    ranks       the mean of somebody's ranks in the figures `of`; the last one is proposed, never decided
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Name, Selectors

Formula = Literal[
    "clocks", "share", "cases", "coverage", "count", "sum", "mean", "median", "percentile", "ranks"
]
Every = Literal["day", "week", "month", "two-months", "quarter", "half-year", "year"]

OF_VALUES = frozenset({"mean", "median", "percentile"})


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class KpiClause(Executable):
    """A figure of a period; an item belongs to the period it fell due in (clocks) or happened in (events)."""

    kind: Literal["kpi"]
    formula: Formula = "clocks"
    of: tuple[Name, ...] = ()
    """The clocks (clauses) it is about; of `ranks`, the figures."""
    counts: Literal["done", "in-time"] = "in-time"
    together: bool = False
    """One figure of all clocks `of` it names, not one a clause."""
    numerator: Selectors = ()
    denominator: Selectors = ()
    starts_on: Selectors = ()
    stops_on: Selectors = ()
    without: tuple[Name, ...] = ()
    """A `numerator` event counts only if these fields of it are empty, such as `defects`."""
    value_field: Name | None = None
    """Add up this field of `numerator` events instead of counting them; of coverage, what they name."""
    denominator_field: Name | None = None
    """The same for `denominator` events: a number to add up, or a list whose members count."""
    period_field: Name | None = None
    """A field that names the period an event is about; its item belongs there, whenever it was handed in."""
    latest: bool = False
    """Of one case, group and named period only the last event of a side counts: told again is corrected."""
    distinct: Name | None = None
    """Of `count` and `share`: different values of this field in the period, not `numerator` events."""
    pick: Literal["first", "last"] = "first"
    """Of `cases`: the event by which a case is counted, and in whose period."""
    met: Literal["by-that-event", "ever"] = "by-that-event"
    """Of `cases`: that event itself is a `numerator`, or any event of the case is."""
    by: Name | None = None
    """Splits the figure: a field of the event, else what its case last said; `owner` of a clock; `case`."""
    every: Annotated[tuple[Every, ...], BeforeValidator(_several)] = ("month",)
    """One kind of period, or several."""
    out_of: Decimal | None = Field(default=None, gt=0)
    """Of `count` and `sum`: how many there should be in each period (and group); the number below."""
    percent: int | None = Field(default=None, ge=1, le=99)
    target: Decimal | None = None
    """Of a share, 1.00 is all; of a count or a time, the number itself. Absent: the tenant's number."""
    target_is: Literal["at-least", "at-most"] = "at-least"
    best: Literal["high", "low"] = "high"
    """Whose value ranks first, wherever this figure is ranked."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        for fault in (*self._lacks(), *self._cannot_use()):
            raise ValueError(fault)
        return self

    def _lacks(self) -> Iterator[str]:
        """What the formula needs and has not."""
        if not self.every:
            yield "every: name a period such as `month`"
        if self.formula in ("clocks", "ranks") and not self.of:
            yield f"{self.formula} needs what it is `of`"
        if self.formula in ("share", "cases", "coverage") and not (self.numerator and self.denominator):
            yield f"{self.formula} needs a `numerator` and a `denominator`"
        if self.formula in ("count", "sum") and not self.numerator:
            yield f"a {self.formula} needs a `numerator`"
        if self.formula in ("sum", "coverage") and self.value_field is None:
            yield f"{self.formula} needs a `value_field`"
        if self.formula == "coverage" and self.denominator_field is None:
            yield "coverage needs the `denominator_field` that names or numbers what is to be covered"
        if self.formula == "ranks" and not self.by:
            yield "ranks are of somebody: name the field `by` which all figures `of` it are split"

    def _cannot_use(self) -> Iterator[str]:
        """What the formula takes in one way only, or not at all."""
        if self.formula in OF_VALUES and self._sources() != 1:
            yield "take values from one: `of`, `numerator` and `value_field`, or `starts_on`, `stops_on`"
        if (self.percent is None) == (self.formula == "percentile"):
            yield "a percentile, and nothing else, needs its `percent`, such as 90"
        if self.distinct and (self.formula not in ("count", "share") or self.value_field):
            yield "`distinct` goes with a count or a share, and without a `value_field`"
        if self.out_of is not None and self.formula not in ("count", "sum"):
            yield "`out_of` goes with a count or a sum"

    def _sources(self) -> int:
        by_event = bool(self.numerator and self.value_field)
        return bool(self.of) + by_event + bool(self.starts_on and self.stops_on)
