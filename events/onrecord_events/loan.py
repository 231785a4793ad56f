"""Loan: a file, a set of papers, a tool or a key is out and comes back. Stream: `loan/<id>`."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from onrecord_events.base import Code, Event, Money, Ref


class Made(Event):
    """Somebody has it from now on (CC02-B6, CC04-19.5, CC13-G10b)."""

    TYPE: ClassVar[str] = "loan.made"

    item: Ref
    borrower: Ref
    kind: Code | None = None
    """What sort of thing it is: `archive-file`, `customer-papers`, `tool`, `supplies`."""
    due_at: AwareDatetime | None = None


class Returned(Event):
    """It is back."""

    TYPE: ClassVar[str] = "loan.returned"

    item: Ref
    borrower: Ref
    kind: Code | None = None


class Lost(Event):
    """It was lost or damaged while it was out, or in its keeper's hands (CC02-E7, CC13-G10c)."""

    TYPE: ClassVar[str] = "loan.lost"

    item: Ref
    borrower: Ref
    kind: Code | None = None
    papers: Annotated[int, Field(ge=1, le=10_000)] = 1
    role: Code | None = None
    """In which role the loser acted, where what follows depends on it (CC02-E7)."""
    keeper: bool = False
    """The keeper lost it himself, nobody had borrowed it."""
    value: Money | None = None
    """What it cost, where the loss is made good (CC13-G4)."""
