"""Readers: what stands in a file comes out record by record; what cannot is named by its place."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl.workbook.workbook import Workbook

from onrecord_services.importing import xes
from onrecord_services.importing.errors import UnreadableFile
from onrecord_services.importing.readers import (
    RECORD_BYTES_MAX,
    Format,
    ReaderOptions,
    format_of,
    read_records,
)
from onrecord_services.importing.records import BadRecord, Record

CELL = datetime(2026, 6, 1, 9, 30)  # noqa: DTZ001 - a cell has no zone


def read(content: bytes, form: Format, name: str = "file", **options: Any) -> list[Record | BadRecord]:
    return list(read_records(io.BytesIO(content), name, form, ReaderOptions(**options)))


def fields(records: list[Record | BadRecord]) -> list[dict[str, Any]]:
    return [dict(record.fields) for record in records if isinstance(record, Record)]


def workbook(rows: list[list[Any]], title: str = "登记") -> bytes:
    book = Workbook()  # type: ignore[no-untyped-call]
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    held = io.BytesIO()
    book.save(held)  # type: ignore[no-untyped-call]
    return held.getvalue()


def with_part(archive: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one part replaced."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(held, "w") as new:
        for part in old.infolist():
            new.writestr(part, content if part.filename == name else old.read(part))
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.jsonl", "jsonl"), ("A.CSV", "csv"), ("b.xlsx", "xlsx"), ("c.xes", "xes"), ("c.xes.gz", "xes")],
)
def test_the_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(Path(name)) == form


def test_a_name_that_tells_nothing_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"notes\.txt: no known format"):
        format_of(Path("notes.txt"))


def test_json_lines_are_flattened_and_bad_lines_are_numbered() -> None:
    records = read(b'\xef\xbb\xbf{"id": 1, "customer": {"id": "K7"}}\n\n{"id": 2\n[3]\n{"id": 4}', "jsonl")
    assert fields(records) == [{"id": 1, "customer.id": "K7"}, {"id": 4}]
    assert records[1:3] == [BadRecord("2", "not-json"), BadRecord("3", "not-an-object")]
    assert isinstance(records[3], Record)
    assert records[3].name == "4"


def test_a_line_without_end_stops_the_reading() -> None:
    with pytest.raises(UnreadableFile, match="record 2: longer than"):
        read(b'{"id": 1}\n{"id": "' + b"x" * RECORD_BYTES_MAX, "jsonl")


def test_csv_as_a_chinese_spreadsheet_saves_it() -> None:
    text = '登记表;;\r\n编号;内容;备注\r\nT1;"电梯;\n又停了";无\r\n\r\nT2;漏水\r\nT3;a;b;c\r\n'
    records = read(text.encode("gb18030"), "csv", encoding="gb18030", delimiter=";", header_row=2)
    assert fields(records) == [
        {"编号": "T1", "内容": "电梯;\n又停了", "备注": "无"},
        {"编号": "T2", "内容": "漏水"},
    ]
    assert records[-1] == BadRecord("3", "too-many-columns")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        pytest.param(b'a,b\n1,"open\n' + b"x\n" * 100_000, "line", id="an open quote swallows no file"),
        pytest.param(b"a,a\n1,2\n", "columns named twice", id="a column named twice"),
        pytest.param(b"", "no header row", id="empty"),
        pytest.param("编号\n".encode("gb18030"), "UnicodeDecodeError", id="another encoding"),
    ],
)
def test_a_csv_that_is_none_says_where(content: bytes, where: str) -> None:
    with pytest.raises(UnreadableFile, match=where):
        read(content, "csv")


def test_a_workbook_keeps_the_types_of_its_cells() -> None:
    content = workbook([["编号", "时间", None, "分"], ["T1", CELL, "x", 5], [None] * 4, ["T2"]])
    assert fields(read(content, "xlsx")) == [
        {"编号": "T1", "时间": CELL, "分": 5},
        {"编号": "T2"},
    ]
    with pytest.raises(UnreadableFile, match="no such sheet; there are"):
        read(content, "xlsx", sheet="六月")


def test_a_workbook_with_a_document_type_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!--' + b" " * 70_000 + b'--><!DOCTYPE a [<!ENTITY b "bb">]><worksheet/>'
    with pytest.raises(UnreadableFile, match="document type"):
        read(with_part(workbook([["a"], ["1"]]), "xl/worksheets/sheet1.xml", bomb), "xlsx")


def test_a_workbook_that_unpacks_beyond_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord_services.importing.workbook.WHOLE_PART_BYTES_MAX", 1_000)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        read(workbook([["a"], ["1"]]), "xlsx")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 torn"])
def test_what_is_no_workbook_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="not a workbook"):
        read(content, "xlsx")


XES = """<?xml version="1.0"?>
<x:log xmlns:x="http://www.xes-standard.org/">
  <x:global scope="event"><x:string key="concept:name" value="UNKNOWN"/></x:global>
  <x:trace>
    <x:string key="concept:name" value="Case 1"/>
    <x:event>
      <x:string key="concept:name" value="open"><x:string key="inner" value="ignored"/></x:string>
      <x:date key="time:timestamp" value="2026-06-01T09:00:00+08:00"/>
    </x:event>
    <x:event><x:string key="concept:name" value="shut"/></x:event>
    <x:date key="deadline" value="2026-06-02T00:00:00+08:00"/>
  </x:trace>
  <x:trace/>
</x:log>
"""


def test_a_trace_frames_its_events_and_lends_them_its_attributes() -> None:
    records = read(gzip.compress(XES.encode()), "xes", name="log.xes.gz")
    about = {"trace.concept:name": "Case 1", "trace.deadline": "2026-06-02T00:00:00+08:00"}
    first = {"concept:name": "open", "time:timestamp": "2026-06-01T09:00:00+08:00"}
    assert records == [
        Record(1, 0, "trace-start", about),
        Record(1, 1, "event", {**first, **about}),
        Record(1, 2, "event", {"concept:name": "shut", **about}),
        Record(1, 3, "trace-end", about),
        Record(2, 0, "trace-start", {}),
        Record(2, 1, "trace-end", {}),
    ]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        pytest.param(b'<!DOCTYPE log [<!ENTITY a "aa">]><log>&a;</log>', "document type", id="entities"),
        pytest.param(b'<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "document type", id="outside file"),
        pytest.param(b"<log>\n<trace></log>", "line 2: mismatched tag", id="not well formed"),
        pytest.param(b"<log>" + b"<list>" * 40, "nested deeper than 32", id="deep"),
        pytest.param(b"<log><trace>", "no element found", id="torn"),
        pytest.param(b"", "no element found", id="empty"),
    ],
)
def test_a_hostile_or_torn_log_is_refused(content: bytes, where: str) -> None:
    with pytest.raises(UnreadableFile, match=where):
        read(content, "xes")


def test_a_torn_archive_is_said_to_be_damaged() -> None:
    with pytest.raises(UnreadableFile, match=r"log\.xes\.gz: EOFError"):
        read(gzip.compress(XES.encode())[:-20], "xes", name="log.xes.gz")


def test_memory_is_bounded_by_one_trace_and_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "EVENTS_PER_TRACE_MAX", 3)
    with pytest.raises(UnreadableFile, match="more than 3 events"):
        read(b"<log><trace>" + b"<event/>" * 4 + b"</trace></log>", "xes")
    monkeypatch.setattr(xes, "TOKEN_BYTES_MAX", 200_000)
    with pytest.raises(UnreadableFile, match="a token of over 200000 bytes"):
        read(b'<log><string key="' + b"x" * 400_000 + b'"/></log>', "xes")


def test_a_log_is_not_read_further_than_asked() -> None:
    trace = b'<trace><event><string key="a" value="b"/></event></trace>'

    class Endless:
        pieces = 0

        def read(self, _size: int, /) -> bytes:
            self.pieces += 1
            return b"<log>" if self.pieces == 1 else trace * 100

    stream = Endless()
    records: Iterator[Record] = xes.read_xes(stream)
    taken = [next(records) for _ in range(3_000)]
    assert taken[-1].number == 1_000
    assert stream.pieces == 11
