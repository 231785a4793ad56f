"""CloudEvents 1.0 as they arrive: structured, binary and batch, all to one shape. Pure and total.

HTTP binding 1.0.2 and NATS binding 1.0.3: binary attributes are `ce-` headers with percent-encoded values.
Extension attributes we do not know are ignored: senders and proxies add their own (`traceparent`).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec import Meta

from onrecord_events.intake import Reason

EVENT_BYTES_MAX = 512_000
"""The longest policy we ship is 280,000 bytes as an event; the log takes 1 MB."""
BATCH_EVENTS_MAX = 1_000
DEPTH_MAX = 32
BATCH_TYPE = "application/cloudevents-batch+json"
_HEADER_PREFIX = "ce-"

_Text = Annotated[str, Meta(min_length=1, max_length=256)]
_Instant = Annotated[datetime, Meta(tz=True)]
_Count = Annotated[int, Meta(ge=0, le=2**53)]
_CountAsText = Annotated[str, Meta(pattern=r"^[0-9]{1,15}\Z")]


class Attributes(msgspec.Struct, frozen=True, kw_only=True):
    """One event as its sender wrote it: every attribute of the right form, nothing judged yet."""

    specversion: str
    id: _Text
    source: _Text
    type: _Text
    subject: _Text
    time: _Instant
    datacontenttype: str | None = None
    tenant: str | None = None
    actor: _Text | None = None
    correlationid: _Text | None = None
    causationid: _Text | None = None
    sequence: _Count | _CountAsText | None = None
    dataversion: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    recordedtime: _Instant | None = None
    capturedat: _Instant | None = None
    data: dict[str, Any] = {}


class Unfit(Exception):
    """Why bytes are no CloudEvent, and which attribute is at fault. Never what they said."""

    def __init__(self, reason: Reason, where: str) -> None:
        super().__init__(f"{reason}: {where}")
        self.reason: Reason = reason
        self.where = where


_read_structured = msgspec.json.Decoder(Attributes).decode
_read_any = msgspec.json.Decoder().decode
_read_batch = msgspec.json.Decoder(list[msgspec.Raw]).decode
_MARKS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TEXTS = ("id", "source", "type", "subject", "actor", "correlationid", "causationid")
_PLACE = re.compile(r" - at `\$\.?([A-Za-z.\[\]]{0,80})")


def mode_of(content_type: str, headers: Mapping[str, str]) -> Literal["structured", "binary", "batch"] | None:
    """How the event is written, None if it is not in any way we read. Header names are lower-case."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == BATCH_TYPE:
        return "batch"
    if kind.startswith("application/cloudevents"):
        return "structured" if kind in {"application/cloudevents", "application/cloudevents+json"} else None
    if "ce-specversion" in headers:
        return "binary"
    return "structured" if kind in {"", "application/json"} else None


def split_batch(raw: bytes) -> list[bytes]:
    """The events of a batch, byte for byte. Raises Unfit."""
    try:
        parts = _read_batch(raw)
    except msgspec.ValidationError:
        raise Unfit("not-cloudevents", "body: a batch is a JSON array") from None
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Unfit("not-json", "body") from None
    if len(parts) > BATCH_EVENTS_MAX:
        raise Unfit("too-large", f"body: more than {BATCH_EVENTS_MAX} events")
    return [bytes(part) for part in parts]


def read_structured(raw: bytes) -> Attributes:
    """One event in structured mode. Raises Unfit."""
    _check_bounds(raw)
    try:
        said = _checked(_read_structured(raw))
    except msgspec.ValidationError as error:
        raise _unfit(error) from None
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Unfit("not-json", "body") from None
    _check_texts(said)
    return said


def read_binary(raw: bytes, content_type: str, headers: Mapping[str, str]) -> Attributes:
    """One event in binary mode. Raises Unfit."""
    _check_bounds(raw)
    if mode_of(content_type, headers) != "binary":
        raise Unfit("not-cloudevents", "content-type: none of CloudEvents, and no ce- headers")
    _check_is_json(content_type)
    try:
        said: dict[str, Any] = {"data": _read_any(raw)} if raw else {}
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Unfit("not-json", "body") from None
    try:
        for name, value in headers.items():
            if name.startswith(_HEADER_PREFIX):
                said.setdefault(name.removeprefix(_HEADER_PREFIX), _percent_decoded(value))
        attributes = _checked(msgspec.convert(said, Attributes, strict=False))
    except msgspec.ValidationError as error:
        raise _unfit(error) from None
    except UnicodeError:
        raise Unfit("not-cloudevents", "headers: not UTF-8") from None
    _check_texts(attributes)
    return attributes


def as_evidence(raw: bytes, content_type: str, headers: Mapping[str, str]) -> bytes:
    """A binary event as one run of bytes: what it said is in its headers as much as in its body."""
    lines = [f"{name}: {value}" for name, value in sorted(headers.items()) if name.startswith(_HEADER_PREFIX)]
    head = "\r\n".join([f"content-type: {content_type}", *lines, "", ""])
    return head.encode(errors="backslashreplace") + raw


def _checked(said: Attributes) -> Attributes:
    if said.specversion != "1.0":
        raise Unfit("not-cloudevents", "specversion: we read 1.0")
    if said.datacontenttype is not None:
        _check_is_json(said.datacontenttype)
    return said


def _check_texts(said: Attributes) -> None:
    """Control characters have no place in a name, and NUL parts the two halves of an identity."""
    names = (said.id, said.source, said.type, said.subject)
    more = (said.actor, said.correlationid, said.causationid)
    if _CONTROL.search("".join(names)) or (any(more) and _CONTROL.search("".join(filter(None, more)))):
        at_fault = next(name for name in _TEXTS if _CONTROL.search(getattr(said, name) or ""))
        raise Unfit("not-cloudevents", f"{at_fault}: holds a control character")


def _check_is_json(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in {"", "application/json"} and not kind.endswith("+json"):
        raise Unfit("bad-body", "datacontenttype: we read JSON")


def _check_bounds(raw: bytes) -> None:
    if len(raw) > EVENT_BYTES_MAX:
        raise Unfit("too-large", f"body: more than {EVENT_BYTES_MAX} bytes")
    if raw.count(b"{") + raw.count(b"[") > DEPTH_MAX and _depth(raw) > DEPTH_MAX:
        raise Unfit("not-json", f"body: nested deeper than {DEPTH_MAX}")


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for mark in _MARKS.finditer(raw):
        first = mark[0][0]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _percent_decoded(value: str) -> str:
    clear = unquote(value, errors="strict")
    clear.encode()  # a lone surrogate is no text
    return clear


def _unfit(error: msgspec.ValidationError) -> Unfit:
    """Name the attribute; the words of the library may quote a value, so they stay here."""
    words = str(error)
    if (missing := re.match(r"Object missing required field `([a-z]{1,20})`", words)) is not None:
        return Unfit("not-cloudevents", f"{missing[1]}: missing")
    place = _PLACE.search(words)
    where = place[1] if place else ""
    if where.startswith("data"):
        return Unfit("bad-body", "data: not an object")
    return Unfit("not-cloudevents", f"{where or 'body'}: not of the form asked for")
