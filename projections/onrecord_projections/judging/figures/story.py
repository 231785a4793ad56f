"""Story: the events of one case in the order they count, each once, with the facts told so far.

The order is (effective time, the source's sequence, position), whatever the order of arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import itemgetter
from typing import Any

from onrecord_events.envelope import Recorded
from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.figures.periods import begin_of
from onrecord_projections.judging.figures.plan import CASE, Asked, plan_of
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import Seen

NOBODY = ""
"""The group of what a figure that is not split counts, or of what names nobody."""

_SMALLEST = Decimal("0.000001")
_NUMBER_MAX = Decimal(10) ** 18
"""Sums of such numbers stay exact, here and in the rows."""


class Told:
    """One event with the facts its case had by then, itself included."""

    __slots__ = ("case", "facts", "seen", "type")

    def __init__(self, event: Recorded, seen: Seen, facts: Mapping[str, Any]) -> None:
        self.type, self.case, self.seen, self.facts = event.type, event.case, seen, facts

    def met(self, asked: Asked) -> tuple[str, ...]:
        """The sides of a figure that mean it."""
        found: tuple[str, ...] = ()
        data, without = self.seen.data, asked.clause.without
        for side, triggers in asked.meant.get(self.type, ()):
            if without and side == "numerator" and any(data.get(field) for field in without):
                continue
            for trigger in triggers:
                if trigger.always or trigger.meets(data, self.facts):
                    found = (*found, side)
                    break
        return found


Place = tuple[datetime, int, int]
"""Where an event stands in its case: effective time, the source's sequence, position."""


class Teller:
    """Tells events of one case one after another, with the facts told so far."""

    __slots__ = ("_plan", "facts")

    def __init__(self, settings: Settings) -> None:
        self._plan = plan_of(settings)
        self.facts: Mapping[str, Any] = {}

    def hear(self, event: Recorded) -> None:
        """Remember what it says."""
        said = {
            field: event.data[field]
            for field in self._plan.facts_of.get(event.type, ())
            if field in event.data
        }
        if said:
            self.facts = {**self.facts, **said}

    def tell(self, event: Recorded, at: datetime) -> Told:
        """The next one."""
        self.hear(event)
        return Told(event, Seen(at, event.position, f"{event.source}#{event.id}", event.data), self.facts)


def place_of(settings: Settings, event: Recorded) -> Place:
    """Where it stands in its case, whenever it arrived."""
    return effective_at(settings, event), event.sequence or 0, event.position


def in_order(
    settings: Settings, events: Iterable[Recorded], types: frozenset[str]
) -> list[tuple[Place, Recorded]]:
    """The events of these types in the order they count, each once."""
    once: dict[tuple[str, str], Recorded] = {}
    for event in events:
        if event.type in types:
            held = once.get((event.source, event.id))
            if held is None or event.position < held.position:
                once[event.source, event.id] = event
    return sorted(((place_of(settings, event), event) for event in once.values()), key=itemgetter(0))


def tell(settings: Settings, events: Iterable[Recorded], types: frozenset[str]) -> Sequence[Told]:
    """The events of these types in the order they count, each once, with the facts told so far."""
    teller = Teller(settings)
    return [teller.tell(event, place[0]) for place, event in in_order(settings, events, types)]


def group_of(asked: Asked, case: str, data: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Whose figure it goes into: what the event says, else what the case last said."""
    by = asked.clause.by
    if by is None:
        return NOBODY
    if by == CASE:
        return case
    named = data.get(by)
    named = facts.get(by) if named is None else named
    return NOBODY if named is None or isinstance(named, list | tuple | dict) else str(named)


def number_in(told: Told, field: str) -> Decimal | None:
    """A number of an event's body; how many, of a list; None if there is none."""
    found = told.seen.data.get(field, _default(told.type, field))
    if isinstance(found, list | tuple):
        return Decimal(len(found))
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > _NUMBER_MAX:
        return None
    return number.quantize(_SMALLEST)


def plain(number: Decimal) -> str:
    """One way to write a number, so that equal ones are one."""
    return f"{number.normalize():f}"


@lru_cache(maxsize=1024)
def _default(event: str, field: str) -> Any:
    """What a field stands for where an event leaves it out."""
    known = event_types()[event].model_fields.get(field)
    return None if known is None or known.is_required() else known.default


def counts_at(settings: Settings, asked: Asked, told: Told) -> tuple[datetime, str]:
    """The instant whose period an event belongs to, and the period it names itself."""
    named = told.seen.data.get(asked.clause.period_field or "")
    if named is None:
        return told.seen.at, ""
    try:
        return begin_of(settings, str(named)), str(named)
    except ValueError:
        return told.seen.at, ""
