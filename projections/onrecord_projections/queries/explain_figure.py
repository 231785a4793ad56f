"""Explain a KPI: which items is it made of, what did each add, and how was it ranked?"""

from decimal import Decimal

import msgspec

from onrecord_projections.judging.explaining import FigureTold, explain_figure, explain_standing
from onrecord_projections.judging.figures import (
    Asked,
    Figure,
    Item,
    Standing,
    cells_of,
    figures,
    standings,
    summed,
)
from onrecord_projections.judging.figures.ranking import figure_of
from onrecord_projections.queries import figure_items
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.explain_told import Explanation, explained
from onrecord_projections.queries.telling import CASES_MAX, Wanted, asked_for, items_told, span_of_period
from onrecord_projections.queries.view import View


class KpiTold(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, and what is behind it."""

    kpi: str
    pack: str
    edition: int
    part: str
    period: str
    group: str | None
    numerator: Decimal
    denominator: Decimal | None
    target: Decimal | None
    reached: bool | None
    last: bool | None
    behind: FigureTold


async def of_period(view: View, wanted: Wanted) -> list[Explanation]:
    """The story of each figure meant: of every group and part of one KPI. Raises BadQuestion."""
    asked = asked_for(view, wanted)
    items = await _items(view, wanted, asked)
    found = figures(
        view.settings, {c: s for c, s in summed(view.settings, items).items() if c.period == wanted.period}
    )
    told = [
        kpi_told(figure, explain_figure(view.settings, figure, _own(view, items, figure)), None)
        for figure in found
        if figure.kpi == wanted.kpi
    ]
    clauses = {(each.pack, each.edition, each.id): each.clause for each in asked}
    for place in standings(view.settings, found):
        clause = clauses.get((place.pack, place.edition, place.kpi))
        if clause is not None and place.kpi == wanted.kpi:
            figure = figure_of(view.settings, clause, place)
            told.append(kpi_told(figure, explain_standing(view.settings, figure, place, found), place))
    return [
        await explained(view, "kpi", one, one.behind.rules, _named(one.behind))
        for one in told
        if wanted.group in (None, one.group)
    ]


async def _items(view: View, wanted: Wanted, asked: list[Asked]) -> list[Item]:
    """What counts in the period, each item once."""
    span = span_of_period(view, wanted.period)
    cases = await figure_items.cases_behind(view, wanted, span, asked, "")
    if len(cases) >= CASES_MAX:
        raise BadQuestion(f"kpi: {CASES_MAX} cases or more are behind it; page through `/v1/kpi/items`")
    names = {(each.pack, each.edition, each.id) for each in asked}
    return [
        item
        async for _, found in items_told(view, cases)
        for item in found
        if any(
            (c.pack, c.edition, c.kpi) in names and c.period == wanted.period
            for c in cells_of(view.settings, item)
        )
    ]


def _own(view: View, items: list[Item], figure: Figure) -> list[Item]:
    """The items of one figure."""
    named = (figure.pack, figure.edition, figure.kpi, figure.part, figure.period)
    return [
        item
        for item in items
        if figure.group in (None, item.group)
        and any(cell[:5] == named for cell in cells_of(view.settings, item))
    ]


def kpi_told(figure: Figure, told: FigureTold, place: Standing | None) -> KpiTold:
    """A figure, or a place in a ranking, with what is behind it."""
    return KpiTold(
        kpi=figure.kpi,
        pack=figure.pack,
        edition=figure.edition,
        part=figure.part,
        period=figure.period,
        group=figure.group,
        numerator=figure.numerator,
        denominator=figure.denominator,
        target=figure.target,
        reached=figure.reached,
        last=place.last if place else None,
        behind=told,
    )


def _named(told: FigureTold) -> set[int]:
    return {position for item in told.items for position in item.evidence}
