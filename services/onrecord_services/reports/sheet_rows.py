"""Sheet rows: the cells of a worksheet as SpreadsheetML (ECMA-376 part 1, 18.3.1), written row by row.

A library's call for each cell took longer than all else in a report of 50,000 rows, so XlsxWriter lays out
the book and these lines write the rows. Text is an inline string: never a formula, however it begins.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from onrecord_services.reports.cells import text_of
from onrecord_services.reports.sheet import Cell, Column, Lang, Table

CELL_CHARS_MAX = 32_767
KNOWN_MAX = 1_000
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
"""Day nought of spreadsheets, for every day since March 1900."""
_DAY = timedelta(days=1)
_UNSAID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to say."""
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})

Say = Callable[[Cell], str]
"""What follows a cell's reference: its style, kind and content."""


def rows(table: Table, styles: Mapping[str, str], lang: Lang, zone: ZoneInfo) -> Iterator[bytes]:
    """One `<row>` after the other, from the second line on; `styles` by the letters of columns."""
    named = [
        (f'<c r="{letters(nth)}', _sayer(column, styles.get(letters(nth)), lang, zone))
        for nth, column in enumerate(table.columns)
    ]
    for line, row in enumerate(table.rows, start=2):
        said = [
            f'{begin}{line}"{say(value)}</c>'
            for (begin, say), value in zip(named, row, strict=True)
            if value is not None
        ]
        yield f'<row r="{line}">{"".join(said)}</row>'.encode()


def letters(nth: int) -> str:
    """A column's name: A, B, … Z, AA."""
    name = ""
    nth += 1
    while nth:
        nth, rest = divmod(nth - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def number(value: Cell, zone: ZoneInfo) -> float | None:
    """A cell as a number, time as days since the epoch on the tenant's walls; None if it is none."""
    if isinstance(value, datetime):
        return (value.astimezone(zone).replace(tzinfo=UTC) - _EPOCH) / _DAY
    if isinstance(value, (int, Decimal)):
        return float(value)
    if isinstance(value, timedelta):
        return value / _DAY
    if isinstance(value, date):
        return float((value - _EPOCH.date()).days)
    return None


def sayable(said: str) -> str:
    """Text that a cell can hold."""
    return _UNSAID.sub("\ufffd", said[:CELL_CHARS_MAX])


def _sayer(column: Column, style: str | None, lang: Lang, zone: ZoneInfo) -> Say:
    """How a column's cells are said; the same few names and codes stand in most rows."""
    styled = f' s="{style}"' if style else ""

    @lru_cache(maxsize=KNOWN_MAX)
    def words(value: str) -> str:
        return _text(text_of(column, value, lang, zone))

    def say(value: Cell) -> str:
        if isinstance(value, str):
            return words(value)
        counted = number(value, zone)
        if counted is None:
            return _text(text_of(column, value, lang, zone))
        return f"{styled}><v>{counted!r}</v>"

    return say


def _text(said: str) -> str:
    return f' t="inlineStr"><is><t xml:space="preserve">{sayable(said).translate(_ESCAPED)}</t></is>'
