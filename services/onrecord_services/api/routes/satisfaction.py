"""Routes: satisfaction, how it moved, and what is behind it."""

from datetime import date
from typing import Annotated

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from onrecord_projections.queries import satisfaction, satisfaction_items
from onrecord_projections.queries.answer import Answer
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.satisfaction import SatisfactionRow
from onrecord_projections.queries.satisfaction_items import AnswerRow
from onrecord_projections.queries.satisfaction_rows import GroupBy, Kind, Wanted
from onrecord_projections.queries.view import View
from onrecord_services.api.answers import answered_in_json
from onrecord_services.api.openapi import answered
from onrecord_services.api.parameters import (
    AsOf,
    Cursor,
    Id,
    KnownAt,
    Limit,
    TheReads,
    TheVisitor,
    WaitFor,
    times,
)

Day = Annotated[str | None, QueryParameter(max_length=10, schema_extra={"format": "date"})]
Period = Annotated[
    str | None,
    QueryParameter(
        max_length=12, description="2026, 2026-Q2, 2026-06, 2026-W24 or 2026-06-12, instead of days."
    ),
]


@get("/satisfaction", responses=answered(Answer[SatisfactionRow], "One row a kind and group."))
async def show_satisfaction(
    reads: TheReads,
    visitor: TheVisitor,
    kind: FromQuery[Kind | None] = None,
    period: Period = None,
    since: Day = None,
    until: Day = None,
    about: Id = None,
    staff: Id = None,
    building: Id = None,
    channel: Id = None,
    team: Id = None,
    by: Annotated[GroupBy | None, QueryParameter(name="group")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """CSAT and NPS with response rate, n and 95 % intervals. `until` is the first day left out.

    Of a period, or by periods, each is held against the one before and the same a year before.
    """
    wanted = Wanted(
        kind=kind,
        since=_day(since, "since"),
        until=_day(until, "until"),
        about=about,
        staff=staff,
        building=building,
        channel=channel,
        team=team,
    )
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[SatisfactionRow]:
        found = await satisfaction.find(view, wanted, by, period=period, cursor=cursor, limit=limit)
        return view.answer(found)

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/satisfaction/items",
    responses=answered(Answer[AnswerRow], "Invitations, refusals, answers, in the order of the log."),
)
async def list_answers(
    reads: TheReads,
    visitor: TheVisitor,
    kind: FromQuery[Kind | None] = None,
    since: Day = None,
    until: Day = None,
    about: Id = None,
    staff: Id = None,
    building: Id = None,
    channel: Id = None,
    team: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """What is behind a score: each event that counts, with its position.

    A page may hold fewer than `limit`.
    """
    wanted = Wanted(
        kind=kind,
        since=_day(since, "since"),
        until=_day(until, "until"),
        about=about,
        staff=staff,
        building=building,
        channel=channel,
        team=team,
    )
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[AnswerRow]:
        return view.answer(await satisfaction_items.behind(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


def _day(said: str | None, name: str) -> date | None:
    try:
        return None if said is None else date.fromisoformat(said)
    except ValueError:
        raise BadQuestion(f"{name}: not a day such as 2026-07-11") from None
