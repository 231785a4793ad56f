"""Commands about notices."""

from collections.abc import Sequence
from typing import ClassVar

from onrecord_events.alert import Acknowledged, Raised
from onrecord_events.base import Ref
from onrecord_services.desk.decision import Command, Fact, Held, Refused


class Acknowledge(Command):
    """Take note of a notice: nobody higher is told about this clock. Only who was told may."""

    NAME: ClassVar[str] = "alert.acknowledge"

    alert: Ref
    """The id after `alert/` in the notice's stream."""

    def streams(self) -> tuple[str, ...]:
        """The clock's notices."""
        return (f"alert/{self.alert}",)

    def decide(self, held: Held) -> Sequence[Fact]:
        """Once is enough."""
        (stream,) = self.streams()
        events = held.events(stream)
        told = {
            name for event in events if event.type == Raised.TYPE for name in event.data.get("recipients", ())
        }
        if not told:
            raise Refused("nobody-told")
        if told.isdisjoint({f"person/{held.by}", *(f"role/{role}" for role in held.roles)}):
            raise Refused("not-told")
        if any(event.type == Acknowledged.TYPE for event in events):
            return []
        return [Fact(stream, Acknowledged(by=held.by))]
