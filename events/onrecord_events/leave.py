"""Leave: a day off is asked for, granted or refused (CC13-B7). Stream: `leave/<id>`, or the person's day."""

from datetime import date
from typing import ClassVar

from onrecord_events.base import Code, Event, Ref


class Requested(Event):
    """Somebody asks for a day or half a day off, and whom he told."""

    TYPE: ClassVar[str] = "leave.requested"

    person: Ref
    day: date
    half: bool = False
    told: tuple[Code, ...] = ()
    """The roles he told himself: `leader`, `manager` (CC13-B7)."""
    proxy: bool = False
    """Somebody else asked in his name."""


class Approved(Event):
    """The day off is granted."""

    TYPE: ClassVar[str] = "leave.approved"

    person: Ref
    day: date
    by: Ref | None = None


class Refused(Event):
    """The day off is not granted; whoever stays away all the same is absent (CC13-B32b)."""

    TYPE: ClassVar[str] = "leave.refused"

    person: Ref
    day: date
    by: Ref | None = None
    reason_code: Code | None = None
