"""Merit: an act that a policy rewards. Stream: `merit/<id>`."""

from typing import ClassVar

from onrecord_events.base import Code, Count, Event, Money, Ref


class Observed(Event):
    """Who did what good, how often; what it earns is for the clause to say (CC13-E8, CC13-I3)."""

    TYPE: ClassVar[str] = "merit.observed"

    code: Code
    person: Ref
    count: Count = 1
    value: Money | None = None
    about: Ref | None = None
    customer: Ref | None = None
