"""Answer: rows, the position of the log they are true at, and where to go on reading."""

import base64
import binascii
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from onrecord_projections.queries.errors import BadQuestion

ROWS_MAX = 200
CURSOR_CHARS_MAX = 2_000

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """What was found."""

    position: int
    """The last event of the log that these rows know."""
    watermark: datetime | None
    """The latest recorded time up to that position: the rows' only "now"."""
    as_of: datetime | None
    """The instant for which states and lateness hold: the watermark, unless another one was asked for."""
    known_at: datetime | None
    """Only what was known by then counts; None: all that is known now."""
    items: list[T]
    next: str | None = None
    """Send it as `cursor` for the rows after these. None: there are no more."""


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Rows, and the key after which the next ones begin."""

    items: list[T]
    after: Any = None


def cursor_of(key: Any) -> str | None:
    """A key as an opaque word."""
    if key is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def key_of(cursor: str | None, shape: type[T]) -> T | None:
    """The key behind a cursor. Raises BadQuestion if it is none of this question's."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=shape)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise BadQuestion("cursor: not one that this question's answer gave; begin without it") from None
