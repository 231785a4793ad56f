"""Approval commands: ask for a yes, say yes or no, take the application back.

One chain for whatever a clause in force wants a yes for; what is asked of whom comes from the clauses.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from onrecord_events import approval
from onrecord_events.base import Code, Ref
from onrecord_services.desk import lawful
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.approval.aggregate import Applications, Key, role_for
from onrecord_services.desk.approval.asked import Chain, Said, chains_of
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.record.lacking import must_be_whole
from onrecord_services.desk.record.stream_name import Listed, StreamName


class OnApplication(Command):
    """A decision about one application."""

    AGGREGATE: ClassVar[type[Aggregate] | None] = Applications

    on: StreamName
    """What is to be approved, such as `archive/V7`."""
    kind: Code
    about: Ref | None = None
    """Which of several, where one stream has them."""

    def streams(self) -> tuple[str, ...]:
        """What is to be approved."""
        return (self.on,)

    @property
    def key(self) -> Key:
        """Which application of the stream."""
        return self.kind, self.about

    def applications(self, held: Held) -> Applications:
        """Those of the stream."""
        assert isinstance(held.aggregate, Applications), "the desk loads it: AGGREGATE says so"
        return held.aggregate

    def chains(self, held: Held) -> Sequence[Chain]:
        """What the clauses in force ask for. Raises Refused if none asks for anything."""
        chains = chains_of(held, self.kind)
        if not chains:
            raise Refused("nobody-asks", kind=self.kind)
        return chains


class Request(OnApplication):
    """Hand in an application; what the clauses want filled in and enclosed is."""

    NAME: ClassVar[str] = "approval.request"

    fields: Listed = ()
    papers: Listed = ()

    def decide(self, held: Held) -> Sequence[Fact]:
        """Asked, once."""
        if not self.applications(held).may_request(self.key, held.by, self.chains(held)):
            return []
        body = approval.Requested(
            kind=self.kind, by=held.by, fields=self.fields, papers=self.papers, about=self.about
        )
        must_be_whole(held, body)
        return [Fact(self.on, one) for one in lawful.in_order(held, self.on, [body])]


class Answer(OnApplication):
    """Say yes or no at one step; the role follows from what the step wants and whoever answers has."""

    NAME: ClassVar[str] = "approval.answer"

    step: Code = "approve"
    yes: bool = True
    role: Code | None = None
    oral: bool = False
    reason_code: Code | None = None

    def decide(self, held: Held) -> Sequence[Fact]:
        """One answer more; a no is the last."""
        chains = self.chains(held)
        asked = self.applications(held).may_answer(self.key, held.by)
        if self.role is not None and self.role not in held.roles:
            raise Refused("role-lacking", clause=chains[0].clause, step=self.step)
        said = Said(held.by, self.step, self.role)
        role = role_for(chains, asked.answers, said, held.roles)
        told: dict[str, Any] = {"kind": self.kind, "step": self.step, "by": held.by, "role": role}
        told["about"] = self.about
        if not self.yes:
            return [Fact(self.on, approval.Refused(**told, reason_code=self.reason_code))]
        body = approval.Given(**told, oral=self.oral)
        return [Fact(self.on, one) for one in lawful.in_order(held, self.on, [body])]


class Withdraw(OnApplication):
    """Take one's application back."""

    NAME: ClassVar[str] = "approval.withdraw"

    def decide(self, held: Held) -> Sequence[Fact]:
        """Withdrawn, if it is open."""
        if not self.applications(held).may_withdraw(self.key, held.by):
            return []
        return [Fact(self.on, approval.Withdrawn(kind=self.kind, by=held.by, about=self.about))]
