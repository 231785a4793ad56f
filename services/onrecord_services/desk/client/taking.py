"""Taking: a client is written down, once for each phone, and what lacked is filled in later.

The stream is named by the phone's blind index, so two who write down one phone meet, and the one who was
first has him. Where a claim can lapse, the other may wait in line.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import StringConstraints, model_validator

from onrecord_events import client as told
from onrecord_events.base import Ref
from onrecord_projections.judging.ownership import Ownership
from onrecord_services.desk.client.base import OnClient, has
from onrecord_services.desk.client.state import Client, fold
from onrecord_services.desk.client.whose import living, owning, ruled, rules_now, whose
from onrecord_services.desk.decision import Blind, Fact, Held, Refused

Words = Annotated[str, StringConstraints(min_length=1, max_length=120)]
CHINA = ("+86", "0086")
MOBILE_DIGITS = 11


class WithPhone(OnClient):
    """A decision that may name a phone, and so the client who has it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name", "phone"})

    name: Words | None = None
    phone: Words | None = None
    customer: Ref | None = None
    """Under whose key name and phone are sealed, where he is known by another id."""
    in_line: bool = False
    """Be next if whoever has him loses him (RE-REG-3)."""

    def sealed_for(self) -> str | None:
        """He himself, unless he is somebody's customer already."""
        return self.customer or self.client

    def sealed(self) -> dict[str, str]:
        """The personal words."""
        words = {"name": self.name, "phone": self.phone and normal(self.phone)}
        return {field: word for field, word in words.items() if word}


class Register(WithPhone):
    """Write a client down (RE-REG-1, -4). Somebody else's client is refused, with who has him as a code."""

    NAME: ClassVar[str] = "client.register"
    MUST_BE_KNOWN: ClassVar[bool] = False

    client: Ref = ""
    """Only without a phone; else the phone names him."""
    full_name: bool | None = None
    """False where the name is not the whole one."""
    source: Literal["visit", "phone", "other"] = "visit"
    group: bool = False

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if bool(self.client) == bool(self.phone):
            raise ValueError("give his phone, or without one an id")
        return self

    def known_as(self, blind: Blind) -> Self:
        """The phone names the stream."""
        return self.model_copy(update={"client": blind(normal(self.phone))}) if self.phone else self

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Written down, if that makes him the writer's, or nobody's, or him the next in line."""
        body = told.Registered(
            salesperson=held.by,
            full_name=bool(self.name) and self.full_name is not False,
            phone_given=bool(self.phone),
            source=self.source,
            group=self.group,
            customer=client.customer or self.sealed_for(),
        )
        fact = Fact(self.stream, body, self.sealed())
        if not ruled(held):
            return [] if _first_come(client, held.by) else [fact]
        before = whose(held, self.family)
        if living(before, held.by):
            return []
        must_be_free(held, self.family, fact, in_line=self.in_line)
        return [fact]


class Complete(WithPhone):
    """Fill in the name or the phone that lacked; the claim counts from now (RE-REG-4)."""

    NAME: ClassVar[str] = "client.complete"

    found_at: Ref | None = None
    """The stream of the phone; it follows from the phone, whatever is given."""

    def known_as(self, blind: Blind) -> Self:
        """The phone has a stream of its own."""
        return self.model_copy(update={"found_at": blind(normal(self.phone)) if self.phone else None})

    def streams(self) -> tuple[str, ...]:
        """The client, his family, and where his phone leads."""
        return (*self.family, *((f"client/{self.found_at}",) if self.found_at else ()))

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """Completed, and the phone leads here from now on. Somebody else's phone is refused."""
        if held.by not in client.claimants:
            raise Refused("no-claim")
        body = told.Completed(
            salesperson=held.by,
            full_name=bool(self.name) or None,
            phone_given=bool(self.phone) or None,
            customer=client.customer or self.sealed_for(),
        )
        fact = Fact(self.stream, body, self.sealed())
        if ruled(held):
            must_be_free(held, self.family, fact, in_line=self.in_line)
        if self.found_at is None or self.found_at == self.client:
            return [fact]
        there = f"client/{self.found_at}"
        if fold(held.events(there)).met:
            raise Refused("phone-taken", client=self.found_at, **has(whose(held, (there,)), there, held))
        return [fact, Fact(there, told.PhoneLinked(client=self.client))]


def normal(phone: str) -> str:
    """A Chinese number without its country: the same person writes it both ways."""
    digits = "".join(char for char in phone if char.isalnum() or char == "+")
    for prefix in CHINA:
        if digits.startswith(prefix) and len(digits) == len(prefix) + MOBILE_DIGITS:
            return digits.removeprefix(prefix)
    return digits or phone


def must_be_free(
    held: Held, family: Sequence[str], fact: Fact, *, in_line: bool, person: str | None = None
) -> None:
    """The claim this makes holds; or it may wait, and whoever asks wants that. Raises Refused."""
    before, after = whose(held, family), whose(held, family, [fact])
    if not _waits(before, after, person or held.by):
        return
    span = owning(before, fact.stream, held.at)
    clause = span.clause if span else None
    if not in_line:
        raise Refused("has-an-owner", clause=clause, **has(before, fact.stream, held))
    if not (rules_now(held, "lapse") or rules_now(held, "void")):
        raise Refused("no-line", clause=clause, **has(before, fact.stream, held))


def _waits(before: Ownership, after: Ownership, person: str) -> bool:
    """Whether the person has a claim now that only waits."""
    mine = living(after, person)
    return mine is not None and mine.state == "waiting" and living(before, person) is None


def _first_come(client: Client, person: str) -> bool:
    """Without a policy: whoever wrote him down first has him; whether that is this one. Raises Refused."""
    if client.claimants and client.claimants[0] != person:
        raise Refused("has-an-owner", owner=client.claimants[0])
    return bool(client.claimants)
