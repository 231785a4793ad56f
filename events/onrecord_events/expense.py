"""Expense: money spent on customers, and money claimed back. Stream: `reception/<id>`, `expense/<id>`."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.base import Code, Event, Money, Ref

Heads = Annotated[int, Field(ge=0, le=10_000)]


class Recorded(Event):
    """Money was spent; guests and escorts where a cap is per head (CC07-A3.1a, CC07-A3.2)."""

    TYPE: ClassVar[str] = "expense.recorded"

    kind: Code
    amount: Money
    person: Ref | None = None
    customer: Ref | None = None
    guests: Heads | None = None
    guest_class: Code | None = None
    escorts: Heads | None = None
    on_day: date | None = None


class Claimed(Event):
    """Somebody asks for his money back (CC12-1.8-1)."""

    TYPE: ClassVar[str] = "expense.claimed"

    kind: Code
    amount: Money
    person: Ref | None = None
    customer: Ref | None = None
