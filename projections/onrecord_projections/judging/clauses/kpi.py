"""KPI clauses: figures that are asked for."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Name, Selectors


class KpiClause(Executable):
    """A figure of a period: a share of clocks, or a share, count, sum or mean over events."""

    kind: Literal["kpi"]
    formula: Literal["clocks", "share", "count", "sum", "mean", "median"] = "clocks"
    of: tuple[str, ...] = ()
    """The clocks it is a share of, or whose used time is averaged (mean, median)."""
    counts: Literal["done", "in-time"] = "in-time"
    numerator: Selectors = ()
    denominator: Selectors = ()
    value_field: Name | None = None
    by: Name | None = None
    """The field whose values split the figure, such as `staff`."""
    every: Literal["day", "month", "two-months", "quarter", "half-year", "year"] = "month"
    target: Decimal | None = None
    ranked: Literal["", "high-first", "low-first"] = ""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.formula == "clocks" and not self.of:
            raise ValueError("a share of clocks needs the clauses it is `of`")
        if self.formula in ("share", "count", "sum") and not self.numerator:
            raise ValueError(f"a {self.formula} needs a `numerator`")
        if self.formula == "share" and not self.denominator:
            raise ValueError("a share needs a `denominator`")
        return self
