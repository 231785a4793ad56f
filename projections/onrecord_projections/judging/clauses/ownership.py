"""Ownership clauses: whose client it is, since when, and until what."""

from typing import Literal

from pydantic import Field

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Duration, Name, Selectors

Rule = Literal[
    "claim",
    "validity",
    "lapse",
    "void",
    "transfer",
    "relatives",
    "referral",
    "queue",
    "override",
    "split",
    "restore",
    "holder",
]


class OwnershipClause(Executable):
    """One rule of a family of rules that together say who owns a client."""

    kind: Literal["ownership"]
    rule: Rule
    on: Selectors = Field(min_length=1)
    """The events this rule speaks of: claims, follow-ups, transfers, decisions."""
    filled: tuple[Name, ...] = ()
    """Fields that must be there for a claim to be valid."""
    after: Duration | None = None
    """How long without a sign of life before a claim lapses; calendar days, the last one to its end."""
    reading: Name | None = None
