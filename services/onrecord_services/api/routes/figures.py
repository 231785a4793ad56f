"""Routes: penalties, rates."""

from datetime import date
from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from onrecord_projections.queries import kpi, penalties, penalty_sums
from onrecord_projections.queries.answer import Answer, Page
from onrecord_projections.queries.kpi import FigureRow
from onrecord_projections.queries.penalties import PenaltyRow
from onrecord_projections.queries.penalty_sums import SumRow
from onrecord_projections.queries.view import View
from onrecord_services.api.answers import CSV_ROWS_MAX, answered_in_json, as_csv, as_json
from onrecord_services.api.openapi import answered
from onrecord_services.api.parameters import (
    MONTH,
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

Month = Annotated[str | None, QueryParameter(pattern=MONTH, description="Such as 2026-07.")]
_CSV_COLUMNS = (
    "id",
    "person",
    "month",
    "clause",
    "says",
    "case",
    "at",
    "quantity",
    "base",
    "factor",
    "amount",
    "currency",
    "state",
    "decided_amount",
    "adjustment",
    "cause_clause",
    "cause_code",
    "cause_instance",
    "clauses",
    "counted_as",
    "pack",
    "edition",
    "evidence",
    "line",
    "sanction",
    "days",
    "value",
    "low",
    "high",
    "shares",
    "lacks",
    "bearers",
)


@get(
    "/penalties",
    responses=answered(Answer[PenaltyRow], "Lines, the latest month first."),
)
async def list_penalties(
    reads: TheReads,
    visitor: TheVisitor,
    person: Id = None,
    month: Month = None,
    in_state: Annotated[penalties.State | None, QueryParameter(name="state")] = None,
    case: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
    form: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
) -> Response[bytes]:
    """What is proposed, to whom, for what, and what was decided about it. Proposals are never fines.

    `person` finds the lines of a person, and those that were split so that he bears a share.
    """
    wanted = penalties.Wanted(concerns=person, month=month, state=in_state, case=case)
    when = times(as_of, known_at)
    rows = CSV_ROWS_MAX if form == "csv" else limit

    async def question(view: View) -> Answer[PenaltyRow]:
        return view.answer(await penalties.find(view, wanted, cursor=cursor, limit=rows))

    answer = await reads.ask(visitor.tenant, question, lang=visitor.lang, times=when, wait_for=wait_for)
    return as_csv(answer, _CSV_COLUMNS, "penalties") if form == "csv" else as_json(answer)


@get(
    "/penalties/sums",
    responses=answered(Answer[SumRow], "One row a person, month and currency, the latest month first."),
)
async def sum_penalties(
    reads: TheReads,
    visitor: TheVisitor,
    person: Id = None,
    month: Month = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """What the lines of each person and month come to, and what was decided of it."""
    wanted = penalty_sums.Wanted(person=person, month=month)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[SumRow]:
        return view.answer(await penalty_sums.find(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/kpi/callbacks",
    responses=answered(Answer[FigureRow], "One row a figure, clause and kind of case."),
)
async def show_callbacks(
    reads: TheReads,
    visitor: TheVisitor,
    month: Annotated[str, QueryParameter(pattern=MONTH, description="Such as 2026-07.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """How many call-backs that fell due in a month were made, and how many in time (RENT-CRM-2.2-1)."""
    first = date.fromisoformat(f"{month}-01")
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[FigureRow]:
        return view.answer(Page(await kpi.callbacks(view, first)))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
