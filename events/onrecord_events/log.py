"""The log: everything that happened to one tenant, in one order, for ever.

One JetStream stream a tenant. Appends are durable before they are answered, guarded by the stream's expected
version, and known again for ever by (source, id). Readers fail closed: a checkpoint names the log's epoch, a
position and the hash of the event there, and nothing goes on when one of them differs.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec
from nats.aio.client import Client

from onrecord_events.envelope import New, Recorded, digest_of, from_bytes, identity_of, to_bytes
from onrecord_events.errors import (
    Conflict,
    LogMismatch,
    LogUnavailable,
    OutcomeUnknown,
    OutOfOrder,
    PartlyKnown,
    UnreadableEvent,
)
from onrecord_events.jetstream import (
    BATCH_MESSAGES_MAX,
    BATCHES_IN_FLIGHT,
    EXPECTED,
    EXPECTED_OF,
    KNOWN_ID,
    STALE,
    Message,
    closed_stream,
    info,
    publish_batch,
    read_ack,
    stored,
)
from onrecord_events.reader import Reader
from onrecord_events.subjects import jetstream_name, log_subjects, stream_subject, tenant_of
from onrecord_events.wire import Refused, Wire, api, stored_at

ClockMode = Literal["server", "carried"]

BATCH_EVENTS_MAX = BATCH_MESSAGES_MAX
"""One event is one message."""

_STREAM_AT_ONCE = 500

_EPOCH_KEY = "onrecord.epoch"
_CLOCK_KEY = "onrecord.clock"


class Receipt(msgspec.Struct, frozen=True):
    """Where an event stands. `duplicate`: it stood there before this call."""

    position: int
    duplicate: bool = False


class Checkpoint(msgspec.Struct, frozen=True):
    """How far somebody has read: which log, up to where, and the hash of the event there."""

    epoch: str
    position: int = 0
    digest: bytes = b""


class StreamIndex(Protocol):
    """Whoever can give one stream's events quickly; what it has not seen yet is read from the log."""

    async def events_of(self, stream: str) -> tuple[Sequence[Recorded], int]:
        """The stream's events known to the index, and the position up to which it knows everything."""


class EventLog:
    """One tenant's log. Get one by `open` (services) or `create` (the operator, once)."""

    def __init__(self, wire: Wire, tenant: str, epoch: str, clock: ClockMode) -> None:
        self.tenant = tenant
        self.epoch = epoch
        self.clock: ClockMode = clock
        self._wire = wire
        self._name = jetstream_name(tenant)
        self._batches = asyncio.Semaphore(BATCHES_IN_FLIGHT)
        self._latest_recorded_at: datetime | None = None

    @classmethod
    async def open(cls, connection: Client, tenant: str) -> "EventLog":
        """The log of a tenant that has one. Raises LogUnavailable, LogMismatch."""
        wire = Wire(connection)
        described = await info(wire, jetstream_name(tenant))
        epoch, clock = described.config.metadata.get(_EPOCH_KEY), described.config.metadata.get(_CLOCK_KEY)
        if not epoch or clock not in {"server", "carried"}:
            raise LogMismatch(f"{jetstream_name(tenant)} carries no epoch: it was not made by onrecord")
        log = cls(wire, tenant, epoch, "carried" if clock == "carried" else "server")
        if log.clock == "carried" and described.state.last_seq:
            log._latest_recorded_at = (await log.event_at(described.state.last_seq)).recorded_at
        return log

    @classmethod
    async def create(
        cls, operator: Client, tenant: str, clock: ClockMode = "server", *, replicas: int = 1
    ) -> "EventLog":
        """A new, empty log; or the one there is, if its clock is the same. Raises LogMismatch."""
        wire = Wire(operator)
        config = closed_stream(
            jetstream_name(tenant),
            [log_subjects(tenant)],
            replicas=replicas,
            metadata={_EPOCH_KEY: secrets.token_hex(16), _CLOCK_KEY: clock},
        )
        with contextlib.suppress(Refused):  # 10058: there is one already; `open` says whether it is ours
            await api(wire, f"STREAM.CREATE.{config['name']}", config)
        log = await cls.open(operator, tenant)
        if log.clock != clock:
            raise LogMismatch(f"tenant {tenant} has a log whose clock is {log.clock}, for ever")
        return log

    async def append(self, new: New, *, expected: int | None = None, patience_s: float = 10.0) -> Receipt:
        """Append one event; it is on disk when this returns.

        `expected` is the position of the stream's last event as the caller knows it (0: none yet).
        Raises Conflict, OutOfOrder, OutcomeUnknown, LogUnavailable.
        """
        subject = stream_subject(self.tenant, new.stream)
        headers = {"Nats-Msg-Id": identity_of(new.source, new.id).hex()}
        if expected is not None:
            headers[EXPECTED] = str(expected)
        self._check_time([new])
        payload = to_bytes(self.tenant, new)
        first_try = await self._wire.send(subject, payload, headers)
        try:
            ack = read_ack(await self._wire.answer(first_try, timeout_s=patience_s / 2))
        except OutcomeUnknown:
            return await self._append_again(new, subject, payload, headers, expected, patience_s / 2)
        except Refused as refused:
            return await self._known_or_conflict(refused, new, subject, expected)
        self._stored(new)
        return Receipt(ack.seq, ack.duplicate)

    async def append_batch(
        self,
        news: Sequence[New],
        *,
        expected: Mapping[str, int] | None = None,
        relied: Mapping[str, int] | None = None,
        patience_s: float = 20.0,
    ) -> list[Receipt]:
        """Append 1 to 1,000 events, all or none, in this order, at consecutive positions.

        `relied` are last positions of streams that nothing is appended to, but that must not have moved. One
        event carries one expectation: there must be an event for each, besides the first of every stream.
        Raises Conflict, PartlyKnown (nothing stored; some were stored before), OutOfOrder, OutcomeUnknown,
        LogUnavailable.
        """
        assert 0 < len(news) <= BATCH_EVENTS_MAX, "a batch takes 1 to 1,000 events"
        if len(news) == 1 and not relied:
            only = news[0]
            return [
                await self.append(only, expected=(expected or {}).get(only.stream), patience_s=patience_s)
            ]
        self._check_time(news)
        messages = self._batch_messages(news, expected or {}, relied or {})
        async with self._batches:
            try:
                last = await publish_batch(self._wire, messages, timeout_s=patience_s / 2)
            except OutcomeUnknown:
                last = await self._send_batch_again(news, messages, patience_s / 2)
            except Refused as refused:
                return await self._batch_known_or_conflict(refused, news)
        self._stored(news[-1])
        return [Receipt(last - len(news) + nth) for nth in range(1, len(news) + 1)]

    async def read_stream(self, stream: str, *, index: StreamIndex | None = None) -> list[Recorded]:
        """All events of one stream, oldest first: what the index knows, the rest from the log."""
        found, known_to = await index.events_of(stream) if index else ((), 0)
        return [*found, *await self._one_by_one(stream_subject(self.tenant, stream), known_to)]

    async def read_stream_after(self, stream: str, after: int = 0) -> list[Recorded]:
        """The stream's events after a position, oldest first; the first look at a long stream is one read."""
        subject = stream_subject(self.tenant, stream)
        if after:
            return await self._one_by_one(subject, after)
        last = await self._get({"last_by_subj": subject})
        if last is None:
            return []
        reader = Reader(self._wire, self._name, 0, window=2 * _STREAM_AT_ONCE, subject=subject)
        batches = reader.batches(until=last.position, events_max=_STREAM_AT_ONCE, linger_s=0.0)
        try:
            return [
                from_bytes(raw, position, stored_at(nanoseconds))
                async for batch in batches
                for position, nanoseconds, raw in batch
            ]
        finally:
            await reader.close()

    async def follow(
        self, after: int = 0, *, until: int | None = None, events_max: int = 2000, linger_s: float = 0.02
    ) -> AsyncIterator[list[Recorded]]:
        """Every event after a position, in order, live, until `until` (for ever if None).

        Raises UnreadableEvent (after giving all before it), LogMismatch on a hole, LogUnavailable.
        """
        reader = Reader(self._wire, self._name, after, window=2 * events_max, is_same=self._is_same)
        try:
            async for batch in reader.batches(until=until, events_max=events_max, linger_s=linger_s):
                events: list[Recorded] = []
                try:
                    for position, nanoseconds, raw in batch:
                        events.append(from_bytes(raw, position, stored_at(nanoseconds)))
                except UnreadableEvent:
                    if events:
                        yield events
                    raise
                yield events
        finally:
            await reader.close()

    @property
    def latest_recorded_at(self) -> datetime | None:
        """A carried log's latest time, as far as this process knows; it never runs backwards."""
        return self._latest_recorded_at

    async def learn_latest(self) -> None:
        """Others append to a carried log too: learn its latest time."""
        if last := await self.last_position():
            self._latest_recorded_at = (await self.event_at(last)).recorded_at

    async def last_position(self) -> int:
        """Position of the newest event, 0 if there is none."""
        return (await info(self._wire, self._name)).state.last_seq

    async def event_at(self, position: int) -> Recorded:
        """The event at a position. Raises LogMismatch if there is none."""
        event = await self._get({"seq": position})
        if event is None:
            raise LogMismatch(f"{self._name}: no event at position {position}")
        return event

    async def verify(self, checkpoint: Checkpoint) -> None:
        """Fail closed: raises LogMismatch unless this is the log the checkpoint was taken from."""
        await self._reaches(checkpoint.epoch, checkpoint.position)
        if checkpoint.position:
            await self._holds(checkpoint.position, checkpoint.digest)

    async def _is_same(self, position: int, raw: bytes) -> None:
        """While a reader was away the log may have been replaced; it stops then, rather than mix two logs."""
        await self._reaches(self.epoch, position)
        if raw:
            await self._holds(position, digest_of(raw))

    async def _reaches(self, epoch: str, position: int) -> None:
        described = await info(self._wire, self._name)
        found, last = described.config.metadata.get(_EPOCH_KEY), described.state.last_seq
        if not epoch == self.epoch == found:
            raise LogMismatch(
                f"{self._name} is another log (epoch {found}) than the one read up to position "
                f"{position} (epoch {epoch})"
            )
        if last < position:
            raise LogMismatch(f"{self._name} ends at {last}, but was read up to {position}: events are lost")

    async def _holds(self, position: int, digest: bytes) -> None:
        if digest_of((await self.event_at(position)).raw) != digest:
            raise LogMismatch(f"{self._name}: the event at position {position} is not the one read before")

    def _check_time(self, news: Sequence[New]) -> None:
        """A carried log's time comes with its events and never runs backwards."""
        latest = self._latest_recorded_at
        for new in news:
            if (new.recorded_at is not None) != (self.clock == "carried"):
                raise OutOfOrder(
                    f"tenant {self.tenant}: a {self.clock} clock and recordedtime do not go together"
                )
            if new.recorded_at is not None and latest is not None and new.recorded_at < latest:
                raise OutOfOrder(f"recordedtime {new.recorded_at.isoformat()} is before the log's last one")
            latest = new.recorded_at

    def _stored(self, new: New) -> None:
        if new.recorded_at is not None and (
            self._latest_recorded_at is None or new.recorded_at > self._latest_recorded_at
        ):
            self._latest_recorded_at = new.recorded_at

    async def _append_again(
        self,
        new: New,
        subject: str,
        payload: bytes,
        headers: dict[str, str],
        expected: int | None,
        timeout_s: float,
    ) -> Receipt:
        """The answer was lost. The same message again is the same event, whether or not the first arrived."""
        try:
            ack = read_ack(await self._wire.ask(subject, payload, headers, timeout_s=timeout_s))
        except Refused as refused:
            return await self._known_or_conflict(refused, new, subject, expected)
        self._stored(new)
        return Receipt(ack.seq, ack.duplicate)

    async def _known_or_conflict(
        self, refused: Refused, new: New, subject: str, expected: int | None
    ) -> Receipt:
        """One server checks the expectation before the identity, so our retry can look like a conflict."""
        if refused.code not in STALE or expected is None:
            raise LogUnavailable(f"{self._name} refused: {refused}") from None
        first_after = await self._next_of(subject, expected)
        if first_after is not None and (first_after.source, first_after.id) == (new.source, new.id):
            return Receipt(first_after.position, duplicate=True)
        raise Conflict(f"{new.stream} has moved on since position {expected}") from None

    def _batch_messages(
        self, news: Sequence[New], expected: Mapping[str, int], relied: Mapping[str, int]
    ) -> list[Message]:
        guarded: set[str] = set()
        waiting = list(relied.items())
        messages = []
        for new in news:
            headers = {"Nats-Msg-Id": identity_of(new.source, new.id).hex()}
            if new.stream in expected and new.stream not in guarded:
                guarded.add(new.stream)
                headers[EXPECTED] = str(expected[new.stream])
            elif waiting:
                stream, position = waiting.pop(0)
                headers |= {EXPECTED: str(position), EXPECTED_OF: stream_subject(self.tenant, stream)}
            messages.append((stream_subject(self.tenant, new.stream), to_bytes(self.tenant, new), headers))
        assert not waiting, "an event for each stream that is relied on"
        return messages

    async def _send_batch_again(self, news: Sequence[New], messages: list[Message], timeout_s: float) -> int:
        try:
            return await publish_batch(self._wire, messages, timeout_s=timeout_s)
        except Refused as refused:
            return (await self._batch_known_or_conflict(refused, news))[-1].position

    async def _batch_known_or_conflict(self, refused: Refused, news: Sequence[New]) -> list[Receipt]:
        """A batch refused for a known identity is our own whose answer got lost, or mixed."""
        if refused.code not in STALE | {KNOWN_ID}:
            raise LogUnavailable(f"{self._name} refused the batch: {refused}") from None
        last = await self._get({"last_by_subj": stream_subject(self.tenant, news[-1].stream)})
        if last is not None and (last.source, last.id) == (news[-1].source, news[-1].id):
            first_position = last.position - len(news) + 1
            first = await self._get({"seq": first_position}) if first_position > 0 else None
            if first is not None and (first.source, first.id) == (news[0].source, news[0].id):
                return [Receipt(first_position + nth, duplicate=True) for nth in range(len(news))]
        if refused.code == KNOWN_ID:
            raise PartlyKnown("some events of this batch are stored already; none was stored now") from None
        raise Conflict("a stream of this batch has moved on") from None

    async def _one_by_one(self, subject: str, after: int) -> list[Recorded]:
        events: list[Recorded] = []
        while (event := await self._next_of(subject, after)) is not None:
            events.append(event)
            after = event.position
        return events

    async def _next_of(self, subject: str, after: int) -> Recorded | None:
        return await self._get({"seq": after + 1, "next_by_subj": subject})

    async def _get(self, question: Mapping[str, Any]) -> Recorded | None:
        found = await stored(self._wire, self._name, question)
        return None if found is None else from_bytes(found.raw, found.position, found.stored_at)


async def tenants(connection: Client) -> list[str]:
    """Every tenant that has a log on this server."""
    names: list[str] = []
    wire = Wire(connection)
    while True:
        page = msgspec.json.decode(await api(wire, "STREAM.NAMES", {"offset": len(names), "subject": "ev.>"}))
        found = page.get("streams") or []
        names += found
        if not found or len(names) >= page["total"]:
            return sorted(tenant for name in names if (tenant := tenant_of(name)))
