"""Ending: a file is destroyed when nothing asks for it any more, and by two people (CC04-25)."""

from collections.abc import Sequence
from typing import ClassVar

from onrecord_events import act, archive
from onrecord_events.base import Code
from onrecord_services.desk import lawful
from onrecord_services.desk.decision import Fact, Held, Refused
from onrecord_services.desk.files.base import OnFile
from onrecord_services.desk.files.lending import borrower_of
from onrecord_services.desk.files.state import DESTROYING, File


class RequestDestruction(OnFile):
    """Ask that a file be destroyed: the first of two people."""

    NAME: ClassVar[str] = "archive.request-destruction"

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """Asked, if it need not be kept any more."""
        must_not_be_kept(held, self.stream)
        if file.asked_to_destroy == held.by:
            return []
        bodies = lawful.in_order(held, self.stream, [archive.DestructionRequested(by=held.by)])
        return [Fact(self.stream, body) for body in bodies]


class Destroy(OnFile):
    """Destroy a file somebody else asked to be destroyed, with the approvals the policies want."""

    NAME: ClassVar[str] = "archive.destroy"

    how: Code = "shredded"

    def streams(self) -> tuple[str, ...]:
        """The file, and where it is out."""
        return (self.stream, f"loan/{self.file}")

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """Destroyed: it is here, its time is over, and there are two of them."""
        if file.asked_to_destroy is None:
            raise Refused("nobody-asked")
        if file.asked_to_destroy == held.by:
            raise Refused("two-people-needed")
        must_not_be_kept(held, self.stream)
        borrower = borrower_of(held.events(f"loan/{self.file}"))
        if borrower is not None:
            raise Refused("lent-out", borrower=borrower)
        body = act.Done(act=DESTROYING, by=held.by, kind=self.how)
        return [Fact(self.stream, one) for one in lawful.in_order(held, self.stream, [body])]


def must_not_be_kept(held: Held, stream: str) -> None:
    """Every retention that began is over. Raises Refused."""
    for clock in held.verdict(stream).clocks:
        if clock.kind == "retention" and clock.due_at is not None and held.at <= clock.due_at:
            raise Refused("still-kept", clause=clock.clause, until=clock.due_at.isoformat())
