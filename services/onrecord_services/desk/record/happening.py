"""Happening: emergencies from the first word to the end, and days off from the asking to the answer."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events import emergency, leave
from onrecord_events.base import Code, Event, Ref
from onrecord_events.envelope import Recorded
from onrecord_services.desk.decision import Held, Refused
from onrecord_services.desk.record.telling import Tell


class OnEmergency(Tell):
    """A decision about what hits many at once. Stream: `emergency/<id>`."""

    def must_be_open(self, held: Held) -> None:
        """It was taken up and is not over. Raises Refused."""
        moves = [event.type for event in self.so_far(held, "emergency.opened", "emergency.closed")]
        if not moves:
            raise Refused("unknown-emergency")
        if moves[-1] == "emergency.closed":
            raise Refused("over-already")


class OpenEmergency(Tell):
    """Take an emergency up (AUTO-8.1)."""

    NAME: ClassVar[str] = "emergency.open"
    EVENT: ClassVar[type[Event]] = emergency.Opened

    affected: Annotated[int, Field(ge=0, le=100_000_000)]

    def is_new(self, held: Held) -> bool:
        """Once; another one is another emergency."""
        return not any(self.so_far(held, "emergency.opened"))


class NotifyOf(OnEmergency):
    """Tell one customer it touches (AUTO-8.2-1)."""

    NAME: ClassVar[str] = "emergency.notify"
    EVENT: ClassVar[type[Event]] = emergency.Notified
    BY: ClassVar[str] = ""

    customer: Ref

    def is_new(self, held: Held) -> bool:
        """Each once, while it lasts."""
        told = self.so_far(held, "emergency.notified")
        if any(event.data["customer"] == self.customer for event in told):
            return False
        self.must_be_open(held)
        return True


class CloseEmergency(OnEmergency):
    """Say that it is over (AUTO-8.1-4), where what the policies want by then is there."""

    NAME: ClassVar[str] = "emergency.close"
    EVENT: ClassVar[type[Event]] = emergency.Closed
    BY: ClassVar[str] = ""

    def is_new(self, held: Held) -> bool:
        """Once."""
        if any(self.so_far(held, "emergency.closed")):
            return False
        self.must_be_open(held)
        return True


class AskLeave(Tell):
    """Ask for a day off, for oneself or in somebody's name (CC13-B7)."""

    NAME: ClassVar[str] = "leave.request"
    EVENT: ClassVar[type[Event]] = leave.Requested
    BY: ClassVar[str] = "person"

    day: date
    who: Ref | None = None
    half: bool = False
    told: tuple[Code, ...] = ()
    proxy: bool = False

    def is_new(self, held: Held) -> bool:
        """In another's name only openly; each day is asked for once."""
        person = self.who or held.by
        if person != held.by and not self.proxy:
            raise Refused("not-his", person=person)
        return not any(event.data["person"] == person for event in asked_for(self, held))


class GrantLeave(Tell):
    """Grant a day off. Nobody grants his own."""

    NAME: ClassVar[str] = "leave.approve"
    EVENT: ClassVar[type[Event]] = leave.Approved

    who: Ref
    day: date

    def is_new(self, held: Held) -> bool:
        """Once, if it was asked for."""
        return may_answer(self, held, "leave.approved")


class RefuseLeave(Tell):
    """Refuse a day off."""

    NAME: ClassVar[str] = "leave.refuse"
    EVENT: ClassVar[type[Event]] = leave.Refused

    who: Ref
    day: date
    reason_code: Code | None = None

    def is_new(self, held: Held) -> bool:
        """Once, if it was asked for."""
        return may_answer(self, held, "leave.refused")


def may_answer(about: GrantLeave | RefuseLeave, held: Held, answer: str) -> bool:
    """Whether the day was asked for and not answered so already. Raises Refused."""
    if about.who == held.by:
        raise Refused("his-own")
    if not any(event.data["person"] == about.who for event in asked_for(about, held)):
        raise Refused("nothing-asked")
    answers = [
        event.type
        for event in about.so_far(held, "leave.approved", "leave.refused")
        if (event.data["person"], event.data["day"]) == (about.who, about.day.isoformat())
    ]
    if answers and answers[-1] != answer:
        raise Refused("over-already")
    return not answers


def asked_for(about: AskLeave | GrantLeave | RefuseLeave, held: Held) -> list[Recorded]:
    """What was asked about that day."""
    return [
        event for event in about.so_far(held, "leave.requested") if event.data["day"] == about.day.isoformat()
    ]
