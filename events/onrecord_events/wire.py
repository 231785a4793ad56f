"""Wire: publishes with an answer, requests to the JetStream API, and a bounded callback reader.

nats-py 2.16 has two faults that cost events, so neither of its own calls is used here: `publish_async` never
answers when the server refuses, and ordered consumers skip silently when a buffer overflows. Answers come to
one inbox a connection; reading is a pull consumer whose messages arrive by callback, as many as asked for.
"""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError

from onrecord_events.errors import LogUnavailable, OutcomeUnknown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = "Status"
_NO_RESPONDERS = "503"


class Refused(Exception):
    """The server's own refusal. `code` is JetStream's err_code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{words} ({code})")
        self.code = code


class _ApiError(msgspec.Struct):
    err_code: int = 0
    description: str = ""


class _Answer(msgspec.Struct):
    error: _ApiError | None = None


_read_answer = msgspec.json.Decoder(_Answer).decode


def stored_at(nanoseconds: int) -> datetime:
    """The server's time stamp, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


class Wire:
    """One connection's answers. Open it once a connection; every publish and request goes through it."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self._inbox = f"{connection._inbox_prefix.decode()}.onrecord{secrets.token_hex(8)}"  # noqa: SLF001 (private inbox prefixes are a user's only permission)
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._next_token = 0
        self._subscribed = False

    async def send(
        self, subject: str, payload: bytes, headers: dict[str, str] | None = None
    ) -> "asyncio.Future[bytes]":
        """Put a message on the wire; the future is its answer. Order of calls is order on the wire."""
        if not self._subscribed:
            self._subscribed = True
            await self.connection.subscribe(f"{self._inbox}.*", cb=self._on_answer)
        self._next_token += 1
        token = str(self._next_token)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        future.add_done_callback(lambda _: self._waiting.pop(token, None))
        try:
            await self.connection.publish(subject, payload, reply=f"{self._inbox}.{token}", headers=headers)
        except (NatsError, OSError) as error:
            future.cancel()
            raise LogUnavailable(f"cannot reach the log: {type(error).__name__}") from error
        return future

    async def ask(
        self, subject: str, payload: bytes, headers: dict[str, str] | None = None, *, timeout_s: float = 5.0
    ) -> bytes:
        """A message and its answer. Raises Refused, LogUnavailable, OutcomeUnknown."""
        return await self.answer(await self.send(subject, payload, headers), timeout_s=timeout_s)

    async def answer(self, future: "asyncio.Future[bytes]", *, timeout_s: float) -> bytes:
        """The answer of `send`. Raises Refused, LogUnavailable, OutcomeUnknown."""
        try:
            async with asyncio.timeout(timeout_s):
                raw = await future
        except TimeoutError:
            raise OutcomeUnknown(f"the log did not answer within {timeout_s:g} s") from None
        error = _read_answer(raw).error if raw else None
        if error is not None:
            raise Refused(error.err_code, error.description)
        return raw

    async def _on_answer(self, message: Msg) -> None:
        future = self._waiting.get(message.subject.rpartition(".")[2])
        if future is None or future.done():
            return
        if message.headers and message.headers.get(_STATUS) == _NO_RESPONDERS:
            future.set_exception(LogUnavailable("no log answers on this subject"))
        else:
            future.set_result(message.data)


async def api(wire: Wire, subject: str, question: Mapping[str, Any] | None = None) -> bytes:
    """One JetStream API call."""
    return await wire.ask(f"$JS.API.{subject}", msgspec.json.encode(question) if question else b"")


class QuickReader(Client):
    """A connection that leaves headers unread unless the server itself speaks in them.

    Parsing headers in Python costs more than parsing the body, and a log reader needs none of them.
    """

    async def _process_headers(self, headers: bytes) -> dict[str, str] | None:
        inline_status = headers and headers[8:9] == b" "
        if not inline_status:
            return None
        found: dict[str, str] | None = await super()._process_headers(headers)
        return found


__all__ = [
    "ConnectionClosedError",
    "QuickReader",
    "Refused",
    "Wire",
    "api",
    "stored_at",
]
