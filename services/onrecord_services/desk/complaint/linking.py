"""Linking: many complaints about one thing are members of one group complaint (AUTO-8.2-2)."""

from collections.abc import Sequence
from typing import ClassVar

from onrecord_events import complaint
from onrecord_events.base import Ref
from onrecord_services.desk.complaint.base import OnComplaint
from onrecord_services.desk.complaint.state import fold
from onrecord_services.desk.decision import Fact, Held, Refused


class Link(OnComplaint):
    """Make it a member of a group complaint: both say so, each keeps its own promises."""

    NAME: ClassVar[str] = "complaint.link"

    group: Ref

    def streams(self) -> tuple[str, ...]:
        """The member, and the group complaint."""
        if self.group == self.complaint:
            return (self.stream,)
        return (self.stream, f"complaint/{self.group}")

    def decide(self, held: Held) -> Sequence[Fact]:
        """One fact on each side. A group is no member, a member is in one group."""
        case = fold(held.events(self.stream))
        self.must_be_time(case)
        self.must_be_let(held, case)
        if case.group == self.group:
            return []
        if self.group == self.complaint or case.members:
            raise Refused("a-group-itself")
        if case.group is not None:
            raise Refused("linked-already", group=case.group)
        self._must_be_a_group(held)
        return [
            Fact(self.stream, complaint.Linked(group_complaint=self.group)),
            Fact(f"complaint/{self.group}", complaint.MemberAdded(member=self.complaint)),
        ]

    def _must_be_a_group(self, held: Held) -> None:
        group = fold(held.events(f"complaint/{self.group}"))
        if group.stage == "unknown":
            raise Refused("unknown-group", group=self.group)
        if group.ended or group.group is not None:
            raise Refused("no-group", group=self.group, stage=group.stage)
