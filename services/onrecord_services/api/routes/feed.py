"""Routes: the feed. Events as they are recorded, from any position on, as server-sent events."""

import asyncio
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send
from psycopg import Error

from onrecord_projections.errors import NoReadModel
from onrecord_projections.queries import feed
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.feed import Page
from onrecord_projections.queries.view import View
from onrecord_services.api.openapi import streamed
from onrecord_services.api.parameters import Lang, TheReads, TheVisitor
from onrecord_services.api.problems import TOO_MANY_FEEDS
from onrecord_services.api.reads import Reads
from onrecord_services.outward import as_cloudevent, unknown_among
from onrecord_services.problem import TurnedAway

EVENTS_AT_ONCE = 200
HEARTBEAT_S = 15.0
SLOW_S = 30.0
"""Who has not taken what was sent by then is let go; he goes on where he was."""
LIFE_S = 600.0
"""Then he comes again, and his key is looked at again."""
FEEDS_MAX = 200
RETRY_MS = 2000
TYPES_MAX = 20
_LAST = 2**62


@get(
    "/feed",
    responses=streamed("Events, one a message: `id` is the position, `data` a CloudEvent."),
)
async def follow_feed(
    request: Request[Any, Any, Any],
    reads: TheReads,
    visitor: TheVisitor,
    after: Annotated[
        int | None,
        QueryParameter(ge=0, le=_LAST, description="From after a position; from now on if left out."),
    ] = None,
    type_: Annotated[
        str | None,
        QueryParameter(name="type", max_length=1000, description="Types, or `area.*`, with commas between."),
    ] = None,
    lang: Lang = None,  # noqa: ARG001 (read by access; named here for the OpenAPI document)
) -> ASGIApp:
    """Every event of the tenant as a server-sent event, live. `Last-Event-ID` goes before `after`.

    Personal fields stay sealed. An `end` event says why the feed ended; come again with the last id.
    """
    types = _types(type_)
    position = await reads.position(visitor.tenant)
    resumed = _resumed(request.headers.get("last-event-id"))
    begin = resumed if resumed is not None else position if after is None else after
    if begin > position:
        await reads.ask(visitor.tenant, _nothing, wait_for=begin)
    if _Feed.open >= FEEDS_MAX:
        raise TurnedAway(TOO_MANY_FEEDS)
    return _Feed(reads, visitor.tenant, begin, types)


class _Feed:
    """One client's feed. Holds one page at a time, and the next only once that was taken."""

    open = 0

    def __init__(self, reads: Reads, tenant: str, after: int, types: tuple[str, ...]) -> None:
        self._reads, self._tenant, self._after, self._types = reads, tenant, after, types

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Until the client goes, is too slow, or has had his time."""
        _Feed.open += 1
        leaving = asyncio.create_task(_left(receive))
        sending = asyncio.create_task(self._run(send))
        try:
            await asyncio.wait((leaving, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            _Feed.open -= 1
            for task in (leaving, sending):
                task.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)

    async def _run(self, send: Send) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        reason = "come-again"
        try:
            await self._chunk(send, b"retry: %d\n\n" % RETRY_MS)
            async with asyncio.timeout(LIFE_S):
                while True:
                    await self._chunk(send, await self._next())
        except _TooSlow:
            reason = "too-slow"
        except TimeoutError:
            pass
        except (Error, NoReadModel, OSError):
            reason = "unavailable"
        end = b'event: end\ndata: {"reason":"%s","after":%d}\n\n' % (reason.encode(), self._after)
        async with asyncio.timeout(SLOW_S):
            await send({"type": "http.response.body", "body": end, "more_body": False})

    async def _chunk(self, send: Send, body: bytes) -> None:
        try:
            async with asyncio.timeout(SLOW_S):
                await send({"type": "http.response.body", "body": body, "more_body": True})
        except TimeoutError:
            raise _TooSlow from None

    async def _next(self) -> bytes:
        """The next page as text; a comment if nothing happened for a while."""
        held = await self._reads.reach(self._tenant, self._after + 1, HEARTBEAT_S)
        if held <= self._after:
            return b":\n\n"

        async def question(view: View) -> Page:
            return await feed.page(view.rows, self._after, view.position, EVENTS_AT_ONCE, self._types)

        found = await self._reads.ask(self._tenant, question)
        self._after = found.position
        said = [
            b"id: %d\ndata: %s\n\n" % (event.position, as_cloudevent(event, self._tenant))
            for event in found.events
        ]
        if not said or found.events[-1].position < found.position:
            said.append(b"id: %d\n:\n\n" % found.position)  # nobody looks through those again
        return b"".join(said)


class _TooSlow(Exception):
    """What was sent was not taken."""


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nothing(_: View) -> None:
    return None


def _resumed(said: str | None) -> int | None:
    """The position a reader names as his last. Raises BadQuestion."""
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and int(said) <= _LAST):
        raise BadQuestion("Last-Event-ID: not a position")
    return int(said)


def _types(said: str | None) -> tuple[str, ...]:
    """The types that are wanted. Raises BadQuestion."""
    names = tuple(name.strip() for name in said.split(",")) if said else ()
    if (unknown := unknown_among(names)) is not None:
        raise BadQuestion(f"type: {unknown[:50]} is no event type; `onrecord schema` lists the known ones")
    if len(names) > TYPES_MAX:
        raise BadQuestion(f"type: at most {TYPES_MAX} of them")
    return names
