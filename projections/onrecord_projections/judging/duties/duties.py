"""Duties: what is owed again and again under one clause of one case.

A turn that can no longer change keeps its clock, so an event costs what it changes, however many turns lie
behind it.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta

from onrecord_projections.judging.duties.holding import Held
from onrecord_projections.judging.duties.rhythm import Lack
from onrecord_projections.judging.duties.turns import Turns
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import EVER
from onrecord_projections.judging.verdict import Clock, Finding, Unmeasured


class Duties(Turns):
    """The turns of one duty, judged."""

    __slots__ = ("_broken", "_broken_at", "_case", "_clocks", "_foreseen", "_rule", "_undecided")

    def __init__(self, rule: Rule, settings: Settings, case: str) -> None:
        super().__init__(rule, settings)
        self._rule, self._case = rule, case
        self._clocks: list[Clock] = []
        """One a turn, in the same places."""
        self._broken: list[Finding] = []
        self._broken_at: list[int] = []
        """The places of the turns that were not done in time."""
        self._undecided: set[int] = set()
        """Places of turns that time alone still changes."""
        self._foreseen = False
        """Whether `_quiet_until` is when it next changes by itself, and not just the last look."""

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
        if not self._foreseen:
            instants = [self._owed[place].changes_at for place in self._undecided]
            found = (at for at in (*instants, self._next_turn()) if at is not None)
            self._quiet_until, self._foreseen = min(found, default=EVER), True
        return None if self._quiet_until == EVER else self._quiet_until

    def _settle(self, as_of: datetime) -> None:
        """Judge what an event or the time has changed; nothing else."""
        if self._horizon <= as_of < self._quiet_until:
            return
        self._quiet_until, self._foreseen = as_of + timedelta.resolution, False
        self._reach(as_of)
        self._trim(len(self._owed))
        moved = [place for place in self._undecided if (self._owed[place].changes_at or EVER) <= as_of]
        for place in sorted(self._stale.union(moved)):
            owed = self._owed[place]
            self._clocks[place : place + 1] = [owed.settle(self._rule, self._holding, self._case, as_of)]
            self._find(place, owed.finding)
            (self._undecided.discard if owed.changes_at is None else self._undecided.add)(place)
        self._stale.clear()

    def _trim(self, kept: int) -> None:
        """What was judged of turns that are no more."""
        cut = bisect_left(self._broken_at, kept)
        del self._clocks[kept:], self._broken[cut:], self._broken_at[cut:]
        self._undecided = {place for place in self._undecided if place < kept}

    def _find(self, place: int, finding: Finding | None) -> None:
        at = bisect_left(self._broken_at, place)
        known = at < len(self._broken_at) and self._broken_at[at] == place
        self._broken[at : at + known] = [finding] if finding is not None else []
        self._broken_at[at : at + known] = [place] if finding is not None else []

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
