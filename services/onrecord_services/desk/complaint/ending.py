"""Ending: verified, closed, filed, kept; and nobody destroys what must be kept."""

from collections.abc import Sequence
from typing import ClassVar

from onrecord_events import complaint
from onrecord_events.base import Event
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.answering import clocks_ended_by
from onrecord_services.desk.complaint.base import AFTER, ARCHIVED, ENDED, OnComplaint
from onrecord_services.desk.complaint.state import Case, Stage
from onrecord_services.desk.decision import Held, Refused

ASSET_MANAGEMENT = "asset-management"


class Verify(OnComplaint):
    """Check that what was promised was done (RENT-CRM 1.2-4E)."""

    NAME: ClassVar[str] = "complaint.verify"
    EVENT: ClassVar[type[Event] | None] = complaint.ResultVerified
    DONE: ClassVar[str] = "verified"
    WHEN: ClassVar[frozenset[Stage]] = AFTER


class AttachOpinion(OnComplaint):
    """Write an opinion on the form (RENT-CRM 1.2-4F: the head of asset management; CC03-12)."""

    NAME: ClassVar[str] = "complaint.attach-opinion"
    EVENT: ClassVar[type[Event] | None] = complaint.OpinionAttached
    DONE: ClassVar[str] = "opinion"
    WHEN: ClassVar[frozenset[Stage]] = frozenset({"open", "settled", "closed"})

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The opinion, of whoever may have one here."""
        clause = lawful.clause_of(held, "RENT-CRM-1.2-4F")
        if clause and not held.has_role(ASSET_MANAGEMENT):
            raise Refused("role-lacking", clause=clause, role=ASSET_MANAGEMENT)
        return super().bodies(case, held)


class Close(OnComplaint):
    """Close it for good; where the clause in force asks, with the customer's agreement (RENT-CRM 1.2-5B)."""

    NAME: ClassVar[str] = "complaint.close"
    LED: ClassVar[bool] = True

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """Closed, agreed to or not."""
        if case.stage == "open" and not case.answered:
            raise Refused("not-settled", stage=case.stage)
        if not case.agreed:
            self._must_not_need_a_yes(case, held)
        return [complaint.Closed(agreed=case.agreed)]

    def _must_not_need_a_yes(self, case: Case, held: Held) -> None:
        """A clock that an agreed closing stops asks for a yes; an unreasonable minor complaint needs none."""
        if case.valid is False and lawful.severity_of(held, self.stream, case.severity) != "major":
            return
        closing = frozenset({complaint.Closed.TYPE})
        for clock in clocks_ended_by(held, self.stream, closing, agreed=True):
            raise Refused("customer-not-agreed", clause=clock.clause)


class Archive(OnComplaint):
    """File its papers apart (RENT-CRM 1.3-2)."""

    NAME: ClassVar[str] = "complaint.archive"
    EVENT: ClassVar[type[Event] | None] = complaint.Archived
    WHEN: ClassVar[frozenset[Stage]] = ENDED


class Collect(OnComplaint):
    """Take it into the library of typical cases (RENT-CRM 1.3-3)."""

    NAME: ClassVar[str] = "complaint.collect-as-case"
    EVENT: ClassVar[type[Event] | None] = complaint.CaseCollected
    DONE: ClassVar[str] = "collected"
    WHEN: ClassVar[frozenset[Stage]] = ENDED | ARCHIVED


class RequestDestruction(OnComplaint):
    """Ask to destroy its file; the retention clause in force says no before its time (RENT-CRM 1.3-2)."""

    NAME: ClassVar[str] = "complaint.request-destruction"
    EVENT: ClassVar[type[Event] | None] = complaint.DestructionRequested
    WHEN: ClassVar[frozenset[Stage]] = ARCHIVED
