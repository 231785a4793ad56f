"""Following: cards, calls and signatures, by which a claim lives on (CC13-C, RE-REG-3)."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Literal

from onrecord_events import client as told
from onrecord_events.base import Money, Ref
from onrecord_services.desk.client.base import OnClient
from onrecord_services.desk.client.state import Client
from onrecord_services.desk.client.taking import must_be_free
from onrecord_services.desk.client.whose import any_claim, living, ruled, rules_now, whose
from onrecord_services.desk.decision import Fact, Held, Refused


class MakeCard(OnClient):
    """Make a client card; it takes effect with the leader's signature (CC13-C1)."""

    NAME: ClassVar[str] = "client.make-card"

    card: Ref | None = None
    long_term: bool = False

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """One card a person and client, unless the earlier one is void."""
        mine = [card for card, person in client.cards.items() if person == held.by]
        if self.card in mine or (mine and living(whose(held, self.family), held.by)):
            return []
        if self.card is not None and self.card in client.cards:
            raise Refused("card-known", by=client.cards[self.card])
        body = told.CardCreated(
            salesperson=held.by, card=self.card, long_term=self.long_term, customer=client.customer
        )
        return [Fact(self.stream, body)]


class SignCard(OnClient):
    """Sign a card: from now on it is a claim (CC13-C1). Nobody signs his own."""

    NAME: ClassVar[str] = "client.sign-card"
    LED: ClassVar[bool] = True

    card: Ref | None = None
    in_line: bool = False
    """Also if another has the client: his card is next (CC13-C5a)."""

    def clause(self, held: Held) -> str | None:
        """The clause that wants the signature, where one does."""
        rules = [rule for rule in rules_now(held, "validity") if not rule.clause.filled]
        return rules[0].id if rules else None

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Signed once."""
        card = self.card or (next(iter(client.cards)) if len(client.cards) == 1 else None)
        if card is None or card not in client.cards:
            raise Refused("unknown-card" if client.cards else "no-card")
        maker = client.cards[card]
        if card in client.signed:
            return []
        if held.by == maker:
            raise Refused("his-own", clause=self.clause(held))
        named = None if card == maker else card
        fact = Fact(self.stream, told.CardSigned(by=held.by, card=named))
        must_be_free(held, self.family, fact, in_line=self.in_line, person=maker)
        return [fact]


class FollowUp(OnClient):
    """Call, visit or write to one's client. Who has no claim on him keeps none alive."""

    NAME: ClassVar[str] = "client.follow-up"

    channel: Literal["call", "visit", "sms", "wechat", "other"]
    set_wording: bool = False

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Followed up, each time."""
        must_have_a_claim(held, self.family, client)
        body = told.FollowedUp(by=held.by, channel=self.channel, set_wording=self.set_wording)
        return [Fact(self.stream, body)]


class SignFollowUp(OnClient):
    """Sign the last follow-up and from which day it counts (CC13-C2b). Nobody signs his own."""

    NAME: ClassVar[str] = "client.sign-follow-up"
    LED: ClassVar[bool] = True

    valid_on: date | None = None

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Signed, if there is one to sign."""
        if client.followed_up_by is None:
            raise Refused("nothing-to-sign")
        if client.followed_up_by == held.by:
            raise Refused("his-own")
        return [Fact(self.stream, told.FollowUpSigned(by=held.by, valid_on=self.valid_on))]


class Deal(OnClient):
    """The client bought from whoever has him (RE-REG-3)."""

    NAME: ClassVar[str] = "client.deal"

    value: Money | None = None

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Sold."""
        must_have_a_claim(held, self.family, client)
        return [Fact(self.stream, told.Dealt(by=held.by, value=self.value))]


def must_have_a_claim(held: Held, family: Sequence[str], client: Client) -> None:
    """One that is not over; without a policy, that he wrote him down. Raises Refused."""
    if not ruled(held):
        if held.by not in client.claimants:
            raise Refused("no-claim")
        return
    found = whose(held, family)
    if living(found, held.by):
        return
    last = any_claim(found, held.by)
    if last is None:
        raise Refused("no-claim")
    if last.ended_by is not None and last.ended_at is not None:
        raise Refused("claim-over", clause=last.ended_by, ended=last.ended_at.isoformat())
