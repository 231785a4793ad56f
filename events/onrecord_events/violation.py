"""Violation: an act against a policy, seen by somebody. Stream: `violation/<id>`."""

from typing import ClassVar

from onrecord_events.base import Code, Count, Event, Money, Ref


class Observed(Event):
    """Who, which act (a code of the rulebook), how many times. What it costs is for the clause to say."""

    TYPE: ClassVar[str] = "violation.observed"

    code: Code
    person: Ref
    count: Count = 1
    about: Ref | None = None
    value: Money | None = None
    """What was lost or taken, where the penalty is a multiple of it (CC13-E1c, CC13-H4b)."""
    among: tuple[Ref, ...] = ()
    """Everybody who took part, where each is charged or they share (CC13-C6, CC13-F16)."""
    leader: Ref | None = None
    """Whose team it happened in, where the leader answers too (CC13-B4)."""
    role: Code | None = None
    """In which role the person acted, where the amount depends on it."""
    warned: bool = False
    """The person had been told before and did it again."""
    handler: Ref | None = None
    """Who had the matter in hand when it happened, where that is somebody else (CC05-2.7)."""


class Retracted(Event):
    """The observation was wrong; it counts no more from its first instant."""

    TYPE: ClassVar[str] = "violation.retracted"

    reason_code: Code
