"""Run: one clock while its case is being folded. Events move it; `view` says what it means at an instant.

A breach is no event here: it lies one second after `due_at`, whoever looks, and when.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from onrecord_projections.calendar import Calendar
from onrecord_projections.calendar.zones import last_second
from onrecord_projections.judging.limit import Limit, counted_between
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.verdict import Clock, Finding, Kind, State

SECOND = timedelta(seconds=1)
NOTHING = timedelta()
REPEATS_MAX = 366
"""A breach nobody ends is found again for a year, not for ever."""
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
        "done",
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
        "migrated_at",
        "owner",
        "paused",
        "paused_at",
        "repeats_on",
        "rule",
        "shown",
        "shown_after",
        "shown_until",
        "since",
        "started_at",
        "stopped_at",
        "stopped_by",
        "value",
    )

    def __init__(self, rule: Rule, case: str, limit: Limit, seen: Seen, started_at: datetime) -> None:
        self.rule, self.case, self.limit = rule, case, limit
        self.kind: Kind = "retention" if rule.kind == "retention" else "clock"
        self.instance = seen.id
        self.started_at = self.since = started_at
        self.due_at: datetime | None = limit.due_at
        self.owner: str | None = None
        self.value: Decimal | None = None
        self.key: object = None
        self.repeats_on: Calendar | None = None
        """The days on which an open breach is found again."""
        self.counted = self.paused = NOTHING
        self.paused_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.stopped_by: str | None = None
        self.migrated_at: datetime | None = None
        self.done: set[str] = set()
        """Which of its stops have happened."""
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

    def go_on(self, seen: Seen, ends_in: ZoneInfo) -> None:
        """It was over and goes on where it stood: the time between does not count."""
        stopped, due_at = self.stopped_at, self.due_at
        assert stopped is not None
        assert due_at is not None
        self._moved("pause", self.marks[-1].seen, stopped, "ended")
        self.end, self.stopped_at, self.stopped_by = "", None, None
        self.done.clear()
        self.paused_at = stopped
        target = self.limit.target
        if target is not None and not target.count:
            self._count_on(seen.at)
        else:
            self.since, self.paused_at = seen.at, None
            if target is not None:  # days are counted whole; a day that an event names stays
                self.paused += seen.at - stopped
                moved = (due_at + (seen.at - stopped)).astimezone(ends_in)
                self.due_at = last_second(moved.date(), ends_in).astimezone(UTC)
        self._moved("resume", seen, seen.at, "ended")

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

    def migrate(self, rule: Rule, limit: Limit, seen: Seen) -> None:
        """Measured by another edition from here on; nobody is late before the day he learns of it."""
        self.rule = rule
        if self.paused_at is None:
            due = limit.due_at
            if self.paused and limit.target is not None:
                left = limit.target.time - self.counted - self._counted(self.since, seen.at)
                due = (
                    seen.at + left if limit.calendar is None else limit.calendar.add_working(seen.at, left).at
                )
            self.due_at = max(due.astimezone(UTC), seen.at)
        self.limit = limit
        self._moved("migrate", seen, seen.at)

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
                if self.repeats_on is not None:
                    self.shown_after, self.shown_until = self._between_repeats(as_of)
            else:
                self.shown_until = self.due_at
        self.shown = shown = self._clock(self.state_at(as_of))
        self.findings = self._findings(shown, as_of) if self.forms or shown.state == "breached" else ()
        return shown

    def next_change(self, after: datetime) -> datetime | None:
        """When it changes by itself: the second after its limit."""
        if self.stopped_at is not None or self.due_at is None or self.excused:
            return None
        breach = self.due_at + SECOND
        if breach > after:
            return breach
        return None if self.repeats_on is None else next((at for at in self._repeats() if at > after), None)

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

    def _repeats(self) -> Iterator[datetime]:
        """When a breach that stays open is found again: the second after each further day."""
        assert self.repeats_on is not None
        assert self.due_at is not None
        working = self.rule.repeats == "working_day"
        counted = self.repeats_on.add_working_days if working else self.repeats_on.add_calendar_days
        for nth in range(1, REPEATS_MAX + 1):
            yield counted(self.due_at, nth).at.astimezone(UTC) + SECOND

    def _between_repeats(self, as_of: datetime) -> tuple[datetime, datetime]:
        """The stretch around `as_of` in which no further day passes."""
        assert self.due_at is not None
        begin = self.due_at
        for at in self._repeats():
            if at > as_of:
                return begin, at - SECOND
            begin = at - SECOND
        return begin, EVER

    def _findings(self, clock: Clock, as_of: datetime) -> tuple[Finding, ...]:
        found = []
        if clock.state == "breached" and self.due_at is not None:
            breach = self._finding(self.rule.id, "breach", self.due_at + SECOND, clock.evidence)
            found.append(breach)
            if self.repeats_on is not None:
                until = min(as_of, self.stopped_at or as_of)
                again = takewhile(lambda at: at <= until, self._repeats())
                found += [
                    replace(breach, instance=f"{self.instance}+{n}", at=at) for n, at in enumerate(again, 1)
                ]
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
            self.value,
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
