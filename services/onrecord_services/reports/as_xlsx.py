"""XLSX: a frozen header, real dates and numbers, filters; row by row, so that memory hardly follows rows.

Nothing in the file says when it was made: its properties carry `known_at`, its archive entries no time.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports import sheet_rows
from onrecord_services.reports.about import lines_of, title_of
from onrecord_services.reports.as_csv import ITEM, VALUE
from onrecord_services.reports.cells import text_of
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Column, Entry, Form, Kind, Sheet, Table, Words

ROWS_MAX = 1_048_575
"""A sheet's own bound, less its header."""
_FORMATS: dict[Kind, str] = {
    "instant": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
    "money": "#,##0.00",
    "ratio": "0.00%",
    "duration": "[h]:mm:ss",
}
_SUMMARY, _ABOUT = Words("汇总", "Summary"), Words("说明", "About")
_ITEM_WIDTH, _VALUE_WIDTH = 28, 60
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_NAME_CHARS_MAX = 31
_COMPRESSION = 3
"""Rows shrink to a fifth at any level, and at this one in less than half the usual time."""
_FIRST_SHEET = "xl/worksheets/sheet1.xml"
_EXTENT = re.compile(rb"<dimension [^>]*/>")
_STYLED = re.compile(rb'<c r="([A-Z]+)2" s="(\d+)"/>')


def write(heading: Heading, sheet: Sheet) -> bytes:
    """The rows on the first sheet, what they come to on the next, what the file is on the last."""
    name = heading.title.of(heading.lang).translate(_FORBIDDEN)[:_NAME_CHARS_MAX]
    book = Book(heading)
    if isinstance(sheet, Form):
        book.entries(name, list(sheet.entries))
        return book.closed(heading)
    if len(sheet.rows) > ROWS_MAX:
        raise BadQuestion(f"format: a sheet takes {ROWS_MAX} rows, there are {len(sheet.rows)}; take csv")
    book.pattern(name, sheet.columns, len(sheet.rows))
    if sheet.summary:
        book.entries(_SUMMARY.of(heading.lang), sheet.summary)
    return _filled(book.closed(heading), heading, sheet)


class Book:
    """One workbook being laid out."""

    def __init__(self, heading: Heading) -> None:
        self.heading = heading
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.file, {"in_memory": True})
        made_at = heading.known_at.astimezone(UTC).replace(tzinfo=None)
        self.book.set_properties(
            {"title": title_of(heading), "comments": heading.report_id, "created": made_at}
        )
        self.formats = {kind: self.book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
        self.bold = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})

    def pattern(self, name: str, columns: Sequence[Column], rows: int) -> None:
        """A sheet with a header that stays, a filter on every column, and a row that shows the styles."""
        sheet = self.book.add_worksheet(name)
        for nth, column in enumerate(columns):
            sheet.set_column(nth, nth, column.width)
            sheet.write_string(0, nth, column.name.of(self.heading.lang), self.bold)
            if column.kind in self.formats:
                sheet.write_blank(1, nth, None, self.formats[column.kind])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, rows, len(columns) - 1)

    def entries(self, name: str, entries: Sequence[Entry]) -> None:
        """A sheet of names and values."""
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, _ITEM_WIDTH)
        sheet.set_column(1, 1, _VALUE_WIDTH)
        sheet.write_row(0, 0, [ITEM.of(self.heading.lang), VALUE.of(self.heading.lang)], self.bold)
        for line, entry in enumerate(entries, start=1):
            sheet.write_string(line, 0, entry.column.name.of(self.heading.lang))
            self._value(sheet, line, entry)
        sheet.freeze_panes(1, 0)

    def closed(self, heading: Heading) -> bytes:
        """The book's bytes, with what it is as its last sheet."""
        self.entries(_ABOUT.of(heading.lang), list(lines_of(heading)))
        self.book.close()
        return self.file.getvalue()

    def _value(self, sheet: Worksheet, line: int, entry: Entry) -> None:
        """What is text is written as text, and never as a formula."""
        shape, value, zone = self.formats.get(entry.column.kind), entry.value, self.heading.zone
        number = sheet_rows.number(value, zone)
        if number is not None:
            sheet.write_number(line, 1, number, shape)
        elif value is not None:
            said = text_of(entry.column, value, self.heading.lang, zone)
            sheet.write_string(line, 1, sheet_rows.sayable(said))


def _filled(book: bytes, heading: Heading, table: Table) -> bytes:
    """The book with the table's rows on its first sheet."""
    file = io.BytesIO()
    with (
        ZipFile(io.BytesIO(book)) as was,
        ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as now,
    ):
        for name in was.namelist():
            with now.open(name, "w") as into:  # an entry opened by its name says no time
                content = was.read(name)
                into.writelines(_with_rows(content, heading, table) if name == _FIRST_SHEET else [content])
    return file.getvalue()


def _with_rows(content: bytes, heading: Heading, table: Table) -> Iterator[bytes]:
    """A worksheet with rows where the pattern stood, in the pattern's styles."""
    head, end, tail = content.partition(b"</sheetData>")
    head, _, pattern = head.partition(b'<row r="2"')
    styles = {name.decode(): style.decode() for name, style in _STYLED.findall(pattern)}
    corner = f"{sheet_rows.letters(len(table.columns) - 1)}{len(table.rows) + 1}"
    yield _EXTENT.sub(f'<dimension ref="A1:{corner}"/>'.encode(), head)
    yield from sheet_rows.rows(table, styles, heading.lang, heading.zone)
    yield end + tail
