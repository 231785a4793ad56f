"""Clauses: what a rulebook can say, as data. Numbers, names, dates and equality; never conditions."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from onrecord_projections.judging.durations import DurationError, Measure, Target, iso_target
from onrecord_projections.judging.parts import (
    Checked,
    Duration,
    Example,
    FormCheck,
    Name,
    OnBreach,
    Owners,
    Pause,
    Quantity,
    Selectors,
    Switch,
    Words,
)


class Stated(Checked):
    """What every clause has: its id in the catalogue, where it stands, our own words for it."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    cites: Words
    says_en: Words
    says_zh: Words
    note: str = ""


class Executable(Stated):
    """A clause that yields verdicts, so it shows at least one."""

    example: tuple[Example, ...] = Field(min_length=1)
    switch: Switch | None = None


class ClockClause(Executable):
    """A promise with a start, a stop and a limit."""

    kind: Literal["clock"]
    starts_on: Selectors
    stops_on: Selectors
    cancels_on: Selectors = ()
    excuses_on: Selectors = ()
    justified_by: Selectors = ()
    pause: tuple[Pause, ...] = ()
    measure: Measure | Literal["until_field", "tenant_number"]
    target: Duration | None = None
    due_field: Name | None = None
    suggested: Duration | None = None
    calendar: str | None = None
    owner: Owners = ()
    instances: Literal["once", "open", "each", "restart"] = "once"
    """once: the first start only; open: again after the last was stopped; each: every start its own;
    restart: a new start ends the running one."""
    keyed_by: Name | None = None
    on_change: Literal["from-original-start", "from-change"] = "from-original-start"
    """When a fact changes midway: measured from when the case first had that fact, or from the change."""
    form: tuple[FormCheck, ...] = ()
    on_breach: OnBreach | None = None

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        if self.measure in ("until_field", "tenant_number"):
            if self.target is not None:
                raise ValueError(f"{self.measure} takes its limit elsewhere; drop `target`")
            if (self.measure == "until_field") != (self.due_field is not None):
                raise ValueError("until_field needs `due_field`, and nothing else does")
        else:
            _ = self.span
        if self.pause and self.measure not in ("elapsed", "working"):
            raise ValueError("a pause needs a measure in time, elapsed or working")
        return self

    @property
    def span(self) -> Target | None:
        """The limit as the clause states it; None where the event or the tenant gives it."""
        if self.measure == "until_field" or self.measure == "tenant_number":  # noqa: PLR1714 - mypy narrows this
            return None
        if self.target is None:
            raise ValueError("target: missing, such as PT24H")
        try:
            return iso_target(self.target, self.measure)
        except DurationError as error:
            raise ValueError(f"target: {error}") from None


class RecurringClause(Executable):
    """A duty owed once every calendar month from when it is assigned until it ends."""

    kind: Literal["recurring"]
    starts_on: Selectors
    ends_on: Selectors
    stops_on: Selectors
    period_field: Name
    owner: Owners = ()
    month_end_reading: str | None = None
    """The reading that says whether the last day still counts."""


class RetentionClause(Executable):
    """Something must be kept through the same date so many years or months later."""

    kind: Literal["retention"]
    starts_on: Selectors
    keep: Duration
    refuses: Selectors
    owner: Owners = ()

    @property
    def span(self) -> Target:
        """How long it is kept."""
        return iso_target(self.keep, "months" if "M" in self.keep else "years")

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        _ = self.span
        return self


class RequiredClause(Executable):
    """A record, form or approval that must be there when something else happens."""

    kind: Literal["required"]
    needs: Selectors
    checked_on: Selectors
    finding: Name
    person: Owners = ()


class FormClause(Executable):
    """What the stops of other clauses must look like; time is judged apart."""

    kind: Literal["form"]
    of: tuple[str, ...] = Field(min_length=1)
    form: tuple[FormCheck, ...] = Field(min_length=1)


class EscalationClause(Executable):
    """So many of one event change a fact of the case."""

    kind: Literal["escalation"]
    counts: Selectors
    times_reading: str
    becomes: dict[str, bool | int | str] = Field(min_length=1, max_length=1)


class PenaltyClause(Executable):
    """What one case, or one item, is proposed to cost."""

    kind: Literal["penalty"]
    breach_of: str | None = None
    event: Selectors = ()
    quantity: Quantity | None = None
    per: Literal["case", "item"]
    amount: Decimal = Field(gt=0, decimal_places=2)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    person: Owners = ()

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if (self.breach_of is None) == (not self.event):
            raise ValueError("give either the clause it is a `breach_of`, or an `event`")
        if (self.per == "item") != (self.quantity is not None):
            raise ValueError("per item needs a `quantity`, and per case has none")
        return self


class LadderClause(Executable):
    """From the n-th case of one person in a month on, fines are multiplied once."""

    kind: Literal["ladder"]
    of: tuple[str, ...] = Field(min_length=1)
    from_nth: int = Field(ge=2)
    factor: int = Field(ge=2)
    count_reading: str


class KpiClause(Executable):
    """A share of clocks that fell due in a month."""

    kind: Literal["kpi"]
    of: tuple[str, ...] = Field(min_length=1)
    counts: Literal["done", "in-time"]
    target: Decimal | None = None


class ProseClause(Stated):
    """Nothing a machine could judge."""

    kind: Literal["prose"]


class SupportedClause(Stated):
    """Recorded by these events, judged by people."""

    kind: Literal["supported"]
    events: tuple[str, ...] = Field(min_length=1)


Clause = Annotated[
    ClockClause
    | RecurringClause
    | RetentionClause
    | RequiredClause
    | FormClause
    | EscalationClause
    | PenaltyClause
    | LadderClause
    | KpiClause
    | ProseClause
    | SupportedClause,
    Field(discriminator="kind"),
]
