"""Newcomers: who gets a client nobody has: the one he was brought to, else whose turn it is (RE-REG-6).

A turn is an event of the queue as well, in the same batch: two newcomers at once are two turns.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events import client as told
from onrecord_events import queue
from onrecord_events.base import Ref
from onrecord_services.desk.client.base import OnClient, has, must_lead
from onrecord_services.desk.client.state import Client
from onrecord_services.desk.client.turns import next_of, order_of
from onrecord_services.desk.client.whose import owning, rules_now, whose
from onrecord_services.desk.decision import Command, Fact, Held, Refused


class SetQueue(Command):
    """Set the order of turns; the first is next. Only a leader."""

    NAME: ClassVar[str] = "client.set-queue"

    queue: Ref
    members: Annotated[tuple[Ref, ...], Field(min_length=1, max_length=1_000)]

    def streams(self) -> tuple[str, ...]:
        """The queue."""
        return (f"queue/{self.queue}",)

    def decide(self, held: Held) -> Sequence[Fact]:
        """Set, unless that is the order."""
        (stream,) = self.streams()
        rules = rules_now(held, "queue")
        must_lead(held, rules[0].id if rules else None)
        if len(set(self.members)) < len(self.members):
            raise Refused("named-twice")
        if order_of(held.events(stream)) == self.members:
            return []
        return [Fact(stream, queue.Set(members=self.members))]


class Newcomer(OnClient):
    """A decision by which somebody who is nobody's client gets to somebody."""

    MUST_BE_KNOWN: ClassVar[bool] = False

    queue: Ref | None = None
    away: Annotated[frozenset[Ref], Field(max_length=1_000)] = frozenset()
    """Who is not there and keeps his place."""

    def streams(self) -> tuple[str, ...]:
        """The client, his family, and the queue."""
        return (*self.family, *((f"queue/{self.queue}",) if self.queue else ()))

    def in_turn(self, held: Held) -> list[Fact]:
        """To whoever is next and there. Raises Refused."""
        if self.queue is None:
            raise Refused("queue-missing")
        stream = f"queue/{self.queue}"
        order = order_of(held.events(stream))
        if not order:
            raise Refused("no-order")
        person = next_of(order, self.away)
        if person is None:
            raise Refused("nobody-there")
        return [
            Fact(self.stream, told.AssignedInTurn(to=person, by=held.by), correlation=stream),
            Fact(stream, queue.TurnTaken(person=person, client=self.client)),
        ]

    def must_be_nobodys(self, held: Held) -> None:
        """Whoever is somebody's client goes to him. Raises Refused."""
        found = whose(held, self.family)
        span = owning(found, self.stream, held.at)
        if span is not None:
            raise Refused("has-an-owner", clause=span.clause, **has(found, self.stream, held))


class AssignInTurn(Newcomer):
    """Give nobody's client to whose turn it is."""

    NAME: ClassVar[str] = "client.assign-in-turn"
    RULE: ClassVar[str] = "queue"

    queue: Ref

    def facts(self, _: Client, held: Held) -> Sequence[Fact]:
        """The next who is there has him."""
        self.must_be_nobodys(held)
        return self.in_turn(held)


class Refer(Newcomer):
    """An old client brought this one: to the old one's salesperson if he is there, else in turn."""

    NAME: ClassVar[str] = "client.refer"
    RULE: ClassVar[str] = "referral"

    old_client: Ref
    original: Ref | None = None
    """The old client's salesperson, where the old client is not on record with us any more."""

    def streams(self) -> tuple[str, ...]:
        """The newcomer, the queue, and the old client."""
        return (*super().streams(), f"client/{self.old_client}")

    def facts(self, _: Client, held: Held) -> Sequence[Fact]:
        """Brought along; who has him now follows from who is there."""
        self.must_be_nobodys(held)
        original = self._original(held)
        present = original is not None and original not in self.away
        body = told.Referred(
            newcomer=self.stream, by_customer=self.old_client, present=present, original=original
        )
        if present:
            return [Fact(self.stream, body)]
        return [Fact(self.stream, body, correlation=f"queue/{self.queue}"), *self.in_turn(held)]

    def _original(self, held: Held) -> str | None:
        there = f"client/{self.old_client}"
        span = owning(whose(held, (there,)), there, held.at)
        owner = span.owner if span else None
        if owner and self.original and owner != self.original:
            raise Refused("another-salesperson", original=owner)
        return owner or self.original
