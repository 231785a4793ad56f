"""Seen: the line as the read models have it, beside the line as whoever decides saw it."""

from decimal import Decimal

import msgspec

from onrecord_projections.queries import explain_penalty
from onrecord_projections.queries.view import View
from onrecord_services.desk.decision import Command, Refused
from onrecord_services.desk.needs import QUESTIONS

_LINE = (
    "SELECT person, month, pack, edition, clause, amount, currency, line, low, high, lacks "
    "FROM penalties WHERE id = %s"
)
ZERO = Decimal(0)


class Seen(msgspec.Struct, frozen=True):
    """One line that the rules propose."""

    person: str
    month: str
    pack: str
    edition: int
    clause: str
    amount: Decimal | None
    currency: str
    kind: str
    low: Decimal | None
    high: Decimal | None
    lacks: str
    digest: str | None
    """Of its explanation."""

    def agreed(self, amount: Decimal | None, digest: str | None) -> Decimal:
        """The amount decided on. Raises Refused if the line is not what was seen."""
        if digest is not None and digest != self.digest:
            raise Refused("line-changed", digest=self.digest or "none")
        if self.lacks:
            raise Refused("amount-unknown", lacks=self.lacks)
        if self.low is not None and self.high is not None:
            if amount is None or not self.low <= amount <= self.high:
                raise Refused("amount-outside-range", low=str(self.low), high=str(self.high))
            return amount
        if (self.amount or ZERO) != (amount or ZERO):
            raise Refused("line-changed", amount=str(self.amount or ZERO))
        return self.amount or ZERO


async def seen(view: View, command: Command) -> Seen | None:
    """The line a command is about, with the digest of its explanation; None if there is none."""
    line_id = getattr(command, "line", "")
    rows = await view.fetch(_LINE, (line_id,))
    if not rows:
        return None
    told = await explain_penalty.one(view, line_id)
    values = (*rows[0], told.digest if told else None)
    return Seen(**dict(zip(Seen.__struct_fields__, values, strict=True)))


QUESTIONS["penalty-line"] = seen
