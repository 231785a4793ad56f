"""Task: one piece of work for one person, once. Stream: `task/<id>`, or the case it belongs to."""

from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events.base import Code, Event, Ref


class Set(Event):
    """Somebody is to do it, by a day if one was named (CC13-H1, DAILY-COMM-4.3-2)."""

    TYPE: ClassVar[str] = "task.set"

    task: Code
    person: Ref
    due_at: AwareDatetime | None = None


class Done(Event):
    """It is done."""

    TYPE: ClassVar[str] = "task.done"

    task: Code
    person: Ref
    due_at: AwareDatetime | None = None
    """The day that was named, repeated where the order itself is not on record."""
