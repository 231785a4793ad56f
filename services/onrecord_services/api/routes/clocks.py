"""Routes: clocks."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from onrecord_projections.queries import clocks
from onrecord_projections.queries.answer import Answer
from onrecord_projections.queries.clocks import ClockRow, State, Wanted
from onrecord_projections.queries.view import View
from onrecord_services.api.answers import CSV_ROWS_MAX, as_csv, as_json
from onrecord_services.api.parameters import (
    Cursor,
    Id,
    Instant,
    Lang,
    Limit,
    TheReads,
    TheVisitor,
    WaitFor,
    instant,
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


@get("/v1/clocks", responses={200: ResponseSpec(Answer[ClockRow], description="Clocks, soonest due first.")})
async def list_clocks(
    reads: TheReads,
    visitor: TheVisitor,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    is_open: Annotated[bool | None, QueryParameter(name="open")] = None,
    due_before: Instant = None,
    due_after: Instant = None,
    owner: Id = None,
    clause: Id = None,
    case: Id = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
    form: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
) -> Response[bytes]:
    """Promises by state, owner, clause or due date."""
    wanted = Wanted(
        state=in_state,
        open=is_open,
        due_before=instant(due_before, "due_before"),
        due_after=instant(due_after, "due_after"),
        owner=owner,
        clause=clause,
        case=case,
    )
    rows = CSV_ROWS_MAX if form == "csv" else limit

    async def question(view: View) -> Answer[ClockRow]:
        return view.answer(await clocks.find(view, wanted, cursor=cursor, limit=rows))

    answer = await reads.ask(visitor.tenant, question, lang=visitor.lang, wait_for=wait_for)
    return as_csv(answer, _CSV_COLUMNS, "clocks") if form == "csv" else as_json(answer)
