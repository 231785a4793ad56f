"""Routes: why a clock, a penalty line, an owner or a figure is what it is."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from onrecord_projections.queries import explain, explain_figure, explain_owner, explain_penalty
from onrecord_projections.queries.answer import Answer, Page
from onrecord_projections.queries.explain_told import Explanation
from onrecord_projections.queries.telling import Wanted
from onrecord_projections.queries.view import View
from onrecord_services.api.access import Visitor
from onrecord_services.api.answers import answered_in_json
from onrecord_services.api.openapi import answered
from onrecord_services.api.parameters import (
    ID_CHARS_MAX,
    INSTANCE_CHARS_MAX,
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
    check_id,
    times,
)
from onrecord_services.api.problems import unknown
from onrecord_services.api.reads import Reads
from onrecord_services.api.routes.kpi import Kpi, Period
from onrecord_services.problem import TurnedAway

Named = Annotated[str, QueryParameter(max_length=ID_CHARS_MAX)]
_ANSWERED = answered(
    Answer[Explanation], "The whole chain, down to the events; anybody can work it out again."
)


@get("/clocks/explain", responses=_ANSWERED)
async def explain_clock(
    reads: TheReads,
    visitor: TheVisitor,
    case: Named,
    clause: Named,
    instance: Annotated[
        str | None, QueryParameter(max_length=INSTANCE_CHARS_MAX, description="Without it the latest one.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """Every interval and day of one clock, counted or not and why, down to the events."""

    async def question(view: View) -> Page[Explanation]:
        return _one(await explain.one(view, case, clause, instance))

    return await _asked(reads, visitor, question, f"a clock of clause {clause} in case {case}",
                        as_of, known_at, wait_for)  # fmt: skip


@get("/penalties/{line_id:str}/explain", responses=_ANSWERED)
async def explain_penalty_line(
    reads: TheReads,
    visitor: TheVisitor,
    line_id: FromPath[str],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """One line: its price, what was counted, the clock that was broken, what was decided."""
    check_id(line_id, "line")

    async def question(view: View) -> Page[Explanation]:
        return _one(await explain_penalty.one(view, line_id))

    return await _asked(reads, visitor, question, f"a line {line_id}", as_of, known_at, wait_for)


@get("/penalties/sums/explain", responses=_ANSWERED)
async def explain_sum(
    reads: TheReads,
    visitor: TheVisitor,
    person: Named,
    month: Annotated[str, QueryParameter(pattern=MONTH, description="Such as 2026-07.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """What one person's month comes to, line by line; one explanation a currency."""

    async def question(view: View) -> Page[Explanation]:
        return Page(await explain_penalty.month(view, person, month))

    return await _asked(reads, visitor, question, f"lines of {person} in {month}", as_of, known_at, wait_for)


@get("/clients/{client_id:str}/owner/explain", responses=_ANSWERED)
async def explain_client(
    reads: TheReads,
    visitor: TheVisitor,
    client_id: FromPath[str],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """Whose client it was when: claims, the days of each until it lapsed, joins and decisions."""
    check_id(client_id, "client")

    async def question(view: View) -> Page[Explanation]:
        return _one(await explain_owner.one(view, f"client/{client_id}"))

    return await _asked(
        reads, visitor, question, f"an owner of client/{client_id}", as_of, known_at, wait_for
    )


@get("/kpi/explain", responses=_ANSWERED)
async def explain_kpi(
    reads: TheReads,
    visitor: TheVisitor,
    period: Period,
    kpi: Kpi,
    pack: Id = None,
    group: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = explain_figure.ITEMS_A_PAGE,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """One KPI of a period: every item and what it adds; of a ranking every value and its place.

    A figure of many items is explained in several explanations, over pages of about `limit` items; all of
    them together are the whole of it.
    """
    wanted = Wanted(period=period, kpi=kpi, pack=pack, group=group)

    async def question(view: View) -> Page[Explanation]:
        return await explain_figure.of_period(view, wanted, cursor=cursor, limit=limit)

    return await _asked(reads, visitor, question, f"a figure {kpi} of {period}", as_of, known_at, wait_for)


async def _asked(
    reads: Reads,
    visitor: Visitor,
    question: Callable[[View], Awaitable[Page[Explanation]]],
    what: str,
    as_of: str | None,
    known_at: str | None,
    wait_for: int | None,
) -> Response[bytes]:
    """The answer, or that there is nothing of this name."""

    async def asked(view: View) -> Answer[Explanation]:
        found = await question(view)
        if not found.items:
            raise TurnedAway(unknown(what))
        return view.answer(found)

    return await answered_in_json(reads, visitor, asked, times=times(as_of, known_at), wait_for=wait_for)


def _one(found: Explanation | None) -> Page[Explanation]:
    return Page([] if found is None else [found])
