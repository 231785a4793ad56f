"""Clock: the one thing time itself says. Stream: `clock/tick`."""

from typing import ClassVar

from onrecord_events.base import Event


class Ticked(Event):
    """Time passed while nothing else happened. Its recorded time is all it has to say."""

    TYPE: ClassVar[str] = "clock.ticked"
