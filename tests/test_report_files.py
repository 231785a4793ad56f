"""The three writers, read back: types, headers, fonts, pages; nothing that would be computed; no clock."""

import csv
import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports import as_csv, as_pdf, as_xlsx
from onrecord_services.reports.digest import canonical, rows_sha256
from onrecord_services.reports.produce import WRITERS
from onrecord_services.reports.sheet import (
    Cell,
    Column,
    Entry,
    Form,
    Mark,
    Personal,
    Section,
    Sheet,
    Table,
    Words,
    revealed,
    sealed,
)
from reporting import HEADING, book_of, pages_of

ENGLISH = msgspec.structs.replace(HEADING, lang="en")
SEVERITY = {"minor": Words("轻微", "minor")}
NAME = Personal("complaint.registered.name", {"key": "ab" * 16, "nonce": "AA==", "ciphertext": "AA=="})
COLUMNS = (
    Column("case", Words("事件单", "Case"), width=24),
    Column("at", Words("受理时间", "Received"), "instant", width=20),
    Column("severity", Words("程度", "Severity"), "code", SEVERITY),
    Column("on", Words("日期", "Day"), "day"),
    Column("amount", Words("金额", "Amount"), "money"),
    Column("n", Words("件数", "Count"), "count"),
    Column("share", Words("比率", "Share"), "ratio"),
    Column("took", Words("用时", "Took"), "duration"),
    Column("name", Words("姓名", "Name"), personal=True),
)
ROW: tuple[Cell, ...] = (
    "complaint/CP-1",
    datetime(2026, 6, 1, 0, 30, tzinfo=UTC),
    "minor",
    date(2026, 6, 30),
    Decimal("1234.50"),
    7,
    Decimal("0.9158"),
    timedelta(hours=26, minutes=3),
    NAME,
)
EMPTY: tuple[Cell, ...] = ("complaint/CP-2", *[None] * 8)
TABLE = Table(COLUMNS, [ROW, EMPTY], (Entry(Column("all", Words("受理投诉", "Registered"), "count"), 2),))
SHOWN = revealed(TABLE, sealed)
FORM = Form(
    (
        Section(Words("投诉人", "Who"), (Entry(COLUMNS[8], NAME), Entry(COLUMNS[1], ROW[1]))),
        Section(Words("金额", "Amount"), (Entry(COLUMNS[4], Decimal(50)),)),
    ),
    (Words("受理人", "Taken by"),),
)


def one_cell(value: Cell, **of: Any) -> Table:
    return Table((Column("x", Words("值", "Value"), **of),), [(value,)])


def only_cell(table: Table) -> Any:
    return book_of(as_xlsx.write(HEADING, table)).worksheets[0]["A2"].value


def test_a_spreadsheet_has_real_dates_numbers_and_a_header_that_stays() -> None:
    book = book_of(as_xlsx.write(HEADING, SHOWN))
    sheet = book.worksheets[0]
    assert book.sheetnames == ["客户投诉分析报告表", "汇总", "说明"]
    assert [cell.value for cell in sheet[1]] == [
        "事件单", "受理时间", "程度", "日期", "金额", "件数", "比率", "用时", "姓名",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[2]] == [
        "complaint/CP-1",
        datetime.fromisoformat("2026-06-01 08:30"),  # on Shanghai's walls: spreadsheets know no zone
        "轻微",
        datetime.fromisoformat("2026-06-30"),
        1234.5,
        7,
        0.9158,
        timedelta(hours=26, minutes=3),
        "（已密封）",
    ]
    assert [cell.value for cell in sheet[3]] == ["complaint/CP-2", *[None] * 8]
    assert [sheet.cell(2, nth).number_format for nth in (2, 4, 5, 7, 8)] == [
        "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "#,##0.00", "0.00%", "[h]:mm:ss",
    ]  # fmt: skip
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.dimensions) == ("A2", "A1:I3", "A1:I3")
    assert 24 <= sheet.column_dimensions["A"].width < 25.5


def test_a_spreadsheet_says_how_far_it_goes_before_it_is_read() -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx.write(HEADING, SHOWN))) as archive:
        assert b'<dimension ref="A1:I3"/>' in archive.read("xl/worksheets/sheet1.xml")


def test_the_last_sheet_says_what_the_file_is() -> None:
    about = {row[0].value: row[1].value for row in book_of(as_xlsx.write(ENGLISH, SHOWN))["About"].rows}
    assert about == {
        "Item": "Value",
        "Report id": "complaint-analysis-0123456789ab",
        "Tenant": "acme",
        "Of": "2026-06",
        "As of": datetime.fromisoformat("2026-07-01 09:00"),
        "Known at": datetime.fromisoformat("2026-07-01 09:00"),
        "Time zone": "Asia/Shanghai",
        "Position": 321,
        "Rulebook editions": "rent-crm@2",
        "Clauses": "RENT-CRM-2.6",
        "Release": "0.1.0",
    }


def test_nothing_in_a_spreadsheet_says_when_it_was_made() -> None:
    content = as_xlsx.write(HEADING, SHOWN)
    properties = book_of(content).properties
    known_at = datetime.fromisoformat("2026-07-01 01:00")  # in UTC
    assert (properties.created, properties.modified) == (known_at, known_at)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5", "@SUM(A1)", "=cmd|'/c calc'!A0"])
def test_no_text_is_ever_a_formula(text: str) -> None:
    cell = book_of(as_xlsx.write(HEADING, one_cell(text))).worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert csv_rows(one_cell(text)) == [["值"], [f"'{text}"]]


def test_an_amount_below_nought_is_a_number_all_the_same() -> None:
    assert csv_rows(one_cell(Decimal(-50), kind="money")) == [["值"], ["-50.00"]]


def test_a_csv_is_read_by_excel_and_by_the_book() -> None:
    content = as_csv.write(HEADING, SHOWN)
    assert content.startswith("\ufeff事件单,受理时间,".encode())
    assert content.count(b"\r\n") == 3
    assert csv_rows(SHOWN)[1] == [
        "complaint/CP-1",
        "2026-06-01 08:30:00",
        "轻微",
        "2026-06-30",
        "1234.50",
        "7",
        "91.58%",
        "26:03:00",
        "（已密封）",
    ]


def test_a_form_is_fields_in_every_format() -> None:
    shown = revealed(FORM, sealed)
    assert csv_rows(shown) == [
        ["项目", "内容"],
        ["姓名", "（已密封）"],
        ["受理时间", "2026-06-01 08:30:00"],
        ["金额", "50.00"],
    ]
    sheet = book_of(as_xlsx.write(ENGLISH, shown)).worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["Item", "Value"],
        ["Name", "(sealed)"],
        ["Received", datetime.fromisoformat("2026-06-01 08:30")],
        ["Amount", 50],
    ]


def test_a_pdf_of_a_form_has_fields_a_place_to_sign_and_a_place_for_the_seal() -> None:
    (page,) = pages_of(as_pdf.write(HEADING, revealed(FORM, sealed)))
    for said in (
        "客户投诉分析报告表 ZC-QR-029",
        "投诉人",
        "姓名 （已密封）",
        "2026-06-01 08:30:00",
        "受理人:",
        "日期:",
        "盖章处",
        "complaint-analysis-0123456789ab",
        "rent-crm@2",
        "#321",
    ):
        assert said in page, said
    assert "第1 页 共1 页" in page.replace("第 ", "第").replace("共 ", "共")


def test_a_pdf_numbers_its_pages_and_repeats_its_header() -> None:
    many = replace(TABLE, rows=[EMPTY] * 120)
    pages = pages_of(as_pdf.write(ENGLISH, many))
    assert len(pages) > 2
    for nth, page in enumerate(pages, start=1):
        assert f"Page {nth} of {len(pages)}" in page
        assert "Severity" in page or nth == len(pages)


def test_a_pdf_carries_its_own_chinese_font_and_no_wall_clock() -> None:
    content = as_pdf.write(HEADING, SHOWN)
    reader = PdfReader(io.BytesIO(content))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    names = {str(font["/BaseFont"]) for font in fonts}
    assert any("NotoSansSC" in name for name in names), names
    for font in fonts:
        (descendant,) = font["/DescendantFonts"]
        assert "/FontFile3" in descendant.get_object()["/FontDescriptor"].get_object()
    assert reader.metadata is not None
    assert reader.metadata.creation_date == datetime(2026, 7, 1, 1, tzinfo=UTC)


def test_no_word_of_the_content_is_taken_for_markup() -> None:
    (page,) = pages_of(as_pdf.write(HEADING, one_cell("*bold* #panic() $x$ [a] \\ @ref 刪除")))
    assert "*bold* #panic() $x$ [a] \\ @ref 刪除" in page


def test_a_paper_longer_than_anybody_reads_is_refused() -> None:
    with pytest.raises(BadQuestion, match="format: a PDF takes 2000 rows, there are 2001; take xlsx or csv"):
        as_pdf.write(HEADING, replace(TABLE, rows=[EMPTY] * 2001))


@pytest.mark.parametrize("fmt", sorted(WRITERS))
@pytest.mark.parametrize("sheet", [SHOWN, revealed(FORM, sealed)], ids=["table", "form"])
def test_the_same_sheet_gives_the_same_bytes(fmt: str, sheet: Sheet) -> None:
    assert WRITERS[fmt].write(HEADING, sheet) == WRITERS[fmt].write(HEADING, sheet)


def test_the_digest_is_of_the_rows_alone() -> None:
    assert rows_sha256(TABLE) == rows_sha256(replace(TABLE, columns=COLUMNS[::-1], summary=()))
    assert rows_sha256(TABLE) == rows_sha256(revealed(TABLE, lambda _: Mark.ERASED))
    assert rows_sha256(TABLE) != rows_sha256(replace(TABLE, rows=[EMPTY, ROW]))


def test_the_digest_of_known_rows_never_changes() -> None:
    line = b'["a"]\n[null]\n'
    assert rows_sha256(Table(COLUMNS[:1], [("a",), (None,)])) == hashlib.sha256(line).hexdigest()


def test_cells_are_said_the_same_in_every_language_and_format() -> None:
    assert [canonical(value) for value in ROW] == [
        "complaint/CP-1",
        datetime(2026, 6, 1, 0, 30, tzinfo=UTC),
        "minor",
        date(2026, 6, 30),
        "1234.5",
        7,
        "0.9158",
        "93780",
        {"sealed": True},
    ]


@pytest.mark.parametrize(
    ("given_as", "said"),
    [
        pytest.param(Mark.SEALED, "（已密封）", id="sealed"),
        pytest.param(Mark.ERASED, "已删除", id="erased"),
        pytest.param("王小明", "王小明", id="opened-by-who-may"),
    ],
)
def test_a_personal_field_shows_what_is_given_of_it(given_as: str | Mark, said: str) -> None:
    shown = revealed(TABLE, lambda field: given_as if field.place.endswith(".name") else "?")
    assert csv_rows(shown)[1][-1] == said


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_survives_a_spreadsheet_but_for_what_xml_cannot_say(text: str) -> None:
    unsaid = {chr(code) for code in range(32)} - {"\t", "\n", "\r"} | {"\ufffe", "\uffff"}
    expected = "".join("\ufffd" if char in unsaid else char for char in text)
    assert (only_cell(one_cell(text)) or "") == expected


@given(st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2100-01-01")))
def test_any_second_survives_a_spreadsheet(naive: datetime) -> None:
    at = naive.replace(microsecond=0, tzinfo=HEADING.zone)
    if at.astimezone(UTC).astimezone(HEADING.zone) == at:  # clocks went forward over some of them
        found = only_cell(one_cell(at.astimezone(UTC), kind="instant"))
        assert found == at.astimezone(UTC).astimezone(HEADING.zone).replace(tzinfo=None)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=5))
def test_any_text_survives_a_csv_but_for_the_guard(texts: list[str]) -> None:
    columns = tuple(Column(f"c{nth}", Words("值", "v")) for nth in range(len(texts)))
    rows = csv_rows(Table(columns, [tuple(texts)]))
    guarded = ("=", "+", "-", "@", "\t", "\r", "\n")
    assert rows[1:] == [[f"'{text}" if text.startswith(guarded) else text for text in texts]]


def csv_rows(sheet: Sheet) -> list[list[str]]:
    shown = revealed(sheet, sealed)
    return list(csv.reader(io.StringIO(as_csv.write(HEADING, shown).decode("utf-8-sig"), newline="")))
