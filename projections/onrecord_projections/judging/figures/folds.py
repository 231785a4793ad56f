"""Folds: how each formula looks at the events of a case."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec.structs import replace

from onrecord_projections.judging.figures.fold import (
    NOUGHT,
    ONE,
    OVER,
    UNDER,
    Fold,
    Moved,
    counted,
    exchanged,
    kept,
    resting,
)
from onrecord_projections.judging.figures.item import Item
from onrecord_projections.judging.figures.plan import CASE, Asked
from onrecord_projections.judging.figures.story import Told, counts_at, group_of, number_in
from onrecord_projections.judging.policy import Settings


def fold_of(settings: Settings, asked: Asked) -> Fold:
    """An empty fold of a figure, by its formula."""
    clause = asked.clause
    match clause.formula:
        case "cases":
            return OfCase(settings, asked)
        case "coverage":
            return Coverage(settings, asked)
        case _ if clause.starts_on:
            return Spans(settings, asked)
        case _:
            return (Latest if clause.latest else Each)(settings, asked)


class Each(Fold):
    """Every event counts by itself, and for good: above, below, or with its number."""

    __slots__ = ("_fresh",)

    def __init__(self, settings: Settings, asked: Asked) -> None:
        super().__init__(settings, asked)
        self._fresh: list[Item] = []

    def take(self, told: Told, met: tuple[str, ...]) -> None:
        """Count it, if it counts."""
        item = counted(self.settings, self.asked, told, met)
        if item is not None:
            self._fresh.append(item)

    def moved(self) -> Iterator[Moved]:
        """What was counted since."""
        fresh, self._fresh = self._fresh, []
        return ((item, 1) for item in fresh)


class Spans(Each):
    """From the first start to the first stop after it, then from the next start on; of the stop's period."""

    __slots__ = ("_started",)

    def __init__(self, settings: Settings, asked: Asked) -> None:
        super().__init__(settings, asked)
        self._started: Told | None = None

    def take(self, told: Told, met: tuple[str, ...]) -> None:
        """Begin, or end, a stretch of time."""
        started = self._started
        if started is not None and "stops_on" in met:
            if self.holds(told):
                self._fresh.append(self._span(started, told))
            self._started = started = None
        if started is None and "starts_on" in met:
            self._started = told

    def _span(self, started: Told, told: Told) -> Item:
        number = Decimal(str((told.seen.at - started.seen.at).total_seconds()))
        return resting(self.item(told, number, ONE, kept(self.asked, number)), (started, told))


class Latest(Fold):
    """Of one group and named period only the last event of a side counts: told again is corrected."""

    __slots__ = ("_before", "_last", "_standing")

    def __init__(self, settings: Settings, asked: Asked) -> None:
        super().__init__(settings, asked)
        self._last: dict[tuple[str, str, str], int] = {}
        """The position of the last event by side, group and period."""
        self._standing: dict[int, tuple[Told, tuple[str, ...]]] = {}
        """The events that count, with the sides they count on."""
        self._before: dict[int, Item | None] = {}
        """What an event added when this was last asked, if it was touched since."""

    def take(self, told: Told, met: tuple[str, ...]) -> None:
        """Let it count in place of what it corrects."""
        if not self.holds(told):
            return
        about = (
            group_of(self.asked, told.case, told.seen.data, told.facts),
            counts_at(self.settings, self.asked, told)[1],
        )
        for side in met:
            was = self._last.get((side, *about))
            self._last[side, *about] = told.seen.position
            if was is not None:
                held, of = self._standing[was]
                self._stand(held, tuple(other for other in of if other != side))
        self._stand(told, met)

    def _stand(self, told: Told, sides: tuple[str, ...]) -> None:
        position = told.seen.position
        self._before.setdefault(position, self._item(position))
        self._standing[position] = told, sides
        if not sides:
            del self._standing[position]

    def _item(self, position: int) -> Item | None:
        standing = self._standing.get(position)
        return counted(self.settings, self.asked, *standing) if standing else None

    def moved(self) -> Iterator[Moved]:
        """What came, and what was corrected."""
        before, self._before = self._before, {}
        for position, was in before.items():
            yield from exchanged(was, self._item(position))


class Once(Fold):
    """The case counts once as a whole, by one item that may change until it ends."""

    __slots__ = ("_shown", "_stale")

    def __init__(self, settings: Settings, asked: Asked) -> None:
        super().__init__(settings, asked)
        self._shown: Item | None = None
        self._stale = False

    @abstractmethod
    def now(self) -> Item | None:
        """What the case adds, by what was told so far."""

    def moved(self) -> Iterator[Moved]:
        """One item in place of another, if it changed."""
        if self._stale:
            was, self._shown, self._stale = self._shown, self.now(), False
            yield from exchanged(was, self._shown)


class OfCase(Once):
    """The case once, by its first or last event of the kind."""

    __slots__ = ("_counted", "_itself", "_shows")

    def __init__(self, settings: Settings, asked: Asked) -> None:
        super().__init__(settings, asked)
        self._counted: Told | None = None
        self._itself = False
        """Whether that event shows it."""
        self._shows: Told | None = None
        """The first event that shows it, wherever in the case."""

    def take(self, told: Told, met: tuple[str, ...]) -> None:
        """Remember it if the case is counted by it, or shown by it."""
        if UNDER in met and (self._counted is None or self.asked.clause.pick == "last"):
            self._counted, self._itself, self._stale = told, OVER in met, True
        if self._shows is None and OVER in met:
            self._shows, self._stale = told, True

    def now(self) -> Item | None:
        """One, shown or not."""
        told = self._counted
        if told is None or not self.holds(told):
            return None
        itself = told if self._itself else None
        shows = self._shows if self.asked.clause.met == "ever" else itself
        item = self.item(told, ONE if shows else NOUGHT, ONE, None, CASE)
        return resting(item, (told, *((shows,) if shows and shows is not told else ())))


class Coverage(Once):
    """Of those the case has to reach, by name or by number, those reached: each once."""

    __slots__ = ("_opened", "_reached")

    def __init__(self, settings: Settings, asked: Asked) -> None:
        super().__init__(settings, asked)
        self._opened: list[Told] = []
        self._reached: dict[str, Told] = {}

    def take(self, told: Told, met: tuple[str, ...]) -> None:
        """More to reach, or one more reached."""
        clause = self.asked.clause
        if UNDER in met:
            self._opened.append(told)
            self._stale = True
        name = told.seen.data.get(clause.value_field or "")
        if name is not None and OVER in met:
            self._reached.setdefault(str(name), told)
            self._stale = True

    def now(self) -> Item | None:
        """How many of how many."""
        opened, reached = self._opened, self._reached
        if not opened or not self.holds(opened[0]):
            return None
        assert self.asked.clause.denominator_field is not None
        wanted, number = targets(self.asked.clause.denominator_field, opened)
        names = [name for name in reached if not wanted or name in wanted]
        above = min(Decimal(len(names)), number)
        item = self.item(opened[0], above, number, None, CASE)
        item = resting(item, (*opened, *(reached[name] for name in names)))
        return replace(item, missing=tuple(sorted(wanted - reached.keys())))


def targets(field: str, opened: Iterable[Told]) -> tuple[frozenset[str], Decimal]:
    """Who is to be reached: by name where events give names, and how many."""
    names: set[str] = set()
    number = NOUGHT
    for told in opened:
        found = told.seen.data.get(field)
        if isinstance(found, list | tuple):
            names.update(str(name) for name in found)
        else:
            number += number_in(told, field) or NOUGHT
    return frozenset(names), number + len(names)
