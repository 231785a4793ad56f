"""As of: what was true at an instant, as known at another, evaluated from the events, not read from rows?

Every event known by then counts that had happened by then; beyond the watermark the answer is for the case
that nothing more happens. Rows come case by case, in the order of their ids, and a page is bounded by the
events it looks at: it may hold fewer rows than asked for and still have a next one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections import cases as described
from onrecord_projections import handovers as passing
from onrecord_projections import timeline
from onrecord_projections.judging import Verdict, evaluate
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.queries import cases, clocks, handovers
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.cases import CaseInFull, CaseRow
from onrecord_projections.queries.clocks import ClockRow
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.handovers import HandoverRow
from onrecord_projections.queries.view import View

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

EVENTS_MAX = 4_000
"""About 0.2 s of evaluation. One case is never cut."""
_CASES_AT_ONCE = 25
_HAD_BEGUN = (
    "(c.opened_at <= %s OR EXISTS "
    "(SELECT FROM timeline t WHERE t.case_id = c.case_id AND t.recorded_at <= %s))"
)
_WAS_KNOWN = "EXISTS (SELECT FROM timeline t WHERE t.case_id = c.case_id AND t.position <= %s)"
_PASSED_ON = "EXISTS (SELECT FROM handovers h WHERE h.case_id = c.case_id)"
"""A case in which hands changed once is one in which they changed, whatever is learnt later."""
_OPEN = frozenset({"running", "paused", "breached"})


T = TypeVar("T")


class Standing(NamedTuple):
    """One case as it stood."""

    case: str
    kind: str
    customer: str | None
    building: str | None
    events: Sequence[Recorded]
    """Those that had happened by then."""
    looked_at: int
    verdict: Verdict


class _Key(msgspec.Struct, frozen=True, array_like=True):
    case: str
    done: int
    """How many of this case's rows were given already."""


_ALL = 2**31


async def find_clocks(
    view: View, wanted: clocks.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[ClockRow]:
    """A page of clocks as they stood, case by case. Raises BadQuestion."""
    filters = Filters()
    filters.add_if("c.case_id = %s", wanted.case)

    def rows(standing: Standing) -> list[ClockRow]:
        seen = (clocks.seen(clock, view) for clock in standing.verdict.clocks)
        return sorted(filter(lambda row: clocks.matches(row, wanted), seen), key=_order)

    return await _paged(view, filters, rows, cursor, limit)


async def find_handovers(
    view: View, wanted: handovers.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[HandoverRow]:
    """A page of hand-overs as they stood, case by case. Raises BadQuestion."""
    filters = Filters()
    filters.add_if("c.case_id = %s", wanted.case)
    filters.add(_PASSED_ON)

    def rows(standing: Standing) -> list[HandoverRow]:
        return [row for row in _handovers(view, standing) if handovers.matches(row, wanted)]

    return await _paged(view, filters, rows, cursor, limit)


async def find_cases(
    view: View, wanted: cases.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[CaseRow]:
    """A page of cases as they stood. Raises BadQuestion."""
    filters = Filters()
    cases.narrow_kind(filters, "c.kind", wanted.kind)
    filters.add_if("c.customer = %s", wanted.customer)  # what is known of them now includes what was then
    filters.add_if("c.building = %s", wanted.building)
    key = key_of(cursor, _Key)
    items: list[CaseRow] = []
    looked_at = 0
    async for standing in _standings(view, filters, key):
        if key and key.case == standing.case:
            continue
        looked_at += standing.looked_at
        row = _case_row(view, standing)
        if cases.matches(row, wanted):
            items.append(row)
        if looked_at >= EVENTS_MAX or len(items) == limit:
            return Page(items, _Key(standing.case, _ALL))
    return Page(items)


async def one_case(view: View, case: str) -> CaseInFull | None:
    """One case in full as it stood; None if nothing of it had happened."""
    filters = Filters()
    filters.add("c.case_id = %s", case)
    async for standing in _standings(view, filters, None):
        return CaseInFull(
            case=_case_row(view, standing),
            clocks=sorted(
                (clocks.seen(clock, view) for clock in standing.verdict.clocks),
                key=lambda row: (row.started_at, row.clause, row.instance),
            ),
            handovers=_handovers(view, standing),
            retracted=await cases.retracted(view, case) if view.times.as_of is None else [],
        )
    return None


async def _paged(
    view: View, filters: Filters, rows: Callable[[Standing], list[T]], cursor: str | None, limit: int
) -> Page[T]:
    """Rows of each case in turn; a page may end within a case."""
    key = key_of(cursor, _Key)
    items: list[T] = []
    looked_at = 0
    async for standing in _standings(view, filters, key):
        found = rows(standing)
        done = key.done if key and key.case == standing.case else 0
        room = limit - len(items)
        items += found[done : done + room]
        if len(found) > done + room:
            return Page(items, _Key(standing.case, done + room))
        looked_at += standing.looked_at
        if looked_at >= EVENTS_MAX or len(items) == limit:
            return Page(items, _Key(standing.case, _ALL))
    return Page(items)


async def _standings(view: View, filters: Filters, key: _Key | None) -> AsyncIterator[Standing]:
    """Every case that had begun, from the key's on, evaluated."""
    as_of, known_at = view.times
    if as_of is not None:
        filters.add(_HAD_BEGUN, as_of, as_of)
    if known_at is not None:
        filters.add(_WAS_KNOWN, view.position)
    after, comparison = (key.case, ">=") if key else ("", ">")
    while True:
        rows = await view.fetch(
            f"SELECT c.case_id FROM cases c {filters.where} "
            f"AND c.case_id {comparison} %s ORDER BY c.case_id LIMIT %s",
            (*filters.values, after, _CASES_AT_ONCE),
        )
        histories = await timeline.of_cases(view.rows, [case for (case,) in rows], until=view.position)
        for (case,) in rows:
            standing = await asyncio.to_thread(_stood, view, case, histories[case])
            if standing.events:
                yield standing
        if len(rows) < _CASES_AT_ONCE:
            return
        after, comparison = rows[-1][0], ">"


def _stood(view: View, case: str, history: Sequence[Recorded]) -> Standing:
    as_of, settings = view.times.as_of, view.settings
    happened = [event for event in history if as_of is None or effective_at(settings, event) <= as_of]
    return Standing(
        case,
        case.partition("/")[0],
        described.first(history, "customer"),
        described.first(history, "building"),
        happened,
        len(history),
        evaluate(settings, history, view.at),
    )


def _case_row(view: View, standing: Standing) -> CaseRow:
    found = [clocks.seen(clock, view) for clock in standing.verdict.clocks]
    still_open = [
        clock for clock in found if clock.open and clock.state in _OPEN and clock.kind != "retention"
    ]
    return CaseRow(
        case=standing.case,
        kind=standing.kind,
        customer=standing.customer,
        building=standing.building,
        opened_at=min(event.occurred_at for event in standing.events).astimezone(view.zone),
        last_at=max(event.occurred_at for event in standing.events).astimezone(view.zone),
        events=len(standing.events),
        last_position=max(event.position for event in standing.events),
        next_due_at=min((c.due_at for c in still_open if c.state == "running" and c.due_at), default=None),
        open_clocks=len(still_open),
        overdue_clocks=sum(clock.state == "breached" for clock in still_open),
    )


def _handovers(view: View, standing: Standing) -> list[HandoverRow]:
    rows = (HandoverRow(standing.case, *found) for found in passing.of_history(standing.events))  # type: ignore[arg-type]  # the projection keeps its words as text
    return [
        msgspec.structs.replace(
            row,
            offered_at=row.offered_at.astimezone(view.zone),
            decided_at=row.decided_at and row.decided_at.astimezone(view.zone),
        )
        for row in sorted(rows, key=lambda row: row.position)
    ]


def _order(row: ClockRow) -> tuple[str, str]:
    return row.clause, row.instance
