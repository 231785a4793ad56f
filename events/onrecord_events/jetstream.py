"""One JetStream stream: made closed to change, published to singly or as an atomic batch, read by position.

The tenant's log and the persistence module both stand on this; nothing else publishes events.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from onrecord_events.errors import LogUnavailable
from onrecord_events.wire import Refused, Wire, api

BATCH_MESSAGES_MAX = 1000
"""JetStream's own limit of one atomic batch (ADR-50)."""

BATCHES_IN_FLIGHT = 16
"""The server takes 50 open batches a JetStream stream; other writers want some too."""

STALE = frozenset({10071, 10164})
"""The expected last sequence is not the last one; the second code is the same inside a batch or in flight."""

KNOWN_ID = 10201
"""A batch holds a message id that the server's window knows already."""

EXPECTED = "Nats-Expected-Last-Subject-Sequence"
EXPECTED_OF = "Nats-Expected-Last-Subject-Sequence-Subject"
"""Whose last sequence that is, if it is not the message's own subject."""
_NOT_FOUND = frozenset({10037, 10059})

Message = tuple[str, bytes, dict[str, str]]
"""Subject, payload, headers."""


class Ack(msgspec.Struct):
    """Where a publish ended up."""

    seq: int
    duplicate: bool = False


class Stored(msgspec.Struct, frozen=True):
    """One stored message."""

    position: int
    stored_at: datetime
    raw: bytes


class State(msgspec.Struct):
    """What a JetStream stream holds."""

    last_seq: int
    first_seq: int


class Config(msgspec.Struct):
    """What a JetStream stream says of itself."""

    metadata: dict[str, str] = {}


class Info(msgspec.Struct):
    """A JetStream stream's own description."""

    config: Config
    state: State


class _Got(msgspec.Struct):
    seq: int
    time: str
    data: str = ""


class _Answer(msgspec.Struct):
    message: _Got


read_ack = msgspec.json.Decoder(Ack).decode
_read_info = msgspec.json.Decoder(Info).decode
_read_answer = msgspec.json.Decoder(_Answer).decode


def closed_stream(
    name: str, subjects: Sequence[str], *, replicas: int, metadata: Mapping[str, str]
) -> dict[str, Any]:
    """The configuration of a JetStream stream that only ever grows."""
    return {
        "name": name,
        "subjects": list(subjects),
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "num_replicas": replicas,
        "deny_delete": True,
        "deny_purge": True,
        "allow_rollup_hdrs": False,
        "allow_direct": False,
        "allow_atomic": True,
        "duplicate_window": 120_000_000_000,
        "metadata": dict(metadata),
    }


async def info(wire: Wire, name: str) -> Info:
    """What the server says of a JetStream stream. Raises LogUnavailable if there is none."""
    try:
        return _read_info(await api(wire, f"STREAM.INFO.{name}"))
    except Refused as refused:
        raise LogUnavailable(f"{name}: {refused}") from None


async def stored(wire: Wire, name: str, question: Mapping[str, Any]) -> Stored | None:
    """One stored message from the leader: never a direct get, which may lag."""
    try:
        got = _read_answer(await api(wire, f"STREAM.MSG.GET.{name}", question)).message
    except Refused as refused:
        if refused.code in _NOT_FOUND:
            return None
        raise LogUnavailable(f"{name}: {refused}") from None
    return Stored(got.seq, datetime.fromisoformat(got.time), base64.b64decode(got.data))


async def publish_batch(wire: Wire, messages: Sequence[Message], *, timeout_s: float) -> int:
    """Two or more messages as one atomic batch (ADR-50); the position of the last one.

    Raises Refused, OutcomeUnknown, LogUnavailable.
    """
    batch_id = secrets.token_hex(8)
    publish = wire.connection.publish
    last = len(messages)
    for nth, (subject, payload, own) in enumerate(messages, start=1):
        headers = {**own, "Nats-Batch-Id": batch_id, "Nats-Batch-Sequence": str(nth)}
        if nth == 1:
            await wire.ask(subject, payload, headers, timeout_s=timeout_s)
        elif nth < last:
            await publish(subject, payload, headers=headers)
        else:
            headers["Nats-Batch-Commit"] = "1"
            return read_ack(await wire.ask(subject, payload, headers, timeout_s=timeout_s)).seq
    raise AssertionError("a batch has a last message")
