"""Routes: cases and what happened in them."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from onrecord_projections.queries import cases, handovers, questions, timeline
from onrecord_projections.queries.answer import Answer, Page
from onrecord_projections.queries.cases import CaseInFull, CaseRow
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.handovers import HandoverRow
from onrecord_projections.queries.timeline import EventRow
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
    check_id,
    times,
)
from onrecord_services.api.problems import unknown
from onrecord_services.problem import TurnedAway


@get(
    "/cases",
    responses=answered(Answer[CaseRow], "Cases, the latest touched first."),
)
async def list_cases(
    reads: TheReads,
    visitor: TheVisitor,
    kind: Id = None,
    customer: Id = None,
    building: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    is_overdue: Annotated[bool | None, QueryParameter(name="overdue")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """Cases by kind, customer, building, and whether promises in them are open or overdue.

    With `as_of` or `known_at` they are evaluated as they stood then, and come in the order of their ids.
    """
    wanted = cases.Wanted(kind=kind, customer=customer, building=building, open=is_open, overdue=is_overdue)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[CaseRow]:
        return view.answer(await questions.find_cases(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/cases/{case_id:path}",
    responses=answered(Answer[CaseInFull], "One case: its clocks and hand-overs."),
)
async def show_case(
    reads: TheReads,
    visitor: TheVisitor,
    case_id: FromPath[str],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """One case in full, such as `/v1/cases/complaint/CP-2026-0013`."""
    case = case_id.removeprefix("/")
    check_id(case, "case")
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[CaseInFull]:
        found = await questions.one_case(view, case)
        if found is None:
            raise TurnedAway(unknown(f"case {case}"))
        return view.answer(Page([found]))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/timeline",
    responses=answered(Answer[EventRow], "Of a case oldest first, else newest first."),
)
async def show_timeline(
    reads: TheReads,
    visitor: TheVisitor,
    case: Id = None,
    person: Id = None,
    customer: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """What happened to a case, a person or a customer. Give exactly one of the three."""
    if sum(said is not None for said in (case, person, customer)) != 1:
        raise BadQuestion("case, person, customer: give exactly one of them")
    when = times(as_of, known_at)
    party = f"person/{person}" if person is not None else f"customer/{customer}"

    async def question(view: View) -> Answer[EventRow]:
        if case is not None:
            return view.answer(await timeline.of_case(view, case, cursor=cursor, limit=limit))
        return view.answer(await timeline.of_party(view, party, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/handovers",
    responses=answered(Answer[HandoverRow], "Hand-overs, case by case."),
)
async def list_handovers(
    reads: TheReads,
    visitor: TheVisitor,
    case: Id = None,
    person: Id = None,
    in_state: Annotated[handovers.State | None, QueryParameter(name="state")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """Who passed which case to whom, and whether it was accepted."""
    wanted = handovers.Wanted(case=case, person=person, state=in_state)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[HandoverRow]:
        return view.answer(await questions.find_handovers(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
