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
from onrecord_services.outward import attributes_of, unknown_among
from onrecord_services.problem import Problem, TurnedAway
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable

EVENTS_MAX = 200
BYTES_MAX = 400_000
WAIT_S_MAX = 30
UNDER_WAY_MAX = 500
UNDER_WAY_OF_ONE_MAX = 10
"""Requests of one publisher, answered or waiting."""
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
    "all may be left out, and types be known ones, or `area.*`.",
)
TOO_MANY = Problem(
    name="too-many-at-once",
    status=429,
    title="Too many requests are under way",
    detail=f"A publisher has {UNDER_WAY_OF_ONE_MAX} of them at most; wait for an answer.",
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
    """Answers many at a time, so that nobody waits for somebody else's patience; a few of each publisher."""

    def __init__(self, connection: Client, rows: Rows, keyring: KeyRing) -> None:
        self._connection, self._rows, self._keyring = connection, rows, keyring
        self._growth = Waiting(self._position, LOOK_EVERY_S)
        self._under_way: dict[asyncio.Task[None], _Reader] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Until the block ends; who waits then asks again."""
        await self._connection.subscribe("feed.*.*", queue="notices", cb=self._on_question)
        try:
            yield
        finally:
            for task in list(self._under_way):
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _on_question(self, message: Msg) -> None:
        if not message.reply.startswith(_HIDDEN_REPLIES):
            return
        reader = _Reader(*message.subject.split(".")[1:])
        own = sum(other == reader for other in self._under_way.values())
        if len(self._under_way) >= UNDER_WAY_MAX or own >= UNDER_WAY_OF_ONE_MAX:
            await self._answer(message.reply, _problem(TurnedAway(TOO_MANY), reader.tenant))
            return
        task = asyncio.create_task(self._take(message.reply, reader, message.data))
        self._under_way[task] = reader
        task.add_done_callback(self._under_way.pop)

    async def _take(self, reply: str, reader: _Reader, raw: bytes) -> None:
        try:
            answer = self._told(reader, await self._find(reader, raw))
        except _TROUBLE as error:
            answer = _problem(error, reader.tenant)
        await self._answer(reply, answer)

    async def _find(self, reader: _Reader, raw: bytes) -> _Found:
        """The first page with anything in it, or the last empty one when patience ends."""
        await self._admit(reader)
        asked = _decode(raw or b"{}")
        if unknown_among(asked.types) is not None:
            raise TurnedAway(BAD_QUESTION)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + asked.wait_s
        found = await self._page(reader, asked, asked.after)
        while not found.page.events and (left_s := give_up_at - loop.time()) > 0:
            await self._growth.reach(reader.tenant, found.page.position + 1, left_s)
            await self._admit(reader)
            found = await self._page(reader, asked, found.page.position)
        return found

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
