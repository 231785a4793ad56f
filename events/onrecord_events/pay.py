"""Pay: what a share of pay is a share of. Stream: `pay/<person>`."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from onrecord_events.base import Event, Money, Ref
from onrecord_events.period import Month

Signed = Annotated[Decimal, Field(max_digits=12, decimal_places=2)]
"""An amount that goes off somebody's pay; less than nothing where it is added."""


class Set(Event):
    """One person's base pay, performance pay or wage of one month, as payroll has it (CC02-E6c, CC13-E2c)."""

    TYPE: ClassVar[str] = "pay.set"

    person: Ref
    pay: Literal["base-pay", "performance-pay", "month-wage"]
    """The month's wage is what cap and floor of deductions are measured by."""
    month: Month
    amount: Money
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
