"""Hand-over: who has a case now. Offered, then accepted, declined or withdrawn; it moves on acceptance.

Stream: the case handed over; of a leaver's list, that of the person, `person/<id>`.
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


class Withdrawn(Event):
    """The giver took the offer back before it was answered; he has had it all along."""

    TYPE: ClassVar[str] = "handover.withdrawn"

    giver: Ref
    taker: Ref
    reason_code: Code | None = None


class LeaverListed(Event):
    """Somebody leaves: all he has, what was offered to whom is on those streams, the rest is listed here."""

    TYPE: ClassVar[str] = "handover.leaver-listed"

    leaver: Ref
    offered: tuple[Ref, ...] = ()
    unoffered: tuple[Ref, ...] = ()
    """Cases and clients that nobody was named for."""
