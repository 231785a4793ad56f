"""Questions: of rows where now is meant, of the events or the journal where a time was given."""

from datetime import timedelta

from onrecord_projections.queries import as_of, cases, clocks, handovers, totals
from onrecord_projections.queries.answer import Page
from onrecord_projections.queries.cases import CaseInFull, CaseRow
from onrecord_projections.queries.clocks import ClockRow, Counts
from onrecord_projections.queries.handovers import HandoverRow
from onrecord_projections.queries.view import View


async def find_clocks(
    view: View, wanted: clocks.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[ClockRow]:
    """A page of clocks. Raises BadQuestion."""
    return await (as_of.find_clocks if view.timed else clocks.find)(view, wanted, cursor=cursor, limit=limit)


async def find_cases(
    view: View, wanted: cases.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[CaseRow]:
    """A page of cases. Raises BadQuestion."""
    return await (as_of.find_cases if view.timed else cases.find)(view, wanted, cursor=cursor, limit=limit)


async def find_handovers(
    view: View, wanted: handovers.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[HandoverRow]:
    """A page of hand-overs. Raises BadQuestion."""
    find = as_of.find_handovers if view.timed else handovers.find
    return await find(view, wanted, cursor=cursor, limit=limit)


async def one_case(view: View, case: str) -> CaseInFull | None:
    """One case in full, None if there is none of this id."""
    return await (as_of.one_case if view.timed else cases.one)(view, case)


async def count_clocks(view: View, soon: timedelta) -> Counts:
    """Overdue, due within `soon`, open in all."""
    return await (totals.count if view.timed else clocks.count)(view, soon)
