"""Queue: whose turn it is to receive a client who belongs to nobody yet (RE-REG-6). Stream: `queue/<id>`."""

from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.base import Event, Ref


class Set(Event):
    """The order of turns from now on; the first of the list is next."""

    TYPE: ClassVar[str] = "queue.set"

    members: Annotated[tuple[Ref, ...], Field(min_length=1, max_length=1_000)]


class TurnTaken(Event):
    """Somebody got a newcomer and goes to the end; who was away keeps his place."""

    TYPE: ClassVar[str] = "queue.turn-taken"

    person: Ref
    client: Ref
