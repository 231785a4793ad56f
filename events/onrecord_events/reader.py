"""Reader: every stored message from a position on, in order, without a hole, never more than asked for.

A pull consumer without acknowledgements; the messages come by callback. Whatever goes wrong (a lost consumer,
a restart, silence) ends in the same way: a new consumer from the last position seen.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from onrecord_events.errors import LogMismatch, LogUnavailable, OutcomeUnknown
from onrecord_events.wire import Refused, Wire, api

HEARTBEAT_S = 1.0
SILENCE_S = 3.0
EXPIRES_S = 15.0
GONE_S = 60
_NANO = 1_000_000_000

Stored = tuple[int, int, bytes]
"""Position, the server's time stamp in nanoseconds, the stored bytes."""

IsSame = Callable[[int, bytes], Awaitable[None]]
"""Asked at every new consumer with the last position and its bytes (empty if none came yet). Raises
LogMismatch: a JetStream stream that was replaced in between would go on with other events."""


class Reader:
    """Follow one JetStream stream, or one subject of it, from after a position: `batches`, then `close`."""

    def __init__(
        self,
        wire: Wire,
        stream: str,
        after: int,
        *,
        window: int,
        subject: str = "",
        is_same: IsSame | None = None,
    ) -> None:
        self._wire = wire
        self._stream = stream
        self._subject = subject
        self._last_received = after
        self._last_raw = b""
        self._is_same = is_same
        self._deliveries = 0
        self._window = window
        self._buffer: deque[Stored] = deque()
        self._asked = 0
        self._arrived = asyncio.Event()
        self._broken = True
        self._consumer = ""
        self._subscription: Subscription | None = None
        self._heard_at = 0.0
        self._gap: tuple[int, int] | None = None

    async def batches(
        self, *, until: int | None, events_max: int, linger_s: float
    ) -> AsyncGenerator[list[Stored], None]:
        """Messages in order, a list at a time: full, or as full as it got `linger_s` after its first one."""
        loop = asyncio.get_running_loop()
        while until is None or self._last_taken() < until:
            await self._arrive(None)
            give_up_at = loop.time() + linger_s
            while len(self._buffer) < events_max and not self._reached(until):
                if not await self._arrive(give_up_at):
                    break
            yield self._take(events_max, until)

    async def close(self) -> None:
        """Leave nothing behind at the server."""
        subscription, self._subscription = self._subscription, None
        if subscription is None or self._wire.connection.is_closed:
            return
        try:
            await subscription.unsubscribe()
            await api(self._wire, f"CONSUMER.DELETE.{self._stream}.{self._consumer}")
        except (NatsError, Refused, LogUnavailable, OutcomeUnknown):
            return  # it ends by itself when nobody asks it any more

    def _last_taken(self) -> int:
        return self._buffer[0][0] - 1 if self._buffer else self._last_received

    def _reached(self, until: int | None) -> bool:
        return until is not None and self._last_received >= until

    def _take(self, events_max: int, until: int | None) -> list[Stored]:
        buffer = self._buffer
        count = min(events_max, len(buffer))
        if until is not None:
            count = min(count, until - buffer[0][0] + 1)
        return [buffer.popleft() for _ in range(count)]

    async def _arrive(self, give_up_at: float | None) -> bool:
        """Wait until something more is in the buffer; False if `give_up_at` came first."""
        loop = asyncio.get_running_loop()
        had = len(self._buffer) if give_up_at is not None else 0
        while len(self._buffer) <= had:
            if self._broken or loop.time() - self._heard_at > SILENCE_S:
                await self._begin_again()
            await self._ask_for_more()
            self._arrived.clear()
            wait_s = SILENCE_S if give_up_at is None else min(SILENCE_S, give_up_at - loop.time())
            if wait_s <= 0:
                return False
            try:
                async with asyncio.timeout(wait_s):
                    await self._arrived.wait()
            except TimeoutError:
                continue
        return True

    async def _ask_for_more(self) -> None:
        room = self._window - len(self._buffer) - self._asked
        if room < self._window // 2:
            return
        self._asked += room
        question = b'{"batch":%d,"expires":%d,"idle_heartbeat":%d}' % (
            room,
            int(EXPIRES_S * _NANO),
            int(HEARTBEAT_S * _NANO),
        )
        assert self._subscription is not None
        await self._wire.connection.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            question,
            reply=self._subscription.subject,
        )

    async def _begin_again(self) -> None:
        """A new consumer after the last message received. Waits as long as the log is away."""
        await self.close()
        if self._gap is not None and self._gap[0] == self._last_received:
            raise LogMismatch(
                f"{self._stream}: positions {self._gap[0] + 1} to {self._gap[1] - 1} are missing from the log"
            )
        self._asked = 0
        self._deliveries = 0
        self._consumer = f"r{secrets.token_hex(8)}"
        connection = self._wire.connection
        inbox = f"{connection._inbox_prefix.decode()}.{self._consumer}"  # noqa: SLF001 (a user may listen under its own prefix only)
        self._subscription = await connection.subscribe(inbox, cb=self._on_message)
        config = {
            "name": self._consumer,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._last_received + 1,
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": GONE_S * _NANO,
            "max_waiting": 8,
            "mem_storage": True,
            "num_replicas": 1,
        }
        if self._subject:
            config["filter_subject"] = self._subject
        try:
            await api(
                self._wire,
                f"CONSUMER.CREATE.{self._stream}.{self._consumer}",
                {"stream_name": self._stream, "config": config, "action": "create"},
            )
            if self._is_same is not None:  # after the consumer was made, so that it is of the log looked at
                await self._is_same(self._last_received, self._last_raw)
        except (LogUnavailable, OutcomeUnknown):
            await asyncio.sleep(HEARTBEAT_S)
            return
        except Refused as refused:
            raise LogUnavailable(f"{self._stream}: {refused}") from None
        self._broken = False
        self._heard_at = asyncio.get_running_loop().time()

    async def _on_message(self, message: Msg) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if not message.reply:
            self._on_status(message.headers or {})
            return
        parts = message.reply.split(
            "."
        )  # $JS.ACK.<stream>.<consumer>.<deliveries>.<position>.<nth>.<time>.<left>
        if parts[3] != self._consumer:
            return
        position = int(parts[5])
        self._asked -= 1
        self._deliveries += 1
        if self._subject:  # its positions have holes by nature, its deliveries have none
            self._broken |= int(parts[6]) != self._deliveries
        elif position != self._last_received + 1:
            self._gap = (self._last_received, position)
            self._broken = True
        if not self._broken:
            self._last_received, self._last_raw = position, message.data
            self._buffer.append((position, int(parts[7]), message.data))
        self._arrived.set()

    def _on_status(self, headers: dict[str, str]) -> None:
        match headers.get("Status"):
            case "100":
                return
            case "404" | "408":  # a request ran out; what it did not bring is asked for anew
                self._asked -= int(headers.get("Nats-Pending-Messages", self._asked))
            case _:
                self._broken = True
        self._arrived.set()
