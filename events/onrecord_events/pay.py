"""Pay: what a share of pay is a share of. Stream: `pay/<person>`."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from onrecord_events.base import Event, Money, Ref
from onrecord_events.period import Month


class Set(Event):
    """One person's base or performance pay of one month, as payroll has it (CC02-E6c, CC13-E2c)."""

    TYPE: ClassVar[str] = "pay.set"

    person: Ref
    pay: Literal["base-pay", "performance-pay"]
    month: Month
    amount: Money
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
