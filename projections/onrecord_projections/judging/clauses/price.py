"""Price: what something costs or brings, in money or otherwise. The part that penalties and ladders share."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.parts import Checked

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
    "allowance-forfeited",
    "barred-from-borrowing",
    "duty-suspended",
    "salary-held",
    "training",
    "rest-day",
    "to-be-decided",
]
"""通报批评, 警告, 劝退, 辞退, 开除, 自动离职, 按旷工处理 and what else is not money; never merged."""
Pay = Literal["base-pay", "performance-pay"]
Money = Annotated[Decimal, Field(gt=0, decimal_places=2)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]


class PayShare(Checked):
    """A share of somebody's pay of the line's month: a percentage, or a range of which a person picks."""

    of: Pay
    percent: Percent | None = None
    from_percent: Percent | None = None
    to_percent: Percent | None = None

    @model_validator(mode="after")
    def _one_share(self) -> Self:
        low, high = self.from_percent, self.to_percent
        if (low is None) != (high is None) or (self.percent is None) == (low is None):
            raise ValueError("give either a `percent`, or `from_percent` and `to_percent`")
        if low is not None and high is not None and low >= high:
            raise ValueError("`from_percent` lies below `to_percent`")
        return self


class Price(Checked):
    """At most one kind of money, and perhaps a sanction."""

    amount: Money | None = None
    times_value: Annotated[Decimal, Field(gt=0)] | None = None
    """So many times the value of the finding: ten times the gift's price is 10, the whole cost is 1."""
    percent_of_value: Percent | None = None
    pay: PayShare | None = None
    tenant_amount: bool = False
    """The policy names no amount: the tenant's number for this clause is it; without one it lacks."""
    sanction: Sanction | None = None
    days: int | None = Field(default=None, ge=1)
    """For how many days the sanction holds."""

    @property
    def moneys(self) -> int:
        """How many kinds of money it names."""
        named = (self.amount, self.times_value, self.percent_of_value, self.pay)
        return sum(kind is not None for kind in named) + self.tenant_amount

    @property
    def by_value(self) -> bool:
        """Whether it is a multiple or a percentage of the value of the finding."""
        return self.times_value is not None or self.percent_of_value is not None

    @model_validator(mode="after")
    def _one_money(self) -> Self:
        if self.moneys > 1:
            raise ValueError("one kind of money; what comes on top is a clause of its own with `part_of`")
        if self.days is not None and self.sanction is None:
            raise ValueError("`days` says how long a `sanction` holds")
        return self


class Step(Price):
    """What the n-th time costs."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.moneys and self.sanction is None:
            raise ValueError("a step has money, a `sanction`, or both")
        return self
