"""Routes: clocks."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from onrecord_projections.queries import questions, totals
from onrecord_projections.queries.answer import Answer
from onrecord_projections.queries.clocks import ClockRow, Kind, State, Wanted
from onrecord_projections.queries.totals import TotalRow
from onrecord_projections.queries.view import View
from onrecord_services.api.answers import CSV_ROWS_MAX, answered_in_json, as_csv, as_json
from onrecord_services.api.openapi import answered
from onrecord_services.api.parameters import (
    AsOf,
    Cursor,
    Id,
    Instant,
    KnownAt,
    Lang,
    Limit,
    TheReads,
    TheVisitor,
    WaitFor,
    instant,
    times,
)

_CSV_COLUMNS = (
    "case",
    "clause",
    "says",
    "owner",
    "state",
    "started_at",
    "due_at",
    "stopped_at",
    "used_s",
    "paused_s",
    "late_s",
    "provisional",
    "justified",
    "findings",
    "note",
    "pack",
    "edition",
    "instance",
    "evidence",
)


@get("/clocks", responses=answered(Answer[ClockRow], "Clocks, soonest due first."))
async def list_clocks(
    reads: TheReads,
    visitor: TheVisitor,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    due_before: Instant = None,
    due_after: Instant = None,
    owner: Id = None,
    clause: Id = None,
    case: Id = None,
    kind: FromQuery[Kind | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
    form: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
) -> Response[bytes]:
    """Promises by state, owner, clause or due date.

    With `as_of` or `known_at` they are evaluated as they stood then, and come case by case instead.
    """
    wanted = Wanted(
        state=in_state,
        open=is_open,
        due_before=instant(due_before, "due_before"),
        due_after=instant(due_after, "due_after"),
        owner=owner,
        clause=clause,
        case=case,
        kind=kind,
    )
    when = times(as_of, known_at)
    rows = CSV_ROWS_MAX if form == "csv" else limit

    async def question(view: View) -> Answer[ClockRow]:
        return view.answer(await questions.find_clocks(view, wanted, cursor=cursor, limit=rows))

    answer = await reads.ask(visitor.tenant, question, lang=visitor.lang, times=when, wait_for=wait_for)
    return as_csv(answer, _CSV_COLUMNS, "clocks") if form == "csv" else as_json(answer)


@get("/clocks/totals", responses=answered(Answer[TotalRow], "One row a clause or owner."))
async def count_clocks(
    reads: TheReads,
    visitor: TheVisitor,
    clause: Id = None,
    owner: Id = None,
    by: Annotated[totals.GroupBy | None, QueryParameter(name="group")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """How many promises stand how; those broken and not made good are `overdue`.

    Beyond what is known, promises are broken as they fall due; none begins that has not begun.
    """
    wanted = totals.Wanted(clause=clause, owner=owner)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[TotalRow]:
        return view.answer(await totals.clocks(view, wanted, by, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
