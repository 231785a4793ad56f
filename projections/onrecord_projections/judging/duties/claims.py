"""Claims: which days each thing that was done was done for."""

from bisect import bisect_left, bisect_right, insort
from operator import attrgetter

import msgspec

from onrecord_projections.judging.duties.owed import Done
from onrecord_projections.judging.duties.periods import Period


class Claim(msgspec.Struct, frozen=True, order=True):
    """What was done for the days from `first` to `last`, as ordinals."""

    first: int
    nth: int
    last: int
    done: Done

    @classmethod
    def of(cls, period: Period, done: Done) -> "Claim":
        """Done for these days."""
        return cls(period.first.toordinal(), done.nth, period.last.toordinal(), done)

    def lies_in(self, period: Period) -> bool:
        """Whether all of its days do."""
        return period.first.toordinal() <= self.first and self.last <= period.last.toordinal()


class Claims:
    """All that was done, by its days."""

    __slots__ = ("_listed",)

    def __init__(self) -> None:
        self._listed: list[Claim] = []

    def add(self, claim: Claim) -> None:
        """One more, whichever days it is for."""
        insort(self._listed, claim)

    def within(self, period: Period) -> list[Claim]:
        """Those whose days all lie in a period, in the order in which they were done."""
        first = bisect_left(self._listed, period.first.toordinal(), key=attrgetter("first"))
        until = bisect_right(self._listed, period.last.toordinal(), key=attrgetter("first"))
        found = (claim for claim in self._listed[first:until] if claim.lies_in(period))
        return sorted(found, key=attrgetter("nth"))
