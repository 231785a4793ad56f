"""State: what people decided about one line, folded from `penalty/<line id>`. Pure and total.

What payroll takes is told by two sums a person: `owed`, which the decisions make, and `taken`, which went
through. Their difference is open: it goes with the next export, whichever way it points. A reversal owes
nothing, so what was taken comes back to the cent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from onrecord_events.base import Event
from onrecord_events.envelope import Recorded
from onrecord_events.penalty import (
    AppealDecided,
    Appealed,
    Approved,
    Decision,
    Exported,
    Notified,
    Reversed,
    Settled,
    Split,
    Through,
    Waived,
)
from onrecord_projections.judging.pricing.amounts import divided
from onrecord_projections.judging.pricing.line import GIVEN

ZERO = Decimal(0)
DROPPED = frozenset({"waived", "reversed"})


class Told(NamedTuple):
    """What the person was told, and until when he may object."""

    amount: Decimal
    until: datetime | None


@dataclass(frozen=True)
class Line:
    """One line as its decisions have made it."""

    state: str = "proposed"
    person: str = ""
    clause: str = ""
    edition: int = 0
    currency: str = "CNY"
    kind: str = "fine"
    told: Told | None = None
    proposers: frozenset[str] = frozenset()
    """Who told of it, split or confirmed it: none of them decides the appeal."""
    shares: tuple[tuple[str, Decimal], ...] = ()
    amount: Decimal | None = None
    """As it was confirmed last."""
    month: str = ""
    """The month of pay it was confirmed, or taken back, for."""
    since: datetime | None = None
    """When that was."""
    owed: Mapping[str, Decimal] = field(default_factory=dict)
    taken: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def bearers(self) -> frozenset[str]:
        """Everybody whom it costs something: none of them decides about it."""
        return frozenset({self.person, *(person for person, _ in self.shares)} - {""})

    @property
    def open(self) -> dict[str, Decimal]:
        """What is still to go through payroll, by whose pay; less than nothing is given back."""
        names = sorted({*self.owed, *self.taken})
        left = {name: self.owed.get(name, ZERO) - self.taken.get(name, ZERO) for name in names}
        return {name: amount for name, amount in left.items() if amount}

    @property
    def was_exported(self) -> bool:
        """Whether payroll has anything of it."""
        return any(self.taken.values())


def folded(events: Iterable[Recorded]) -> Line:
    """One line by the events of its stream."""
    line = Line()
    for event in events:
        if event.type.startswith("penalty."):
            line = evolve(line, event.body(), event.actor, event.occurred_at)
    return line


def evolve(line: Line, body: Event, by: str | None, at: datetime) -> Line:
    """Total: what is no decision about a line leaves it as it was."""
    if not isinstance(body, Decision):
        return line
    return _through(line, body) if isinstance(body, Through) else _decided(_known(line, body), body, by, at)


def _decided(known: Line, body: Decision, by: str | None, at: datetime) -> Line:  # noqa: PLR0911 (a table)
    match body:
        case Notified():
            return _proposed(replace(known, state="notified", told=Told(body.amount, body.appeal_until)), by)
        case Appealed():
            return replace(known, state="appealed")
        case AppealDecided():
            return replace(known, state="appeal-upheld" if body.upheld else "appeal-rejected")
        case Split():
            shares = tuple((share.person, share.amount) for share in body.shares)
            return _proposed(replace(known, state="proposed", told=None, shares=shares), by)
        case Approved():
            return _proposed(_confirmed(known, body, at), by)
        case Waived() | Reversed():
            state = "waived" if isinstance(body, Waived) else "reversed"
            return replace(known, state=state, owed={}, month=body.month or known.month, since=at)
        case _:
            return known


def _known(line: Line, body: Decision) -> Line:
    """What every decision says of the line."""
    return replace(
        line,
        person=body.person,
        clause=body.clause,
        edition=body.edition,
        currency=body.currency,
        kind=body.line or line.kind,
    )


def _proposed(line: Line, by: str | None) -> Line:
    return replace(line, proposers=line.proposers | ({by} if by else set()))


def _confirmed(line: Line, body: Approved, at: datetime) -> Line:
    sign = -1 if line.kind in GIVEN else 1
    owed = {person: sign * part for person, part in parts(line, body.amount)}
    return replace(line, state="approved", amount=body.amount, month=body.month or "", since=at, owed=owed)


def parts(line: Line, amount: Decimal) -> list[tuple[str, Decimal]]:
    """Who bears how much of an amount: as it was split, in proportion where the amount is another by now."""
    return divided(amount, line.shares) if any(share for _, share in line.shares) else [(line.person, amount)]


def _through(line: Line, body: Through) -> Line:
    """What payroll did. Events from elsewhere that name no sum took what was owed."""
    known = line if line.person else _known(line, body)
    bearer = body.bearer or known.person
    owed = dict(known.owed)
    if bearer not in owed and isinstance(body, Exported) and body.taken is None:
        owed[bearer] = body.amount
    taken = body.taken if body.taken is not None else owed.get(bearer, ZERO) - known.taken.get(bearer, ZERO)
    if body.lapsed:
        owed[bearer] = owed.get(bearer, ZERO) - body.lapsed
    return replace(
        known,
        state=known.state if isinstance(body, Settled) or known.state in DROPPED else "exported",
        amount=known.amount if known.amount is not None else body.amount,
        owed=owed,
        taken={**known.taken, bearer: known.taken.get(bearer, ZERO) + taken},
    )
