"""The feed over NATS: pages by request/reply on `feed.<tenant>.<publisher>`.

The server's permissions fix tenant and publisher, and it hides the asker's inbox behind its own names: we
answer nobody else (`engines/permissions.py` says why). Nothing is kept for a reader; its place is its own.
Who asks with `wait_s` where there is nothing yet is answered when there is: one after the other, that follows
the log live from any position.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, NamedTuple

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from psycopg import Error

from onrecord_projections import generation
from onrecord_projections.errors import NoReadModel
from onrecord_projections.queries import feed
from onrecord_projections.queries.feed import Page
from onrecord_services.api.waiting import Waiting
from onrecord_services.notices.rows import Rows
from onrecord_services.outward import attributes_of
from onrecord_services.problem import Problem, TurnedAway
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable

EVENTS_MAX = 200
BYTES_MAX = 400_000
REQUESTS_MAX = 1000
"""Requests that wait for their turn; more are turned away by the client, and ask again."""
WAIT_S_MAX = 30
WAITING_MAX = 500
WAITING_OF_ONE_MAX = 10
"""Requests of one publisher that wait for something to happen."""
LOOK_EVERY_S = 0.1
_HIDDEN_REPLIES = "_R_."
_encode = msgspec.json.Encoder().encode

NOT_A_READER = Problem(
    name="scope",
    status=403,
    title="This publisher does not read",
    detail="Give it a key with the scope `read`.",
)
BAD_QUESTION = Problem(
    name="bad-question",
    status=400,
    title="Cannot be asked like this",
    detail='Send {"after": position, "limit": 1 to 200, "types": [...], "wait_s": 0 to 30}; '
    "all may be left out.",
)
TOO_MANY_WAIT = Problem(
    name="too-many-wait",
    status=429,
    title="Too many requests wait already",
    detail=f"A publisher waits with {WAITING_OF_ONE_MAX} of them at most; ask again without `wait_s`.",
    retry_after_s=2,
)
UNAVAILABLE = Problem(
    name="unavailable", status=503, title="Cannot be read now", detail="Ask again soon.", retry_after_s=2
)

_log = logging.getLogger(__name__)


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader asks for."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=EVENTS_MAX)] = EVENTS_MAX
    types: Annotated[tuple[str, ...], msgspec.Meta(max_length=20)] = ()
    wait_s: Annotated[float, msgspec.Meta(ge=0, le=WAIT_S_MAX)] = 0
    """How long to wait for something to happen, if nothing has."""


class _Reader(NamedTuple):
    """Who asks: as the server's permissions say."""

    tenant: str
    publisher: str


class _Found(NamedTuple):
    """A page, and how far the read models were."""

    page: Page
    known_to: int


_decode = msgspec.json.Decoder(Question).decode


class FeedEdge:
    """Answers one after the other; only those wait aside who said how long they would."""

    def __init__(self, connection: Client, rows: Rows, keyring: KeyRing) -> None:
        self._connection, self._rows, self._keyring = connection, rows, keyring
        self._growth = Waiting(self._position, LOOK_EVERY_S)
        self._aside: dict[asyncio.Task[None], _Reader] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Until the block ends; who waits then asks again."""
        await self._connection.subscribe(
            "feed.*.*", queue="notices", cb=self._on_question, pending_msgs_limit=REQUESTS_MAX
        )
        try:
            yield
        finally:
            for task in list(self._aside):
                task.cancel()
            await asyncio.gather(*self._aside, return_exceptions=True)

    async def _on_question(self, message: Msg) -> None:
        if not message.reply.startswith(_HIDDEN_REPLIES):
            return
        reader = _Reader(*message.subject.split(".")[1:])
        try:
            asked, found = await self._first(reader, message.data)
            if asked.wait_s and not found.page.events:
                self._wait_aside(message.reply, reader, asked, found)
                return
            answer = self._told(reader, found)
        except _TROUBLE as error:
            answer = _problem(error, reader.tenant)
        await self._answer(message.reply, answer)

    async def _first(self, reader: _Reader, raw: bytes) -> tuple[Question, _Found]:
        await self._admit(reader)
        asked = _decode(raw or b"{}")
        return asked, await self._page(reader, asked, asked.after)

    def _wait_aside(self, reply: str, reader: _Reader, asked: Question, found: _Found) -> None:
        """Raises TurnedAway if there is no room."""
        own = sum(other == reader for other in self._aside.values())
        if len(self._aside) >= WAITING_MAX or own >= WAITING_OF_ONE_MAX:
            raise TurnedAway(TOO_MANY_WAIT)
        task = asyncio.create_task(self._wait(reply, reader, asked, found))
        self._aside[task] = reader
        task.add_done_callback(self._aside.pop)

    async def _wait(self, reply: str, reader: _Reader, asked: Question, found: _Found) -> None:
        """The first page with anything in it, or the last empty one."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + asked.wait_s
        try:
            while not found.page.events and (left_s := give_up_at - loop.time()) > 0:
                await self._growth.reach(reader.tenant, found.page.position + 1, left_s)
                await self._admit(reader)
                found = await self._page(reader, asked, found.page.position)
            answer = self._told(reader, found)
        except _TROUBLE as error:
            answer = _problem(error, reader.tenant)
        await self._answer(reply, answer)

    async def _answer(self, reply: str, answer: bytes) -> None:
        with suppress(NatsError, OSError):  # the asker asks again
            await self._connection.publish(reply, answer)

    async def _admit(self, reader: _Reader) -> None:
        if await self._keyring.of_publisher(reader.tenant, reader.publisher, "read") is None:
            raise TurnedAway(NOT_A_READER)

    async def _position(self, tenant: str) -> int:
        async with self._rows.of(tenant) as connection:
            return (await generation.held(connection)).checkpoint.position

    async def _page(self, reader: _Reader, asked: Question, after: int) -> _Found:
        async with self._rows.of(reader.tenant) as connection:
            known_to = (await generation.held(connection)).checkpoint.position
            page = await feed.page(connection, after, known_to, asked.limit, asked.types, bytes_max=BYTES_MAX)
        return _Found(page, known_to)

    def _told(self, reader: _Reader, found: _Found) -> bytes:
        events = [attributes_of(event, reader.tenant) for event in found.page.events]
        answer = _encode({"events": events, "position": found.page.position, "known_to": found.known_to})
        if len(answer) <= self._connection.max_payload:
            return answer
        raise TurnedAway(_too_large(found.page.events[0].position))


_TROUBLE = (TurnedAway, msgspec.MsgspecError, Error, NoReadModel, VaultUnavailable, OSError)


def _problem(error: Exception, tenant: str) -> bytes:
    """What the asker is told of it."""
    match error:
        case TurnedAway(problem=problem):
            pass
        case msgspec.MsgspecError():
            problem = BAD_QUESTION
        case _:
            _log.warning("feed of tenant %s not answered: %s", tenant, type(error).__name__)
            problem = UNAVAILABLE
    return b'{"problem":' + problem.as_json() + b"}"


def _too_large(position: int) -> Problem:
    return Problem(
        name="too-large",
        status=413,
        title="An event does not fit into an answer",
        detail=f"Read the event at position {position} over HTTP, and go on after it.",
        more={"position": position},
    )
