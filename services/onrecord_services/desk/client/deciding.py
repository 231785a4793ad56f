"""Deciding: what a leader, a manager or the company says about whose client it is."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from onrecord_events import client as told
from onrecord_events.base import Code, Ref
from onrecord_services.desk.client.base import OnClient
from onrecord_services.desk.client.state import Client, fold
from onrecord_services.desk.client.whose import owning, whose
from onrecord_services.desk.complaint.base import must_be_here
from onrecord_services.desk.decision import Fact, Held, Refused
from onrecord_services.desk.staff import stream_of


class ToSomebody(OnClient):
    """A decision that gives somebody a client: never one who has left."""

    LED: ClassVar[bool] = True

    to: Ref

    def streams(self) -> tuple[str, ...]:
        """The client, his family, and whoever gets him."""
        return (*self.family, stream_of(self.to))


class Void(OnClient):
    """Take a claim back by decision (CC13-C10)."""

    NAME: ClassVar[str] = "client.void"
    LED: ClassVar[bool] = True
    RULE: ClassVar[str] = "void"

    reason_code: Code

    def facts(self, _: Client, held: Held) -> Sequence[Fact]:
        """Voided, if somebody has him."""
        if owning(whose(held, self.family), self.stream, held.at) is None:
            return []
        return [Fact(self.stream, told.Voided(by=held.by, reason_code=self.reason_code))]


class Transfer(ToSomebody):
    """Pass on a client nobody holds any more (CC13-C3)."""

    NAME: ClassVar[str] = "client.transfer"
    RULE: ClassVar[str] = "transfer"

    def facts(self, _: Client, held: Held) -> Sequence[Fact]:
        """Passed on; the policies refuse it while somebody has him."""
        must_be_here(held, self.to)
        if _has(held, self) == self.to:
            return []
        return [Fact(self.stream, told.Transferred(to=self.to, by=held.by))]


class DecideOwner(ToSomebody):
    """Decide whose client it is, before every claim (RE-REG-9, CC13-C9)."""

    NAME: ClassVar[str] = "client.decide-owner"
    RULE: ClassVar[str] = "override"

    reason_code: Code

    def facts(self, _: Client, held: Held) -> Sequence[Fact]:
        """Decided. Nobody decides for himself."""
        must_be_here(held, self.to)
        if self.to == held.by:
            raise Refused("his-own", clause=self.clause(held))
        if _decided(held, self):
            return []
        return [Fact(self.stream, told.OwnerDecided(owner=self.to, by=held.by, reason_code=self.reason_code))]


class Split(OnClient):
    """Decide how a deal is shared (RE-REG-8)."""

    NAME: ClassVar[str] = "client.split"
    LED: ClassVar[bool] = True
    RULE: ClassVar[str] = "split"

    shares: Annotated[tuple[told.Share, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        told.SplitDecided(shares=self.shares)
        if len({share.person for share in self.shares}) < len(self.shares):
            raise ValueError("somebody is named twice")
        return self

    def facts(self, _: Client, held: Held) -> Sequence[Fact]:
        """Shared out. Whoever decides has no part in it."""
        if any(share.person == held.by for share in self.shares):
            raise Refused("his-own", clause=self.clause(held))
        span = owning(whose(held, self.family), self.stream, held.at)
        if span and dict(span.shares) == {share.person: share.percent for share in self.shares}:
            return []
        return [Fact(self.stream, told.SplitDecided(shares=self.shares))]


class Introduce(OnClient):
    """Introduce the group client one brought to the supervisor (RE-REG-8)."""

    NAME: ClassVar[str] = "client.introduce"

    to: Ref

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Introduced once, by whoever brought him."""
        if not client.group:
            raise Refused("no-group")
        if held.by not in client.claimants:
            raise Refused("no-claim")
        return [] if client.introduced else [Fact(self.stream, told.GroupIntroduced(by=held.by, to=self.to))]


class Relate(OnClient):
    """Say that two clients are one family, with the proof in hand (RE-REG-5). Both streams say so."""

    NAME: ClassVar[str] = "client.relate"

    relative: Ref
    relation: Code
    back: Code | None = None
    """What the first is to the second, where that has another word: parent and child."""

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.relative == self.client:
            raise ValueError("nobody is his own relative")
        return self

    @property
    def family(self) -> tuple[str, ...]:
        """Both, with all that are one with either."""
        return tuple(dict.fromkeys((*super().family, f"client/{self.relative}")))

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Related, on both sides."""
        there = f"client/{self.relative}"
        other = fold(held.events(there))
        if not other.met:
            raise Refused("unknown-client", client=self.relative)
        facts = []
        if there not in client.relatives:
            facts.append(Fact(self.stream, told.Related(relative=there, relation=self.relation)))
        if self.stream not in other.relatives:
            back = told.Related(relative=self.stream, relation=self.back or self.relation)
            facts.append(Fact(there, back))
        return facts


def _has(held: Held, command: OnClient) -> str | None:
    span = owning(whose(held, command.family), command.stream, held.at)
    return span.owner if span else None


def _decided(held: Held, command: ToSomebody) -> bool:
    """Whether that is what was decided already."""
    span = owning(whose(held, command.family), command.stream, held.at)
    return span is not None and (span.why, span.owner) == ("decided", command.to)
