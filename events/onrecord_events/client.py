"""Client: a prospective customer and who may call him his own (RE-REG, CC13-C). Stream: `client/<id>`.

Claims, signs of life and decisions only; whose client it is at an instant is evaluated, never stored.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from onrecord_events.base import Code, Event, Money, Ref
from onrecord_events.sealed import Sealed

WHOLE_PERCENT = 100


class Registered(Event):
    """A salesperson wrote the client down; without full name and phone it is no claim (RE-REG-4)."""

    TYPE: ClassVar[str] = "client.registered"

    salesperson: Ref
    full_name: bool
    phone_given: bool
    source: Literal["visit", "phone", "other"] = "visit"
    """A telephone enquiry is no reception (RE-REG-2)."""
    group: bool = False
    """Stands for many: who brings him introduces him to the supervisor (RE-REG-8)."""
    name: Sealed | None = None
    phone: Sealed | None = None
    customer: Ref | None = None


class Completed(Event):
    """What a registration lacked was filled in later; it identifies the client from then on (RE-REG-4)."""

    TYPE: ClassVar[str] = "client.completed"

    salesperson: Ref
    full_name: bool | None = None
    phone_given: bool | None = None
    name: Sealed | None = None
    phone: Sealed | None = None
    customer: Ref | None = None


class CardCreated(Event):
    """A client card was made; it takes effect with the leader's signature (CC13-C1)."""

    TYPE: ClassVar[str] = "client.card-created"

    salesperson: Ref
    card: Ref | None = None
    long_term: bool = False
    """A long-term customer: three messages in a row are no follow-up (CC13-C4)."""
    customer: Ref | None = None


class CardSigned(Event):
    """The leader signed the card (CC13-C1, CC13-C5a)."""

    TYPE: ClassVar[str] = "client.card-signed"

    by: Ref
    card: Ref | None = None


class FollowedUp(Event):
    """The client was called, visited or written to (RE-REG-3, CC13-C2a, CC13-C12)."""

    TYPE: ClassVar[str] = "client.followed-up"

    by: Ref
    channel: Literal["call", "visit", "sms", "wechat", "other"]
    set_wording: bool = False
    """With the wording the policy prescribes (CC13-C12)."""


class FollowUpSigned(Event):
    """The leader signed a follow-up and from which day it counts (CC13-C2b)."""

    TYPE: ClassVar[str] = "client.follow-up-signed"

    by: Ref
    valid_on: date | None = None


class Voided(Event):
    """Somebody took the claim back by decision; a claim that lapses needs no event (CC13-C3, RE-REG-4)."""

    TYPE: ClassVar[str] = "client.voided"

    by: Ref
    reason_code: Code


class Transferred(Event):
    """The leader passed the client on to another salesperson (CC13-C3)."""

    TYPE: ClassVar[str] = "client.transferred"

    to: Ref
    by: Ref


class Related(Event):
    """This client and another are one family: the first full name counts for both (RE-REG-5)."""

    TYPE: ClassVar[str] = "client.related"

    relative: Ref
    """The stream of the other, `client/<id>`."""
    relation: Code


class Referred(Event):
    """An old client brought this one along (RE-REG-6, CC13-C9)."""

    TYPE: ClassVar[str] = "client.referred"

    newcomer: Ref
    by_customer: Ref
    present: bool
    """The old client's salesperson was there to receive him."""
    original: Ref | None = None
    """The old client's salesperson."""


class AssignedInTurn(Event):
    """Nobody's client went to whose turn it was (RE-REG-6)."""

    TYPE: ClassVar[str] = "client.assigned-in-turn"

    to: Ref
    by: Ref | None = None


class OwnerDecided(Event):
    """Somebody with the say decided whose client it is (RE-REG-9, CC13-C9)."""

    TYPE: ClassVar[str] = "client.owner-decided"

    owner: Ref
    by: Ref
    reason_code: Code


class Share(Event):
    """One person's part of a deal. Part of `client.split-decided`, never alone."""

    person: Ref
    percent: Annotated[Decimal, Field(gt=0, le=WHOLE_PERCENT, max_digits=7, decimal_places=4)]


class SplitDecided(Event):
    """How a deal is shared; the parts are the whole (RE-REG-8)."""

    TYPE: ClassVar[str] = "client.split-decided"

    shares: Annotated[tuple[Share, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(share.percent for share in self.shares) != WHOLE_PERCENT:
            raise ValueError("the shares are not 100 percent")
        return self


class Dealt(Event):
    """The client bought (RE-REG-3)."""

    TYPE: ClassVar[str] = "client.dealt"

    by: Ref
    value: Money | None = None


class GroupIntroduced(Event):
    """Who brought a group client introduced him to the supervisor (RE-REG-8)."""

    TYPE: ClassVar[str] = "client.group-introduced"

    by: Ref
    to: Ref


class PhoneLinked(Event):
    """The client of another stream has the phone this stream is named by: he is to be found there."""

    TYPE: ClassVar[str] = "client.phone-linked"

    client: Ref
