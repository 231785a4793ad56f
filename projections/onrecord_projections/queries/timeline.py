"""Timeline: what happened to a case, a person, a customer? Of personal fields only that they are there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from onrecord_events.base import event_types
from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.view import View
from onrecord_projections.timeline import LAST

SEALED = {"sealed": True}
"""Stands where a personal field is: what is sealed does not leave, not even as ciphertext."""
_CASE = (
    "SELECT position, recorded_at, raw FROM timeline WHERE case_id = %s AND position > %s "
    "AND position <= %s ORDER BY position LIMIT %s"
)
_PARTY = (
    "SELECT t.position, t.recorded_at, t.raw FROM party p JOIN timeline t USING (position) "
    "WHERE p.party = %s AND p.position < %s ORDER BY p.position DESC LIMIT %s"
)


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event as anybody who may read the case sees it."""

    position: int
    id: str
    source: str
    type: str
    stream: str
    case: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str | None
    causation: str | None
    data: dict[str, Any]


async def of_case(view: View, case: str, *, cursor: str | None = None, limit: int = 50) -> Page[EventRow]:
    """A page of what happened to a case, in the order of the log. Raises BadQuestion."""
    after = key_of(cursor, tuple[int]) or (0,)
    return _page(view, await view.fetch(_CASE, (case, *after, view.position, limit + 1)), limit)


async def of_party(view: View, party: str, *, cursor: str | None = None, limit: int = 50) -> Page[EventRow]:
    """A page of what a customer or person was part of, newest first. Raises BadQuestion."""
    (before,) = key_of(cursor, tuple[int]) or (LAST,)
    rows = await view.fetch(_PARTY, (party, min(before, view.position + 1), limit + 1))
    return _page(view, rows, limit)


def shown(event: Recorded, view: View) -> EventRow:
    """An event without what is sealed in it."""
    return EventRow(
        position=event.position,
        id=event.id,
        source=event.source,
        type=event.type,
        stream=event.stream,
        case=event.case,
        occurred_at=event.occurred_at.astimezone(view.zone),
        recorded_at=event.recorded_at.astimezone(view.zone),
        actor=event.actor,
        causation=event.causation,
        data=_open_fields(event.type, event.data),
    )


def _page(view: View, rows: list[tuple[Any, ...]], limit: int) -> Page[EventRow]:
    """What had happened by the instant asked about: perhaps fewer rows than were looked at."""
    events = [from_bytes(raw, position, at) for position, at, raw in rows[:limit]]
    as_of = view.times.as_of
    items = [
        shown(event, view) for event in events if as_of is None or effective_at(view.settings, event) <= as_of
    ]
    return Page(items, (events[-1].position,) if len(rows) > limit else None)


def _open_fields(type_name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    known = event_types().get(type_name)
    sealed = known.SEALED_FIELDS if known else frozenset[str]()
    return {
        name: SEALED if name in sealed or (isinstance(value, Mapping) and "ciphertext" in value) else value
        for name, value in data.items()
    }
