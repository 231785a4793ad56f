"""Owed: one turn of a duty, what was done for it, and what that means."""

from datetime import datetime

import msgspec

from onrecord_projections.judging.clauses import RecurringClause
from onrecord_projections.judging.duties.holding import Held, Holding
from onrecord_projections.judging.duties.rhythm import Turn
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import EVER, NOTHING, SECOND, Seen
from onrecord_projections.judging.verdict import Clock, Finding, State

EARLY = "done before its window opened"


class Done(msgspec.Struct, frozen=True):
    """One event that counts towards a duty."""

    seen: Seen
    nth: int
    count: int


class _Over(msgspec.Struct, frozen=True):
    """Why a turn is owed no more: its duty ended, or its policy was withdrawn."""

    at: datetime
    nth: int | None
    id: str
    positions: tuple[int, ...]

    def before(self, done: Done) -> bool:
        """Whether it was over when this was done; time acts before events of the same second."""
        return self.at <= done.seen.at if self.nth is None else self.nth < done.nth


class Owed:
    """One turn: its events, and the clock they make until `changes_at`."""

    __slots__ = ("changes_at", "clock", "dones", "finding", "left", "name", "times", "turn")

    def __init__(self, turn: Turn, name: str, times: int) -> None:
        self.turn, self.name, self.times = turn, name, times
        self.dones: list[Done] = []
        self.left = times
        self.clock: Clock | None = None
        self.finding: Finding | None = None
        self.changes_at: datetime | None = None
        """When it looks different although nothing happens."""

    def add(self, done: Done) -> None:
        """The dones that fill it count; what comes after them is too much, and changes nothing."""
        if self.left > 0:
            self.dones.append(done)
            self.left -= done.count

    def settle(self, rule: Rule, holding: Holding, case: str, as_of: datetime) -> Clock:
        """What it is to somebody who looks at `as_of`."""
        turn, due_at = self.turn, self.turn.due_at
        done = self.dones[-1] if self.left <= 0 else None
        over = _over(rule, holding, turn)
        if done is not None and over is not None and over.before(done):
            done = None
        met_by = done if done is not None and done.seen.at <= due_at else None
        if met_by is not None:
            over = None
        state: State = "met" if met_by is not None else "breached" if as_of > due_at else "running"
        if over is not None and over.at <= as_of:
            state = "cancelled"
        self.changes_at = None
        if state == "running":
            self.changes_at = over.at if over is not None else due_at + SECOND
        if met_by is not None:
            holder = holding.holder(met_by.seen.at, met_by.nth)
        else:
            holder = holding.holder(due_at, over.nth if over is not None else None)
        self.clock = clock = self._clock(rule, case, holder, state, done, over)
        self.finding = self._breach(rule, clock) if state == "breached" else None
        return clock

    def _clock(
        self, rule: Rule, case: str, holder: Held, state: State, done: Done | None, over: _Over | None
    ) -> Clock:
        turn = self.turn
        began, due_at = turn.begins, turn.due_at
        stopped_at, stopped_by = (done.seen.at, done.seen.id) if done is not None else (None, None)
        cancelled = over if state == "cancelled" else None
        dones = [item for item in self.dones if cancelled is None or not cancelled.before(item)]
        positions = [holder.seen.position, *(item.seen.position for item in dones)]
        if cancelled is not None:
            stopped_at, stopped_by = cancelled.at, cancelled.id
            positions += cancelled.positions
        late = stopped_at - due_at if stopped_at is not None and stopped_at > due_at else None
        return Clock(
            rule.pack,
            rule.edition,
            rule.id,
            case,
            self.name,
            "recurring",
            holder.person,
            state,
            began,
            due_at,
            stopped_at,
            max(stopped_at - began, NOTHING) if stopped_at is not None else NOTHING,
            NOTHING,
            late,
            turn.provisional,
            self._note(rule, done),
            (),
            tuple(dict.fromkeys(positions)),
            holder.seen.id,
            stopped_by,
        )

    def _breach(self, rule: Rule, clock: Clock) -> Finding:
        """A duty that was not done in time, or not often enough."""
        assert isinstance(rule.clause, RecurringClause)
        due_at = self.turn.due_at
        done = sum(done.count for done in self.dones if done.seen.at <= due_at)
        return Finding(
            clock.pack,
            clock.edition,
            clock.clause,
            "breach",
            clock.case,
            clock.instance,
            clock.owner,
            due_at + SECOND,
            due_at,
            self.times - done if rule.clause.each_short else 1,
            clock.evidence,
        )

    def _note(self, rule: Rule, done: Done | None) -> str:
        assert isinstance(rule.clause, RecurringClause)
        early = rule.clause.window is not None and done is not None and done.seen.at < self.turn.begins
        return "; ".join(filter(None, (self.turn.note, EARLY if early else "")))


def _over(rule: Rule, holding: Holding, turn: Turn) -> _Over | None:
    """What took the duty away at or before it fell due, whichever came first."""
    withdrawn_at = rule.withdrawn_after(turn.begins)
    last = holding.by(turn.due_at)
    if turn.ends is None:  # a rolling turn does not outlive its holding; the next one starts a new turn
        last = holding.ended(holding.holder(turn.begins))
    ended = last is not None and not last.held and last.seen.at <= turn.due_at
    if ended and last is not None and last.seen.at < (withdrawn_at or EVER):
        return _Over(last.seen.at, last.nth, last.seen.id, (last.seen.position,))
    if withdrawn_at is not None and withdrawn_at <= turn.due_at:
        return _Over(withdrawn_at, None, f"{rule.pack}+withdrawn", ())
    return None
