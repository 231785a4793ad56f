"""The NATS edge: request/reply on `in.<tenant>.<publisher>`, both tokens fixed by the server's permissions.

FastStream carries the subscription. What it does otherwise is switched off, for reasons: its decoder knows no
CloudEvents; its own reply goes wherever the asker says, with our rights to the log, so we answer ourselves,
and only where the server stands between (publishers live in an account of their own).
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Annotated

from faststream import Path
from faststream.nats import NatsBroker, NatsMessage
from nats.aio.client import Client
from nats.errors import Error as NatsError

from onrecord_services.intake.accept import Busy, Intake
from onrecord_services.intake.door import OUR_TROUBLE, admit, problem_of
from onrecord_services.intake.metrics import Metrics
from onrecord_services.intake.outcome import results
from onrecord_services.intake.quotas import Quotas
from onrecord_services.problem import TurnedAway
from onrecord_services.vault.keyring import KeyRing

_EDGE = "nats"
_HIDDEN_REPLIES = "_R_."
"""The server's own names for reply subjects of another account (`engines/permissions.py`)."""
_STOP_S = 15.0


class NatsEdge:
    """Takes requests, one at a time a publisher, and answers each on `answers`."""

    def __init__(
        self, *, url: str, answers: Client, intake: Intake, keyring: KeyRing, quotas: Quotas, counted: Metrics
    ) -> None:
        self.broker = make_broker(url, self._begin)
        self._answers = answers
        self._intake = intake
        self._keyring = keyring
        self._quotas = quotas
        self._counted = counted
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to take requests in."""
        await self.broker.start()

    async def stop(self) -> None:
        """Take no more in; answer what is under way."""
        await self.broker.stop()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_STOP_S)

    def _begin(self, message: NatsMessage, tenant: str, publisher: str) -> None:
        """Never waits: one publisher must not hold up another. Tasks take turns in order of arrival."""
        task = asyncio.create_task(self._serve(message, tenant, publisher))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _serve(self, message: NatsMessage, tenant: str, publisher: str) -> None:
        reply = message.raw_message.reply
        if reply and not reply.startswith(_HIDDEN_REPLIES):
            self._counted.turn_away(_EDGE, "foreign-inbox")
            return
        async with self._turns[tenant, publisher]:
            answer = await self._answer(message, tenant, publisher)
        if reply:
            try:
                await self._answers.publish(reply, answer)
            except (NatsError, OSError):
                self._counted.turn_away(_EDGE, "unanswered")

    async def _answer(self, message: NatsMessage, tenant: str, publisher: str) -> bytes:
        began = time.monotonic()
        headers = {name.lower(): value for name, value in message.headers.items()}
        content_type, raw = headers.get("content-type", ""), message.raw_message.data
        try:
            key = await self._keyring.of_publisher(tenant, publisher)
            key = admit(key, self._quotas, content_type, headers)
            taken = await self._intake.take(key, raw, content_type, headers)
        except (TurnedAway, Busy, *OUR_TROUBLE) as error:
            problem = problem_of(error)
            self._counted.turn_away(_EDGE, problem.name)
            return b'{"problem":' + problem.as_json() + b"}"
        self._quotas.take(tenant, publisher, events=len(taken.outcomes), size_bytes=len(raw))
        self._counted.count(_EDGE, taken.outcomes, time.monotonic() - began)
        return results(taken.outcomes)


def make_broker(url: str, begin: Callable[[NatsMessage, str, str], None]) -> NatsBroker:
    """The broker with its one subscription; not connected yet."""
    broker = NatsBroker(url, max_reconnect_attempts=-1, logger=None, name="intake")

    async def undecoded(message: NatsMessage) -> bytes:
        return message.raw_message.data

    @broker.subscriber("in.{tenant}.{publisher}", queue="intake", decoder=undecoded, no_reply=True)
    async def on_event(
        _: bytes, message: NatsMessage, tenant: Annotated[str, Path()], publisher: Annotated[str, Path()]
    ) -> None:
        """CloudEvents in; where each stands out."""
        begin(message, tenant, publisher)

    return broker
