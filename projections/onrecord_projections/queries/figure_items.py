"""Figure items: which cases, clocks and events are behind a figure, and what did each add?"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from onrecord_projections.judging import Settings
from onrecord_projections.judging.figures import Asked, Item, cells_of, days_of, parts_of
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.telling import (
    CASES_MAX,
    Span,
    Wanted,
    asked_for,
    cases_told,
    items_told,
    span_of_period,
)
from onrecord_projections.queries.view import View

_BEHIND = (
    "SELECT case_id FROM ("
    "SELECT case_id FROM kpi_cases WHERE kpi = ANY(%s) AND period = ANY(%s) "
    "UNION SELECT case_id FROM sla WHERE clause = ANY(%s) AND due_at >= %s AND due_at < %s "
    "AND state NOT IN ('cancelled', 'excused')) c WHERE case_id > %s ORDER BY case_id LIMIT %s"
)


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing behind a figure; their numerators and denominators add up to the figure's."""

    case: str
    item: str
    """The clock's instance, the event, or `case` where the case counts once as a whole."""
    clause: str | None
    at: datetime
    """The instant whose period it belongs to."""
    group: str | None
    numerator: Decimal
    denominator: Decimal
    value: str | None
    """Where values count one by one: the seconds, the number, or what was counted as different."""
    evidence: list[int]
    """Positions of the events it rests on."""
    missing: list[str]
    """Of coverage: who is still to be reached, where names were given."""


class _Key(msgspec.Struct, frozen=True, array_like=True):
    case: str


async def behind(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[ItemRow]:
    """The items of one KPI in a period, case by case; a page ends with a whole case. Raises BadQuestion."""
    span = span_of_period(view, wanted.period)
    asked = asked_for(view, wanted)
    if not asked:
        raise BadQuestion(f"kpi: no policy asks for {wanted.kpi!r} by {days_of(wanted.period)[2]}")
    key = key_of(cursor, _Key)
    after = key.case if key else ""
    items: list[ItemRow] = []
    cases = await cases_behind(view, wanted, span, asked, after)
    async for case, found in items_told(view, cases):
        if len(items) >= limit:
            return Page(items, _Key(after))
        items += [
            _item_row(view, item)
            for item in found
            if _lies_in(view.settings, item, asked, wanted.period) and wanted.group in (None, item.group)
        ]
        after = case
    return Page(items, _Key(after) if len(cases) == CASES_MAX else None)


async def cases_behind(
    view: View, wanted: Wanted, span: Span, asked: Sequence[Asked], after: str
) -> list[str]:
    """Every case with an item in the period."""
    if view.timed:
        return [case for case in await cases_told(view, asked) if case > after]
    of = sorted({name for each in asked if each.of_clocks for name in each.clause.of})
    end = min(span.end, view.now)
    parts = sorted({part for each in asked for part in parts_of(wanted.period, each.finest)})
    rows = await view.fetch(
        _BEHIND, ([each.id for each in asked], parts, of, span.begin, end, after, CASES_MAX)
    )
    return [case for (case,) in rows]


def _lies_in(settings: Settings, item: Item, asked: Sequence[Asked], period: str) -> bool:
    names = {(each.pack, each.edition, each.id) for each in asked}
    return any(
        cell.period == period and (cell.pack, cell.edition, cell.kpi) in names
        for cell in cells_of(settings, item)
    )


def _item_row(view: View, item: Item) -> ItemRow:
    return ItemRow(
        case=item.case,
        item=item.id,
        clause=item.part or None,
        at=item.at.astimezone(view.zone),
        group=item.group or None,
        numerator=item.above,
        denominator=item.below,
        value=item.value,
        evidence=list(item.evidence),
        missing=list(item.missing),
    )
