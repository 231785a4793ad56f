"""Routes: the figures of service, how they moved, and what is behind each."""

from typing import Annotated, get_args

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from onrecord_projections.queries import service, service_items
from onrecord_projections.queries.answer import Answer
from onrecord_projections.queries.service import FigureRow
from onrecord_projections.queries.service_items import ItemRow
from onrecord_projections.queries.service_sql import GroupBy, Kind, Wanted
from onrecord_projections.queries.service_words import FigureId
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

Period = Annotated[
    str,
    QueryParameter(max_length=12, description="2026, 2026-Q2, 2026-06, 2026-W24 or 2026-06-12."),
]
TheKind = Annotated[
    Kind | None, QueryParameter(description=f"Of matters: {', '.join(get_args(Kind))}; else complaint.")
]


@get(
    "/service",
    responses=answered(
        Answer[FigureRow], "Every figure, group by group; a page ends with a whole group, or after the last."
    ),
)
async def list_service_figures(
    reads: TheReads,
    visitor: TheVisitor,
    period: Period,
    figure: FromQuery[FigureId | None] = None,
    kind: TheKind = None,
    person: Id = None,
    team: Id = None,
    channel: Id = None,
    building: Id = None,
    by: Annotated[GroupBy | None, QueryParameter(name="group")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """Rates with n and interval, times as median and 90th percentile; what rests on too few is hidden.

    Each against the period before, and the same a year before.
    """
    wanted = Wanted(kind=kind or "complaint", person=person, team=team, channel=channel, building=building)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[FigureRow]:
        found = await service.of_period(view, period, wanted, by, figure=figure, cursor=cursor, limit=limit)
        return view.answer(found)

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get("/service/items", responses=answered(Answer[ItemRow], "One row an item, the earliest first."))
async def list_service_items(
    reads: TheReads,
    visitor: TheVisitor,
    period: Period,
    figure: FromQuery[FigureId],
    kind: TheKind = None,
    person: Id = None,
    team: Id = None,
    channel: Id = None,
    building: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """What is behind one figure: each matter, task, contact or clock, and the positions of its events."""
    wanted = Wanted(kind=kind or "complaint", person=person, team=team, channel=channel, building=building)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[ItemRow]:
        found = await service_items.behind(view, period, figure, wanted, cursor=cursor, limit=limit)
        return view.answer(found)

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
