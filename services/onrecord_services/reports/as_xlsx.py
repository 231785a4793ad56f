"""XLSX: a frozen header, real dates and numbers, filters; row by row, so that memory does not follow rows.

Nothing in the file says when it was made: its properties carry `known_at`, its archive entries no time.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports.about import lines_of, title_of
from onrecord_services.reports.as_csv import ITEM, VALUE
from onrecord_services.reports.cells import text_of
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Cell, Column, Entry, Form, Kind, Sheet, Table, Words

ROWS_MAX = 1_048_575
"""A sheet's own bound, less its header."""
CELL_CHARS_MAX = 32_767
_FORMATS: dict[Kind, str] = {
    "instant": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
    "money": "#,##0.00",
    "ratio": "0.00%",
    "duration": "[h]:mm:ss",
}
_DAY = timedelta(days=1)
"""Spreadsheets count time in days."""
_SUMMARY, _ABOUT = Words("汇总", "Summary"), Words("说明", "About")
_ITEM_WIDTH, _VALUE_WIDTH = 28, 60
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_NAME_CHARS_MAX = 31


class Book:
    """One workbook being written."""

    def __init__(self, heading: Heading, file: io.BytesIO) -> None:
        self.heading = heading
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False})
        made_at = heading.known_at.astimezone(UTC).replace(tzinfo=None)
        self.book.set_properties(
            {"title": title_of(heading), "comments": heading.report_id, "created": made_at}
        )
        self.formats = {kind: self.book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
        self.bold = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})

    def table(self, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        """A sheet with a header that stays, and a filter on every column."""
        sheet = self.book.add_worksheet(name)
        for nth, column in enumerate(columns):
            sheet.set_column(nth, nth, column.width)
            sheet.write_string(0, nth, column.name.of(self.heading.lang), self.bold)
        for line, row in enumerate(rows, start=1):
            for nth, (column, value) in enumerate(zip(columns, row, strict=True)):
                self.cell(sheet, line, nth, column, value)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)

    def entries(self, name: str, entries: Sequence[Entry]) -> None:
        """A sheet of names and values."""
        sheet = self.book.add_worksheet(name)
        lang = self.heading.lang
        sheet.set_column(0, 0, _ITEM_WIDTH)
        sheet.set_column(1, 1, _VALUE_WIDTH)
        sheet.write_string(0, 0, ITEM.of(lang), self.bold)
        sheet.write_string(0, 1, VALUE.of(lang), self.bold)
        for line, entry in enumerate(entries, start=1):
            sheet.write_string(line, 0, entry.column.name.of(lang))
            self.cell(sheet, line, 1, entry.column, entry.value)
        sheet.freeze_panes(1, 0)

    def cell(self, sheet: Worksheet, line: int, nth: int, column: Column, value: Cell) -> None:
        """A value as what it is; whatever is text is written as text, and never as a formula."""
        shape: Format | None = self.formats.get(column.kind)
        match value:
            case None:
                return
            case datetime():
                sheet.write_datetime(line, nth, _on_walls(value, self.heading.zone), shape)
            case date():
                sheet.write_datetime(line, nth, datetime.combine(value, time()), shape)
            case timedelta():
                sheet.write_number(line, nth, value / _DAY, shape)
            case int() | Decimal():
                sheet.write_number(line, nth, float(value), shape)
            case _:
                text = text_of(column, value, self.heading.lang, self.heading.zone)
                sheet.write_string(line, nth, text[:CELL_CHARS_MAX])


def write(heading: Heading, sheet: Sheet) -> bytes:
    """The rows on the first sheet, what they come to on the next, what the file is on the last."""
    if isinstance(sheet, Table) and len(sheet.rows) > ROWS_MAX:
        raise BadQuestion(f"format: a sheet takes {ROWS_MAX} rows, there are {len(sheet.rows)}; take csv")
    file = io.BytesIO()
    book = Book(heading, file)
    name = heading.title.of(heading.lang).translate(_FORBIDDEN)[:_NAME_CHARS_MAX]
    if isinstance(sheet, Form):
        book.entries(name, list(sheet.entries))
    else:
        book.table(name, sheet.columns, sheet.rows)
        if sheet.summary:
            book.entries(_SUMMARY.of(heading.lang), sheet.summary)
    book.entries(_ABOUT.of(heading.lang), list(lines_of(heading)))
    book.book.close()
    return file.getvalue()


def _on_walls(value: datetime, zone: ZoneInfo) -> datetime:
    """Spreadsheets know no zone: the time on the tenant's walls."""
    return value.astimezone(zone).replace(tzinfo=None)
