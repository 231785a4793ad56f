"""Service sources: what figures of service are counted over: rows as of now, or cases told again."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections import staff, timeline
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.matters import CONTACT, OPENED, TASK_DONE, TASK_SET, Item, items_of
from onrecord_projections.queries.earlier import Stretch
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.view import View
from onrecord_projections.service import SHAPE

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

CASES_MAX = 20_000
"""About three seconds of reading."""
_AT_ONCE = 200
_BEGINNINGS = sorted({*OPENED, CONTACT, TASK_SET, TASK_DONE})
_LIVED = (
    "SELECT DISTINCT t.case_id FROM timeline t "
    "JOIN unnest(%s::timestamptz[], %s::timestamptz[]) AS s (since, until) "
    "ON least(t.occurred_at, t.recorded_at) < s.until AND greatest(t.occurred_at, t.recorded_at) >= s.since "
    "WHERE t.type = ANY(%s) AND t.position <= %s ORDER BY t.case_id LIMIT %s"
)
_MOVED = "SELECT position, recorded_at, raw FROM timeline WHERE type = ANY(%s) AND position <= %s"


async def fetch_lists(view: View, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows with long lists in them: four times as fast as `view.fetch`."""
    cursor = await view.rows.execute(statement.encode(), values, binary=True)
    return await cursor.fetchall()


async def items(view: View, stretches: Sequence[Stretch]) -> Source:
    """The columns of `service`. Raises BadQuestion if too many cases would have to be told again."""
    if not view.timed:
        return Source("service", ())
    since, until = ([each.span[nth] for each in stretches] for nth in (0, 1))
    rows = await view.fetch(_LIVED, (since, until, _BEGINNINGS, view.position, CASES_MAX + 1))
    if len(rows) > CASES_MAX:
        raise BadQuestion(
            f"as_of, known_at: more than {CASES_MAX} cases to tell again; name a shorter period"
        )
    told: list[Item] = []
    for nth in range(0, len(rows), _AT_ONCE):
        cases = [case for (case,) in rows[nth : nth + _AT_ONCE]]
        histories = await timeline.of_cases(view.rows, cases, until=view.position)
        told += await asyncio.to_thread(_told, view, list(histories.values()))
    return _listed(SHAPE.columns, told)


async def teams(view: View) -> Source:
    """The columns of `team_spans`."""
    if not view.timed:
        return Source("team_spans", ())
    rows = await view.fetch(_MOVED, (sorted(staff.TYPES), view.position))
    events = [from_bytes(raw, position, at) for position, at, raw in rows]
    moves = [staff.move_of(view.settings, event) for event in events]
    return _listed(staff.SPANS.columns, staff.spans_of(move for move in moves if move.at <= view.at))


def _told(view: View, histories: Iterable[Sequence[Recorded]]) -> list[Item]:
    found: list[Item] = []
    for history in histories:
        happened = [event for event in history if effective_at(view.settings, event) <= view.at]
        found += items_of(view.settings, happened).values()
    return found


def _listed(columns: Sequence[tuple[str, str]], rows: Iterable[tuple[Any, ...]]) -> Source:
    """Rows of our own making, to select from."""
    names = [name for name, _ in columns]
    said = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode()
    shape = ", ".join(f"{name} {type_}" for name, type_ in columns)
    return Source(f"(SELECT * FROM json_to_recordset(%s::json) AS r ({shape}))", (said,))
