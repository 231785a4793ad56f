"""Quantities: how many of what an event shows, and what it is worth. A rulebook names; it never computes."""

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import Any

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import PenaltyClause
from onrecord_projections.judging.parts import Quantity


def papers_of_kind(quantity: Quantity, data: Mapping[str, Any]) -> int:
    """Papers with a defect of one of these kinds (CC02-E2: per item)."""
    return sum(
        defect["papers"] for defect in data.get(quantity.field, ()) if defect["kind"] in quantity.kinds
    )


QUANTITIES: dict[str, Callable[[Quantity, Mapping[str, Any]], int]] = {"papers-of-kind": papers_of_kind}


def quantity_of(clause: PenaltyClause, data: Mapping[str, Any]) -> int:
    """How many an event shows: one, unless the clause names what to count."""
    if clause.quantity is not None:
        return QUANTITIES[clause.quantity.function](clause.quantity, data)
    if clause.quantity_field is None:
        return 1
    said = data.get(clause.quantity_field)
    if said is None:
        return _unsaid(tuple(selector.event for selector in clause.event), clause.quantity_field)
    if isinstance(said, list | tuple):
        return len(said)
    return int(Decimal(str(said)).to_integral_value(ROUND_CEILING))


def value_of(clause: PenaltyClause, data: Mapping[str, Any]) -> Decimal | None:
    """The money the event names, where the clause asks for it."""
    said = data.get(clause.value_field) if clause.value_field else None
    return None if said is None else Decimal(str(said))


def people_of(clause: PenaltyClause, person: str | None, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Everybody charged, where the event lists more than one person; in the order of their ids."""
    if clause.among_field is None:
        return ()
    listed = {str(name) for name in data.get(clause.among_field) or ()}
    return tuple(sorted(listed | {person} if person else listed))


@lru_cache(maxsize=1024)
def _unsaid(events: tuple[str, ...], field: str) -> int:
    """What the field stands for where an event leaves it out."""
    for name in events:
        info = event_types()[name].model_fields.get(field)
        if info is not None and isinstance(info.default, int):
            return int(info.default)
    return 0
