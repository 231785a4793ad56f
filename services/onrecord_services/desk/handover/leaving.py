"""Leaving: all that a leaver has is offered to somebody by name, or listed as left behind."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from onrecord_events import handover, staff
from onrecord_events.base import Ref
from onrecord_projections.queries import in_hand
from onrecord_projections.queries.view import View
from onrecord_services.desk import needs
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.handover import giving
from onrecord_services.desk.handover.passing import Stream
from onrecord_services.desk.staff import stream_of

NEED = "leaver-holdings"
THINGS_MAX = 400
"""One batch takes 1,000 events, and each thing may concern two streams."""
REASON = "leaving"


class To(BaseModel):
    """One thing, and who is to take it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thing: Stream
    taker: Ref


class HandOverAll(Command):
    """Offer all that a leaver has to the people named, in one go; what nobody is named for is listed."""

    NAME: ClassVar[str] = "handover.leaver"
    NEEDS: ClassVar[tuple[str, ...]] = (NEED,)

    leaver: Ref
    to: Annotated[tuple[To, ...], Field(max_length=THINGS_MAX)] = ()

    def streams(self) -> tuple[str, ...]:
        """The leaver, every thing, every taker."""
        people = (stream_of(one.taker) for one in self.to)
        return tuple(dict.fromkeys((stream_of(self.leaver), *(one.thing for one in self.to), *people)))

    def decide(self, held: Held) -> Sequence[Fact]:
        """One offer a thing, and the list."""
        if held.by != self.leaver and not held.roles:
            raise Refused("not-his-to-give", person=self.leaver)
        if len({one.thing for one in self.to}) < len(self.to):
            raise Refused("named-twice")
        offers = [
            Fact(one.thing, body)
            for one in self.to
            if (body := giving.offered(held, one.thing, self.leaver, one.taker, REASON))
        ]
        named = tuple(one.thing for one in self.to)
        left = tuple(thing for thing in held.found[NEED] if thing not in set(named))
        listed = handover.LeaverListed(leaver=self.leaver, offered=named, unoffered=left)
        return [*offers, Fact(stream_of(self.leaver), listed)]


class Leave(Command):
    """Note that somebody left; refused while he still has something, unless it is left behind knowingly."""

    NAME: ClassVar[str] = "staff.leave"
    NEEDS: ClassVar[tuple[str, ...]] = (NEED,)

    leaver: Ref
    left_behind: bool = False

    def streams(self) -> tuple[str, ...]:
        """The person's own."""
        return (stream_of(self.leaver),)

    def decide(self, held: Held) -> Sequence[Fact]:
        """He left; what he left behind is listed with it."""
        stream = stream_of(self.leaver)
        moves = [event.type for event in held.events(stream) if event.type.startswith("staff.")]
        if moves and moves[-1] == staff.Left.TYPE:
            return []
        left = tuple(held.found[NEED])
        gone = Fact(stream, staff.Left(person=self.leaver))
        if not left:
            return [gone]
        if not self.left_behind:
            raise Refused("something-left", things=str(len(left)), first=left[0])
        return [Fact(stream, handover.LeaverListed(leaver=self.leaver, unoffered=left)), gone]


async def _holdings(view: View, command: Any) -> list[str]:
    return await in_hand.of_person(view, command.leaver)


needs.QUESTIONS[NEED] = _holdings
