"""Taking: a complaint is written down and judged: how grave, is it valid, raised again, withdrawn."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from onrecord_events import complaint
from onrecord_events.base import Code, Event, Ref
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.base import AREA_MANAGER, OnComplaint
from onrecord_services.desk.complaint.state import Case, Stage, fold
from onrecord_services.desk.decision import Fact, Held, Refused

Channel = Literal["phone", "visit", "letter", "wechat", "app", "email", "other"]
MAJOR_IS_CARRIED = ("RENT-CRM-1.2-5A", "RENT-CRM-3.3")
"""A major complaint is an area manager's from its first minute."""


class Register(OnComplaint):
    """Write a complaint down, with the customer's own words (RENT-CRM 1.2-1). Whoever it is about may too."""

    NAME: ClassVar[str] = "complaint.register"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name", "phone", "words"})
    WHEN: ClassVar[frozenset[Stage]] = frozenset({"unknown"})
    BARRED: ClassVar[bool] = False

    severity: complaint.Severity
    channel: Channel
    customer: Ref
    area_manager: Ref | None = None
    level: Literal["station", "company"] = "station"
    about: Code | None = None
    building: Ref | None = None
    accused: Ref | None = None
    name: str | None = None
    phone: str | None = None
    words: str | None = None

    def sealed_for(self) -> str | None:
        """The customer's key seals his words."""
        return self.customer

    def decide(self, held: Held) -> Sequence[Fact]:
        """One fact, unless it is on record."""
        if fold(held.events(self.stream)).stage != "unknown":
            raise Refused("registered-already")
        must_be_carried(held, self.severity, self.area_manager)
        body = complaint.Registered(
            received_by=held.by, **self.model_dump(exclude={"complaint", *self.PERSONAL})
        )
        return [Fact(self.stream, body, said(name=self.name, phone=self.phone, words=self.words))]


class Classify(OnComplaint):
    """Judge how grave it is, for the first time (RENT-CRM 1.1, CC05-2.5)."""

    NAME: ClassVar[str] = "complaint.classify"

    severity: complaint.Severity
    ground: Code | None = None
    area_manager: Ref | None = None

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The judgement; whoever judged before is asked to judge anew by name."""
        if case.judged:
            if (case.severity, case.ground) == (self.severity, self.ground):
                return []
            raise Refused("classified-already", severity=str(case.severity))
        return self.judged(case, held)

    def judged(self, case: Case, held: Held) -> Sequence[Event]:
        """The judgement. A major complaint needs its area manager, and only he makes less of it."""
        must_be_carried(held, self.severity, self.area_manager or case.area_manager)
        now = lawful.severity_of(held, self.stream, case.severity)
        if (now, self.severity) == ("major", "minor") and not held.has_role(AREA_MANAGER):
            clause = lawful.clause_of(held, "RENT-CRM-3.3")
            if clause and held.by != case.area_manager:
                raise Refused("not-the-area-manager", clause=clause)
        return [
            complaint.Classified(severity=self.severity, ground=self.ground, area_manager=self.area_manager)
        ]


class Reclassify(Classify):
    """Judge it anew; on which ground, is said."""

    NAME: ClassVar[str] = "complaint.reclassify"

    ground: Code

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The new judgement."""
        severity = lawful.severity_of(held, self.stream, case.severity)
        if (severity, case.ground) == (self.severity, self.ground):
            return []
        return self.judged(case, held)


class JudgeValidity(OnComplaint):
    """Judge whether it is a valid one (RENT-CRM 1.2-4A, CC03-07a)."""

    NAME: ClassVar[str] = "complaint.judge-validity"
    EVENT: ClassVar[type[Event] | None] = complaint.ValidityJudged

    valid: bool

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """The judgement, unless it is that already."""
        return [] if case.valid is self.valid else super().bodies(case, held)


class Repeat(OnComplaint):
    """Note that the customer raised it again while it was open (RENT-CRM 1.1-2A, CC05-2.5a)."""

    NAME: ClassVar[str] = "complaint.repeat"
    EVENT: ClassVar[type[Event] | None] = complaint.Repeated
    BARRED: ClassVar[bool] = False


class Withdraw(OnComplaint):
    """Note that the customer withdrew it. What was broken before stays broken."""

    NAME: ClassVar[str] = "complaint.withdraw"
    EVENT: ClassVar[type[Event] | None] = complaint.Withdrawn


def must_be_carried(held: Held, severity: str, area_manager: str | None) -> None:
    """A major complaint names its area manager, where a policy in force gives it to him. Raises Refused."""
    if severity == "major" and area_manager is None:
        clause = lawful.clause_of(held, *MAJOR_IS_CARRIED)
        if clause:
            raise Refused("area-manager-missing", clause=clause)


def said(**words: str | None) -> Mapping[str, str]:
    """The personal words that were given."""
    return {name: word for name, word in words.items() if word is not None}
