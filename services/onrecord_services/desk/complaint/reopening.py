"""Reopening: an ended complaint comes back. What that means for its clocks is the tenant's reading."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from onrecord_events import complaint
from onrecord_events.base import Code, Ref
from onrecord_projections.judging.clauses import EscalationClause
from onrecord_services.desk import lawful
from onrecord_services.desk.complaint.base import ARCHIVED, ENDED, OnComplaint
from onrecord_services.desk.complaint.state import Case, Stage, fold
from onrecord_services.desk.complaint.taking import Channel, must_be_carried
from onrecord_services.desk.decision import Fact, Held, Refused

READING = "complaint.reopening"
KEPT = ("level", "about", "building", "accused")
"""What a new episode has from the complaint it follows."""


class Reopen(OnComplaint):
    """Open an ended complaint again: it goes on, begins anew, or another one begins, as the tenant reads."""

    NAME: ClassVar[str] = "complaint.reopen"
    WHEN: ClassVar[frozenset[Stage]] = ENDED | ARCHIVED

    by_customer: bool = True
    """Whether the customer raised it again; else we found that it is not done."""
    ground: Code | None = None
    episode: Ref | None = None
    """The id of the new complaint, where the tenant reads it so."""
    channel: Channel = "phone"
    area_manager: Ref | None = None

    def streams(self) -> tuple[str, ...]:
        """The complaint, and the one that begins."""
        if self.episode is None or self.episode == self.complaint:
            return (self.stream,)
        return (self.stream, f"complaint/{self.episode}")

    def decide(self, held: Held) -> Sequence[Fact]:
        """Facts on the old stream, and on a new one if an episode begins."""
        case = fold(held.events(self.stream))
        self.must_be_time(case)
        self.must_be_let(held, case)
        mode = cast("complaint.Reopening", held.settings.reading(READING, held.at))
        again = complaint.Reopened(mode=mode, ground=self.ground, episode=self.episode)
        if mode == "new-episode":
            return [Fact(self.stream, again), *self._episode(case, held)]
        if self.episode is not None:
            raise Refused("no-new-episode", reading=mode)
        raised = [Fact(self.stream, complaint.Repeated())] if self.by_customer else []
        return [*raised, Fact(self.stream, again)]

    def _episode(self, case: Case, held: Held) -> Iterator[Fact]:
        """A complaint of its own, with clocks of its own; what was broken before stays with the old one."""
        if self.episode is None or self.episode == self.complaint:
            raise Refused("episode-missing", reading="new-episode")
        stream = f"complaint/{self.episode}"
        if fold(held.events(stream)).stage != "unknown":
            raise Refused("registered-already", episode=self.episode)
        times = case.repeats + self.by_customer
        severity = _severity(held, lawful.severity_of(held, self.stream, case.severity), times)
        manager = self.area_manager or case.area_manager
        must_be_carried(held, severity, manager)
        body = complaint.Registered(
            severity=severity,
            channel=self.channel,
            customer=str(case.customer),
            received_by=held.by,
            area_manager=manager,
            follows=self.complaint,
            raised_before=case.repeats or None,
            **self._kept(held),
        )
        yield Fact(stream, body)
        if self.by_customer:
            yield Fact(stream, complaint.Repeated())

    def _kept(self, held: Held) -> Mapping[str, Any]:
        told = next(e.data for e in held.events(self.stream) if e.type == complaint.Registered.TYPE)
        return {name: told[name] for name in KEPT if name in told}


def _severity(held: Held, severity: str | None, times: int) -> complaint.Severity:
    """Major, if it was or has now been raised so often, over all its episodes, that a clause says so."""
    if severity == "major":
        return "major"
    for rule in held.settings.index.rules.values():
        clause = rule.clause
        if isinstance(clause, EscalationClause) and rule.holds_at(held.at):
            counts = any(selector.event == complaint.Repeated.TYPE for selector in clause.counts)
            if counts and clause.becomes.get("severity") == "major" and times >= _needed(held, clause):
                return "major"
    return "minor"


def _needed(held: Held, clause: EscalationClause) -> int:
    if clause.times is not None:
        return clause.times
    return int(held.settings.reading(str(clause.times_reading), held.at))
