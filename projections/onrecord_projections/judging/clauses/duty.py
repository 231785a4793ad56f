"""Duty clauses: what is owed again and again."""

from datetime import date
from typing import Annotated, Final, Literal, Self, cast, get_args

from pydantic import Field, StringConstraints, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.durations import DurationError, Target, iso_target, worded_target
from onrecord_projections.judging.parts import Checked, Duration, Name, Owners, Selectors

Every = Literal["day", "working-day", "week", "month", "two-months", "quarter", "half-year", "year"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_MEASURED: Final[dict[tuple[str, int], Every]] = {
    ("calendar_days", 1): "day",
    ("working_days", 1): "working-day",
    ("calendar_days", 7): "week",
    ("months", 1): "month",
    ("months", 2): "two-months",
    ("months", 3): "quarter",
    ("months", 6): "half-year",
    ("months", 12): "year",
    ("years", 1): "year",
}
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Window(Checked):
    """Days of the year within which a yearly duty is done, both included: `03-25` to `03-30`.

    Done earlier in the year counts too, and is noted so; the clock runs from when the window opens.
    """

    opens: MonthDay
    closes: MonthDay

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens > self.closes:
            raise ValueError("a window opens before it closes, within one year")
        for bound in (self.opens, self.closes):
            try:
                date.fromisoformat(f"2001-{bound}")
            except ValueError:
                raise ValueError(f"{bound} is no day that every year has") from None
        return self


class RecurringClause(Executable):
    """A duty owed so many times every period from when it is assigned until it ends.

    A stop belongs to the period it names (a finer name, such as a day of the month, will do), else to the
    one its time lies in. With `due_after` what names no period goes to the earliest one still undone that is
    not overdue, or that was the last to end.
    """

    kind: Literal["recurring"]
    starts_on: Selectors
    ends_on: Selectors
    stops_on: Selectors
    every: Every | Literal["tenant_number"] = "month"
    """tenant_number: the policy says "regularly"; there is no duty until the tenant sets a period, as one of
    these words or as `1 day`, `1 working day`, `7 days`, `1`, `2`, `3`, `6` or `12` months, `1 year`."""
    suggested: Every | None = None
    times: int = Field(default=1, ge=1)
    """How often in one period; a stop with a field `count` counts as so many."""
    each_short: bool = False
    """A breach counts once for each one that is short, not once for the period."""
    due_after: Duration | None = None
    """How long after the period's end it may still be done, such as P10D; the day counts to its end."""
    due_measure: Literal["calendar_days", "working_days"] = "calendar_days"
    """What `due_after` counts."""
    window: Window | None = None
    weekday: Weekday | None = None
    """The day of the week by whose end a weekly duty is due; otherwise the week's last day, Sunday."""
    calendar: str | None = None
    """Whose working days count; otherwise the rulebook's."""
    period_field: Name | None = None
    """The field that names the period; otherwise `period`, where the event has one."""
    rolling_reading: str | None = None
    """Under its value `rolling` the next is due a period after the last was done, not with the calendar."""
    owner: Owners = ()
    month_end_reading: str | None = None
    """How the last day counts: `inclusive`, `before-last-day`, or `last-working-day`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.window is not None and self.every != "year":
            raise ValueError("a `window` belongs to a yearly duty")
        if self.weekday is not None and self.every != "week":
            raise ValueError("a `weekday` belongs to a weekly duty")
        if self.suggested is not None and self.every != "tenant_number":
            raise ValueError("`suggested` belongs to a duty whose period is the tenant's number")
        if self.rolling_reading is not None and (self.window or self.weekday or self.every == "working-day"):
            raise ValueError("`rolling_reading` needs a period that can run from any day")
        said = (self.due_after, self.window, self.weekday, self.month_end_reading)
        if sum(item is not None for item in said) > 1:
            raise ValueError("say when it is due in one way: due_after, window, weekday or month_end_reading")
        _ = self.grace
        return self

    @property
    def grace(self) -> Target | None:
        """How long after the period's end, as the clause states it."""
        if self.due_after is None:
            return None
        try:
            return iso_target(self.due_after, self.due_measure)
        except DurationError as error:
            raise ValueError(f"due_after: {error}") from None


def every_of(said: str) -> Every | None:
    """The period a tenant's number means, such as `quarter` or `3 months`; None where it means none."""
    if said in get_args(Every):
        return cast("Every", said)
    try:
        target = worded_target(said)
    except DurationError:
        return None
    return _MEASURED.get((target.measure, target.count))
