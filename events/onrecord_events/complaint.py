"""Complaint: what happened to one complaint, from the first word to the filed papers.

Stream: `complaint/<id>`. Appended by intake (what was seen) and by the desk (what was decided).
"""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from onrecord_events.base import Code, Count, Event, Money, Ref
from onrecord_events.sealed import Sealed

Severity = Literal["minor", "major"]
Reopening = Literal["continue", "restart", "new-episode"]


class Registered(Event):
    """Somebody complained and we wrote it down (RENT-CRM 1.2-1)."""

    TYPE: ClassVar[str] = "complaint.registered"

    severity: Severity
    channel: Literal["phone", "visit", "letter", "wechat", "app", "email", "other"]
    customer: Ref
    """A pseudonym. Name and number are encrypted apart, under the person's own key."""
    received_by: Ref
    """Who took it; for a minor complaint the same person calls back (RENT-CRM 2.3-1)."""
    area_manager: Ref | None = None
    """Who carries a major complaint (RENT-CRM 3.3)."""
    level: Literal["station", "company"] = "station"
    about: Code | None = None
    """What it is about, as a code of the tenant's list; never the customer's words."""
    building: Ref | None = None
    accused: Ref | None = None
    """Somebody of the staff it is about; he takes no part in handling it (CC05-2.2)."""
    follows: Ref | None = None
    """The complaint that was ended and that this one is a new episode of."""
    raised_before: Count | None = None
    """How often the customer had come back with it in the episodes before."""
    name: Sealed | None = None
    phone: Sealed | None = None
    words: Sealed | None = None
    """The customer's own words."""


class Classified(Event):
    """Its severity was judged, or judged anew. `ground` is the sub-clause relied on (RENT-CRM 1.1)."""

    TYPE: ClassVar[str] = "complaint.classified"

    severity: Severity
    ground: Code | None = None
    area_manager: Ref | None = None
    """Who carries it from now on, if it was judged major and nobody was named before (RENT-CRM 3.3)."""


class Repeated(Event):
    """The customer raised the same matter again (RENT-CRM 1.1-2A)."""

    TYPE: ClassVar[str] = "complaint.repeated"


class ValidityJudged(Event):
    """Whether the complaint is a valid one; an unreasonable one is answered too (RENT-CRM 1.2-4A, 4G)."""

    TYPE: ClassVar[str] = "complaint.validity-judged"

    valid: bool


class Forwarded(Event):
    """Passed on to somebody else to handle."""

    TYPE: ClassVar[str] = "complaint.forwarded"

    to: Ref


class DisposalFormIssued(Event):
    """The disposal form went out (ZC-QR-028)."""

    TYPE: ClassVar[str] = "complaint.disposal-form-issued"

    department: Ref


class DisposalFormReceived(Event):
    """The department complained about has the form: its hour begins (RENT-CRM 1.2-4D)."""

    TYPE: ClassVar[str] = "complaint.disposal-form-received"

    department: Ref


class DisposalPlanSigned(Event):
    """The department's head signed how it will be handled, and possibly by when."""

    TYPE: ClassVar[str] = "complaint.disposal-plan-signed"

    department: Ref
    signed_by: Ref | None = None
    due_at: AwareDatetime | None = None


class DisposalFormReturned(Event):
    """The signed form is back at customer service."""

    TYPE: ClassVar[str] = "complaint.disposal-form-returned"

    department: Ref


class ProgressShared(Event):
    """The customer was told how it stands."""

    TYPE: ClassVar[str] = "complaint.progress-shared"

    channel: Code | None = None


class CustomerAsked(Event):
    """We wait for the customer. Whether that pauses a clock is for the clause to say."""

    TYPE: ClassVar[str] = "complaint.customer-asked"

    question_code: Code


class CustomerAnswered(Event):
    """The wait for the customer ended."""

    TYPE: ClassVar[str] = "complaint.customer-answered"


class Answered(Event):
    """The customer had an answer."""

    TYPE: ClassVar[str] = "complaint.answered"

    promised_by: AwareDatetime | None = None
    """What the customer was told. A promise may be tighter than the clause, never looser."""


class MajorReported(Event):
    """A major complaint was reported to the head of asset management (RENT-CRM 1.2-5A)."""

    TYPE: ClassVar[str] = "complaint.major-reported"

    to: Ref


class Discussed(Event):
    """A major complaint was talked through with the customer."""

    TYPE: ClassVar[str] = "complaint.discussed"


class ObstacleReported(Event):
    """What keeps it from being settled in time was reported: an excuse on record, not an extension."""

    TYPE: ClassVar[str] = "complaint.obstacle-reported"

    reason_code: Code | None = None


class CustomerAgreed(Event):
    """The customer agreed to the solution."""

    TYPE: ClassVar[str] = "complaint.customer-agreed"


class Resolved(Event):
    """Solved: the call-back's 24 hours begin (RENT-CRM 2.1-1)."""

    TYPE: ClassVar[str] = "complaint.resolved"

    accepted_by_customer: bool | None = None


class Closed(Event):
    """Finally closed; `agreed` says that the customer agreed to it (RENT-CRM 1.2-5B)."""

    TYPE: ClassVar[str] = "complaint.closed"

    agreed: bool = True


class Withdrawn(Event):
    """The customer withdrew it. What was broken before stays broken."""

    TYPE: ClassVar[str] = "complaint.withdrawn"


class Reopened(Event):
    """An ended complaint came back; `mode` says what that means for its promises, as the tenant reads it."""

    TYPE: ClassVar[str] = "complaint.reopened"

    mode: Reopening
    ground: Code | None = None
    episode: Ref | None = None
    """The complaint that goes on in its place, if it is a new episode."""


class Linked(Event):
    """It is one of a group complaint's (AUTO-8.2-2)."""

    TYPE: ClassVar[str] = "complaint.linked"

    group_complaint: Ref


class MemberAdded(Event):
    """The group complaint has one more member."""

    TYPE: ClassVar[str] = "complaint.member-added"

    member: Ref


class CompensationPromised(Event):
    """Somebody who may promised the customer money (CC05-2.9, CC03-18)."""

    TYPE: ClassVar[str] = "complaint.compensation-promised"

    amount: Money
    """This promise; with those before it, it lay within what the role may promise."""
    role: Code | None = None
    clause: Ref | None = None
    """The clause that gives the role its authority, as it stood in `edition`."""
    edition: int | None = None


class ResultVerified(Event):
    """The station checked that what was promised was done (RENT-CRM 1.2-4E)."""

    TYPE: ClassVar[str] = "complaint.result-verified"


class OpinionAttached(Event):
    """The head of asset management wrote an opinion on the form (RENT-CRM 1.2-4F)."""

    TYPE: ClassVar[str] = "complaint.opinion-attached"


class EscalatedByHand(Event):
    """Passed up with its whole story on the form (RENT-CRM 1.2-6)."""

    TYPE: ClassVar[str] = "complaint.escalated"

    to: Ref
    role: Code | None = None
    """As what he was asked."""


class Archived(Event):
    """Its papers are filed; they are kept two years from here (RENT-CRM 1.3-2)."""

    TYPE: ClassVar[str] = "complaint.archived"


class DestructionRequested(Event):
    """Somebody asked to destroy the file. Whether that is allowed follows from the retention clause."""

    TYPE: ClassVar[str] = "complaint.destruction-requested"


class CaseCollected(Event):
    """Taken into the library of typical cases (RENT-CRM 1.3-3)."""

    TYPE: ClassVar[str] = "complaint.collected-as-case"
