"""Matters' memory: cases in work, so that an event is placed once, however often its case moves."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_projections.matters import PLACE, THE_MATTER, Item, Told, items_of, items_told, told_of

CASES_HELD_MAX = 5_000
"""About as many as are in work at once; one more is read again from its history."""


class Memory:
    """Cases in work, with what they said last: an event is placed once, however often its case moves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: OrderedDict[str, _Kept] = OrderedDict()

    def moved(
        self, case: str, history: Sequence[Recorded], new: int
    ) -> tuple[dict[str, Item], dict[str, Item]]:
        """The items of a case before its last `new` events, and after them."""
        end = len(history) - new
        kept = self._held.pop(case, None)
        if kept is None or kept.taken != end or (end and history[end - 1] is not kept.last):
            told = told_of(self._settings, history[:end])
            kept = _Kept(end, None, told, items_told(told))
        told = [*kept.told, *told_of(self._settings, history[end:])]
        told.sort(key=PLACE)
        after = items_told(told)
        self._held[case] = _Kept(len(history), history[-1], told, after)
        if len(self._held) > CASES_HELD_MAX:
            self._held.popitem(last=False)
        return kept.items, after

    def matter(self, case: str, history: Sequence[Recorded]) -> Item | None:
        """What a case is about, where its last events told nothing of it."""
        kept = self._held.get(case)
        if kept is None or not kept.begins(history):
            return items_of(self._settings, history).get(THE_MATTER)
        return kept.items.get(THE_MATTER)


class _Kept(NamedTuple):
    """A case as far as it was read: how many events, the last of them, and what they said."""

    taken: int
    last: Recorded | None
    told: list[Told]
    items: dict[str, Item]

    def begins(self, history: Sequence[Recorded]) -> bool:
        """Whether it is the beginning of this history."""
        return 0 < self.taken <= len(history) and history[self.taken - 1] is self.last
