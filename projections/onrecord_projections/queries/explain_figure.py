"""Explain a KPI: which items is it made of, what did each add, and how was it ranked?

A figure of many items is explained in several explanations, each with some of its items: all of them together
are what the figure can be worked out from.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from onrecord_projections.judging.explaining import FigureTold, explain_figure, explain_standing
from onrecord_projections.judging.figures import Asked, Figure, Item, Standing, figures, standings
from onrecord_projections.judging.figures.ranking import figure_of
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.explain_told import Explanation, explained
from onrecord_projections.queries.figure_rows import Meant, source
from onrecord_projections.queries.figures import sums
from onrecord_projections.queries.telling import Wanted, asked_for, span_of_period
from onrecord_projections.queries.view import View

ITEMS_A_PAGE = 100
_ITEMS_WORTH = 5
"""What an explanation costs besides its items, in items."""


class KpiTold(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, and what is behind it, or a part of that."""

    kpi: str
    pack: str
    edition: int
    part: str
    period: str
    group: str | None
    numerator: Decimal
    denominator: Decimal | None
    items: int
    """How many are behind it; of a ranking, in how many figures it has a place."""
    first: int
    """How many of them were told in the explanations before this one."""
    target: Decimal | None
    reached: bool | None
    last: bool | None
    behind: FigureTold


class _Key(msgspec.Struct, frozen=True, array_like=True):
    """The figure that is next, how many of its items were told, and after which one to go on."""

    figure: tuple[str, int, str, str, str | None]
    first: int = 0
    after: list[Any] | None = None


async def of_period(
    view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = ITEMS_A_PAGE
) -> Page[Explanation]:
    """The story of each figure meant: of every group and part of one KPI. Raises BadQuestion."""
    span_of_period(view, wanted.period)
    asked = asked_for(view, wanted)
    rows = await source(view, asked)
    found = figures(view.settings, await sums(view, wanted.period, asked, rows))
    clauses = {(each.pack, each.edition, each.id): each for each in asked}
    meant = list(_meant(view, wanted, found, clauses))
    told: list[KpiTold] = []
    for figure, place, key in _from(meant, key_of(cursor, _Key)):
        more: _Key | None = key
        while more is not None:
            if limit <= 0:
                return Page(await _explained(view, told), more)
            first, items, after = more.first, list[Item](), None
            if place is None:
                items, after = await rows.chunk(_items_of(figure, clauses), more.after, limit)
                behind = explain_figure(view.settings, figure, items)
            else:
                behind = explain_standing(view.settings, figure, place, found)
            if items or not first:
                told.append(kpi_told(figure, behind, place, first))
            limit -= len(items) + _ITEMS_WORTH
            more = None if after is None else _Key(key.figure, first + len(items), after)
    return Page(await _explained(view, told))


async def _explained(view: View, told: Sequence[KpiTold]) -> list[Explanation]:
    return [await explained(view, "kpi", one, one.behind.rules, _named(one.behind)) for one in told]


def _meant(
    view: View, wanted: Wanted, found: Sequence[Figure], clauses: Mapping[tuple[str, int, str], Asked]
) -> Iterator[tuple[Figure, Standing | None]]:
    """The figures, and the places in a ranking, that were asked for."""
    for figure in found:
        if figure.kpi == wanted.kpi and wanted.group in (None, figure.group):
            yield figure, None
    for place in standings(view.settings, found):
        asked = clauses.get((place.pack, place.edition, place.kpi))
        if asked is not None and place.kpi == wanted.kpi and wanted.group in (None, place.group):
            yield figure_of(view.settings, asked.clause, place), place


def _from(
    meant: Sequence[tuple[Figure, Standing | None]], key: _Key | None
) -> Iterator[tuple[Figure, Standing | None, _Key]]:
    """The figures from the one that is next, each with where to begin. Raises BadQuestion."""
    names = [_name(figure) for figure, _ in meant]
    if key is not None and key.figure not in names:
        raise BadQuestion("cursor: the figure it goes on with is no more; begin without it")
    begin = names.index(key.figure) if key else 0
    for nth, (figure, place) in enumerate(meant[begin:]):
        yield figure, place, key if key and nth == 0 else _Key(_name(figure))


def _items_of(figure: Figure, clauses: Mapping[tuple[str, int, str], Asked]) -> Meant:
    asked = clauses[figure.pack, figure.edition, figure.kpi]
    return Meant(asked, figure.period, figure.part, figure.group)


def _name(figure: Figure) -> tuple[str, int, str, str, str | None]:
    return figure.pack, figure.edition, figure.kpi, figure.part, figure.group


def kpi_told(figure: Figure, told: FigureTold, place: Standing | None, first: int = 0) -> KpiTold:
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
        items=figure.items,
        first=first,
        target=figure.target,
        reached=figure.reached,
        last=place.last if place else None,
        behind=told,
    )


def _named(told: FigureTold) -> set[int]:
    return {position for item in told.items for position in item.evidence}
