"""Readers: JSON lines, CSV, XLSX and XES files as a stream of records, in bounded memory.

A record that cannot be read is yielded as a BadRecord and the reading goes on; a file that cannot be read
on raises UnreadableFile with the place.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from onrecord_services.importing.errors import UnreadableFile
from onrecord_services.importing.records import BadRecord, Record
from onrecord_services.importing.workbook import read_workbook
from onrecord_services.importing.xes import read_xes

RECORD_BYTES_MAX = 1_000_000

Format = Literal["jsonl", "csv", "xlsx", "xes"]
_BY_ENDING: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xes": "xes",
}


class ReaderOptions(BaseModel):
    """What a file does not say of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: str = "utf-8-sig"
    """CSV only; Excel in Chinese saves `gb18030`."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    sheet: str | None = None
    """XLSX only; the first sheet if not given."""
    header_row: int = Field(default=1, ge=1, le=1_000)


def format_of(path: Path) -> Format:
    """The format that a file's name tells. Raises UnreadableFile if it tells none."""
    name = path.name.lower().removesuffix(".gz")
    found = _BY_ENDING.get(Path(name).suffix)
    if found is None:
        raise UnreadableFile(
            f"{path.name}: no known format; a map may name one of {sorted({*_BY_ENDING.values()})}"
        )
    return found


def read_records(
    raw: BinaryIO, name: str, form: Format, options: ReaderOptions
) -> Iterator[Record | BadRecord]:
    """Every record of an open file, in file order. `.gz` is unpacked on the way."""
    stream = gzip.GzipFile(fileobj=raw) if name.lower().endswith(".gz") else raw
    try:
        match form:
            case "jsonl":
                yield from _json_lines(stream)
            case "csv":
                yield from _csv(stream, options)
            case "xlsx":
                yield from read_workbook(raw, options.sheet, options.header_row)
            case "xes":
                yield from read_xes(stream)
    except UnreadableFile as error:
        raise UnreadableFile(f"{name}: {error}") from None
    except (OSError, EOFError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(
            f"{name}: {type(error).__name__}, the file is damaged or not what it says"
        ) from None


def _json_lines(stream: BinaryIO | gzip.GzipFile) -> Iterator[Record | BadRecord]:
    number = 0
    while line := stream.readline(RECORD_BYTES_MAX + 1):
        if len(line) > RECORD_BYTES_MAX and not line.endswith(b"\n"):
            raise UnreadableFile(f"record {number + 1}: longer than {RECORD_BYTES_MAX} bytes")
        if not line.strip():
            continue
        number += 1
        yield _json_record(number, line)


def _json_record(number: int, line: bytes) -> Record | BadRecord:
    try:
        found = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError:
        return BadRecord(str(number), "not-json")
    if not isinstance(found, dict):
        return BadRecord(str(number), "not-an-object")
    return Record(number, number, "record", dict(_flat("", found)))


def _flat(prefix: str, fields: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Nested objects by dotted names: `{"customer": {"id": 7}}` has the field `customer.id`."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield prefix + name, value


def _csv(stream: BinaryIO | gzip.GzipFile, options: ReaderOptions) -> Iterator[Record | BadRecord]:
    text = io.TextIOWrapper(stream, encoding=options.encoding, newline="")
    rows = csv.reader(text, delimiter=options.delimiter, strict=True)
    try:
        for _ in range(options.header_row - 1):
            next(rows, None)
        header = next(rows, [])
        _check_header(header)
        number = 0
        for row in rows:
            if not row:
                continue
            number += 1
            if len(row) > len(header):
                yield BadRecord(str(number), "too-many-columns")
            else:
                yield Record(number, number, "record", dict(zip(header, row, strict=False)))
    except csv.Error:
        raise UnreadableFile(f"line {rows.line_num}: not CSV (an open quote?)") from None
    finally:
        text.detach()


def _check_header(header: list[str]) -> None:
    twice = {name for name in header if header.count(name) > 1}
    if not header or twice:
        raise UnreadableFile("no header row" if not header else f"columns named twice: {sorted(twice)}")
