"""Totals: how many promises stand how, clause by clause or person by person?

Retention is left out: what must be kept is no promise to anybody.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from onrecord_projections.queries import journal
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.clocks import Counts
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.view import View

GroupBy = Literal["clause", "owner"]
_STATES = ("running", "paused", "met", "breached", "cancelled", "excused")
_OPEN = "open AND state IN ('running', 'paused', 'breached')"
_OVERDUE = "open AND state = 'breached'"
_FROM_ROWS = (
    "(SELECT pack, edition, clause, kind, owner, "
    "CASE WHEN state = 'running' AND kind <> 'retention' AND due_at < %s THEN 'breached' ELSE state END "
    "AS state, stopped_at IS NULL AS open, count(*) AS n FROM sla GROUP BY 1, 2, 3, 4, 5, 6, 7)"
)


class TotalRow(msgspec.Struct, frozen=True, kw_only=True):
    """So many promises in each state."""

    group: str | None
    """The clause or owner; None where nothing was grouped, or nobody is named."""
    running: int
    paused: int
    met: int
    breached: int
    cancelled: int
    excused: int
    open: int
    """Nothing has stopped it: running, paused, or broken and not made good."""
    overdue: int
    """Broken, and not made good."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks; None asks for nothing in particular."""

    clause: str | None = None
    owner: str | None = None


async def clocks(
    view: View, wanted: Wanted, by: GroupBy | None, *, cursor: str | None = None, limit: int = 50
) -> Page[TotalRow]:
    """Groups in the order of their names, those that are not named last. Raises BadQuestion."""
    source = _source(view)
    filters = Filters()
    filters.add("kind <> 'retention'")
    filters.add_if("clause = %s", wanted.clause)
    filters.add_if("owner = %s", wanted.owner)
    group = by or "''"
    if (key := key_of(cursor, tuple[str | None])) is not None:
        filters.add(f"({group} > %s OR {group} IS NULL)", key[0])
    rows = await view.fetch(
        f"SELECT {group}, {_counted()} FROM {source.text} c {filters.where} "
        "GROUP BY 1 ORDER BY 1 NULLS LAST LIMIT %s",
        (*source.values, *filters.values, limit + 1),
    )
    items = [_row(row) for row in rows[:limit]]
    return Page(items, (rows[limit - 1][0],) if len(rows) > limit else None)


async def count(view: View, soon: timedelta) -> Counts:
    """Overdue, due within `soon` (not told of the past, whose future has come), open in all."""
    overdue, running, still_open = await _standing(view, view.at)
    if view.at < view.now:
        return Counts(overdue, None, still_open)
    _, later, _ = await _standing(view, view.at + soon)
    return Counts(overdue, running - later, still_open)


async def _standing(view: View, at: datetime) -> tuple[int, int, int]:
    source = journal.clocks(view, at)
    rows = await view.fetch(
        f"SELECT coalesce(sum(n) FILTER (WHERE {_OVERDUE}), 0)::int8, "
        "coalesce(sum(n) FILTER (WHERE state = 'running'), 0)::int8, "
        f"coalesce(sum(n) FILTER (WHERE {_OPEN}), 0)::int8 FROM {source.text} c WHERE kind <> 'retention'",
        source.values,
    )
    overdue, running, still_open = rows[0]
    return overdue, running, still_open


def _source(view: View) -> Source:
    return journal.clocks(view) if view.timed else Source(_FROM_ROWS, (view.now,))


def _counted() -> str:
    conditions = (*(f"state = '{state}'" for state in _STATES), _OPEN, _OVERDUE)
    return ", ".join(f"coalesce(sum(n) FILTER (WHERE {said}), 0)::int8" for said in conditions)


def _row(row: tuple[Any, ...]) -> TotalRow:
    group, *counts = row
    names = (*_STATES, "open", "overdue")
    return TotalRow(group=group or None, **dict(zip(names, counts, strict=True)))
