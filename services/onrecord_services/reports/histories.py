"""Histories: the events behind a report: case by case, or of some types in a period, as far as they count.

What was recorded after the position the view stands at, or had not happened by `as_of`, is left out.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from onrecord_events.base import event_types
from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.queries.view import View
from onrecord_services.reports.report import Progress
from onrecord_services.reports.sheet import Cell, Personal

_AT_ONCE = 1_000
_TOLD = (
    "SELECT case_id, position, recorded_at, raw FROM timeline "
    "WHERE case_id = ANY(%s) AND position <= %s ORDER BY occurred_at, position"
)
_LIVED = (
    "SELECT case_id FROM cases WHERE kind = %s AND opened_at < %s AND last_at >= %s "
    "ORDER BY opened_at, case_id"
)
_OF_TYPES = (
    "SELECT position, recorded_at, raw FROM timeline "
    "WHERE type = ANY(%s) AND occurred_at >= %s AND occurred_at < %s AND position <= %s "
    "ORDER BY occurred_at, position"
)


async def lived(view: View, kind: str, begin: datetime, end: datetime) -> list[str]:
    """The cases of a kind to which something may have happened in a period."""
    return [case for (case,) in await view.fetch(_LIVED, (kind, end, begin))]


async def told(
    view: View, cases: Sequence[str], progress: Progress
) -> AsyncIterator[dict[str, list[Recorded]]]:
    """What happened to these cases, many at a time."""
    for done in range(0, len(cases), _AT_ONCE):
        progress(done, len(cases))
        some = list(cases[done : done + _AT_ONCE])
        async with view.rows.cursor(binary=True) as cursor:  # stored bytes as they are, not in hex
            await cursor.execute(_TOLD, (some, view.position))
            found: dict[str, list[Recorded]] = {case: [] for case in some}
            for case, position, recorded_at, raw in await cursor.fetchall():
                found[case].append(from_bytes(raw, position, recorded_at))
        yield {case: happened(view, history) for case, history in found.items()}
    progress(len(cases), len(cases))


async def of_types(view: View, types: Sequence[str], begin: datetime, end: datetime) -> list[Recorded]:
    """The events of some types that occurred in a period, in that order."""
    rows = await view.fetch(_OF_TYPES, (list(types), begin, end, view.position))
    return happened(view, [from_bytes(raw, position, at) for position, at, raw in rows])


def happened(view: View, history: list[Recorded]) -> list[Recorded]:
    """Those that had happened by then, in the same order."""
    as_of = view.times.as_of
    if as_of is None:
        return history
    return [event for event in history if effective_at(view.settings, event) <= as_of]


def first(history: Sequence[Recorded], *types: str, **where: Any) -> Recorded | None:
    """The earliest event of these types whose fields say so."""
    return next(_found(history, types, where), None)


def last(history: Sequence[Recorded], *types: str, **where: Any) -> Recorded | None:
    """The latest one."""
    return next(_found(reversed(history), types, where), None)


def every(history: Sequence[Recorded], *types: str, **where: Any) -> list[Recorded]:
    """All of them."""
    return list(_found(history, types, where))


def at(event: Recorded | None) -> datetime | None:
    """When it was true."""
    return event.occurred_at if event else None


def said(event: Recorded | None, field: str) -> Cell:
    """What the event says in a field, a personal one still sealed; nothing where it says nothing."""
    value = event.data.get(field) if event else None
    if event and isinstance(value, dict) and "ciphertext" in value:
        return Personal(f"{event.type}.{field}", value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return sys.intern(value)  # the same few codes and names stand in every row
    return value if isinstance(value, int) else None


def instant(event: Recorded | None, field: str) -> datetime | None:
    """An instant the event names."""
    value = event.data.get(field) if event else None
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _found(history: Any, types: tuple[str, ...], where: dict[str, Any]) -> Any:
    """An event that leaves a field out says what its type says by default."""
    for event in history:
        if event.type in types and all(_value(event, name) == value for name, value in where.items()):
            yield event


def _value(event: Recorded, field: str) -> Any:
    if field in event.data:
        return event.data[field]
    known = event_types()[event.type].model_fields.get(field)
    return None if known is None or known.is_required() else known.default
