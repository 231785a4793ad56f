"""Heard: the events ownership asks for, in the one order in which they count."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.case import whole_second
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.policy import Settings

Key = tuple[datetime, int, int]


class Heard(msgspec.Struct, frozen=True):
    """One event in its place."""

    key: Key
    at: datetime
    """When it counts (reading R9), in whole seconds (R1)."""
    kind: str
    stream: str
    case: str
    position: int
    data: Mapping[str, Any]


def heard(settings: Settings, events: Iterable[Recorded], types: frozenset[str]) -> list[Heard]:
    """The events of these types, each once, by (effective time, the source's sequence, position)."""
    first: dict[tuple[str, str], Recorded] = {}
    for event in events:
        if event.type in types:
            held = first.get((event.source, event.id))
            if held is None or event.position < held.position:
                first[event.source, event.id] = event
    found = []
    for event in first.values():
        at = effective_at(settings, event)
        key = (at, event.sequence or 0, event.position)
        found.append(
            Heard(key, whole_second(at), event.type, event.stream, event.case, event.position, event.data)
        )
    return sorted(found, key=lambda one: one.key)
