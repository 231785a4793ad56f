"""Envelope: a request as it comes over either edge, checked, and the names its events will have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from pydantic import ValidationError

from onrecord_events.base import faults
from onrecord_services.desk.decision import Command

SOURCE = "/onrecord/desk/"
"""Sources of what the desk says; intake lets no publisher speak for one."""

BODY_BYTES_MAX = 256_000

_Key = Annotated[str, Meta(min_length=8, max_length=100, pattern=r"^[!-~]+$")]
_Instant = Annotated[datetime, Meta(tz=True)]
_Person = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\s\x00-\x1f\x7f]+$")]

_canonical = msgspec.json.Encoder(order="deterministic").encode


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people send. `key` makes asking twice asking once."""

    key: _Key
    by: _Person
    at: _Instant | None = None
    """When it was decided, if that was not now."""
    wait_s: Annotated[float, Meta(ge=0, le=30)] = 0.0
    """How long to wait until the read models have it."""
    data: dict[str, Any] = {}


class Unfit(Exception):
    """The request is no command of ours; the words say where, and never what it said."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request understood."""

    publisher: str
    request: Request
    command: Command

    @property
    def source(self) -> str:
        """Who says what comes of it."""
        return SOURCE + self.publisher

    def id_of(self, stream: str, nth: int) -> str:
        """The id of the nth event on a stream: the same request has the same ones, on any process."""
        return f"{self.request.key}/{stream}/{nth}"

    @property
    def canonical(self) -> bytes:
        """All that was asked except personal words, as bytes that a retry reproduces."""
        said = {name: value for name, value in self.request.data.items() if name not in self.command.PERSONAL}
        return _canonical(
            [self.command.NAME, self.request.by, self.request.at and self.request.at.isoformat(), said]
        )

    @property
    def clear(self) -> dict[str, str]:
        """The personal words."""
        return {
            name: str(value)
            for name, value in self.request.data.items()
            if name in self.command.PERSONAL and value is not None
        }


def understood(
    raw: bytes, *, name: str, known: Mapping[str, type[Command]], publisher: str, key: str | None = None
) -> Asked:
    """The request of a body; `key` is the one that came beside it. Raises Unfit."""
    if len(raw) > BODY_BYTES_MAX:
        raise Unfit(f"a request takes at most {BODY_BYTES_MAX:,} bytes")
    kind = known.get(name)
    if kind is None:
        raise Unfit(f"no command is named {name[:60]!r}; GET /v1/commands lists them")
    try:
        said = msgspec.json.decode(raw)
        if not isinstance(said, dict):
            raise Unfit("a request is a JSON object")
        if key is not None:
            said = {"key": key, **said}
        request = msgspec.convert(said, Request)
        if key is not None and request.key != key:
            raise Unfit("key: not the one of the header")
        command = kind.model_validate(request.data)
    except msgspec.MsgspecError as error:
        raise Unfit(str(error)) from None
    except ValidationError as error:
        raise Unfit(f"data: {faults(error)}") from None
    except RecursionError:
        raise Unfit("nested too deep") from None
    return Asked(publisher=publisher, request=request, command=command)
