"""Run: one clock while its case is being folded. Events move it; `view` says what it means at an instant.

A breach is no event here: it lies one second after `due_at`, whoever looks, and when.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from onrecord_projections.judging.index import Rule
from onrecord_projections.judging.limit import Limit, counted_between
from onrecord_projections.judging.verdict import Clock, Finding, Kind, State

SECOND = timedelta(seconds=1)
NOTHING = timedelta()
EVER = datetime.max.replace(tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC)


class Seen(msgspec.Struct, frozen=True):
    """An event as a case sees it: the instant it counts at, and where it came from."""

    at: datetime
    position: int
    id: str
    data: Mapping[str, Any]
    by_time: bool = False
    """Nothing happened but that a breach changed a fact of the case."""
    exact_at: datetime | None = None
    """With its fraction of a second: what counts against a limit that is an instant, not a length of time."""


class Mark(msgspec.Struct, frozen=True):
    """One thing that happened to a clock, for its explanation."""

    what: str
    seen: Seen
    at: datetime
    cause: str = ""


class Run:
    """The state of one clock between two events."""

    __slots__ = (
        "case",
        "counted",
        "due_at",
        "end",
        "excused",
        "findings",
        "fired",
        "forms",
        "instance",
        "justified",
        "key",
        "kind",
        "limit",
        "marks",
        "owner",
        "paused",
        "paused_at",
        "rule",
        "shown",
        "shown_after",
        "shown_until",
        "since",
        "started_at",
        "stopped_at",
        "stopped_by",
    )

    def __init__(self, rule: Rule, case: str, limit: Limit, seen: Seen, started_at: datetime) -> None:
        self.rule, self.case, self.limit = rule, case, limit
        self.kind: Kind = "retention" if rule.kind == "retention" else "clock"
        self.instance = seen.id
        self.started_at = self.since = started_at
        self.due_at: datetime | None = limit.due_at
        self.owner: str | None = None
        self.key: object = None
        self.counted = self.paused = NOTHING
        self.paused_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.stopped_by: str | None = None
        self.end = ""
        self.excused = self.justified = self.fired = False
        self.forms: list[tuple[str, str, Seen]] = []
        self.marks = [Mark("start", seen, started_at)]
        self.shown: Clock | None = None
        """What it was when last looked at; the same for every look in (shown_after, shown_until]."""
        self.shown_after, self.shown_until = NEVER, EVER
        self.findings: tuple[Finding, ...] = ()

    @property
    def open(self) -> bool:
        """Whether its stop is still to come."""
        return self.stopped_at is None

    def late_at(self, at: datetime) -> bool:
        """Whether its limit has passed; equality is on time (reading R1)."""
        return self.due_at is not None and at > self.due_at

    def pause(self, seen: Seen, at: datetime, cause: str) -> None:
        """Time stops counting; a breach that lies behind stays."""
        if self.late_at(at):
            return
        self._moved("pause", seen, at, cause)
        if self.paused_at is None:
            self.counted += self._counted(self.since, at)
            self.paused_at, self.due_at = at, None

    def resume(self, seen: Seen, at: datetime, cause: str, *, last: bool) -> None:
        """Time counts again once the last cause is gone."""
        if self.paused_at is None:
            return
        self._moved("resume", seen, at, cause)
        if last:
            self._count_on(at)

    def finish(self, end: str, seen: Seen, at: datetime) -> None:
        """The first stop wins: nothing that comes later moves the clock."""
        if self.limit.target is None and seen.exact_at is not None:
            at = seen.exact_at
        if self.paused_at is not None:
            self._count_on(at)
        self.counted += self._counted(self.since, at)
        self.end, self.stopped_at, self.stopped_by = end, at, seen.id
        self._moved(end, seen, at)

    def excuse(self, seen: Seen) -> None:
        """A breach that is forgiven does not vanish: it is shown as excused."""
        self.excused = True
        self._moved("excuse", seen, seen.at)

    def justify(self, seen: Seen) -> None:
        """The reason is on record; nothing else changes."""
        self.justified = True
        self._moved("justify", seen, seen.at)

    def found(self, clause: str, finding: str, seen: Seen) -> None:
        """The stop did not look as it must; time is judged apart."""
        self.forms.append((clause, finding, seen))
        self.shown = None

    def state_at(self, as_of: datetime) -> State:
        """What this clock is, to somebody who looks at `as_of`."""
        if self.excused:
            return "excused"
        if self.stopped_at is not None:
            if self.late_at(self.stopped_at):
                return "breached"
            return "met" if self.end == "stop" else "cancelled"
        if self.paused_at is not None:
            return "paused"
        if not self.late_at(as_of):
            return "running"
        return "met" if self.kind == "retention" else "breached"

    def show(self, as_of: datetime) -> Clock:
        """The clock as it looks now, with what it found beside it; built anew only when it changed."""
        shown = self.shown
        if shown is not None and self.shown_after < as_of <= self.shown_until:
            return shown
        self.shown_after, self.shown_until = NEVER, EVER
        if self.stopped_at is None and self.due_at is not None and not self.excused:
            if as_of > self.due_at:
                self.shown_after = self.due_at
            else:
                self.shown_until = self.due_at
        self.shown = shown = self._clock(self.state_at(as_of))
        self.findings = self._findings(shown) if self.forms or shown.state == "breached" else ()
        return shown

    def next_change(self, after: datetime) -> datetime | None:
        """When it changes by itself: the second after its limit."""
        if self.stopped_at is not None or self.due_at is None or self.excused:
            return None
        breach = self.due_at + SECOND
        return breach if breach > after else None

    def _clock(self, state: State) -> Clock:
        rule, limit, stopped, due = self.rule, self.limit, self.stopped_at, self.due_at
        late = stopped is not None and due is not None and stopped > due
        positions = dict.fromkeys(mark.seen.position for mark in self.marks)
        return Clock(
            rule.pack,
            rule.edition,
            rule.id,
            self.case,
            self.instance,
            self.kind,
            self.owner,
            state,
            self.started_at,
            due,
            stopped,
            self.counted,
            self.paused,
            stopped - due if late and stopped and due else None,
            limit.provisional,
            limit.note,
            tuple([finding for _, finding, _ in self.forms]),
            tuple(positions),
            self.marks[0].seen.id,
            self.stopped_by,
            self.justified,
        )

    def _findings(self, clock: Clock) -> tuple[Finding, ...]:
        found = []
        if clock.state == "breached" and self.due_at is not None:
            found.append(self._finding(self.rule.id, "breach", self.due_at + SECOND, clock.evidence))
        for clause, code, seen in self.forms:
            found.append(self._finding(clause, code, seen.at, (seen.position,)))
        return tuple(found)

    def _finding(self, clause: str, code: str, at: datetime, evidence: tuple[int, ...]) -> Finding:
        rule = self.rule
        return Finding(
            rule.pack,
            rule.edition,
            clause,
            code,
            self.case,
            self.instance,
            self.owner,
            at,
            self.due_at,
            1,
            evidence,
        )

    def _count_on(self, at: datetime) -> None:
        """Move the limit on by what was left of it when the pause began."""
        assert self.paused_at is not None
        self.paused += self._counted(self.paused_at, at)
        target, calendar = self.limit.target, self.limit.calendar
        assert target is not None
        left = target.time - self.counted
        if calendar is None:
            self.due_at = at + left
        else:
            due = calendar.add_working(at, left)
            self.due_at = due.at.astimezone(at.tzinfo)
            self.limit = Limit(self.due_at, due.provisional, self.limit.note, target, calendar)
        self.since, self.paused_at = at, None

    def _counted(self, begin: datetime, end: datetime) -> timedelta:
        return counted_between(self.limit.calendar, begin, end)

    def _moved(self, what: str, seen: Seen, at: datetime, cause: str = "") -> None:
        self.marks.append(Mark(what, seen, at, cause))
        self.shown = None
