"""Routes: the figures that the policies ask for, and what is behind each."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from onrecord_projections.queries import figure_items, figures
from onrecord_projections.queries.answer import Answer, Page
from onrecord_projections.queries.figure_items import ItemRow
from onrecord_projections.queries.figures import FigureRow
from onrecord_projections.queries.telling import Wanted
from onrecord_projections.queries.view import View
from onrecord_services.api.answers import answered_in_json
from onrecord_services.api.openapi import answered
from onrecord_services.api.parameters import (
    AsOf,
    Cursor,
    Id,
    KnownAt,
    Lang,
    Limit,
    TheReads,
    TheVisitor,
    WaitFor,
    times,
)

PERIOD_CHARS_MAX = 12
Period = Annotated[
    str,
    QueryParameter(
        max_length=PERIOD_CHARS_MAX,
        description="2026, 2026-H1, 2026-Q2, 2026-07..08 (two months), 2026-06, 2026-W24 or 2026-06-12.",
    ),
]
Kpi = Annotated[str, QueryParameter(max_length=64, description="The clause that asks for it.")]


@get(
    "/kpi",
    responses=answered(Answer[FigureRow], "One row a figure and group; all together after the groups."),
)
async def list_figures(
    reads: TheReads,
    visitor: TheVisitor,
    period: Period,
    kpi: Id = None,
    pack: Id = None,
    group: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """Every KPI of a period: numerator, denominator, target, whether it was reached, the formula in words."""
    wanted = Wanted(period=period, kpi=kpi, pack=pack, group=group)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[FigureRow]:
        return view.answer(Page(await figures.of_period(view, wanted)))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/kpi/items",
    responses=answered(Answer[ItemRow], "One row an item, case by case; a page may hold more than `limit`."),
)
async def list_items(
    reads: TheReads,
    visitor: TheVisitor,
    period: Period,
    kpi: Kpi,
    pack: Id = None,
    group: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """What is behind one KPI of a period: each clock, event or case with what it adds, and its positions."""
    wanted = Wanted(period=period, kpi=kpi, pack=pack, group=group)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[ItemRow]:
        return view.answer(await figure_items.behind(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
