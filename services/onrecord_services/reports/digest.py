"""Digest: what the rows of a sheet come to, the same in every format, language and release."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from onrecord_services.reports.sheet import Cell, Form, Mark, Personal, Sheet

_encode = msgspec.json.Encoder(order="deterministic").encode
SEALED = {"sealed": True}
"""A personal field counts as being there: erasing it later changes no digest."""


def rows_of(sheet: Sheet) -> Iterator[Sequence[Cell]]:
    """The rows of a table; of a form its fields, by their keys."""
    if isinstance(sheet, Form):
        return ((entry.column.key, entry.value) for entry in sheet.entries)
    return iter(sheet.rows)


def rows_sha256(sheet: Sheet) -> str:
    """SHA-256 over the rows as canonical JSON, one a line. Ask before personal fields are revealed."""
    digest = hashlib.sha256()
    for row in rows_of(sheet):
        digest.update(_encode([canonical(value) for value in row]) + b"\n")
    return digest.hexdigest()


def canonical(value: Cell) -> Any:
    """A cell as JSON: instants in UTC, amounts without needless noughts, durations in seconds."""
    made = _MADE.get(type(value))
    return made(value) if made else value


def _utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


_MADE: Mapping[type, Callable[[Any], Any]] = {
    Personal: lambda _: SEALED,
    Mark: lambda _: SEALED,
    datetime: _utc,
    timedelta: lambda value: f"{value.total_seconds():.0f}",
    Decimal: _plain,
}
"""What JSON says otherwise than Python; text, counts and days are the same in both."""
