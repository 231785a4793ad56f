"""PDF on A4 with an embedded Chinese font: page n of m, the report's id, what it knows, a place for the seal.

Typeset by typst from `paper.typ`; the fonts come as a wheel, those of the system are not looked at. The
content travels as data, so no word of it is ever taken for markup.
"""

import json
import re
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as font
import typst

from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports.about import lines_of, title_of
from onrecord_services.reports.cells import text_of
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Entry, Form, Sheet, Table, Words

ROWS_MAX = 2_000
"""About 60 pages. What nobody reads on paper is a file of another format."""
PAPER = Path(__file__).with_name("paper.typ")
_SEAL = Words("（盖章处）", "(seal)")
_SIGNED_ON = Words("日期", "Date")
_PAGE = Words("第 {} 页 共 {} 页", "Page {} of {}")
_SUMMARY = Words("汇总", "In all")
_LONG_WORD = re.compile(r"\w{16}(?=\w)", re.ASCII)
_NUMBERS = frozenset({"money", "count", "ratio", "duration"})


def write(heading: Heading, sheet: Sheet) -> bytes:
    """The whole document. Raises BadQuestion if it has more rows than anybody reads on paper."""
    if isinstance(sheet, Table) and len(sheet.rows) > ROWS_MAX:
        raise BadQuestion(
            f"format: a PDF takes {ROWS_MAX} rows, there are {len(sheet.rows)}; take xlsx or csv"
        )
    said = json.dumps(_document(heading, sheet), ensure_ascii=False)
    compiler = typst.Compiler(
        PAPER.read_bytes(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"document": said}
    )
    made_at = heading.known_at.astimezone(UTC)
    found = compiler.compile(format="pdf", timestamp=made_at, pdf_standards="a-2u", pdf_tags=False)
    assert isinstance(found, bytes), "one document is one file"
    return found


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(font.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _document(heading: Heading, sheet: Sheet) -> dict[str, Any]:
    lang = heading.lang
    return {
        "lang": lang,
        "title": title_of(heading),
        "report_id": heading.report_id,
        "page": _PAGE.of(lang).split("{}"),
        "about": [_entry(heading, entry) for entry in lines_of(heading)],
        "seal": _SEAL.of(lang),
        "date": _SIGNED_ON.of(lang),
        "known": f"{heading.known_at:%Y-%m-%d %H:%M:%S}",
        "position": heading.position,
        **(_form(heading, sheet) if isinstance(sheet, Form) else _table(heading, sheet)),
    }


def _form(heading: Heading, form: Form) -> dict[str, Any]:
    lang = heading.lang
    return {
        "sections": [
            {
                "heading": section.heading.of(lang),
                "entries": [_entry(heading, entry) for entry in section.entries],
            }
            for section in form.sections
        ],
        "signatures": [who.of(lang) for who in form.signatures],
    }


def _table(heading: Heading, table: Table) -> dict[str, Any]:
    shown = [nth for nth, column in enumerate(table.columns) if column.on_paper]
    columns = [table.columns[nth] for nth in shown]
    return {
        "columns": [
            {"name": each.name.of(heading.lang), "width": each.width, "number": each.kind in _NUMBERS}
            for each in columns
        ],
        "rows": [
            [_breakable(text_of(table.columns[nth], row[nth], heading.lang, heading.zone)) for nth in shown]
            for row in table.rows
        ],
        "summary": [_entry(heading, entry) for entry in table.summary],
        "summary_heading": _SUMMARY.of(heading.lang),
    }


def _entry(heading: Heading, entry: Entry) -> list[str]:
    """A name and a value."""
    return [
        entry.column.name.of(heading.lang),
        text_of(entry.column, entry.value, heading.lang, heading.zone),
    ]


def _breakable(text: str) -> str:
    """A long id may break anywhere (at a zero-width space) rather than run out of its cell."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)
