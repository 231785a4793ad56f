"""Clocks: two verdicts of one case, clock by clock."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from onrecord_projections.judging import Clock, Verdict
from onrecord_projections.whatif.period import Period

What = Literal["added", "removed", "changed"]

SHOWN = (
    "state",
    "due_at",
    "stopped_at",
    "owner",
    "started_at",
    "used",
    "paused",
    "overrun",
    "provisional",
    "justified",
    "note",
    "findings",
    "kind",
)
"""What two clocks are compared by. The number of an edition is no difference, what it says is."""

Key = tuple[str, str, str]


class ClockDifference(msgspec.Struct, frozen=True):
    """One clock that is not the same under both settings."""

    what: What
    before: Clock | None
    after: Clock | None

    @property
    def clock(self) -> Clock:
        """The clock as it would be, or as it was where it would be none."""
        shown = self.after or self.before
        assert shown is not None, "a difference has a side"
        return shown

    @property
    def key(self) -> Key:
        """By case, then clause: the order differences are listed in."""
        return _key(self.clock)


class Pair(msgspec.Struct, frozen=True):
    """One clock of the period under both settings."""

    before: Clock | None
    after: Clock | None

    @property
    def difference(self) -> ClockDifference | None:
        """What is not the same; None where everything is."""
        before, after = self.before, self.after
        if before is None:
            return ClockDifference("added", None, after)
        if after is None:
            return ClockDifference("removed", before, None)
        same = before == after or all(getattr(before, name) == getattr(after, name) for name in SHOWN)
        return None if same else ClockDifference("changed", before, after)


def pairs(period: Period, before: Verdict, after: Verdict) -> Iterator[Pair]:
    """The clocks of one case that belong to the period, under one of the settings at least; in order."""
    olds = {_key(clock): clock for clock in before.clocks}
    news = {_key(clock): clock for clock in after.clocks}
    for key in sorted(olds.keys() | news.keys()):
        pair = Pair(olds.get(key), news.get(key))
        if any(clock is not None and period.holds_clock(clock) for clock in (pair.before, pair.after)):
            yield pair


def _key(clock: Clock) -> Key:
    return clock.case, clock.clause, clock.instance
