"""Correction: a fault is to be put right. Stream: that of the fault, such as `violation/<id>`."""

from typing import ClassVar

from onrecord_events.base import Event, Money, Ref


class Ordered(Event):
    """Somebody is told to put it right, in the time the clause allows (CC02-E10, CC13-B4)."""

    TYPE: ClassVar[str] = "correction.ordered"

    person: Ref
    clause: Ref | None = None
    """The clause that was broken; a penalty not mended is charged again under it."""
    amount: Money | None = None
    about: Ref | None = None


class Completed(Event):
    """It is put right, and whoever ordered it agrees."""

    TYPE: ClassVar[str] = "correction.completed"

    about: Ref | None = None
