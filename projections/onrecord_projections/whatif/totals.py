"""Totals: how many clocks and lines, how many broken, how much money, before and after.

Sums of what each clock and line adds, so that parts reckoned apart add up to the same whole.
"""

from decimal import Decimal

import msgspec

from onrecord_projections.judging.pricing.line import GIVEN
from onrecord_projections.whatif.clocks import ClockDifference, Pair, What
from onrecord_projections.whatif.lines import LineDifference, LinePair, ShownLine


class Moved(msgspec.Struct):
    """How many came, went and changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    def count(self, what: What) -> None:
        """One more."""
        setattr(self, what, getattr(self, what) + 1)

    def add(self, other: "Moved") -> None:
        """Take another's in."""
        self.added += other.added
        self.removed += other.removed
        self.changed += other.changed


class Side(msgspec.Struct):
    """What there is under one of the two settings."""

    clocks: int = 0
    broken: int = 0
    lines: int = 0
    owed: dict[str, Decimal] = {}
    """By currency; without what was waived or reversed, and without what nobody knows yet."""
    given: dict[str, Decimal] = {}
    """Rewards and allowances: never summed with what is owed."""

    def add(self, other: "Side") -> None:
        """Take another's in."""
        self.clocks += other.clocks
        self.broken += other.broken
        self.lines += other.lines
        for mine, theirs in ((self.owed, other.owed), (self.given, other.given)):
            for currency, amount in theirs.items():
                mine[currency] = mine.get(currency, Decimal(0)) + amount

    def take(self, shown: ShownLine) -> None:
        """One line more."""
        self.lines += 1
        sums = self.given if shown.line.line in GIVEN else self.owed
        if shown.owed is not None:
            sums[shown.line.currency] = sums.get(shown.line.currency, Decimal(0)) + shown.owed


class Tally(msgspec.Struct):
    """Everything of the period that has one clause, one person, or all of it."""

    clocks: Moved = msgspec.field(default_factory=Moved)
    lines: Moved = msgspec.field(default_factory=Moved)
    before: Side = msgspec.field(default_factory=Side)
    after: Side = msgspec.field(default_factory=Side)

    def add(self, other: "Tally") -> None:
        """Take another's in."""
        self.clocks.add(other.clocks)
        self.lines.add(other.lines)
        self.before.add(other.before)
        self.after.add(other.after)

    @property
    def differs(self) -> bool:
        """Whether anything came, went or changed."""
        return self.clocks != Moved() or self.lines != Moved()


Of = tuple[str, str]
"""(clause, person); no person is the empty text."""


class Totals(msgspec.Struct):
    """Tallies by clause and person."""

    tallies: dict[Of, Tally] = {}

    def take_clocks(self, pair: Pair, difference: ClockDifference | None) -> None:
        """One clock of the period."""
        for clock, after in ((pair.before, False), (pair.after, True)):
            if clock is not None:
                tally = self._of(clock.clause, clock.owner)
                side = tally.after if after else tally.before
                side.clocks += 1
                side.broken += clock.state == "breached"
        if difference is not None:
            self._of(difference.clock.clause, difference.clock.owner).clocks.count(difference.what)

    def take_lines(self, pair: LinePair, difference: LineDifference | None) -> None:
        """One penalty line of the period."""
        for shown, after in ((pair.before, False), (pair.after, True)):
            if shown is not None:
                tally = self._of(shown.line.clause, shown.line.person)
                (tally.after if after else tally.before).take(shown)
        if difference is not None:
            line = difference.shown.line
            self._of(line.clause, line.person).lines.count(difference.what)

    def add(self, other: "Totals") -> None:
        """Take another part in."""
        for of, tally in other.tallies.items():
            self._of(*of).add(tally)

    def overall(self) -> Tally:
        """All of it."""
        whole = Tally()
        for tally in self.tallies.values():
            whole.add(tally)
        return whole

    def by_clause(self) -> dict[str, Tally]:
        """The clauses under which something differs."""
        return self._by(0)

    def by_person(self) -> dict[str, Tally]:
        """The persons for whom something differs."""
        found = self._by(1)
        found.pop("", None)
        return found

    def _by(self, part: int) -> dict[str, Tally]:
        summed: dict[str, Tally] = {}
        for of, tally in self.tallies.items():
            summed.setdefault(of[part], Tally()).add(tally)
        return {name: summed[name] for name in sorted(summed) if summed[name].differs}

    def _of(self, clause: str, person: str | None) -> Tally:
        of = (clause, person or "")
        tally = self.tallies.get(of)
        if tally is None:
            tally = self.tallies[of] = Tally()
        return tally
