"""Item: what one thing that happened, or one promise that fell due, adds to a figure: a sum of items."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from onrecord_projections.judging.effective import local_day
from onrecord_projections.judging.figures.periods import period_of
from onrecord_projections.judging.figures.plan import Asked
from onrecord_projections.judging.policy import Settings


class Item(msgspec.Struct, frozen=True):
    """One contribution; (figure, case, id) names it."""

    asked: Asked
    part: str
    """The clause of the clock, where the figure tells its clocks apart."""
    case: str
    id: str
    """The event or the clock it is, or `case` where the case as a whole counts once."""
    at: datetime
    """The instant whose period it belongs to."""
    group: str
    above: Decimal
    below: Decimal
    value: str | None
    """What medians and counts of different values need to know one by one."""
    evidence: tuple[int, ...]
    missing: tuple[str, ...] = ()
    """Of coverage by name: who is still to be reached."""


class Cell(NamedTuple):
    """One figure of one group in one period."""

    pack: str
    edition: int
    kpi: str
    part: str
    period: str
    group: str


class Sums:
    """What a cell's items come to; can be added and taken away."""

    __slots__ = ("above", "below", "items", "values")

    def __init__(self) -> None:
        self.above = self.below = Decimal()
        self.items = 0
        self.values: dict[str, int] = {}

    def add(self, item: Item, sign: int = 1) -> None:
        """One more item, or one less."""
        self.above += sign * item.above
        self.below += sign * item.below
        self.items += sign
        if item.value is not None:
            self.put(item.value, sign)

    @property
    def moved(self) -> bool:
        """Whether anything is left of what was added and taken away."""
        return bool(self.items or self.above or self.below or self.values)

    def put(self, value: str, times: int) -> None:
        """A value seen so many times more."""
        left = self.values.get(value, 0) + times
        if left:
            self.values[value] = left
        else:
            self.values.pop(value, None)

    def join(self, other: "Sums") -> None:
        """All of another cell's items too."""
        self.above += other.above
        self.below += other.below
        self.items += other.items
        for value, times in other.values.items():
            self.put(value, times)


def cells_of(settings: Settings, item: Item) -> Iterator[Cell]:
    """The cells an item belongs to: one a kind of period the figure is asked for."""
    asked, day = item.asked, local_day(settings, item.at)
    for every in asked.clause.every:
        period = period_of(day, every)
        yield Cell(asked.pack, asked.edition, asked.id, item.part, period, item.group)


def summed(settings: Settings, items: Iterable[Item]) -> Mapping[Cell, Sums]:
    """All items added up, cell by cell."""
    found: dict[Cell, Sums] = {}
    for item in items:
        for cell in cells_of(settings, item):
            found.setdefault(cell, Sums()).add(item)
    return found
