"""Turns: the times a duty is owed, found as time goes on, and what was done for each.

Calls come in the order in which the events count; a look may go ahead of them and back. Turns that only a
look ahead found are forgotten when an event comes before them.
"""

from bisect import bisect_right
from datetime import datetime

from onrecord_projections.judging.clauses import RecurringClause
from onrecord_projections.judging.duties.claims import Claim, Claims
from onrecord_projections.judging.duties.holding import Held, Holding
from onrecord_projections.judging.duties.owed import Done, Owed
from onrecord_projections.judging.duties.periods import Period, period_named
from onrecord_projections.judging.duties.rhythm import Gap, Lack, Rhythm, Turn
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import EVER, NEVER, SECOND, Seen


class Turns:
    """The assignments, endings and dones of one duty, and the turns they belong to."""

    __slots__ = (
        "_ahead",
        "_claims",
        "_clause",
        "_cursor",
        "_floor",
        "_holding",
        "_horizon",
        "_lacking",
        "_nth",
        "_owed",
        "_quiet_until",
        "_rhythm",
        "_stale",
        "_starter",
    )

    def __init__(self, rule: Rule, settings: Settings) -> None:
        assert isinstance(rule.clause, RecurringClause)
        self._clause = rule.clause
        self._rhythm, self._holding = Rhythm(rule, settings), Holding()
        self._nth = 0
        self._owed: list[Owed] = []
        self._claims = Claims()
        self._floor = EVER
        """From when turns are counted: when it was taken up, or what was done last of a rolling duty."""
        self._starter = ""
        self._cursor = EVER
        """From when turns are still to be found; EVER: not before something is assigned or done."""
        self._ahead: Turn | None = None
        self._horizon = NEVER
        """Up to when turns were found."""
        self._quiet_until = NEVER
        """A look from the horizon up to here finds what the last one found, unless an event came between."""
        self._stale: set[int] = set()
        """Which turns must be judged anew."""
        self._lacking: list[tuple[datetime, Lack, Held]] = []

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
        claim = Claim.of(self._meant(seen), done)
        self._claims.add(claim)
        place = self._place_of(claim)
        if place is not None:
            self._owed[place].add(done)
            self._stale.add(place)

    def _next(self) -> int:
        """Which event of the duty this is; what was found before it holds no more."""
        self._quiet_until = NEVER
        self._nth += 1
        return self._nth

    def _start(self, seen: Seen) -> None:
        """Turns are counted from here, after the one that may run already."""
        self._floor, self._starter, self._ahead = seen.at, seen.id, None
        self._cursor = self._resumed()

    def _reach(self, to: datetime) -> None:
        """Find the turns begun by then, and forget those that only a look ahead found."""
        if to < self._horizon:
            self._forget(to)
        self._horizon = to
        while self._cursor <= to and self._holding.held:
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
        self._ahead, self._cursor = None, turn.ends or EVER
        if turn.due_at < turn.begins:
            return
        before = self._owed[-1].turn.period if self._owed else None
        owed = Owed(turn, turn.period.name or self._starter, self._clause.times)
        if turn.ends is not None:
            for claim in self._claims.within(turn.period):
                if before is None or not claim.lies_in(before):
                    owed.add(claim.done)
        self._stale.add(len(self._owed))
        self._owed.append(owed)

    def _forget(self, to: datetime) -> None:
        """Back to what was there at this instant."""
        while self._owed and self._owed[-1].turn.begins > to:
            self._owed.pop()
        kept = len(self._owed)
        self._stale = {place for place in self._stale if place < kept}
        self._lacking = [lack for lack in self._lacking if lack[0] <= to]
        self._ahead, self._cursor = None, self._resumed()
        self._doubt(to)

    def _resumed(self) -> datetime:
        """From when turns are to be found after the last one kept."""
        if not self._owed:
            return self._floor
        last = self._owed[-1]
        if last.turn.ends is not None:
            return max(self._floor, last.turn.ends)
        return EVER if last.left > 0 and last.turn.begins >= self._floor else self._floor

    def _doubt(self, since: datetime) -> None:
        """What was not yet overdue then must be judged again."""
        for place in reversed(range(len(self._owed))):
            if self._owed[place].turn.due_at < since:
                return
            self._stale.add(place)

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
            still = last_ended and turn.ends is not None and turn.ends > self._floor
            if turn.due_at < at and not still:
                break
            if owed.left > 0:
                found = turn.period
        return found

    def _place_of(self, claim: Claim) -> int | None:
        """The turn it counts for, as far as it has begun; of two that share days the earlier."""
        after = bisect_right(self._owed, claim.first, key=lambda owed: owed.turn.period.first.toordinal())
        for place in range(max(0, after - 2), after):
            turn = self._owed[place].turn
            if turn.ends is not None and claim.lies_in(turn.period):
                return place
        return None

    def _next_turn(self) -> datetime | None:
        """When the next turn begins, or when it turns out that something is lacking."""
        at = self._cursor if self._holding.held else EVER
        while at < EVER:
            turn = self._rhythm.turn(at)
            if isinstance(turn, Gap):
                if turn.lacks is not None:
                    return at
                at = turn.until or EVER
            elif turn.due_at >= turn.begins:
                return turn.begins
            else:
                at = turn.ends or EVER
        return None

    def _lack(self, gap: Gap, at: datetime) -> None:
        """Told once for each time the duty was taken up, whoever it is handed on to."""
        if gap.lacks is not None and all(since < self._floor for since, _, _ in self._lacking):
            self._lacking.append((at, gap.lacks, self._holding.holder(at)))
