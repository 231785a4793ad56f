"""Figure items: which cases, clocks and events are behind a figure, and what did each add?"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from onrecord_projections.judging.figures import Item, days_of
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.figure_rows import Meant, source
from onrecord_projections.queries.telling import Wanted, asked_for, span_of_period
from onrecord_projections.queries.view import View


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
    figure: int
    """Which of the figures meant."""
    after: list[Any] | None = None


async def behind(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[ItemRow]:
    """The items of one KPI in a period, edition by edition; a case is not split. Raises BadQuestion."""
    span_of_period(view, wanted.period)
    asked = asked_for(view, wanted)
    if not asked:
        raise BadQuestion(f"kpi: no policy asks for {wanted.kpi!r} by {days_of(wanted.period)[2]}")
    key = key_of(cursor, _Key) or _Key(0)
    rows = await source(view, asked)
    items: list[Item] = []
    nth, after = key.figure, key.after
    while nth < len(asked) and len(items) < limit:
        meant = Meant(asked[nth], wanted.period, group=wanted.group)
        found, after = await rows.chunk(meant, after, limit - len(items))
        items += found
        nth += after is None
    return Page([_item_row(view, item) for item in items], _Key(nth, after) if nth < len(asked) else None)


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
