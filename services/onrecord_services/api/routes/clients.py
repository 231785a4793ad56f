"""Routes: clients and whose they are."""

from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from onrecord_projections.queries import holdings, ownership
from onrecord_projections.queries.answer import Answer, Page
from onrecord_projections.queries.holdings import HeldRow
from onrecord_projections.queries.ownership import OwnerInFull
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


@get("/clients", responses=answered(Answer[HeldRow], "Clients and who has them."))
async def list_clients(
    reads: TheReads,
    visitor: TheVisitor,
    owner: Id = None,
    pool: Annotated[bool | None, QueryParameter(description="Only those nobody has any more.")] = None,
    pack: Id = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for: WaitFor = None,
) -> Response[bytes]:
    """Clients by who has them under which policy; `pool` finds those to be passed on."""
    wanted = holdings.Wanted(owner=owner, pool=pool, pack=pack)
    when = times(as_of, known_at)

    async def question(view: View) -> Answer[HeldRow]:
        return view.answer(await holdings.find(view, wanted, cursor=cursor, limit=limit))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)


@get(
    "/clients/{client_id:str}/owner", responses=answered(Answer[OwnerInFull], "Whose client it is, and why.")
)
async def show_owner(
    reads: TheReads,
    visitor: TheVisitor,
    client_id: FromPath[str],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    wait_for: WaitFor = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> Response[bytes]:
    """Who owned a client, since when and by which clause, with every claim and the events it rests on."""
    check_id(client_id, "client")
    client, when = f"client/{client_id}", times(as_of, known_at)

    async def question(view: View) -> Answer[OwnerInFull]:
        found = await ownership.one(view, client)
        if found is None:
            raise TurnedAway(unknown(f"an owner of {client}"))
        return view.answer(Page([found]))

    return await answered_in_json(reads, visitor, question, times=when, wait_for=wait_for)
