"""Digest: what the rows of a sheet come to, the same in every format, language and release."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
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
    match value:
        case Personal() | Mark():
            return SEALED
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds():.0f}"
        case Decimal():
            return f"{value.normalize():f}" if value else "0"
        case _:
            return value
