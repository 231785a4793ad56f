"""Approval: somebody asks, somebody says yes or no. Stream: that of what is to be approved.

Only what people answer is an event. Whether that is enough, in order and in time, a clause decides.
"""

from typing import ClassVar

from onrecord_events.base import Code, Event, Ref


class Requested(Event):
    """An application was handed in; what is filled in and enclosed is listed (CC04-18.1, CC12-1.5-2)."""

    TYPE: ClassVar[str] = "approval.requested"

    kind: Code
    """What is asked for, such as `archive-loan`."""
    by: Ref
    fields: tuple[Code, ...] = ()
    """The parts of the application that are filled in, such as `purpose`."""
    papers: tuple[Code, ...] = ()
    about: Ref | None = None


class Answer(Event):
    """What every answer carries: who, in which role, at which step."""

    kind: Code | None = None
    """Needed only where one stream has applications of several kinds."""
    step: Code
    """`endorse`, `approve`, `decide` and the like, as the policy's order of steps has it."""
    by: Ref
    role: Code | None = None
    about: Ref | None = None


class Given(Answer):
    """One step said yes; an oral yes is on record too (CC01-E3a)."""

    TYPE: ClassVar[str] = "approval.given"

    oral: bool = False


class Refused(Answer):
    """One step said no, for a reason the tenant has a code for (CC04-18.3, CC04-19.4)."""

    TYPE: ClassVar[str] = "approval.refused"

    reason_code: Code | None = None


class Withdrawn(Event):
    """Whoever asked takes the application back; what was answered to it counts for no other."""

    TYPE: ClassVar[str] = "approval.withdrawn"

    kind: Code
    by: Ref
    about: Ref | None = None
