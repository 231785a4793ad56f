"""Line: one proposal. Its id never includes its amount, so that another amount is seen as a change."""

from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

import msgspec

from onrecord_projections.judging.verdict import Finding

OWED = frozenset({"fine", "deduction", "cost", "charge"})
"""Kinds of line that payroll takes off; what is given is never summed with them."""
GIVEN = frozenset({"reward", "allowance"})


class PenaltyLine(msgspec.Struct, frozen=True):
    """One proposed line: who, for what, how much, and by which clauses."""

    id: str
    person: str
    pack: str
    edition: int
    clause: str
    """The clause that fines."""
    clauses: tuple[str, ...]
    """All clauses that made the amount: the fine, and the ladder if it multiplied."""
    case: str
    month: str
    at: datetime
    counted_as: int
    """The how-manieth time of this person in the window; 0 where nothing counts."""
    quantity: int
    base: Decimal | None
    """This person's share before any ladder; None where there is no money, or it is not known."""
    factor: int
    amount: Decimal | None
    currency: str
    cause: Finding
    line: str = "fine"
    sanction: str | None = None
    days: int | None = None
    """For how many days the sanction holds."""
    value: Decimal | None = None
    """The money the price is a multiple or a share of: the finding's value, or the month's pay."""
    low: Decimal | None = None
    high: Decimal | None = None
    """Between these a person decides; there is no amount until then."""
    shares: int = 1
    """Among how many people the whole was divided."""
    lacks: str = ""
    """What is not on record and would make the amount."""
    follows: bool = False
    """It came with a ladder, besides what its case costs."""
    unit: str = ""
    """Together with which findings it was assessed."""


def line_id(clause: str, person: str, case: str, instance: str) -> str:
    """The same line, whatever it comes to."""
    said = f"{clause}\0{person}\0{case}\0{instance}"
    return f"{clause}-{blake2b(said.encode(), digest_size=10).hexdigest()}"


def line_said(line: PenaltyLine) -> str:
    """A line in the short form of worked examples: `20.00 CNY, resignation-urged`."""
    parts = []
    if line.amount is not None:
        parts.append(f"{line.amount} {line.currency}")
    elif line.low is not None:
        parts.append(f"{line.low} to {line.high} {line.currency}")
    if line.sanction is not None:
        parts.append(line.sanction + (f" for {line.days} days" if line.days else ""))
    if line.lacks:
        parts.append(f"lacks {line.lacks}")
    said = ", ".join(parts)
    return said if line.line in ("fine", "sanction") else f"{line.line} {said}"
