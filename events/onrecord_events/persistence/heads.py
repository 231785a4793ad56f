"""Heads: the last row of each subject as this process knows it, so that a save needs no look-up first."""

from collections import OrderedDict
from typing import NamedTuple

HEADS_MAX = 10_000


class Head(NamedTuple):
    """A subject's last row: its version (of tracking: its notification id) and its position."""

    number: int
    position: int


NOTHING = Head(-1, 0)
"""Before the first row."""


class Heads:
    """A bounded map. What it says may be stale: the server checks every append, and then we look again."""

    def __init__(self, heads_max: int = HEADS_MAX) -> None:
        self._heads_max = heads_max
        self._heads: OrderedDict[str, Head] = OrderedDict()

    def get(self, subject: str) -> Head | None:
        """The head last seen, if it is still remembered."""
        head = self._heads.get(subject)
        if head is not None:
            self._heads.move_to_end(subject)
        return head

    def saw(self, subject: str, head: Head) -> None:
        """Remember a head, unless a later one is known."""
        known = self._heads.get(subject)
        if known is None or known.position < head.position:
            self._heads[subject] = head
        self._heads.move_to_end(subject)
        if len(self._heads) > self._heads_max:
            self._heads.popitem(last=False)

    def forget(self, subject: str) -> None:
        """The server said otherwise."""
        self._heads.pop(subject, None)
