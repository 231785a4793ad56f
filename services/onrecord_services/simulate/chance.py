"""Chance: all randomness of a simulation, from one seed.

Only `Random.random` is used: its sequence is promised for ever, that of the other methods is not.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance:
    """Draws that come out the same on every Python."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed).random  # noqa: S311 - a simulation must be repeatable, not secret

    def yes(self, share: float) -> bool:
        """True in this share of cases."""
        return self.draw() < share

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of them, all equally likely."""
        return things[int(self.draw() * len(things))]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.draw() * (high - low + 1))

    def about(self, typical: int) -> int:
        """A duration as work takes it: mostly near the typical one, one in twelve far beyond."""
        share = self.draw()
        if share < 1 / 12:
            return int(typical * (2 + 36 * share))
        return int(typical * (0.3 + share * share * 1.6)) + 1
