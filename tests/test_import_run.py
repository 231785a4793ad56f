"""A run: all events once, in the log's order, every record accounted for, whatever the log does meanwhile."""

import csv
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from onrecord_events.errors import LogUnavailable, OutcomeUnknown
from onrecord_services.importing.commands import import_command
from onrecord_services.importing.errors import ImportStopped
from onrecord_services.importing.mapper import Mapped, Mapper
from onrecord_services.importing.mapping import read_map
from onrecord_services.importing.ordering import by_time
from onrecord_services.importing.records import Record
from onrecord_services.importing.report import RefusalFile, Report
from onrecord_services.importing.run import (
    PAUSES_SECONDS,
    Accepted,
    Order,
    Outcome,
    Refused,
    events_in,
    run,
    stamped,
)

DONE = """
source = "urn:test"
order = "file"

[[event]]
type = "repair.done"
subject = "repair/{no}"
id = "{no}"
time = { field = "at" }
body = { by = { field = "by", as = "ref" } }
"""


class Shelf:
    """A log in memory: identities once, positions from 1; it may fail, and refuses what is by `nobody`."""

    clock: Literal["server", "carried"] = "carried"

    def __init__(self, *failures: Exception | None) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.batches: list[int] = []
        self.failures = list(failures)

    async def accept(self, events: Sequence[dict[str, Any]]) -> list[Outcome]:
        self.batches.append(len(events))
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, LogUnavailable):
            raise failure
        outcomes = [self._accept(event) for event in events]
        if failure is not None:
            raise failure
        return outcomes

    def _accept(self, event: dict[str, Any]) -> Outcome:
        if event["data"].get("by") == "nobody":
            return Refused("bad-body", "by")
        known = event["id"] in self.held
        self.held.setdefault(event["id"], event)
        return Accepted(list(self.held).index(event["id"]) + 1, known)


def at(minute: int) -> str:
    return (datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(minutes=minute)).isoformat()


def rows(*minutes: int) -> list[dict[str, Any]]:
    return [{"no": f"W{number}", "at": at(minute)} for number, minute in enumerate(minutes, 1)]


async def go(
    shelf: Shelf, records: list[dict[str, Any]], order: Order = "file", from_record: int = 1
) -> Report:
    report, waits = Report(), []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    numbered = [Record(number, number, "record", row) for number, row in enumerate(records, 1)]
    events = events_in(
        numbered,
        Mapper(read_map(DONE, "done.toml")),
        order=order,
        report=report,
        refuse=report.refuse,
        from_record=from_record,
    )
    try:
        await run(
            events, shelf, report=report, refusals=RefusalFile(None), progress=lambda _: None, pause=pause
        )
    finally:
        assert waits == list(PAUSES_SECONDS[: len(waits)])
    return report


async def test_a_second_run_finds_everything_there() -> None:
    shelf = Shelf()
    first = await go(shelf, rows(1, 2, 3))
    second = await go(shelf, rows(1, 2, 3))
    assert (first.accepted, first.already_there) == (3, 0)
    assert (second.accepted, second.already_there) == (0, 3)
    assert list(shelf.held) == ["W1", "W2", "W3"]


async def test_batches_hold_a_thousand_at_most() -> None:
    shelf = Shelf()
    report = await go(shelf, rows(*range(2_500)))
    assert shelf.batches == [1_000, 1_000, 500]
    assert (report.records, report.events, report.accepted) == (2_500, 2_500, 2_500)


async def test_a_lost_answer_is_asked_again_and_doubles_nothing() -> None:
    shelf = Shelf(LogUnavailable("away"), OutcomeUnknown("lost"), None)
    report = await go(shelf, rows(1, 2))
    assert shelf.batches == [2, 2, 2]
    assert (report.accepted, report.already_there) == (0, 2), "the answer that was lost had stored them"
    assert len(shelf.held) == 2


async def test_a_log_that_stays_away_stops_the_run_and_the_next_run_goes_on() -> None:
    shelf = Shelf(None, *[LogUnavailable("away")] * 7)
    with pytest.raises(ImportStopped, match=r"stopped after record 1000\. Run the same command again"):
        await go(shelf, rows(*range(1_200)))
    assert len(shelf.held) == 1_000
    report = await go(shelf, rows(*range(1_200)))
    assert (report.accepted, report.already_there) == (200, 1_000)


async def test_what_is_refused_is_named_by_its_record() -> None:
    records = rows(1, 2, 3, 4)
    records[1]["by"] = "nobody"
    records[2]["at"] = "soon"
    report = await go(Shelf(), records)
    assert report.refused == {"bad-time": 1, "bad-body": 1}
    assert report.named == {"bad-time": ["3"], "bad-body": ["2"]}
    assert report.lines() == [
        "read: 4 records (0 without event), 3 events",
        "accepted: 2, already there: 0",
        "refused: 2",
        "  bad-body: 1 (records 2)",
        "  bad-time: 1 (records 3)",
    ]


async def test_records_before_the_first_asked_for_are_left_out() -> None:
    shelf = Shelf()
    report = await go(shelf, rows(1, 2, 3), from_record=3)
    assert list(shelf.held) == ["W3"]
    assert report.records == 1


@pytest.mark.parametrize(
    ("order", "arrived", "recorded"),
    [
        ("file", ["W1", "W2", "W3"], [5, 5, 7]),
        ("time", ["W2", "W1", "W3"], [2, 5, 7]),
    ],
)
async def test_a_carried_log_never_runs_backwards(
    order: Order, arrived: list[str], recorded: list[int]
) -> None:
    shelf = Shelf()
    await go(shelf, rows(5, 2, 7), order)
    assert list(shelf.held) == arrived
    told = [datetime.fromisoformat(event["recordedtime"]) for event in shelf.held.values()]
    assert told == [datetime.fromisoformat(at(minute)) for minute in recorded]


async def test_a_live_log_is_told_when_the_source_captured_it() -> None:
    shelf = Shelf()
    shelf.clock = "server"
    await go(shelf, rows(5, 2))
    assert [event["capturedat"] for event in shelf.held.values()] == [
        "2026-06-01T08:05:00Z",
        "2026-06-01T08:02:00Z",
    ]
    assert not any("recordedtime" in event for event in shelf.held.values())


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 20))
def test_sorting_in_pieces_is_sorting(minutes: list[int], piece_events: int) -> None:
    mapped = [
        Mapped(str(number), datetime.fromisoformat(at(minute)), {"n": number})
        for number, minute in enumerate(minutes)
    ]
    straight = sorted(mapped, key=lambda event: event.recorded_at)
    assert list(by_time(mapped, piece_events)) == straight


def test_stamping_takes_the_time_of_recording_over_the_time_of_the_fact() -> None:
    (event,) = stamped([Mapped("1", datetime(2026, 6, 2, tzinfo=UTC), {"time": at(0)})], "carried")
    assert event.event == {"time": at(0), "recordedtime": "2026-06-02T00:00:00Z"}


@pytest.fixture
def onrecord() -> tuple[typer.Typer, Shelf]:
    shelf = Shelf()

    @asynccontextmanager
    async def open_sink(_tenant: str, /, *, data: Path) -> AsyncIterator[Shelf]:
        assert data == Path("data")
        yield shelf

    app = typer.Typer()
    app.command("import")(import_command(open_sink))
    return app, shelf


def test_the_command_imports_and_writes_a_report_for_a_spreadsheet(
    onrecord: tuple[typer.Typer, Shelf], tmp_path: Path
) -> None:
    app, shelf = onrecord
    file, how, report = tmp_path / "done.csv", tmp_path / "done.toml", tmp_path / "refused.csv"
    file.write_text(f"no,at,by\nW1,{at(1)},YG-301\nW2,{at(2)},nobody\nW3,张三,x\n", encoding="utf-8")
    how.write_text(DONE, encoding="utf-8")
    ran = CliRunner().invoke(app, [str(file), "--map", str(how), "--tenant", "t", "--report", str(report)])
    assert ran.exit_code == 1, ran.output
    assert list(shelf.held) == ["W1"]
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    with report.open(encoding="utf-8-sig", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["record", "reason", "where"],
            ["3", "bad-time", "repair.done: at"],
            ["2", "bad-body", "by"],
        ]
    assert "张三" not in ran.output
    assert "refused: 2" in ran.output


def test_a_dry_run_prints_events_and_sends_nothing(onrecord: tuple[typer.Typer, Shelf]) -> None:
    app, shelf = onrecord
    cut = Path(__file__).parent / "data" / "helpdesk_cut.xes.gz"
    ran = CliRunner().invoke(app, [str(cut), "--map", "helpdesk", "--dry-run", "2"])
    assert ran.exit_code == 0, ran.output
    assert (
        len([line for line in ran.stdout.splitlines() if json.loads(line)["type"] == "case.activity-done"])
        == 2
    )
    assert not shelf.batches


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--map", "helpdesk", "--tenant", "t", "--from-record", "2"], "needs a map with order"),
        (["--map", "helpdesk"], "--tenant says whose log"),
        (["--map", "nowhere", "--tenant", "t"], "nowhere: no such file"),
    ],
)
def test_what_cannot_be_run_is_said(
    onrecord: tuple[typer.Typer, Shelf], arguments: list[str], says: str
) -> None:
    cut = Path(__file__).parent / "data" / "helpdesk_cut.xes.gz"
    ran = CliRunner().invoke(onrecord[0], [str(cut), *arguments])
    assert ran.exit_code == 2
    assert says in ran.output


def test_a_cell_that_would_be_a_formula_is_text(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    report = Report()
    with RefusalFile(str(path)) as refusals:
        for event in Mapper(read_map(DONE.replace('"at"', '"=at"'), "m.toml")).events_of(
            Record(1, 1, "record", {"no": "1"})
        ):
            assert not isinstance(event, Mapped)
            report.refuse(event)
            refusals.add(event._replace(where="=HYPERLINK()"))
    assert path.read_text(encoding="utf-8-sig").splitlines()[1] == "1,missing-field,'=HYPERLINK()"
