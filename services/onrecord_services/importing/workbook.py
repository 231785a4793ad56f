"""Workbook: the rows of one sheet of an XLSX file, read without loading the sheet.

Before openpyxl sees it, the archive is checked: no part may claim a document type or unpack beyond bounds.
"""

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from onrecord_services.importing.errors import UnreadableFile
from onrecord_services.importing.records import BadRecord, Record
from onrecord_services.importing.xes import CHUNK_BYTES, hardened_parser, parse

PART_BYTES_MAX = 2_000_000_000
WHOLE_PART_BYTES_MAX = 200_000_000
"""Parts that openpyxl holds in memory whole: everything but the sheets."""
PARTS_MAX = 5_000


class _Inside(Exception):
    """No fault: the root element began, so all that could be a declaration is passed."""


def read_workbook(raw: BinaryIO, sheet: str | None, header_row: int) -> Iterator[Record | BadRecord]:
    """Every row below the header as a record; cells keep their types, dates come as naive datetimes."""
    # 0.14 s that no other format and no start of a site should wait for
    from openpyxl.reader.excel import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    _check_archive(raw)
    raw.seek(0)
    try:
        book = load_workbook(raw, read_only=True, data_only=True)  # type: ignore[no-untyped-call]
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile):
        raise UnreadableFile("not a workbook") from None
    try:
        names = book.sheetnames
        if sheet is not None and sheet not in names:
            raise UnreadableFile(f"no such sheet; there are {names}")
        rows = book[sheet or names[0]].iter_rows(min_row=header_row, values_only=True)
        header = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
        named = [name for name in header if name]
        if not named or len(set(named)) < len(named):
            raise UnreadableFile(f"row {header_row}: no header, or columns named twice")
        yield from _records(header, rows)
    finally:
        book.close()


def _records(header: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[Record]:
    number = 0
    for row in rows:
        fields = {name: cell for name, cell in zip(header, row, strict=False) if name and cell is not None}
        if fields:
            number += 1
            yield Record(number, number, "record", fields)


def _check_archive(raw: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(raw) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS_MAX:
                raise UnreadableFile(f"more than {PARTS_MAX} parts")
            for part in parts:
                is_sheet = part.filename.startswith("xl/worksheets/")
                if part.file_size > (PART_BYTES_MAX if is_sheet else WHOLE_PART_BYTES_MAX):
                    raise UnreadableFile(f"{part.filename}: unpacks to {part.file_size} bytes")
                if part.filename.endswith((".xml", ".rels")):
                    _check_prolog(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise UnreadableFile("not a workbook") from None


def _check_prolog(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A document type can only stand before the root element."""
    parser = hardened_parser()
    parser.StartElementHandler = _stop
    with archive.open(part) as stream:
        try:
            while chunk := stream.read(CHUNK_BYTES):
                parse(parser, chunk)
        except _Inside:
            return


def _stop(*_element: Any) -> None:
    raise _Inside
