"""Promise: we gave a customer our word, by a day. Stream: `promise/<id>`, or the case."""

from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events.base import Event, Ref


class Made(Event):
    """Something is promised by `due_at` (CC17-3.4-2, CC18-15, AUTO-3.1-4)."""

    TYPE: ClassVar[str] = "promise.made"

    due_at: AwareDatetime
    customer: Ref | None = None
    by: Ref | None = None


class Moved(Event):
    """The customer agreed to another instant."""

    TYPE: ClassVar[str] = "promise.moved"

    due_at: AwareDatetime


class Kept(Event):
    """What was promised is done."""

    TYPE: ClassVar[str] = "promise.kept"
