"""Telling: points reached and money spent, held back by what a clause in force would find against them.

One event a command, its fields those of the event; who tells it is whoever asks.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

from pydantic import AwareDatetime

from onrecord_events import expense, stage
from onrecord_events.base import Code, Count, Event, Money, Ref
from onrecord_events.envelope import Recorded
from onrecord_services.desk import lawful
from onrecord_services.desk.decision import Command, Fact, Held
from onrecord_services.desk.record.stream_name import StreamName


class Tell(Command):
    """What happened, as one event of one stream. A field `who` is the event's `person`."""

    EVENT: ClassVar[type[Event]] = Event
    BY: ClassVar[str] = "by"
    """The field that names whoever tells it, unless the request names somebody; empty if there is none."""

    on: StreamName

    def streams(self) -> tuple[str, ...]:
        """What it is about."""
        return (self.on,)

    def decide(self, held: Held) -> Sequence[Fact]:
        """Told, if it is not so already and no clause is against it."""
        if not self.is_new(held):
            return []
        told: dict[str, Any] = self.model_dump(exclude={"on"}, exclude_none=True)
        if "who" in told:
            told["person"] = told.pop("who")
        if self.BY:
            told = {self.BY: held.by} | told
        bodies = lawful.in_order(held, self.on, [self.EVENT.model_validate(told)])
        return [Fact(self.on, body) for body in bodies]

    def is_new(self, held: Held) -> bool:  # noqa: ARG002 (most things can happen any number of times)
        """Whether it says anything new. Raises Refused."""
        return True

    def so_far(self, held: Held, *types: str) -> Iterator[Recorded]:
        """The events of these types on its stream."""
        return (event for event in held.events(self.on) if event.type in types)


class Reach(Tell):
    """Say that something has come to a named point, where what the policies want by then is there."""

    NAME: ClassVar[str] = "stage.reach"
    EVENT: ClassVar[type[Event]] = stage.Reached

    stage: Code
    due_at: AwareDatetime | None = None
    about: Ref | None = None
    count: Count = 1


class Spend(Tell):
    """Record what was spent on customers, within the limits in force (CC07-A3)."""

    NAME: ClassVar[str] = "expense.record"
    EVENT: ClassVar[type[Event]] = expense.Recorded
    BY: ClassVar[str] = "person"

    kind: Code
    amount: Money
    customer: Ref | None = None
    guests: expense.Heads | None = None
    guest_class: Code | None = None
    escorts: expense.Heads | None = None
    on_day: date | None = None


class Claim(Tell):
    """Ask for one's money back (CC12-1.8-1)."""

    NAME: ClassVar[str] = "expense.claim"
    EVENT: ClassVar[type[Event]] = expense.Claimed
    BY: ClassVar[str] = "person"

    kind: Code
    amount: Money
    customer: Ref | None = None
