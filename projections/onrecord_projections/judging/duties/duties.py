"""Duties: what is owed again and again under one clause of one case.

Calls come in the order in which the events count; looks may go ahead of them and back. A turn that can no
longer change keeps its clock, so an event costs what it changes, however many turns lie behind it.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter

import msgspec

from onrecord_projections.judging.clauses import RecurringClause
from onrecord_projections.judging.duties.holding import Held, Holding
from onrecord_projections.judging.duties.owed import Done, Owed
from onrecord_projections.judging.duties.periods import Period, period_named
from onrecord_projections.judging.duties.rhythm import Gap, Lack, Rhythm, Turn
from onrecord_projections.judging.index import Rule
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import EVER, NEVER, SECOND, Seen
from onrecord_projections.judging.verdict import Clock, Finding, Unmeasured


class _Claim(msgspec.Struct, frozen=True, order=True):
    """What was done for which days."""

    first: int
    nth: int
    last: int
    done: Done

    def lies_in(self, period: Period) -> bool:
        """Whether all of its days do."""
        return period.first.toordinal() <= self.first and self.last <= period.last.toordinal()


class Duties:
    """The assignments, endings and dones of one duty, and the clocks they make."""

    __slots__ = (
        "_ahead",
        "_broken",
        "_broken_at",
        "_case",
        "_claims",
        "_clause",
        "_clocks",
        "_cursor",
        "_floor",
        "_holding",
        "_horizon",
        "_lacking",
        "_nth",
        "_owed",
        "_rhythm",
        "_rule",
        "_stale",
        "_starter",
        "_undecided",
    )

    def __init__(self, rule: Rule, settings: Settings, case: str) -> None:
        assert isinstance(rule.clause, RecurringClause)
        self._rule, self._clause, self._case = rule, rule.clause, case
        self._rhythm, self._holding = Rhythm(rule, settings), Holding()
        self._nth = 0
        self._owed: list[Owed] = []
        self._claims: list[_Claim] = []
        self._floor: datetime | None = None
        """From when turns are counted: the last assignment, or what was done last of a rolling duty."""
        self._starter = ""
        self._cursor: datetime | None = None
        """From when turns are still to be found; None: until something is assigned or done."""
        self._ahead: Turn | None = None
        self._horizon = NEVER
        """Up to when turns were found."""
        self._lacking: list[tuple[datetime, Lack, Held]] = []
        self._clocks: list[Clock] = []
        self._broken: list[Finding] = []
        self._broken_at: list[int] = []
        self._stale: set[int] = set()
        self._undecided: set[int] = set()

    def assign(self, seen: Seen, person: str | None) -> None:
        """Owed from here on, by this person."""
        self._reach(seen.at)
        held = self._holding.held
        self._holding.assign(seen, self._next(), person)
        if not held:
            self._start(seen)
        self._doubt(seen.at)

    def release(self, seen: Seen) -> None:
        """Owed no more; a turn that would begin just then does not."""
        self._reach(seen.at - SECOND)
        self._holding.release(seen, self._next())
        self._ahead = None
        self._doubt(seen.at)

    def report(self, seen: Seen) -> None:
        """What the duty asks for was done, once or several times."""
        self._reach(seen.at)
        done = Done(seen, self._next(), int(seen.data.get("count", 1)))
        last = self._owed[-1] if self._owed else None
        if last is not None and last.turn.ends is None and last.left > 0:
            self._roll(last, done)
            return
        period = self._meant(seen)
        claim = _Claim(period.first.toordinal(), done.nth, period.last.toordinal(), done)
        insort(self._claims, claim)
        place = self._place_of(claim)
        if place is not None:
            self._owed[place].add(done)
            self._stale.add(place)

    def clocks(self, as_of: datetime) -> list[Clock]:
        """One clock for each turn begun by `as_of`, which lies at or after every event; not to be changed."""
        self._settle(as_of)
        return self._clocks

    def findings(self, as_of: datetime) -> list[Finding]:
        """What was not done in time; not to be changed."""
        self._settle(as_of)
        return self._broken

    def unmeasured(self, as_of: datetime) -> Iterator[Unmeasured]:
        """Assignments that make no clock until the tenant gives a number or a calendar."""
        self._settle(as_of)
        for _, why, held in self._lacking:
            yield self._unmeasured(why, held)

    def next_change(self, after: datetime) -> datetime | None:
        """When a turn begins, or changes its state, although nothing happens."""
        self._settle(after)
        instants = [self._owed[place].changes_at for place in self._undecided]
        return min((at for at in (*instants, self._next_turn()) if at is not None), default=None)

    def _next(self) -> int:
        self._nth += 1
        return self._nth

    def _start(self, seen: Seen) -> None:
        """Turns are counted from here, after the one that may run already."""
        self._cursor = seen.at if self._cursor is None else max(self._cursor, seen.at)
        self._floor, self._starter, self._ahead = seen.at, seen.id, None

    def _reach(self, to: datetime) -> None:
        """Find the turns begun by then, and forget those that only a look ahead found."""
        if to < self._horizon:
            self._forget(to)
        self._horizon = to
        while self._cursor is not None and self._cursor <= to and self._holding.held:
            turn = self._ahead or self._rhythm.turn(self._cursor)
            if isinstance(turn, Gap):
                self._lack(turn, self._cursor)
                self._cursor = turn.until or EVER
            elif turn.begins > to:
                self._ahead = turn
                return
            else:
                self._enter(turn)

    def _enter(self, turn: Turn) -> None:
        """A turn begins, unless it was due before anybody had it."""
        self._ahead, self._cursor = None, turn.ends
        if turn.due_at < turn.begins:
            return
        before = self._owed[-1].turn.period if self._owed else None
        owed = Owed(turn, turn.period.name or self._starter, self._clause.times)
        if turn.ends is not None:
            for claim in self._claims_in(turn.period):
                if before is None or not claim.lies_in(before):
                    owed.add(claim.done)
        self._stale.add(len(self._owed))
        self._owed.append(owed)

    def _forget(self, to: datetime) -> None:
        """Back to what was there at this instant."""
        while self._owed and self._owed[-1].turn.begins > to:
            self._owed.pop()
        kept = len(self._owed)
        cut = bisect_left(self._broken_at, kept)
        del self._clocks[kept:], self._broken[cut:], self._broken_at[cut:]
        self._stale = {place for place in self._stale if place < kept}
        self._undecided = {place for place in self._undecided if place < kept}
        self._lacking = [lack for lack in self._lacking if lack[0] <= to]
        self._ahead, self._cursor = None, self._resumed()
        self._doubt(to)

    def _resumed(self) -> datetime | None:
        """From when turns are to be found after the last one kept."""
        if not self._owed or self._floor is None:
            return self._floor
        last = self._owed[-1]
        if last.turn.ends is not None:
            return max(self._floor, last.turn.ends)
        return None if last.left > 0 and last.turn.begins >= self._floor else self._floor

    def _doubt(self, since: datetime) -> None:
        """What was not yet overdue then must be judged again."""
        for place in reversed(range(len(self._owed))):
            if self._owed[place].turn.due_at < since:
                return
            self._stale.add(place)

    def _settle(self, as_of: datetime) -> None:
        """Judge what an event or the time has changed; nothing else."""
        self._reach(as_of)
        moved = [place for place in self._undecided if (self._owed[place].changes_at or EVER) <= as_of]
        for place in sorted(self._stale.union(moved)):
            owed = self._owed[place]
            self._clocks[place : place + 1] = [owed.settle(self._rule, self._holding, self._case, as_of)]
            self._find(place, owed.finding)
            (self._undecided.discard if owed.changes_at is None else self._undecided.add)(place)
        self._stale.clear()

    def _find(self, place: int, finding: Finding | None) -> None:
        at = bisect_left(self._broken_at, place)
        known = at < len(self._broken_at) and self._broken_at[at] == place
        self._broken[at : at + known] = [finding] if finding is not None else []
        self._broken_at[at : at + known] = [place] if finding is not None else []

    def _roll(self, last: Owed, done: Done) -> None:
        """A rolling duty: when it was done the next turn begins."""
        if self._holding.held:
            last.add(done)
            self._stale.add(len(self._owed) - 1)
            if last.left <= 0:
                self._start(done.seen)

    def _meant(self, seen: Seen) -> Period:
        """Which days it was done for."""
        named = seen.data.get(self._clause.period_field or "period")
        period = period_named(named) if isinstance(named, str) else None
        if period is None and self._clause.grace is not None and self._holding.held:
            period = self._undone(seen.at)
        day = self._rhythm.day_of(seen.at)
        return period or Period("", day, day)

    def _undone(self, at: datetime) -> Period | None:
        """The earliest turn not yet done that is not overdue, or that was the last to end."""
        found, ended = None, False
        for owed in reversed(self._owed):
            turn = owed.turn
            last_ended = not ended and turn.ends is not None and turn.ends <= at
            ended = ended or last_ended
            still = (
                last_ended and self._floor is not None and turn.ends is not None and turn.ends > self._floor
            )
            if turn.due_at < at and not still:
                break
            if owed.left > 0:
                found = turn.period
        return found

    def _claims_in(self, period: Period) -> list[_Claim]:
        first = bisect_left(self._claims, period.first.toordinal(), key=attrgetter("first"))
        until = bisect_right(self._claims, period.last.toordinal(), key=attrgetter("first"))
        found = (claim for claim in self._claims[first:until] if claim.lies_in(period))
        return sorted(found, key=attrgetter("nth"))

    def _place_of(self, claim: _Claim) -> int | None:
        """The turn it counts for, as far as it has begun; of two that share days the earlier."""
        after = bisect_right(self._owed, claim.first, key=lambda owed: owed.turn.period.first.toordinal())
        for place in range(max(0, after - 2), after):
            turn = self._owed[place].turn
            if turn.ends is not None and claim.lies_in(turn.period):
                return place
        return None

    def _next_turn(self) -> datetime | None:
        """When the next turn begins, or when it turns out that something is lacking."""
        if self._cursor is None or not self._holding.held:
            return None
        at = self._cursor
        while at < EVER:
            turn = self._rhythm.turn(at)
            if isinstance(turn, Gap):
                if turn.lacks is not None and at > self._horizon:
                    return at
                at = turn.until or EVER
            elif turn.due_at >= turn.begins or turn.ends is None:
                return turn.begins
            else:
                at = turn.ends
        return None

    def _lack(self, gap: Gap, at: datetime) -> None:
        """Told once for each time somebody got the duty."""
        held = self._holding.holder(at)
        if gap.lacks is not None and all(other.nth != held.nth for _, _, other in self._lacking):
            self._lacking.append((at, gap.lacks, held))

    def _unmeasured(self, why: Lack, held: Held) -> Unmeasured:
        over = self._holding.ended(held)
        rule, began, ended = self._rule, held.seen, over.seen if over else None
        return Unmeasured(
            rule.pack,
            rule.edition,
            rule.id,
            self._case,
            began.id,
            why,
            self._clause.suggested,
            began.at,
            ended.at if ended else None,
            ended.at - began.at if ended else None,
            (began.position, ended.position) if ended else (began.position,),
        )
