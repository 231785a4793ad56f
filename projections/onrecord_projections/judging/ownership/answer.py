"""Answer: what evaluating ownership says, in plain frozen values."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

CLIENT = "client"
"""The line of the rules that together say whose client it is; a `holder` clause is a line of its own."""

Why = Literal[
    "first-claim",
    "next-in-line",
    "related",
    "referred",
    "in-turn",
    "transferred",
    "decided",
    "held",
    "lapsed",
    "voided",
    "released",
]
State = Literal["incomplete", "owning", "waiting", "lapsed", "voided", "replaced"]


class Span(msgspec.Struct, frozen=True):
    """Who owns from `since` on, and by which clause. `owner` None: the pool, nobody any more."""

    client: str
    pack: str
    line: str
    since: datetime
    owner: str | None
    until: datetime | None
    why: Why
    clause: str
    evidence: tuple[int, ...]
    shares: tuple[tuple[str, Decimal], ...] = ()
    """How a deal is shared, in percent, as it was decided."""


class Period(msgspec.Struct, frozen=True):
    """One stretch a claim lived by: which sign of life began it, and by when the next is due."""

    clause: str
    since: datetime
    due_at: datetime | None
    """None: nothing says how long, or the calendar for it is missing."""
    position: int


class Claim(msgspec.Struct, frozen=True):
    """What one person can put forward, valid or not."""

    client: str
    pack: str
    edition: int
    holder: str
    clause: str
    claimed_at: datetime
    valid_at: datetime | None
    state: State
    ended_at: datetime | None
    ended_by: str | None
    """The clause that ended it."""
    periods: tuple[Period, ...]
    evidence: tuple[int, ...]


class Proposal(msgspec.Struct, frozen=True):
    """What a clause asks a person to decide: give this client back to him."""

    client: str
    pack: str
    clause: str
    at: datetime
    to: str
    position: int


class Refused(msgspec.Struct, frozen=True):
    """An event that claimed or passed something on, in vain."""

    client: str
    pack: str
    clause: str
    position: int
    why: Literal["gives-no-claim", "still-held", "nobody-named"]


class Join(msgspec.Struct, frozen=True):
    """Two clients that count as one from an instant on."""

    client: str
    relative: str
    pack: str
    clause: str
    at: datetime
    position: int


class Ownership(msgspec.Struct, frozen=True):
    """Everything about one family of clients as of an instant."""

    spans: tuple[Span, ...] = ()
    claims: tuple[Claim, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    refused: tuple[Refused, ...] = ()
    joins: tuple[Join, ...] = ()
    next_change: datetime | None = None
    """When it changes although nothing happens."""

    def owner(self, client: str, at: datetime, line: str = CLIENT) -> str | None:
        """Who owns at an instant that is not after the one this was asked for."""
        return next(
            (
                span.owner
                for span in self.spans
                if (span.client, span.line) == (client, line)
                and span.since <= at
                and (span.until is None or at < span.until)
            ),
            None,
        )
