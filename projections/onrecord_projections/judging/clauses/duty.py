"""Duty clauses: what is owed again and again."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Checked, Duration, Name, Owners, Selectors

Every = Literal["day", "working-day", "week", "month", "two-months", "quarter", "half-year", "year"]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Window(Checked):
    """Days of the year within which a yearly duty is done, both included: `03-25` to `03-30`."""

    opens: MonthDay
    closes: MonthDay


class RecurringClause(Executable):
    """A duty owed so many times every period from when it is assigned until it ends."""

    kind: Literal["recurring"]
    starts_on: Selectors
    ends_on: Selectors
    stops_on: Selectors
    every: Every | Literal["tenant_number"] = "month"
    """tenant_number: the policy says "regularly"; there is no duty until the tenant sets a period."""
    suggested: Every | None = None
    times: int = Field(default=1, ge=1)
    due_after: Duration | None = None
    """How long after the period's end it may still be done, such as P10D; the day counts to its end."""
    window: Window | None = None
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    """The day of the week by whose end a weekly duty is due; otherwise the week's last day."""
    calendar: str | None = None
    period_field: Name | None = None
    """The field that names the period; otherwise the period in which it was done."""
    rolling_reading: str | None = None
    """The reading under which the next one is due a period after the last was done, not with the calendar."""
    owner: Owners = ()
    month_end_reading: str | None = None
    """The reading that says whether the last day still counts."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.window is not None and self.every != "year":
            raise ValueError("a `window` belongs to a yearly duty")
        if self.weekday is not None and self.every != "week":
            raise ValueError("a `weekday` belongs to a weekly duty")
        return self
