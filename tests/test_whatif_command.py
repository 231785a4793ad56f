"""`onrecord whatif` as somebody types it: what it says, in which words, and what it leaves in files."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.cli import app
from onrecord_services.engines import Engines
from onrecord_services.site import Site
from projecting import Bench, adopted, bench, calendar, said
from whatif_asking import TYPHOON

JULY = ("--from", "2026-07-01", "--to", "2026-08-01")


@dataclass
class Typed:
    """A site with one tenant, and somebody at its terminal."""

    data: Path
    tenant: Bench

    async def whatif(self, *words: str) -> Result:
        """The command in a thread of its own, as it brings a loop of its own."""
        line = ["whatif", "--data", str(self.data), "--tenant", self.tenant.log.tenant, *words]
        return await asyncio.to_thread(CliRunner().invoke, app, line)


@pytest.fixture
async def typed(engines: Engines, tmp_path: Path) -> AsyncIterator[Typed]:
    book, text = shipped_rulebook("cc02-archive")
    Site.of(engines, intake_port=1, api_port=1, desk_port=1).write(tmp_path)
    (tmp_path / "typhoon.toml").write_text(TYPHOON, encoding="utf-8")
    async with bench(engines) as made:
        await made.project(calendar(), adopted(text, book.pack, book.edition), *a_paper("A1"))
        yield Typed(tmp_path, made)


def a_paper(car: str) -> list[New]:
    """Handed over a day late, but for the typhoon."""
    return [
        said("vehicle.delivered", f"archive/{car}", "07-13 10:00:00", car=car, consultant="li"),
        said("archive.handed-over", f"archive/{car}", "07-17 10:00:00", by="li"),
    ]


async def test_it_shows_what_would_differ_in_both_languages(typed: Typed) -> None:
    typhoon = ("--calendar", str(typed.data / "typhoon.toml"), "--workers", "1")
    english = await typed.whatif(*JULY, *typhoon)
    assert english.exit_code == 0, english.output
    assert "What if, 2026-07-01 00:00:00 to 2026-08-01 00:00:00" in english.stdout
    assert "1 → 0" in english.stdout
    assert "50.00 CNY → 0" in english.stdout
    for word in ("archive/A1", "CC02-E1", "li", "gone", "kept"):
        assert word in english.stdout
    chinese = await typed.whatif(*JULY, *typhoon, "--lang", "zh")
    assert "试算：2026-07-01 00:00:00 至 2026-08-01 00:00:00" in chinese.stdout
    for word in ("按人员", "超期", "按期", "取消"):
        assert word in chinese.stdout


async def test_what_it_leaves_in_files_opens_in_excel_and_reads_as_json(typed: Typed) -> None:
    told, table = typed.data / "answer.json", typed.data / "answer.csv"
    said_more = ("--calendar", str(typed.data / "typhoon.toml"), "--json", str(told), "--csv", str(table))
    ran = await typed.whatif(*JULY, *said_more, "--workers", "1", "--lang", "zh")
    assert ran.exit_code == 0, ran.output
    answer: dict[str, Any] = json.loads(told.read_bytes())
    assert answer["changes"][0]["type"] == "calendar.adopted"
    assert [(one["what"], one["before"]["state"], one["after"]["state"]) for one in answer["clocks"]] == [
        ("changed", "breached", "met")
    ]
    assert answer["lines"][0]["before"]["owed"] == "50.00"
    assert table.read_bytes().startswith("\ufeff变化,".encode())
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["类别"], row["事件单"], row["现行到期"], row["试算到期"]) for row in rows] == [
        ("时限", "archive/A1", "2026-07-16 23:59:59", "2026-07-17 23:59:59"),
        ("处罚", "archive/A1", "", ""),
    ]


async def test_the_edition_in_force_is_no_difference(typed: Typed) -> None:
    live = typed.data / "live.toml"
    live.write_text(shipped_rulebook("cc02-archive")[1], encoding="utf-8")
    ran = await typed.whatif(*JULY, "--rulebook", str(live), "--workers", "1")
    assert "No difference: not a clock, not a line." in ran.stdout


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param((), "nothing to try out: give --rulebook", id="nothing"),
        pytest.param(("--number", "CC02-D1a"), "--number CC02-D1a: not NAME=VALUE", id="no-value"),
        pytest.param(("--number", "X-1=PT4H"), "X-1: no clause of a policy this tenant has", id="clause"),
        pytest.param(("--reading", "r6.month=due", "--lang", "fr"), "--lang is en or zh", id="language"),
        pytest.param(("--reading", "r6.month=due", "--tenant", "nobody"), "nobody has no", id="tenant"),
        pytest.param(("--reading", "r6.month=due", "--from", "2027-01-01", "--to", "2028-01-01"),
                     "nothing happened since 2027-01-01", id="empty-period"),
        pytest.param(("--reading", "r6.month=due", "--data", "/nowhere"), "nothing runs on", id="no-site"),
    ],
)  # fmt: skip
async def test_what_cannot_be_answered_is_refused_in_words(
    typed: Typed, words: tuple[str, ...], answer: str
) -> None:
    ran = await typed.whatif(*JULY, *words)
    assert ran.exit_code == 2, ran.output
    assert answer in ran.output.replace("\n", " ")


async def test_a_bad_draft_is_refused_with_file_line_and_clause(typed: Typed) -> None:
    text = shipped_rulebook("cc02-archive")[1].replace("edition = 2", "edition = 3")
    bad = typed.data / "bad.toml"
    bad.write_text(text.replace("starts_on", "begins_on", 1), encoding="utf-8")
    ran = await typed.whatif(*JULY, "--rulebook", str(bad))
    assert ran.exit_code == 2
    assert f"{bad}:" in ran.output
    assert "begins_on" in ran.output
    assert "to mend; nothing was tried out" in ran.output
