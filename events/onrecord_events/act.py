"""Act: something done that a clause may ask a yes, a role or a limit for.

Stream: that of what it is done to or for. The code says what it is: copying, dispatching, taking a key.
"""

from typing import ClassVar

from onrecord_events.base import Code, Count, Event, Money, Ref


class Act(Event):
    """Who does what, as what, how much of it."""

    act: Code
    by: Ref
    role: Code | None = None
    level: Code | None = None
    """How secret, important or large the thing is, as the policy grades it (CC04-22, CC06-5.1.3b)."""
    kind: Code | None = None
    about: Ref | None = None
    count: Count = 1
    value: Money | None = None
    customer: Ref | None = None
    purpose: Code | None = None


class Done(Act):
    """It was done, allowed or not (CC04-23.1, CC04-24, CC13-F12)."""

    TYPE: ClassVar[str] = "act.done"


class Attempted(Act):
    """It was tried and not done: whoever guards it said no, or it did not come about (CC13-F10)."""

    TYPE: ClassVar[str] = "act.attempted"
