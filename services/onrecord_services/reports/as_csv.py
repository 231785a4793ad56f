"""CSV after RFC 4180, UTF-8 with its mark so that Excel reads Chinese; nothing that would be computed."""

import csv
import io
from collections.abc import Iterable

from onrecord_services.reports.cells import text_of
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Cell, Column, Form, Sheet, Words

COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
ITEM, VALUE = Words("项目", "Item"), Words("内容", "Value")


def write(heading: Heading, sheet: Sheet) -> bytes:
    """The rows alone, under their names; of a form its fields."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for line in _lines(heading, sheet):
        writer.writerow(line)
    return text.getvalue().encode("utf-8-sig")


def _lines(heading: Heading, sheet: Sheet) -> Iterable[list[str]]:
    lang = heading.lang
    if isinstance(sheet, Form):
        yield [ITEM.of(lang), VALUE.of(lang)]
        for entry in sheet.entries:
            yield [entry.column.name.of(lang), _cell(heading, entry.column, entry.value)]
        return
    yield [column.name.of(lang) for column in sheet.columns]
    for row in sheet.rows:
        yield [_cell(heading, column, value) for column, value in zip(sheet.columns, row, strict=True)]


def _cell(heading: Heading, column: Column, value: Cell) -> str:
    """Only words are guarded: an amount below nought is a number."""
    text = text_of(column, value, heading.lang, heading.zone)
    return f"'{text}" if isinstance(value, str) and text.startswith(COMPUTED) else text
