"""Owing: duties, tasks and promises: who owes what, that it was done, that it is owed no more."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events import duty, promise, task
from onrecord_events.base import Code, Count, Event, Ref
from onrecord_events.period import Period
from onrecord_services.desk.decision import Held, Refused
from onrecord_services.desk.record.telling import Tell


class OnDuty(Tell):
    """A decision about a duty. Stream: `duty/<id>`."""

    def owed(self, held: Held) -> Mapping[str, object] | None:
        """The assignment in force; None if nobody owes it."""
        moves = list(self.so_far(held, "duty.assigned", "duty.ended"))
        return moves[-1].data if moves and moves[-1].type == "duty.assigned" else None


class AssignDuty(OnDuty):
    """Lay a duty on somebody, until it is ended."""

    NAME: ClassVar[str] = "duty.assign"
    EVENT: ClassVar[type[Event]] = duty.Assigned
    BY: ClassVar[str] = ""

    duty: Code
    who: Ref
    area: Ref | None = None

    def is_new(self, held: Held) -> bool:
        """One person owes it at a time."""
        owed = self.owed(held)
        if owed is None:
            return True
        if (owed["duty"], owed["person"]) != (self.duty, self.who):
            raise Refused("owed-already", person=str(owed["person"]))
        return False


class DoDuty(OnDuty):
    """Do what a duty asks for, or part of it: a training, a round, a count."""

    NAME: ClassVar[str] = "duty.do"
    EVENT: ClassVar[type[Event]] = duty.Done

    duty: Code
    period: Period | None = None
    count: Count = 1
    complete: bool = True
    about: Ref | None = None

    def is_new(self, held: Held) -> bool:
        """What nobody ever laid on anybody may be done too; what is over or is another duty may not."""
        owed = self.owed(held)
        if owed is None and any(self.so_far(held, "duty.ended")):
            raise Refused("owed-no-more")
        if owed is not None and owed["duty"] != self.duty:
            raise Refused("another-duty", duty=str(owed["duty"]))
        return True


class EndDuty(OnDuty):
    """Say that a duty is owed no more."""

    NAME: ClassVar[str] = "duty.end"
    EVENT: ClassVar[type[Event]] = duty.Ended
    BY: ClassVar[str] = ""

    def is_new(self, held: Held) -> bool:
        """Only what is owed ends."""
        return self.owed(held) is not None


class SetTask(Tell):
    """Give somebody one piece of work, once."""

    NAME: ClassVar[str] = "task.set"
    EVENT: ClassVar[type[Event]] = task.Set
    BY: ClassVar[str] = ""

    task: Code
    who: Ref
    due_at: AwareDatetime | None = None

    def is_new(self, held: Held) -> bool:
        """Each task of a case is one person's."""
        holder = holder_of(self, held)
        if holder not in (None, self.who):
            raise Refused("owed-already", person=str(holder))
        return holder is None


class DoTask(Tell):
    """Do a task: whoever it was given to."""

    NAME: ClassVar[str] = "task.do"
    EVENT: ClassVar[type[Event]] = task.Done
    BY: ClassVar[str] = "person"

    task: Code

    def is_new(self, held: Held) -> bool:
        """Done once."""
        holder = holder_of(self, held)
        if holder is None:
            if any(event.data["task"] == self.task for event in self.so_far(held, "task.done")):
                return False
            raise Refused("unknown-task")
        if holder != held.by:
            raise Refused("not-his", person=holder)
        return True


class Promise(Tell):
    """Give a customer one's word, by an instant."""

    NAME: ClassVar[str] = "promise.make"
    EVENT: ClassVar[type[Event]] = promise.Made

    due_at: AwareDatetime
    customer: Ref | None = None

    def is_new(self, held: Held) -> bool:
        """Nobody promises the past."""
        if self.due_at <= held.at:
            raise Refused("due-too-early")
        return True


class KeepPromise(Tell):
    """Say that what was promised is done."""

    NAME: ClassVar[str] = "promise.keep"
    EVENT: ClassVar[type[Event]] = promise.Kept
    BY: ClassVar[str] = ""

    def is_new(self, held: Held) -> bool:
        """Of what was promised."""
        said = list(self.so_far(held, "promise.made", "promise.kept"))
        if not said:
            raise Refused("nothing-promised")
        return said[-1].type == "promise.made"


def holder_of(about: "SetTask | DoTask", held: Held) -> str | None:
    """Who has the task now; None if nobody."""
    moves = [one for one in about.so_far(held, "task.set", "task.done") if one.data["task"] == about.task]
    return str(moves[-1].data["person"]) if moves and moves[-1].type == "task.set" else None
