"""Figures: what do the KPIs that the policies ask for come to in a period?

As of now they are read from sums, less the promises whose time is still ahead. At other times the cases are
told again, as many as `CASES_MAX`.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from onrecord_projections import kpi as sums_kept
from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.figures import (
    Asked,
    Cell,
    Figure,
    Standing,
    Sums,
    cells_of,
    figure,
    figures,
    in_words,
    standings,
    summed,
)
from onrecord_projections.queries.figure_rows import Source, Told, source
from onrecord_projections.queries.telling import (
    Span,
    Wanted,
    asked_for,
    book_of,
    span_of_period,
)
from onrecord_projections.queries.view import View


class FigureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one group in a period. A ratio is numerator / denominator."""

    kpi: str
    says: str
    formula: str
    pack: str
    edition: int
    part: str | None
    """The clause of the clocks, where a figure tells them apart."""
    period: str
    group: str | None
    """What it is split by; None: all together."""
    numerator: Decimal
    denominator: Decimal | None
    """None: the numerator is a number by itself. Nought: no data."""
    items: int
    target: Decimal | None
    reached: bool | None
    ranks: list[int] | None = None
    """Of a ranking: the place in each figure it is of; the mean is numerator / denominator."""
    last: bool | None = None
    """Of a ranking: whether nobody is further behind. Proposed to a person, who decides."""


async def of_period(view: View, wanted: Wanted) -> list[FigureRow]:
    """Every figure of a period, all together after its groups. Raises BadQuestion."""
    span = span_of_period(view, wanted.period)
    asked = asked_for(view, wanted)
    found = figures(view.settings, await sums(view, wanted.period, asked, await source(view, asked)))
    found += _empty(view, wanted.period, span, asked, found)
    clauses = {(each.pack, each.edition, each.id): each.clause for each in asked}
    rows = [
        _row(view, clauses[each.pack, each.edition, each.kpi], each)
        for each in sorted(found, key=_order)
        if (each.pack, each.edition, each.kpi) in clauses and wanted.kpi in (None, each.kpi)
    ]
    rows += [
        _rank_row(view, clauses[each.pack, each.edition, each.kpi], each)
        for each in standings(view.settings, found)
        if (each.pack, each.edition, each.kpi) in clauses and wanted.kpi in (None, each.kpi)
    ]
    return [row for row in rows if wanted.group in (None, row.group)]


async def sums(view: View, period: str, asked: Sequence[Asked], rows: Source) -> dict[Cell, Sums]:
    """What the items of these figures come to in a period."""
    named = {(each.pack, each.edition, each.id) for each in asked}
    if isinstance(rows, Told):
        found = summed(view.settings, rows.items)
        return {cell: each for cell, each in found.items() if cell.period == period and (cell[:3]) in named}
    async with view.rows.cursor() as cursor:
        kept = await sums_kept.sums_of(cursor, period, sorted({each.id for each in asked}))
    for each in asked if span_of_period(view, period).end > view.now else ():
        for item in await rows.ahead(each, period) if each.of_clocks else ():
            for cell in cells_of(view.settings, item):
                if cell in kept:
                    kept[cell].add(item, -1)
    return {cell: each for cell, each in kept.items() if each.items and cell[:3] in named}


def _empty(
    view: View, period: str, span: Span, asked: Iterable[Asked], found: Sequence[Figure]
) -> list[Figure]:
    """Figures in force at the beginning or the end of a period in which nothing counts: no data."""
    there = {(each.pack, each.edition, each.kpi, each.part) for each in found}
    missing = []
    for each in asked:
        in_force = [view.settings.in_force(each.pack, at) for at in (span.begin, span.end)]
        if each.clause.formula == "ranks" or book_of(view, each) not in in_force:
            continue
        apart = each.of_clocks and not each.clause.together
        for part in each.clause.of if apart else ("",):
            if (each.pack, each.edition, each.id, part) not in there:
                cell = Cell(each.pack, each.edition, each.id, part, period, "")
                missing.append(figure(view.settings, each.clause, cell, None, Sums()))
    return missing


def _row(view: View, clause: KpiClause, found: Figure) -> FigureRow:
    return FigureRow(
        kpi=found.kpi,
        says=view.says(found.pack, found.edition, found.kpi),
        formula=in_words(clause, view.lang),
        pack=found.pack,
        edition=found.edition,
        part=found.part or None,
        period=found.period,
        group=found.group,
        numerator=found.numerator,
        denominator=found.denominator,
        items=found.items,
        target=found.target,
        reached=found.reached,
    )


def _rank_row(view: View, clause: KpiClause, standing: Standing) -> FigureRow:
    return FigureRow(
        kpi=standing.kpi,
        says=view.says(standing.pack, standing.edition, standing.kpi),
        formula=in_words(clause, view.lang),
        pack=standing.pack,
        edition=standing.edition,
        part=None,
        period=standing.period,
        group=standing.group,
        numerator=Decimal(sum(standing.ranks)),
        denominator=Decimal(len(standing.ranks)),
        items=len(standing.ranks),
        target=None,
        reached=None,
        ranks=list(standing.ranks),
        last=standing.last,
    )


def _order(found: Figure) -> tuple[str, str, int, str, bool, str]:
    return found.pack, found.kpi, found.edition, found.part, found.group is None, found.group or ""
