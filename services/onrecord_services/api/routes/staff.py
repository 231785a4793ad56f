"""Routes: who is in which team."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from onrecord_projections.queries import staff
from onrecord_projections.queries.answer import Answer
from onrecord_projections.queries.staff import MemberRow
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


@get("/teams", responses=answered(Answer[MemberRow], "One row a membership."))
async def list_members(
    reads: TheReads,
    visitor: TheVisitor,
    team: Id = None,
    person: Id = None,
    ever: Annotated[bool, QueryParameter(description="Also those that are over.")] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """Who is in which team, since when, and by which events; figures by team count by this."""
    wanted = staff.Wanted(team=team, person=person, ever=ever)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[MemberRow]:
        return view.answer(await staff.members(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
