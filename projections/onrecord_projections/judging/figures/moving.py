"""Moving: what one event more adds to the figures of its case, and what it takes back.

A case is told once, and its story kept; an event that counts after all others goes on from there, so that it
costs the same however long the case is. One that came late makes the case be told again, before and after.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.figures.fold import Fold, Moved, counted
from onrecord_projections.judging.figures.folds import fold_of
from onrecord_projections.judging.figures.plan import Asked, plan_of
from onrecord_projections.judging.figures.story import Place, Teller, Told, in_order, place_of
from onrecord_projections.judging.policy import Settings

CASES_HELD_MAX = 5_000
"""About as many as are in work at once; one more is told again from its history."""
_BEFORE_ALL: Place = (datetime(1, 1, 1, tzinfo=UTC), 0, 0)
_KEPT = "figure_stories"


class Story:
    """One case, as far as it was told, with the figures it moves."""

    __slots__ = ("_folds", "_fresh", "_last", "_place", "_plan", "_settings", "_teller", "_touched", "taken")

    def __init__(self, settings: Settings) -> None:
        self._settings, self._plan, self._teller = settings, plan_of(settings), Teller(settings)
        self._folds: dict[Asked, Fold] = {}
        self._touched: dict[Asked, Fold] = {}
        self._fresh: list[Moved] = []
        self._place = _BEFORE_ALL
        self._last: Recorded | None = None
        self.taken = 0
        """How many events of the case's history it was told."""

    @classmethod
    def of(cls, settings: Settings, history: Sequence[Recorded]) -> "Story":
        """A whole history at once, in whatever order it came."""
        story = cls(settings)
        if not history:
            return story
        for place, event in in_order(settings, history, story._plan.types):
            story._tell(event, place)
        story.taken, story._last = len(history), history[-1]
        return story

    def begins(self, history: Sequence[Recorded], end: int) -> bool:
        """Whether it was told a beginning of these events, and no more; by the very objects."""
        return self.taken <= end and (not self.taken or history[self.taken - 1] is self._last)

    def take(self, events: Iterable[Recorded]) -> bool:
        """Go on; False, and no further, at an event that counts before one already told."""
        for event in events:
            if event.type in self._plan.types:
                place = place_of(self._settings, event)
                if place < self._place:
                    return False
                self._tell(event, place)
            self.taken, self._last = self.taken + 1, event
        return True

    def moved(self) -> Iterator[Moved]:
        """What came and went since this was last asked."""
        fresh, self._fresh = self._fresh, []
        touched, self._touched = self._touched, {}
        yield from fresh
        for fold in touched.values():
            yield from fold.moved()

    def _tell(self, event: Recorded, place: Place) -> None:
        self._place = place
        counting = self._plan.of_event.get(event.type)
        if counting is None:
            self._teller.hear(event)
            return
        told = self._teller.tell(event, place[0])
        for asked in counting:
            if met := told.met(asked):
                self._count(asked, told, met)

    def _count(self, asked: Asked, told: Told, met: tuple[str, ...]) -> None:
        if asked.alone:
            item = counted(self._settings, asked, told, met)
            if item is not None:
                self._fresh.append((item, 1))
            return
        fold = self._folds.get(asked)
        if fold is None:
            fold = self._folds[asked] = fold_of(self._settings, asked)
        fold.take(told, met)
        self._touched[asked] = fold


class Stories:
    """The cases told lately under the same settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: OrderedDict[str, Story] = OrderedDict()

    def moved(self, case: str, history: Sequence[Recorded], fresh: int) -> Iterator[Moved]:
        """What the last `fresh` events of a case's history did to its figures; none of them a copy."""
        before = len(history) - fresh
        story = self._told(case, history, before)
        if story.take(history[before:]):
            found = story.moved()
        else:
            story = Story.of(self._settings, history)
            found = _differing(Story.of(self._settings, history[:before]).moved(), story.moved())
        self._held[case] = story
        if len(self._held) > CASES_HELD_MAX:
            self._held.popitem(last=False)
        return found

    def _told(self, case: str, history: Sequence[Recorded], end: int) -> Story:
        """The story up to there, with nothing moved since."""
        story = self._held.pop(case, None)
        if story is None or not story.begins(history, end) or not story.take(history[story.taken : end]):
            story = Story.of(self._settings, history[:end])
        for _ in story.moved():
            pass
        return story


def stories_of(settings: Settings) -> Stories:
    """The stories told under a tenant's settings, kept with them."""
    held: Stories | None = settings.__dict__.get(_KEPT)
    if held is None:
        held = settings.__dict__[_KEPT] = Stories(settings)
    return held


def _differing(before: Iterable[Moved], after: Iterable[Moved]) -> Iterator[Moved]:
    """What is not the same in two tellings of one case."""
    was = {(item.asked, item.id): item for item, _ in before}
    for item, _ in after:
        if was.get((item.asked, item.id)) == item:
            del was[item.asked, item.id]
        else:
            yield item, 1
    yield from ((item, -1) for item in was.values())
