"""Forms: a disposal form's way through a department: issued, received, signed, returned (ZC-QR-028)."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events import complaint
from onrecord_events.base import Event, Ref
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.base import OnComplaint
from onrecord_services.desk.complaint.state import Case
from onrecord_services.desk.decision import Held, Refused

WAY = ("issued", "received", "signed", "returned")
ORDERED_BY = ("RENT-CRM-1.2-4D-1", "RENT-CRM-1.2-1")


class OnForm(OnComplaint):
    """One step of a department's form; none before the one it follows, none twice."""

    STEP: ClassVar[str] = ""

    department: Ref

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The step, if it is the next."""
        done = case.forms.get(self.department)
        stands, wanted = WAY.index(done) + 1 if done else 0, WAY.index(self.STEP)
        if stands > wanted:
            return []
        if stands < wanted:
            clause = lawful.clause_of(held, *ORDERED_BY)
            raise Refused(f"form-not-{WAY[wanted - 1]}", clause=clause, department=self.department)
        return super().bodies(case, held)


class IssueForm(OnForm):
    """Fill the disposal form and hand it out (RENT-CRM 1.2-1)."""

    NAME: ClassVar[str] = "complaint.issue-form"
    EVENT: ClassVar[type[Event] | None] = complaint.DisposalFormIssued
    STEP: ClassVar[str] = "issued"


class ReceiveForm(OnForm):
    """The department takes the form: its hour begins (RENT-CRM 1.2-4D)."""

    NAME: ClassVar[str] = "complaint.receive-form"
    EVENT: ClassVar[type[Event] | None] = complaint.DisposalFormReceived
    STEP: ClassVar[str] = "received"


class SignPlan(OnForm):
    """The department's head signs what will be done, and by when (RENT-CRM 1.2-4D)."""

    NAME: ClassVar[str] = "complaint.sign-plan"
    EVENT: ClassVar[type[Event] | None] = complaint.DisposalPlanSigned
    STEP: ClassVar[str] = "signed"

    due_at: AwareDatetime | None = None

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The measures are decided, by whoever signs."""
        return [body.model_copy(update={"signed_by": held.by}) for body in super().bodies(case, held)]


class ReturnForm(OnForm):
    """The signed form goes back to customer service."""

    NAME: ClassVar[str] = "complaint.return-form"
    EVENT: ClassVar[type[Event] | None] = complaint.DisposalFormReturned
    STEP: ClassVar[str] = "returned"
