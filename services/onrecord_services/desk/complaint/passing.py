"""Passing: a complaint goes to somebody else, sideways or up, and whoever must hears of it."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events import complaint, task
from onrecord_events.base import Code, Event, Ref
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.base import OnComplaint, ToSomebody
from onrecord_services.desk.complaint.state import Case
from onrecord_services.desk.decision import Held, Refused
from onrecord_services.desk.staff import roles_at, stream_of

HANDLING_TASK = "complaint-handling"
UP = ("RENT-CRM-1.2-6", "CC05-2.6a", "RENT-CRM-1.2-5A")
"""Who is asked above is asked as what he is there."""
REPORTS = ("RENT-CRM-1.2-5A", "CC05-2.5b", "CC05-2.5b-either")


class Forward(ToSomebody):
    """Pass it on to a department, a shop or a person (RENT-CRM 1.2-4B, CC05-2.4)."""

    NAME: ClassVar[str] = "complaint.forward"
    EVENT: ClassVar[type[Event] | None] = complaint.Forwarded

    to: Ref

    def somebody(self) -> str:
        """Who gets it."""
        return self.to


class Assign(ToSomebody):
    """Give its handling to one person (CC03-07a, CC05-2.2)."""

    NAME: ClassVar[str] = "complaint.assign"

    to: Ref
    due_at: AwareDatetime | None = None

    def somebody(self) -> str:
        """Who is to handle it."""
        return self.to

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """A task of its own; given to him again, it is a task again."""
        del case, held
        return [task.Set(task=HANDLING_TASK, person=self.to, due_at=self.due_at)]


class Escalate(ToSomebody):
    """Pass it up to somebody in a named role, with its whole story (RENT-CRM 1.2-6)."""

    NAME: ClassVar[str] = "complaint.escalate"
    EVENT: ClassVar[type[Event] | None] = complaint.EscalatedByHand

    to: Ref
    role: Code

    def somebody(self) -> str:
        """Who is asked."""
        return self.to

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """Passed up, if he is what he is asked as."""
        if self.role not in roles_at(held.events(stream_of(self.to)), self.to, held.at):
            raise Refused("not-in-that-role", clause=lawful.clause_of(held, *UP), role=self.role)
        return super().bodies(case, held)


class ReportMajor(OnComplaint):
    """Report a major complaint to whom the policy names (RENT-CRM 1.2-5A, CC05-2.5b)."""

    NAME: ClassVar[str] = "complaint.report-major"
    EVENT: ClassVar[type[Event] | None] = complaint.MajorReported
    LED: ClassVar[bool] = True

    to: Ref

    def bodies(self, case: Case, held: Held) -> Sequence[Event]:
        """Reported; to the same one once is enough."""
        if lawful.severity_of(held, self.stream, case.severity) != "major":
            raise Refused("not-major", clause=lawful.clause_of(held, *REPORTS))
        if any(
            event.type == complaint.MajorReported.TYPE and event.data["to"] == self.to
            for event in held.events(self.stream)
        ):
            return []
        return super().bodies(case, held)


class ReportObstacle(OnComplaint):
    """Report what keeps it from being settled in time (RENT-CRM 1.2-5C)."""

    NAME: ClassVar[str] = "complaint.report-obstacle"
    EVENT: ClassVar[type[Event] | None] = complaint.ObstacleReported
    LED: ClassVar[bool] = True

    reason_code: Code | None = None
