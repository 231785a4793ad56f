"""Service items: which matters, tasks, contacts, clocks are behind a figure, on which events do they rest?"""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from onrecord_projections.queries import service_sources, service_sql
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.earlier import Stretch, stretches_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.service import OF_CLOCKS
from onrecord_projections.queries.service_counted import callbacks
from onrecord_projections.queries.service_sql import HELD, TAKEN, Asked, Columns, Statement, Wanted
from onrecord_projections.queries.service_words import FigureId
from onrecord_projections.queries.view import View


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing behind a figure."""

    case: str
    item: str | None
    """The clock's instance; of a task or a contact, the position it began at. None: the case as a whole."""
    kind: str
    """`complaint`, `repair`, `service`, `case`, `task`, `contact` or `clock`."""
    clause: str | None
    at: datetime
    """The instant whose period it belongs to: opened, or due."""
    person: str | None
    counted: bool
    """Whether it counts above the line, not only below it."""
    took_s: float | None
    """Of a time: how long, or how long so far where it is not `counted`."""
    evidence: list[int]
    """Positions of the events it rests on."""


class Behind(NamedTuple):
    """Which items a figure is made of, and which of them count above the line."""

    columns: Columns
    besides: tuple[str, ...] = ()
    """Kinds besides the matters asked about."""
    among: str = "true"
    counted: str = "true"
    end: str | None = None
    """Of a time: the instant it runs to."""


_TASKS = Behind(TAKEN, ("task",), "i.kind = 'task'", "i.settled_at IS NOT NULL")
_ANSWERED = Behind(TAKEN, (), "true", "i.answered_at IS NOT NULL", "i.answered_at")
_SETTLED = Behind(HELD, (), "true", "i.settled_at IS NOT NULL", "i.settled_at")
BEHIND: dict[FigureId, Behind] = {
    "complaints": Behind(TAKEN),
    "complaint-rate": Behind(TAKEN, ("contact",), counted="i.kind <> 'contact'"),
    "settled": Behind(HELD, (), "i.ended_at IS NULL", "i.settled_at IS NOT NULL"),
    "first-response-median": _ANSWERED,
    "first-response-p90": _ANSWERED,
    "settlement-median": _SETTLED,
    "settlement-p90": _SETTLED,
    "tasks-done": _TASKS,
    "tasks-in-time": _TASKS._replace(
        among="i.kind = 'task' AND i.due_at < %s", counted="coalesce(i.settled_at <= i.due_at, false)"
    ),
    "reopened": Behind(HELD, (), "(i.settled_at IS NOT NULL OR i.reopened > 0)", "i.reopened > 0"),
    "repeated": Behind(TAKEN, (), "true", "i.repeats > 0"),
}


class _Key(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    case: str
    item: str
    clause: str


async def behind(
    view: View, period: str, figure: FigureId, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[ItemRow]:
    """The items of one figure in a period, the earliest first. Raises BadQuestion."""
    stretch = stretches_of(view, period).now
    asked = Asked([stretch], wanted, None, view.at, await service_sources.teams(view))
    key = key_of(cursor, _Key) or _Key(stretch.span.begin, "", "", "")
    if figure in OF_CLOCKS:
        if view.timed:
            raise BadQuestion(f"as_of, known_at: {figure} is not told again; ask /v1/clocks")
        only = None if figure == "timeliness" else sorted(callbacks(view))
        counted = "c.stopped_at IS NOT NULL" if figure == "callback-rate" else "c.state = 'met'"
        statement = service_sql.clocks_behind(
            asked, only, counted, tuple(msgspec.structs.astuple(key)), limit
        )
    else:
        statement = await _items(view, asked, BEHIND[figure], stretch, key, limit)
    rows = [_row(row) for row in await view.fetch(statement.text, statement.values)]
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    return Page(rows[:limit], _Key(last.at, last.case, last.item or "", last.clause or ""))


async def _items(
    view: View, asked: Asked, made: Behind, stretch: Stretch, key: _Key, limit: int
) -> Statement:
    items = await service_sources.items(view, [stretch])
    kinds = (asked.wanted.kind, *made.besides)
    return service_sql.items_behind(
        asked,
        items,
        made.columns,
        kinds,
        (made.among, made.counted, made.end),
        (key.at, key.case, key.item),
        limit,
    )


def _row(row: tuple[Any, ...]) -> ItemRow:
    case, item, kind, clause, at, person, counted, took_s, evidence = row
    return ItemRow(
        case=case,
        item=item or None,
        kind=kind,
        clause=clause,
        at=at,
        person=person or None,
        counted=counted,
        took_s=took_s,
        evidence=evidence,
    )
