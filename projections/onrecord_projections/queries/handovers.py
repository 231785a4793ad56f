"""Hand-overs: who passed which case to whom, and was it taken?"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime
from typing import Any, Literal

import msgspec

from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

State = Literal["open", "accepted", "declined", "withdrawn"]
_COLUMNS = "case_id, position, kind, state, giver, taker, offered_at, decided_at"


class HandoverRow(msgspec.Struct, frozen=True):
    """One passing of a case. `moved`: the next step was somebody else's, without a word between them."""

    case: str
    position: int
    kind: Literal["offered", "moved"]
    state: State
    giver: str
    taker: str
    offered_at: datetime
    decided_at: datetime | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which hand-overs; None asks for nothing in particular."""

    case: str | None = None
    person: str | None = None
    """Who gave or took."""
    state: State | None = None


async def find(
    view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[HandoverRow]:
    """A page of hand-overs, case by case. Raises BadQuestion."""
    filters = Filters()
    filters.add_if("case_id = %s", wanted.case)
    filters.add_if("state = %s", wanted.state)
    if wanted.person is not None:
        filters.add("(giver = %s OR taker = %s)", wanted.person, wanted.person)
    if (key := key_of(cursor, tuple[str, int])) is not None:
        filters.add("(case_id, position) > (%s, %s)", *key)
    rows = await _select(view, filters, limit + 1)
    more = len(rows) > limit
    return Page(rows[:limit], (rows[limit - 1].case, rows[limit - 1].position) if more else None)


async def of_case(view: View, case: str) -> list[HandoverRow]:
    """Every hand-over of one case, in the order of the log."""
    filters = Filters()
    filters.add("case_id = %s", case)
    return await _select(view, filters, None)


def matches(row: HandoverRow, wanted: Wanted) -> bool:
    """Whether a hand-over is one of those asked for: the same conditions as in the statements here."""
    return (
        wanted.case in (None, row.case)
        and wanted.person in (None, row.giver, row.taker)
        and wanted.state in (None, row.state)
    )


async def _select(view: View, filters: Filters, limit: int | None) -> list[HandoverRow]:
    rows: list[tuple[Any, ...]] = await view.fetch(
        f"SELECT {_COLUMNS} FROM handovers {filters.where} ORDER BY case_id, position LIMIT %s",
        (*filters.values, limit),
    )
    return [HandoverRow(*row) for row in rows]
