"""The two real logs: mapped to events they still give the figures that were counted in the files.

The whole files lie beside the checkout in CI; a bare clone has the cuts of `tests/data/cut_logs.py`, whose
figures were counted with awk and date, not with the product.
"""

import gzip
import itertools
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from onrecord_events.base import read_body
from onrecord_services.importing.mapper import Mapper
from onrecord_services.importing.mapping import load_map
from onrecord_services.importing.readers import read_records
from onrecord_services.importing.records import BadRecord
from onrecord_services.importing.report import Report
from onrecord_services.importing.run import events_in, stamped
from onrecord_services.intake.parsed import Heard
from onrecord_services.intake.translate import translate

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "data"


class Receipt(NamedTuple):
    path: Path
    cases: int
    activities: int
    closed: int
    on_time: int
    late: int


class Helpdesk(NamedTuple):
    path: Path
    cases: int
    activities: int
    handovers: int
    cases_handed_over: int


RECEIPTS = [
    pytest.param(Receipt(SHARED / "receipt_wabo.xes.gz", 1434, 8577, 1329, 952, 377), id="whole"),
    pytest.param(Receipt(HERE / "data" / "receipt_wabo_cut.xes.gz", 39, 226, 35, 31, 4), id="cut"),
]
HELPDESKS = [
    pytest.param(Helpdesk(SHARED / "helpdesk.xes.gz", 4580, 21348, 8648, 4577), id="whole"),
    pytest.param(Helpdesk(HERE / "data" / "helpdesk_cut.xes.gz", 39, 193, 78, 39), id="cut"),
]


def imported(path: Path, map_name: str) -> list[dict[str, Any]]:
    """The events as they would go into a carried log; nothing may be refused."""
    if not path.exists():
        pytest.skip(f"{path.name} does not lie beside this checkout")

    def refuse(bad: BadRecord) -> None:
        pytest.fail(f"refused: {bad}")

    how = load_map(map_name)
    with path.open("rb") as raw:
        records = read_records(raw, path.name, "xes", how.reader)
        events = events_in(records, Mapper(how), order=how.order, report=Report(), refuse=refuse)
        return [mapped.event for mapped in stamped(events, "carried")]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def by_case(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Each case's events as an evaluation orders them: by time, then by the source's own order."""
    cases = defaultdict(list)
    for event in events:
        cases[event["subject"]].append(event)
    return {case: sorted(told, key=lambda e: (at(e["time"]), e["sequence"])) for case, told in cases.items()}


@pytest.mark.parametrize("log", RECEIPTS)
def test_receipts_are_on_time_and_late_as_counted(log: Receipt) -> None:
    events = imported(log.path, "receipt_wabo")
    due = {e["subject"]: e["data"]["due_at"] for e in events if e["type"] == "case.opened"}
    late = [at(e["time"]) > at(due[e["subject"]]) for e in events if e["type"] == "case.closed"]
    assert Counter(event["type"] for event in events) == {
        "case.opened": log.cases,
        "case.activity-done": log.activities,
        "case.closed": log.closed,
    }
    assert (late.count(False), late.count(True)) == (log.on_time, log.late)


@pytest.mark.parametrize("log", RECEIPTS)
def test_no_case_is_closed_before_it_is_opened(log: Receipt) -> None:
    for case, told in by_case(imported(log.path, "receipt_wabo")).items():
        types = [event["type"] for event in told if event["type"] != "case.activity-done"]
        assert types in (["case.opened"], ["case.opened", "case.closed"]), case


@pytest.mark.parametrize("log", HELPDESKS)
def test_helpdesk_cases_change_hands_as_counted(log: Helpdesk) -> None:
    cases = by_case(imported(log.path, "helpdesk"))
    hands = [[event["actor"] for event in told] for told in cases.values()]
    handovers = [sum(one != next_one for one, next_one in itertools.pairwise(who)) for who in hands]
    assert (len(cases), sum(map(len, hands))) == (log.cases, log.activities)
    assert (sum(handovers), sum(map(bool, handovers))) == (log.handovers, log.cases_handed_over)


@pytest.mark.parametrize("log", HELPDESKS)
def test_time_and_sequence_give_back_the_order_of_the_file(log: Helpdesk) -> None:
    ordered = by_case(imported(log.path, "helpdesk"))
    text = gzip.decompress(log.path.read_bytes()).decode()
    for trace in re.findall(r"<trace>.*?</trace>", text, re.DOTALL):
        name, *activities = re.findall(r'"concept:name" value="([^"]*)"', trace)
        mapped = [event["data"]["activity"] for event in ordered[f"case/{name.replace(' ', '-')}"]]
        assert mapped == activities


@pytest.mark.parametrize(
    ("path", "map_name"),
    [
        pytest.param(SHARED / "receipt_wabo.xes.gz", "receipt_wabo", id="receipt-whole"),
        pytest.param(HERE / "data" / "receipt_wabo_cut.xes.gz", "receipt_wabo", id="receipt-cut"),
        pytest.param(SHARED / "helpdesk.xes.gz", "helpdesk", id="helpdesk-whole"),
        pytest.param(HERE / "data" / "helpdesk_cut.xes.gz", "helpdesk", id="helpdesk-cut"),
    ],
)
def test_every_event_is_readable_has_its_own_identity_and_arrives_in_time(path: Path, map_name: str) -> None:
    events = imported(path, map_name)
    for event in events:
        read_body(event["type"], event["data"])
        (parsed,) = translate(
            msgspec.json.encode(event),
            "application/cloudevents+json",
            {},
            tenant="town",
            publisher="import",
            now=datetime(2026, 7, 1, tzinfo=UTC),
            carried=True,
        )
        assert isinstance(parsed, Heard), parsed
        assert at(event["recordedtime"]) == at(event["time"]), "sorted by time, nothing is recorded late"
    recorded = [at(event["recordedtime"]) for event in events]
    assert recorded == sorted(recorded)
    assert len({event["id"] for event in events}) == len(events)


def test_an_event_of_the_real_log_looks_like_this() -> None:
    events = imported(HERE / "data" / "receipt_wabo_cut.xes.gz", "receipt_wabo")
    story = [event for event in events if event["subject"] == "case/case-8267"]
    opened, closed = story[:2]
    assert opened == {
        "specversion": "1.0",
        "id": "case-8267/opened",
        "source": "urn:import:receipt-wabo",
        "type": "case.opened",
        "subject": "case/case-8267",
        "time": "2011-06-23T23:06:40.020000Z",
        "sequence": 0,
        "recordedtime": "2011-06-23T23:06:40.020000Z",
        "data": {"due_at": "2011-08-17T23:06:40Z", "owner": "admin3", "about": "Customer contact"},
    }
    assert (closed["type"], closed["time"]) == ("case.closed", "2011-06-23T23:06:40.020000Z")
    assert [event["data"]["by"] for event in story[2:]] == ["Resource27", "admin2", "admin2"]
