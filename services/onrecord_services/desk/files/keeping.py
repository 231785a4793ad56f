"""Keeping: a file is handed in with two signatures, entered, inspected and put away (CC02-D, CC04-14)."""

from collections.abc import Sequence
from typing import ClassVar

from onrecord_events import archive, duty, record, stage
from onrecord_events.base import Code, Count, Ref
from onrecord_events.period import Period
from onrecord_services.desk import lawful
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.files.base import OnFile
from onrecord_services.desk.files.state import STORED, File
from onrecord_services.desk.record.lacking import missing_of, must_be_whole
from onrecord_services.desk.record.stream_name import Listed

INSPECTION = "archive-inspection"
"""The form whose checklist says what belongs in a file, by kind of business (CC02-D1-list, -D2-list)."""
CUSTODY = "custody-check"


class WithPapers(OnFile):
    """A decision for which it counts what is in the file."""

    kind: Code
    """What sort of business: `sales`, `maintenance`."""
    papers: Listed = ()

    def listed(self, held: Held) -> record.Filed:
        """The list of papers as an inspection would have it."""
        return record.Filed(form=INSPECTION, kind=self.kind, papers=self.papers, by=held.by)


class HandIn(WithPapers):
    """Hand a file in: the giver signs. It counts when the other has signed too (CC02-D1b)."""

    NAME: ClassVar[str] = "archive.hand-in"

    to: Ref
    as_incomplete: bool = False
    """Although papers are missing; what lacks is noted."""

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """Handed in, with one signature."""
        if self.to == held.by:
            raise Refused("two-people-needed")
        if not self.as_incomplete:
            must_be_whole(held, self.listed(held))
        complete = not missing_of(held, self.listed(held))
        waits = (file.handed_in_by, file.receiver, file.signed, file.complete)
        if waits == (held.by, self.to, False, complete):
            return []
        body = archive.HandedOver(by=held.by, received_by=self.to, both_signed=False, complete=complete)
        return [Fact(self.stream, body)]


class Receive(OnFile):
    """Sign for a file that was handed in to oneself; from now on it counts."""

    NAME: ClassVar[str] = "archive.receive"

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """Handed over, with both signatures."""
        if file.handed_in_by is None:
            raise Refused("nothing-handed-in")
        if file.receiver != held.by:
            raise Refused("not-the-receiver", receiver=str(file.receiver))
        if file.signed:
            return []
        body = archive.HandedOver(by=file.handed_in_by, received_by=held.by, complete=file.complete)
        return [Fact(self.stream, body)]


class Enter(OnFile):
    """Enter it in the book of received files (CC02-B5a)."""

    NAME: ClassVar[str] = "archive.enter"

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """Entered, once a hand-in, by whoever has it."""
        must_be_signed(file)
        if file.receiver != held.by:
            raise Refused("not-the-receiver", receiver=str(file.receiver))
        return [] if file.registered else [Fact(self.stream, archive.Registered())]


class Inspect(WithPapers):
    """Look a file through and say what is wrong; whoever handed it in does not (CC02-D1, -E2)."""

    NAME: ClassVar[str] = "archive.inspect"

    defects: tuple[archive.Defect, ...] = ()

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """The papers that are there, and the defects. Finding a gap is no fault of whoever finds it."""
        must_be_signed(file)
        assert file.handed_in_by is not None, "what was signed was handed in"
        if file.handed_in_by == held.by:
            raise Refused("his-own")
        listed = self.listed(held)
        filed = listed.model_copy(update={"complete": not missing_of(held, listed)})
        consultant = file.consultant or file.handed_in_by
        inspected = archive.Inspected(consultant=consultant, defects=self.defects)
        return [Fact(self.stream, filed), Fact(self.stream, inspected)]


class Store(OnFile):
    """Put the original away; every step the policies want comes before it (CC02-D1b, CC04-06)."""

    NAME: ClassVar[str] = "archive.store"

    def facts(self, file: File, held: Held) -> Sequence[Fact]:
        """Put away."""
        if file.stored:
            return []
        bodies = lawful.in_order(held, self.stream, [stage.Reached(stage=STORED, by=held.by)])
        return [Fact(self.stream, body) for body in bodies]


class CheckCustody(Command):
    """Check in full how files are kept, with a record (CC04-14). Stream: that of the duty."""

    NAME: ClassVar[str] = "archive.check-custody"

    duty: Ref
    files: Count
    """How many were looked at."""
    period: Period | None = None
    complete: bool = True

    def streams(self) -> tuple[str, ...]:
        """The duty."""
        return (f"duty/{self.duty}",)

    def decide(self, held: Held) -> Sequence[Fact]:
        """The record and the duty done, in one."""
        (stream,) = self.streams()
        owed = [event for event in held.events(stream) if event.type in ("duty.assigned", "duty.ended")]
        if not owed or owed[-1].type == "duty.ended" or owed[-1].data["duty"] != CUSTODY:
            raise Refused("no-such-duty")
        filed = record.Filed(form=CUSTODY, by=held.by, count=self.files, period=self.period)
        done = duty.Done(duty=CUSTODY, by=held.by, period=self.period, complete=self.complete)
        return [Fact(stream, filed), Fact(stream, done)]


def must_be_signed(file: File) -> None:
    """It was handed in, and both signed. Raises Refused."""
    if file.handed_in_by is None:
        raise Refused("nothing-handed-in")
    if not file.signed:
        raise Refused("one-signature-missing", receiver=str(file.receiver))
