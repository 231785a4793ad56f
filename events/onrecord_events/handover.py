"""Hand-over: who has a case now. Offered, then accepted or declined; responsibility moves on acceptance.

Stream: the case handed over.
"""

from typing import ClassVar

from onrecord_events.base import Code, Event, Ref


class Offered(Event):
    """One hands a case to another. Until it is accepted, the giver has it."""

    TYPE: ClassVar[str] = "handover.offered"

    giver: Ref
    taker: Ref
    reason_code: Code | None = None


class Accepted(Event):
    """The taker has it from here on."""

    TYPE: ClassVar[str] = "handover.accepted"

    giver: Ref
    taker: Ref


class Declined(Event):
    """The taker did not take it; it stays where it was."""

    TYPE: ClassVar[str] = "handover.declined"

    giver: Ref
    taker: Ref
    reason_code: Code | None = None
