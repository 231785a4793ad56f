"""Base: what every decision about a complaint asks first: is there one, is it time, may this person?"""

from collections.abc import Sequence
from typing import ClassVar

from onrecord_events.base import Event, Ref
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.state import Case, Stage, fold
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.staff import stream_of

ACCUSED_OUT = "CC05-2.2"
"""Whoever it is about has no part in it. Where no adopted policy says so, it holds all the same."""
BY_AREA_MANAGER = ("RENT-CRM-1.2-5B", "RENT-CRM-3.3")
"""A major complaint is the area manager's to talk through, settle and close."""
AREA_MANAGER = "area-manager"

HANDLING: frozenset[Stage] = frozenset({"open", "settled"})
AFTER: frozenset[Stage] = frozenset({"settled", "closed"})
ENDED: frozenset[Stage] = frozenset({"closed", "withdrawn"})
ARCHIVED: frozenset[Stage] = frozenset({"archived"})


class OnComplaint(Command):
    """A decision about one complaint; `bodies` says what comes of it."""

    EVENT: ClassVar[type[Event] | None] = None
    """What comes of it where the command says all of it."""
    DONE: ClassVar[str] = ""
    """What of the case says that all of it is so already."""
    WHEN: ClassVar[frozenset[Stage]] = HANDLING
    """The stages in which it can be asked for."""
    BARRED: ClassVar[bool] = True
    """Whether the one it is about is kept out."""
    LED: ClassVar[bool] = False
    """Whether, of a major complaint, only the area manager may."""

    complaint: Ref

    @property
    def stream(self) -> str:
        """The complaint's own."""
        return f"complaint/{self.complaint}"

    def streams(self) -> tuple[str, ...]:
        """The complaint."""
        return (self.stream,)

    def decide(self, held: Held) -> Sequence[Fact]:
        """One fact a body, if the policies in force have nothing against it."""
        case = fold(held.events(self.stream))
        self.must_be_time(case)
        self.must_be_let(held, case)
        bodies = lawful.in_order(held, self.stream, self.bodies(case, held))
        return [Fact(self.stream, body) for body in bodies]

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """What happens; nothing if all of it is so already. Raises Refused."""
        if self.DONE and getattr(case, self.DONE):
            return []
        assert self.EVENT is not None, f"{self.NAME}, asked by {held.by}, says nothing"
        return [self.EVENT.model_validate(self.model_dump(exclude={"complaint"}))]

    def must_be_time(self, case: Case) -> None:
        """Nothing before it is taken down, nothing but what belongs there after its end."""
        if case.stage in self.WHEN:
            return
        if case.stage == "unknown":
            raise Refused("unknown-complaint")
        if case.ended and self.WHEN != ARCHIVED:
            raise Refused("ended-already", stage=case.stage)
        reason = "not-archived" if self.WHEN == ARCHIVED else "not-ended"
        raise Refused("not-settled" if "settled" in self.WHEN else reason, stage=case.stage)

    def must_be_let(self, held: Held, case: Case) -> None:
        """Not the one it is about; of a major complaint, where a policy says so, the area manager."""
        if self.BARRED:
            keep_out(held, case, held.by)
        if not self.LED or held.by == case.area_manager or held.has_role(AREA_MANAGER):
            return
        clause = lawful.clause_of(held, *BY_AREA_MANAGER)
        if clause and lawful.severity_of(held, self.stream, case.severity) == "major":
            raise Refused("not-the-area-manager", clause=clause)


class ToSomebody(OnComplaint):
    """A decision that gives somebody a part in it: never the one it is about, never one who has left."""

    def streams(self) -> tuple[str, ...]:
        """The complaint, and whoever gets a part in it."""
        return (self.stream, stream_of(self.somebody()))

    def somebody(self) -> str:
        """Who gets a part in it."""
        raise NotImplementedError

    def must_be_let(self, held: Held, case: Case) -> None:
        """Both of them may."""
        super().must_be_let(held, case)
        keep_out(held, case, self.somebody())
        must_be_here(held, self.somebody())


def keep_out(held: Held, case: Case, person: str) -> None:
    """The one it is about has no part in it. Raises Refused."""
    if person == case.accused:
        raise Refused("handler-excluded", clause=lawful.clause_of(held, ACCUSED_OUT), person=person)


def must_be_here(held: Held, person: str) -> None:
    """Whoever left gets nothing. Raises Refused."""
    moves = [event.type for event in held.events(stream_of(person)) if event.type.startswith("staff.")]
    if moves and moves[-1] == "staff.left":
        raise Refused("has-left", person=person)
