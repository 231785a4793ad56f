"""The envelope: CloudEvents 1.0 in structured JSON, as the log stores it and gives it back.

`New` is an event on its way into the log, `Recorded` one that has a position. Identity is (tenant, source,
id), for ever. Two times: occurred (the claim, `time`) and recorded (the log's, or `recordedtime` where the
log's clock is carried).
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from onrecord_events.base import Event, read_body, upcast
from onrecord_events.errors import UnreadableEvent

SPEC_VERSION = "1.0"
DIGEST_BYTES = 16


class Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stored message, attribute for attribute (CloudEvents 1.0 section 3.1, lower-case extensions)."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    tenant: str
    actor: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    sequence: int | None = None
    dataversion: int = 1
    inputmac: str | None = None
    recordedtime: datetime | None = None
    capturedat: datetime | None = None
    data: dict[str, Any] = {}


class New(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be appended; its body is sealed and checked already."""

    id: str
    source: str
    type: str
    stream: str
    occurred_at: datetime
    data: dict[str, Any]
    actor: str | None = None
    correlation: str | None = None
    causation: str | None = None
    sequence: int | None = None
    version: int = 1
    input_mac: str | None = None
    """Keyed digest of the clear input: how a retry is told from a conflict when ciphertexts differ."""
    recorded_at: datetime | None = None
    """Only for a log whose clock is carried; never decreasing."""
    captured_at: datetime | None = None

    @classmethod
    def of(cls, body: Event, **attributes: Any) -> "New":
        """An event from its typed body; the envelope's attributes by name."""
        return cls(
            type=body.TYPE,
            version=body.VERSION,
            data=body.model_dump(mode="json", exclude_none=True),
            **attributes,
        )


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log: where it stands, when it was true, when it was stored, what it says."""

    position: int
    recorded_at: datetime
    id: str
    source: str
    type: str
    stream: str
    occurred_at: datetime
    data: Mapping[str, Any]
    actor: str | None = None
    correlation: str | None = None
    causation: str | None = None
    sequence: int | None = None
    input_mac: str | None = None
    captured_at: datetime | None = None
    raw: bytes = b""

    @property
    def case(self) -> str:
        """The unit its clocks are judged in: the stream it says it belongs to, else its own."""
        return self.correlation or self.stream

    @property
    def identity(self) -> bytes:
        """16 bytes that stand for (source, id) within one tenant."""
        return identity_of(self.source, self.id)

    def body(self) -> Event:
        """The typed body. Raises UnreadableEvent."""
        return read_body(self.type, self.data)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Wire).decode


def identity_of(source: str, event_id: str) -> bytes:
    """16 bytes that stand for (source, id) within one tenant; NUL cannot occur in either."""
    return hashlib.blake2b(f"{source}\0{event_id}".encode(), digest_size=DIGEST_BYTES).digest()


def digest_of(raw: bytes) -> bytes:
    """The hash a checkpoint keeps of the stored bytes of its event: SHA-256."""
    return hashlib.sha256(raw).digest()


def to_bytes(tenant: str, new: New) -> bytes:
    """The bytes the log stores."""
    return _encode(
        Wire(
            SPEC_VERSION,
            new.id,
            new.source,
            new.type,
            new.stream,
            _utc(new.occurred_at),
            tenant,
            actor=new.actor,
            correlationid=new.correlation,
            causationid=new.causation,
            sequence=new.sequence,
            dataversion=new.version,
            inputmac=new.input_mac,
            recordedtime=new.recorded_at and _utc(new.recorded_at),
            capturedat=new.captured_at and _utc(new.captured_at),
            data=new.data,
        )
    )


def from_bytes(raw: bytes, position: int, stored_at: datetime) -> Recorded:
    """A stored message as an event, upcast to today's shape. Raises UnreadableEvent with the position."""
    try:
        wire = _decode(raw)
        data = upcast(wire.type, wire.dataversion, wire.data)
    except (msgspec.MsgspecError, UnreadableEvent) as error:
        raise UnreadableEvent(f"position {position}: {error}") from None
    return Recorded(
        position=position,
        recorded_at=wire.recordedtime or stored_at,
        id=wire.id,
        source=wire.source,
        type=wire.type,
        stream=wire.subject,
        occurred_at=wire.time,
        data=data,
        actor=wire.actor,
        correlation=wire.correlationid,
        causation=wire.causationid,
        sequence=wire.sequence,
        input_mac=wire.inputmac,
        captured_at=wire.capturedat,
        raw=raw,
    )


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise UnreadableEvent("a time needs its zone, such as 2026-07-11T08:00:00+08:00")
    return instant.astimezone(UTC)
