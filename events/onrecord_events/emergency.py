"""Emergency: something that hits many customers at once (AUTO 8). Stream: `emergency/<id>`."""

from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.base import Event, Ref


class Opened(Event):
    """It was noticed and taken up; how many customers it touches, as far as known."""

    TYPE: ClassVar[str] = "emergency.opened"

    affected: Annotated[int, Field(ge=0, le=100_000_000)]
    by: Ref | None = None


class Notified(Event):
    """One customer it touches was told (AUTO-8.2-1)."""

    TYPE: ClassVar[str] = "emergency.notified"

    customer: Ref


class Closed(Event):
    """It is over (AUTO-8.1-4)."""

    TYPE: ClassVar[str] = "emergency.closed"
