"""Passing: one thing goes from one to another: offered, then accepted, declined or taken back."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from onrecord_events import client, handover
from onrecord_events.base import Code, Event, Ref
from onrecord_services.desk import lawful
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.handover import giving
from onrecord_services.desk.handover.state import Offer, thing_of
from onrecord_services.desk.staff import stream_of

Stream = Annotated[str, StringConstraints(max_length=140, pattern=r"^[a-z-]{1,20}/[^\s\x00-\x1f\x7f]+$")]
"""`complaint/CP-1`, `client/K-9`."""


class OfferOne(Command):
    """Offer what one has to somebody else. Until he accepts, one has it oneself."""

    NAME: ClassVar[str] = "handover.offer"

    thing: Stream
    taker: Ref
    reason_code: Code | None = None

    def streams(self) -> tuple[str, ...]:
        """The thing, and whoever is to take it."""
        return (self.thing, stream_of(self.taker))

    def decide(self, held: Held) -> Sequence[Fact]:
        """Offered, by whoever has it now."""
        body = giving.offered(held, self.thing, held.by, self.taker, self.reason_code)
        return _facts(held, self.thing, [body] if body else [])


class OnOffer(Command):
    """An answer to an offer of one thing."""

    thing: Stream

    def streams(self) -> tuple[str, ...]:
        """The thing."""
        return (self.thing,)

    def to_me(self, held: Held) -> Offer:
        """The offer that waits for whoever decides. Raises Refused."""
        return self._of(
            held, [offer for offer in self._offers(held) if offer.taker == held.by], "not-the-taker"
        )

    def of_mine(self, held: Held) -> Offer:
        """The offer whoever decides made, or somebody made for him. Raises Refused."""
        mine = [offer for offer in self._offers(held) if held.by in (offer.giver, offer.by)]
        return self._of(held, mine, "not-the-giver")

    def _offers(self, held: Held) -> Sequence[Offer]:
        return thing_of(held, self.thing).offers

    def _of(self, held: Held, mine: Sequence[Offer], otherwise: str) -> Offer:
        if mine:
            return mine[-1]
        raise Refused(otherwise if self._offers(held) else "nothing-offered", thing=self.thing)


class Accept(OnOffer):
    """Take what was offered: the clock is yours from this second on."""

    NAME: ClassVar[str] = "handover.accept"

    def decide(self, held: Held) -> Sequence[Fact]:
        """Accepted, if the giver still has it; of a client the word of whoever has the say goes with it."""
        offer, thing = self.to_me(held), thing_of(held, self.thing)
        giving.must_be_open(thing, self.thing)
        if thing.holder != offer.giver:
            raise Refused("gone-meanwhile", thing=self.thing, holder=thing.holder or "nobody")
        giving.must_not_be_accused(held, thing, held.by)
        bodies: list[Event] = [handover.Accepted(giver=offer.giver, taker=offer.taker)]
        if self.thing.startswith("client/") and giving.decides_owners(held):
            said_by = offer.by or offer.giver
            bodies.append(client.OwnerDecided(owner=offer.taker, by=said_by, reason_code="handover"))
        return _facts(held, self.thing, bodies)


class Decline(OnOffer):
    """Leave it where it is."""

    NAME: ClassVar[str] = "handover.decline"

    reason_code: Code | None = None

    def decide(self, held: Held) -> Sequence[Fact]:
        """Declined, by whoever it was offered to."""
        offer = self.to_me(held)
        said = handover.Declined(giver=offer.giver, taker=offer.taker, reason_code=self.reason_code)
        return [Fact(self.thing, said)]


class TakeBack(OnOffer):
    """Take an offer back before it is answered."""

    NAME: ClassVar[str] = "handover.withdraw"

    reason_code: Code | None = None

    def decide(self, held: Held) -> Sequence[Fact]:
        """Withdrawn, by whoever made it."""
        offer = self.of_mine(held)
        said = handover.Withdrawn(giver=offer.giver, taker=offer.taker, reason_code=self.reason_code)
        return [Fact(self.thing, said)]


def _facts(held: Held, stream: str, bodies: Sequence[Event]) -> list[Fact]:
    return [Fact(stream, body) for body in lawful.in_order(held, stream, bodies)]
