"""Cases: which are there, what became of their promises, and who has them now?"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from onrecord_projections.queries import clocks, handovers
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

DECISIONS = "rulebook"
"""The kind of cases that decisions about rules make."""
_STILL_OPEN = (
    "s.kind <> 'retention' AND s.stopped_at IS NULL AND s.state IN ('running', 'paused', 'breached')"
)
_OVERDUE = "(s.state = 'breached' OR (s.state = 'running' AND s.due_at < %s))"
_OPEN_CASES = f"SELECT s.case_id FROM sla s WHERE {_STILL_OPEN}"
_OVERDUE_CASES = f"{_OPEN_CASES} AND s.due_at < %s AND s.state <> 'paused'"
_PROMISES = (
    f"SELECT min(s.due_at) FILTER (WHERE s.state = 'running' AND {_STILL_OPEN}), "
    f"count(*) FILTER (WHERE {_STILL_OPEN}), count(*) FILTER (WHERE {_STILL_OPEN} AND {_OVERDUE}) "
    "FROM sla s WHERE s.case_id = c.case_id"
)
"""Asked by the primary key alone: with more conditions a planner without statistics takes the wrong index."""
_COLUMNS = "case_id, kind, customer, building, opened_at, last_at, events, last_position"


class _RecentKey(NamedTuple):
    last_at: datetime
    case: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases; None asks for nothing in particular."""

    kind: str | None = None
    customer: str | None = None
    building: str | None = None
    open: bool | None = None
    """Whether some promise is not settled yet."""
    overdue: bool | None = None
    """Whether some promise is broken and not made good yet."""


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case in a list."""

    case: str
    kind: str
    customer: str | None
    building: str | None
    opened_at: datetime
    last_at: datetime
    events: int
    last_position: int
    next_due_at: datetime | None
    open_clocks: int
    overdue_clocks: int


class Retracted(msgspec.Struct, frozen=True):
    """A breach that was visible until a late event took it back."""

    clause: str
    instance: str
    position: int
    """The event that did."""


class CaseInFull(msgspec.Struct, frozen=True, kw_only=True):
    """One case with what was promised in it, and who had it."""

    case: CaseRow
    clocks: list[clocks.ClockRow]
    handovers: list[handovers.HandoverRow]
    retracted: list[Retracted]


def narrow_kind(filters: Filters, column: str, kind: str | None) -> None:
    """Cases of this kind; without one all but decisions about rules, which are no business of a customer."""
    if kind is None:
        filters.add(f"{column} <> %s", DECISIONS)
    else:
        filters.add(f"{column} = %s", kind)


async def find(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[CaseRow]:
    """A page of cases, the latest touched first. Raises BadQuestion."""
    filters = Filters()
    narrow_kind(filters, "kind", wanted.kind)
    filters.add_if("customer = %s", wanted.customer)
    filters.add_if("building = %s", wanted.building)
    if wanted.open is not None:
        filters.add(f"case_id {'IN' if wanted.open else 'NOT IN'} ({_OPEN_CASES})")
    if wanted.overdue is not None:
        filters.add(f"case_id {'IN' if wanted.overdue else 'NOT IN'} ({_OVERDUE_CASES})", view.now)
    if (key := key_of(cursor, _RecentKey)) is not None:
        filters.add("(last_at, case_id) < (%s, %s)", *key)
    rows = await _select(view, filters, limit + 1)
    items = [_row(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, _RecentKey(items[-1].last_at, items[-1].case) if more else None)


async def one(view: View, case: str) -> CaseInFull | None:
    """One case in full, None if there is none of this id."""
    filters = Filters()
    filters.add("case_id = %s", case)
    rows = await _select(view, filters, 1)
    if not rows:
        return None
    return CaseInFull(
        case=_row(rows[0]),
        clocks=await clocks.of_case(view, case),
        handovers=await handovers.of_case(view, case),
        retracted=await retracted(view, case),
    )


async def retracted(view: View, case: str) -> list[Retracted]:
    """The breaches of a case that were taken back."""
    rows = await view.fetch(
        "SELECT clause, instance, position FROM retracted WHERE case_id = %s AND position <= %s "
        "ORDER BY position, clause",
        (case, view.position),
    )
    return [Retracted(*row) for row in rows]


def matches(row: CaseRow, wanted: Wanted) -> bool:
    """Whether a case is one of those asked for: the same conditions as in the statements here."""
    return (
        wanted.kind in (None, row.kind)
        and wanted.customer in (None, row.customer)
        and wanted.building in (None, row.building)
        and wanted.open in (None, row.open_clocks > 0)
        and wanted.overdue in (None, row.overdue_clocks > 0)
    )


async def _select(view: View, filters: Filters, limit: int) -> list[tuple[Any, ...]]:
    """The page first, then what is promised in its cases: never for a row that is not shown."""
    return await view.fetch(
        f"SELECT c.*, p.* FROM (SELECT {_COLUMNS} FROM cases {filters.where} "
        f"ORDER BY last_at DESC, case_id DESC LIMIT %s) c, LATERAL ({_PROMISES}) p "
        "ORDER BY c.last_at DESC, c.case_id DESC",
        (*filters.values, limit, view.now),
    )


def _row(row: tuple[Any, ...]) -> CaseRow:
    return CaseRow(**dict(zip(CaseRow.__struct_fields__, row, strict=True)))
