"""Fold: one figure of one case, event by event in the order they count; what moved since it was last asked.

A fold never looks back: an event costs the same however long its case is. Folding a whole case and asking
once gives its items; asking after every event gives the same items, as they come and go.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec.structs import replace

from onrecord_projections.judging.figures.item import Item
from onrecord_projections.judging.figures.plan import Asked
from onrecord_projections.judging.figures.story import Told, counts_at, group_of, number_in, plain
from onrecord_projections.judging.policy import Settings

ONE, NOUGHT = Decimal(1), Decimal()
OVER, UNDER = "numerator", "denominator"
Moved = tuple[Item, int]
"""An item that came (1), or is no more (-1)."""


class Fold(ABC):
    """What the events of one case, told so far, add to one figure."""

    __slots__ = ("asked", "settings")

    def __init__(self, settings: Settings, asked: Asked) -> None:
        self.settings, self.asked = settings, asked

    @abstractmethod
    def take(self, told: Told, met: tuple[str, ...]) -> None:
        """The next event that sides of the figure mean."""

    @abstractmethod
    def moved(self) -> Iterator[Moved]:
        """What came and went since this was last asked."""

    def holds(self, told: Told) -> bool:
        """Whether the edition, and its reading, were in force when it happened."""
        return holds(self.settings, self.asked, told)

    def item(self, told: Told, above: Decimal, below: Decimal, value: str | None, name: str = "") -> Item:
        """One contribution, of the period and the group an event says."""
        return item_of(self.settings, self.asked, told, above, below, value, name)


def counted(settings: Settings, asked: Asked, told: Told, met: tuple[str, ...]) -> Item | None:
    """What one event adds by itself on these sides; nothing where its number cannot be read."""
    if not met or not holds(settings, asked, told):
        return None
    clause = asked.clause
    over = _above(asked, told) if OVER in met else None
    if clause.formula in ("mean", "median", "percentile"):
        return None if over is None else item_of(settings, asked, told, over, ONE, kept(asked, over))
    under = _below(asked, told) if UNDER in met else None
    if over is None and under is None:
        return None
    value = str(told.seen.data.get(clause.distinct)) if clause.distinct and over is not None else None
    return item_of(settings, asked, told, over or NOUGHT, under or NOUGHT, value)


def item_of(
    settings: Settings,
    asked: Asked,
    told: Told,
    above: Decimal,
    below: Decimal,
    value: str | None,
    name: str = "",
) -> Item:
    """One contribution, of the period and the group an event says."""
    seen = told.seen
    at, _ = counts_at(settings, asked, told)
    group = group_of(asked, told.case, seen.data, told.facts)
    return Item(asked, "", told.case, name or seen.id, at, group, above, below, value, (seen.position,))


def holds(settings: Settings, asked: Asked, told: Told) -> bool:
    """Whether the edition, and its reading, were in force when it happened."""
    switch, at = asked.rule.switch, told.seen.at
    if switch is not None and settings.reading(switch.reading, at) != switch.value:
        return False
    return asked.rule.holds_at(at)


def kept(asked: Asked, number: Decimal) -> str | None:
    """Values one by one, where only that tells the figure."""
    return None if asked.clause.formula == "mean" else plain(number)


def _above(asked: Asked, told: Told) -> Decimal | None:
    clause = asked.clause
    if clause.distinct:
        return NOUGHT if told.seen.data.get(clause.distinct) is not None else None
    return number_in(told, clause.value_field) if clause.value_field else ONE


def _below(asked: Asked, told: Told) -> Decimal | None:
    field = asked.clause.denominator_field
    return number_in(told, field) if field else ONE


def resting(item: Item, on: Iterable[Told]) -> Item:
    """The same, resting on these events."""
    return replace(item, evidence=tuple(told.seen.position for told in on))


def exchanged(was: Item | None, now: Item | None) -> Iterator[Moved]:
    """One item for another; nothing if they are equal."""
    if was == now:
        return
    if was is not None:
        yield was, -1
    if now is not None:
        yield now, 1
