"""Quantities: how many of what an event shows, by name. A rulebook names one; it never computes."""

from collections.abc import Callable, Mapping
from typing import Any

from onrecord_projections.judging.parts import (
    Quantity,
)


def papers_of_kind(quantity: Quantity, data: Mapping[str, Any]) -> int:
    """Papers with a defect of one of these kinds (CC02-E2: per item)."""
    return sum(
        defect["papers"] for defect in data.get(quantity.field, ()) if defect["kind"] in quantity.kinds
    )


QUANTITIES: dict[str, Callable[[Quantity, Mapping[str, Any]], int]] = {"papers-of-kind": papers_of_kind}
