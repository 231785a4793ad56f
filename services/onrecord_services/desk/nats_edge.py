"""The NATS edge: request/reply on `cmd.<tenant>.<publisher>.<area>.<verb>`.

The server's permissions fix tenant and publisher. We answer ourselves, and only where the server hides the
asker's inbox behind its own names (`engines/permissions.py` says why).
"""

import asyncio
from collections.abc import Callable
from typing import Annotated

import msgspec
from faststream import Path
from faststream.nats import NatsBroker, NatsMessage
from nats.aio.client import Client
from nats.errors import Error as NatsError

from onrecord_services.desk.door import TROUBLE, Door, problem_of
from onrecord_services.vault.keyring import KeyRing

SUBJECT = "cmd.{tenant}.{publisher}.{area}.{verb}"
_HIDDEN_REPLIES = "_R_."
_STOP_S = 15.0
_encode = msgspec.json.Encoder().encode

Begin = Callable[[NatsMessage, str, str, str], None]


class NatsEdge:
    """Takes requests and answers each on `answers`, the connection that may."""

    def __init__(self, *, url: str, answers: Client, door: Door, keyring: KeyRing) -> None:
        self.broker = make_broker(url, self._begin)
        self._answers, self._door, self._keyring = answers, door, keyring
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to take requests in."""
        await self.broker.start()

    async def stop(self) -> None:
        """Take no more in; answer what is under way."""
        await self.broker.stop()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_STOP_S)

    def _begin(self, message: NatsMessage, tenant: str, publisher: str, name: str) -> None:
        task = asyncio.create_task(self._serve(message, tenant, publisher, name))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _serve(self, message: NatsMessage, tenant: str, publisher: str, name: str) -> None:
        reply = message.raw_message.reply
        if reply and not reply.startswith(_HIDDEN_REPLIES):
            return
        answer = await self._answer(message.raw_message.data, tenant, publisher, name)
        if reply:
            try:
                await self._answers.publish(reply, answer)
            except (NatsError, OSError):
                return  # the asker asks again, with the same key

    async def _answer(self, raw: bytes, tenant: str, publisher: str, name: str) -> bytes:
        try:
            key = await self._keyring.of_publisher(tenant, publisher, scope="decide")
            return _encode(await self._door.ask(key, name, raw))
        except TROUBLE as error:
            return b'{"problem":' + problem_of(error).as_json() + b"}"


def make_broker(url: str, begin: Begin) -> NatsBroker:
    """The broker with its one subscription; not connected yet."""
    broker = NatsBroker(url, max_reconnect_attempts=-1, logger=None, name="desk")

    async def undecoded(message: NatsMessage) -> bytes:
        return message.raw_message.data

    @broker.subscriber(SUBJECT, queue="desk", decoder=undecoded, no_reply=True)
    async def on_command(
        _: bytes,
        message: NatsMessage,
        tenant: Annotated[str, Path()],
        publisher: Annotated[str, Path()],
        area: Annotated[str, Path()],
        verb: Annotated[str, Path()],
    ) -> None:
        """A decision asked for; what came of it, or why not."""
        begin(message, tenant, publisher, f"{area}.{verb}")

    return broker
