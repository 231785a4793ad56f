"""Penalty clauses: what a finding is proposed to cost, in money or otherwise."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Checked, Name, Owners, Quantity, Selectors

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Window = Literal["month", "year", "ever"]
Line = Literal["fine", "deduction", "cost", "charge", "reward", "allowance", "sanction", "forfeit"]
Sanction = Literal[
    "public-criticism",
    "warning",
    "resignation-urged",
    "dismissal",
    "expulsion",
    "deemed-resigned",
    "counted-absent",
    "commission-cancelled",
    "performance-cancelled",
    "barred-from-borrowing",
    "duty-suspended",
    "salary-held",
    "training",
    "rest-day",
    "to-be-decided",
]
Pay = Literal["base-pay", "performance-pay"]


class Step(Checked):
    """What the n-th time costs: money, a sanction, or both."""

    amount: Decimal | None = Field(default=None, gt=0, decimal_places=2)
    sanction: Sanction | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.amount is None and self.sanction is None:
            raise ValueError("a step has an `amount`, a `sanction`, or both")
        return self


class PayShare(Checked):
    """A share of somebody's pay of the month: one percentage, or a range of which a person picks."""

    of: Pay
    percent: Decimal | None = Field(default=None, gt=0, le=100)
    from_percent: Decimal | None = Field(default=None, gt=0, le=100)
    to_percent: Decimal | None = Field(default=None, gt=0, le=100)


class PenaltyClause(Executable):
    """What one case, one item or one person is proposed to cost (or to be rewarded with)."""

    kind: Literal["penalty", "reward"]
    breach_of: str | None = None
    event: Selectors = ()
    finding_of: tuple[str, ...] = ()
    """Other clauses whose findings it prices."""
    codes: tuple[Name, ...] = ()
    """Which findings of those clauses; without any, all of them."""
    quantity: Quantity | None = None
    quantity_field: Name | None = None
    """The event's field that says how many."""
    value_field: Name | None = None
    """The event's field with the money that `times_value` or `percent_of_value` speak of."""
    per: Literal["case", "item"] = "case"
    line: Line = "fine"
    amount: Decimal | None = Field(default=None, gt=0, decimal_places=2)
    step: tuple[Step, ...] = ()
    """What the first, second, third time costs; after the last step the last one holds."""
    window: Window = "month"
    """Within what the times of `step` are counted."""
    counter: Name | None = None
    """Clauses with the same counter count their times together."""
    times_value: Decimal | None = Field(default=None, gt=0)
    percent_of_value: Decimal | None = Field(default=None, gt=0, le=100)
    pay: PayShare | None = None
    sanction: Sanction | None = None
    currency: Currency = "CNY"
    person: Owners = ()
    among_field: Name | None = None
    """The event's field that lists who shares the amount in equal parts; or `each` pays it whole."""
    among: Literal["equal", "each"] = "each"
    charged_once_as: Name | None = None
    """Of clauses with the same word here only the first in the rulebook charges one act."""

    @model_validator(mode="after")
    def _one_cause(self) -> Self:
        if sum((self.breach_of is not None, bool(self.event), bool(self.finding_of))) != 1:
            raise ValueError(
                "give the clause it is a `breach_of`, an `event`, or clauses it is a `finding_of`"
            )
        if self.per == "item" and not (self.quantity or self.quantity_field or self.finding_of):
            raise ValueError("per item needs a `quantity`, and per case has none")
        return self

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        priced = (self.amount, self.step, self.times_value, self.percent_of_value, self.pay, self.sanction)
        if not any(priced):
            raise ValueError("say what it costs: `amount`, `step`, `times_value`, `pay` or a `sanction`")
        return self


class Then(Checked):
    """What the n-th case brings besides: a sanction, or a share of pay for a person to decide."""

    sanction: Sanction | None = None
    pay: PayShare | None = None


class LadderClause(Executable):
    """From the n-th case of one person in a window on, fines are multiplied once, or more follows."""

    kind: Literal["ladder"]
    of: tuple[str, ...] = Field(min_length=1)
    from_nth: int = Field(ge=2)
    factor: int = Field(default=1, ge=1)
    then: Then | None = None
    window: Window = "month"
    count_reading: str | None = None
