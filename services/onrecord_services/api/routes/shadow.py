"""Routes: what drafts that run beside come to. Nothing here has any effect, and no line is a proposal."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from onrecord_projections.queries import clocks, penalties, shadow
from onrecord_projections.queries.answer import Answer, Page
from onrecord_projections.queries.clocks import ClockRow
from onrecord_projections.queries.penalties import PenaltyRow
from onrecord_projections.queries.shadow import ComparedRow, DraftRow, GroupBy
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
from onrecord_services.api.routes.figures import Month


@get("/shadow", responses=answered(Answer[ComparedRow], "One row a clause or person that would differ."))
async def compare_drafts(
    reads: TheReads,
    visitor: TheVisitor,
    by: Annotated[GroupBy, QueryParameter(name="group")] = "clause",
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """What stands against what the drafts would make of it, since the first of them would hold."""

    async def question(view: View) -> Answer[ComparedRow]:
        return view.answer(Page(await shadow.compare(view, by)))

    return await answered_in_json(reads, visitor, question, wait_for=wait_for)


@get("/shadow/drafts", responses=answered(Answer[DraftRow], "One row a draft."))
async def list_drafts(
    reads: TheReads,
    visitor: TheVisitor,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """The drafts that run beside what is in force, or that ran."""
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[DraftRow]:
        return view.answer(Page(shadow.drafts(view)))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get("/shadow/clocks", responses=answered(Answer[ClockRow], "Clocks, soonest due first."))
async def list_shadow_clocks(
    reads: TheReads,
    visitor: TheVisitor,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    in_state: Annotated[clocks.State | None, QueryParameter(name="state")] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    owner: Id = None,
    clause: Id = None,
    case: Id = None,
    kind: FromQuery[clocks.Kind | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """Promises as the drafts would have them; empty where none runs, or ran at the time asked about."""
    wanted = clocks.Wanted(state=in_state, open=is_open, owner=owner, clause=clause, case=case, kind=kind)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[ClockRow]:
        return view.answer(await shadow.find_clocks(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get("/shadow/penalties", responses=answered(Answer[PenaltyRow], "Lines, the latest month first."))
async def list_shadow_penalties(
    reads: TheReads,
    visitor: TheVisitor,
    person: Id = None,
    month: Month = None,
    case: Id = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """What the drafts would propose, to whom, for what. Nobody is told, and nothing can be decided."""
    wanted = penalties.Wanted(person=person, month=month, case=case)

    async def question(view: View) -> Answer[PenaltyRow]:
        async with shadow.beside(view) as drafts:
            return drafts.answer(await penalties.find(drafts, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, wait_for=wait_for)
