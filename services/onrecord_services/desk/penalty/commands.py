"""Penalty commands: tell of a line, object, decide the objection, split, confirm, waive, take back.

Each names the line as it was seen: its amount, and the month of pay it is decided for. Nobody decides on what
costs himself something.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from onrecord_events.base import Code, Money, Ref
from onrecord_events.penalty import (
    AppealDecided,
    Appealed,
    Approved,
    Decision,
    Digest,
    Notified,
    Reversed,
    Share,
    Split,
    Waived,
)
from onrecord_events.period import Month
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.penalty import who
from onrecord_services.desk.penalty.aggregate import Penalty
from onrecord_services.desk.penalty.months import check_open, stream_of
from onrecord_services.desk.penalty.seen import ZERO, Seen


class OnLine(Command):
    """What all of them have in common."""

    NEEDS: ClassVar[tuple[str, ...]] = ("penalty-line",)
    AGGREGATE: ClassVar[type[Aggregate] | None] = Penalty

    line: Ref
    month: Month
    """The month of pay it is decided for: the line's own, or a later one once that is locked."""
    amount: Money | None = None
    """As it was seen; of a range, what is decided. None where there is no money."""
    digest: Digest | None = None
    """Of the explanation that was seen, for whoever wants to be held to it."""
    reason_code: Code | None = None

    def streams(self) -> tuple[str, ...]:
        """The line, and the month it counts in."""
        return f"penalty/{self.line}", stream_of(self.month)

    def relies_on(self, held: Held) -> tuple[str, ...]:  # noqa: ARG002 (whatever is decided)
        """The month: once its export has begun, nothing is decided for it, on whichever process."""
        return (stream_of(self.month),)

    def seen(self, held: Held) -> Seen:
        """The line as it stands. Raises Refused if there is none, or its month is locked."""
        found: Seen | None = held.found["penalty-line"]
        if found is None:
            raise Refused("unknown-line")
        if self.month < found.month:
            raise Refused("month-before-line", month=found.month)
        check_open(held, self.month)
        return found

    def foreign(self, held: Held) -> Seen:
        """The same, decided by somebody whom it does not concern. Raises Refused."""
        found = self.seen(held)
        if held.by in self.penalty(held).line.bearers | {found.person}:
            raise Refused("own-penalty")
        return found

    def penalty(self, held: Held) -> Penalty:
        """The aggregate."""
        assert isinstance(held.aggregate, Penalty)
        return held.aggregate

    def said(self, kind: type[Decision], found: Seen, amount: Any, **more: Any) -> Fact:
        """One decision, with all it was taken under."""
        body = kind(
            person=found.person,
            clause=found.clause,
            edition=found.edition,
            amount=amount,
            currency=found.currency,
            explanation_digest=found.digest,
            reason_code=self.reason_code,
            line=found.kind,
            month=self.month,
            **more,
        )
        return Fact(self.streams()[0], body)


class Notify(OnLine):
    """Tell the person of a proposed penalty; from now on he may object for so many days."""

    NAME: ClassVar[str] = "penalty.notify"

    def decide(self, held: Held) -> Sequence[Fact]:
        """The amount as it stands is what he is told."""
        found = self.foreign(held)
        role = who.check(held, "penalty.notified-by")
        amount = found.agreed(self.amount, self.digest)
        if not self.penalty(held).may_notify(amount):
            return []
        days = int(held.settings.reading("penalty.appeal-days", held.at))
        return [self.said(Notified, found, amount, role=role, appeal_until=held.at + timedelta(days=days))]


class Appeal(OnLine):
    """Object to a proposed penalty. Only whom it costs something may."""

    NAME: ClassVar[str] = "penalty.appeal"

    def decide(self, held: Held) -> Sequence[Fact]:
        """What he objects to is what he was told, whatever the line is by now."""
        found, penalty = self.seen(held), self.penalty(held)
        if held.by not in penalty.line.bearers | {found.person}:
            raise Refused("not-yours")
        if not penalty.may_appeal(held.at):
            return []
        told = penalty.line.told
        return [self.said(Appealed, found, told.amount if told else ZERO)]


class DecideAppeal(OnLine):
    """Decide an objection. Neither the person nor whoever told of, split or confirmed the line may."""

    NAME: ClassVar[str] = "penalty.decide-appeal"

    upheld: bool

    def decide(self, held: Held) -> Sequence[Fact]:
        """An objection that is right drops the line with it, unless payroll has some of it."""
        found, penalty = self.foreign(held), self.penalty(held)
        if held.by in penalty.line.proposers:
            raise Refused("proposed-by-you")
        role = who.check(held, "penalty.appeals-by")
        if not penalty.may_decide_appeal():
            return []
        told = penalty.line.told
        amount = told.amount if told else ZERO
        decided = self.said(AppealDecided, found, amount, role=role, upheld=self.upheld)
        if not self.upheld or penalty.line.was_exported:
            return [decided]
        return [decided, self.said(Waived, found, amount, role=role)]


class Divide(OnLine):
    """Let several persons bear a proposed line. All of them are told anew."""

    NAME: ClassVar[str] = "penalty.split"

    shares: Annotated[tuple[Share, ...], Field(min_length=1, max_length=50)]

    def decide(self, held: Held) -> Sequence[Fact]:
        """Who bears how much, to the cent."""
        found = self.foreign(held)
        persons = [share.person for share in self.shares]
        if held.by in persons:
            raise Refused("own-penalty")
        role = who.check_confirms(held, found.pack, found.clause)
        amount = found.agreed(self.amount, self.digest)
        if len(set(persons)) < len(persons) or sum(share.amount for share in self.shares) != amount:
            raise Refused("shares-differ", amount=str(amount))
        penalty = self.penalty(held)
        wanted = tuple((share.person, share.amount) for share in self.shares)
        if not penalty.may_split() or wanted == penalty.line.shares:
            return []
        return [self.said(Split, found, amount, role=role, shares=self.shares)]


class Approve(OnLine):
    """Confirm a line the person was told of and had time to object to; again where the facts made it less."""

    NAME: ClassVar[str] = "penalty.approve"

    def decide(self, held: Held) -> Sequence[Fact]:
        """The role is the rulebook's, or the tenant's."""
        found = self.foreign(held)
        role = who.check_confirms(held, found.pack, found.clause)
        amount = found.agreed(self.amount, self.digest)
        if not self.penalty(held).may_approve(amount, held.at):
            return []
        return [self.said(Approved, found, amount, role=role)]


class Waive(OnLine):
    """Drop a line that payroll has nothing of; its case counts no more on the ladder (CC02-E6a)."""

    NAME: ClassVar[str] = "penalty.waive"

    def decide(self, held: Held) -> Sequence[Fact]:
        """Also where nobody knows yet what it comes to."""
        found = self.foreign(held)
        role = who.check_confirms(held, found.pack, found.clause)
        amount = self.amount or ZERO if found.lacks else found.agreed(self.amount, self.digest)
        return [self.said(Waived, found, amount, role=role)] if self.penalty(held).may_waive() else []


class Reverse(OnLine):
    """Take a confirmed line back. What payroll took for it comes back with the next export, to the cent."""

    NAME: ClassVar[str] = "penalty.reverse"

    def decide(self, held: Held) -> Sequence[Fact]:
        """Whatever the line comes to by now: what is taken back is what was confirmed."""
        found, penalty = self.foreign(held), self.penalty(held)
        role = who.check_confirms(held, found.pack, found.clause)
        if not penalty.may_reverse():
            return []
        if self.amount != penalty.line.amount:
            raise Refused("line-changed", amount=str(penalty.line.amount))
        return [self.said(Reversed, found, penalty.line.amount, role=role)]
