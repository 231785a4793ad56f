"""Maps: how a record becomes events, as data; faults of a map are found before the first record."""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from onrecord_services.importing.errors import MapError
from onrecord_services.importing.mapper import Mapped, Mapper
from onrecord_services.importing.mapping import load_map, read_map, shipped_maps
from onrecord_services.importing.records import BadRecord, Record

VISITS = """
source = "urn:test"
zone = "Asia/Shanghai"

[codes.way]
"来" = "in"
"去" = "out"

[codes.kind]
"电话" = "call"

[[event]]
type = "interaction.logged"
subject = "interaction/{no}"
id = "{no}"
time = { field = "when" }
actor = "{clerk}"
correlationid = "complaint/{about}"

[event.body]
kind = { field = "kind", codes = "kind", otherwise = "visit" }
direction = { field = "way", codes = "way" }
customer = { field = "customer", as = "ref" }
duration_seconds = { field = "seconds", as = "integer" }
summary = { template = "{what}: {how}" }
about = { field = "topic", as = "code" }
"""

ROW = {"no": "7", "when": "2026-06-01 09:30", "clerk": "YG 201", "way": "来", "customer": "K 1"}


def events(text: str, *rows: dict[str, Any]) -> list[Mapped | BadRecord]:
    mapper = Mapper(read_map(text, "test.toml"))
    return [
        event
        for number, row in enumerate(rows, 1)
        for event in mapper.events_of(Record(number, number, "record", row))
    ]


def event(text: str, row: dict[str, Any]) -> dict[str, Any]:
    (mapped,) = events(text, row)
    assert isinstance(mapped, Mapped), mapped
    return mapped.event


def test_a_record_becomes_the_event_the_map_says() -> None:
    row = {
        **ROW,
        "kind": "电话",
        "seconds": 90.0,
        "what": "电梯",
        "how": "停了",
        "about": "T1",
        "topic": "Lift & Door",
    }
    assert event(VISITS, row) == {
        "specversion": "1.0",
        "id": "7",
        "source": "urn:test",
        "type": "interaction.logged",
        "subject": "interaction/7",
        "time": "2026-06-01T01:30:00Z",
        "actor": "YG-201",
        "correlationid": "complaint/T1",
        "sequence": 1,
        "data": {
            "kind": "call",
            "direction": "in",
            "customer": "K-1",
            "duration_seconds": 90,
            "summary": "电梯: 停了",
            "about": "lift-door",
        },
    }


def test_what_a_record_lacks_is_left_out_and_empty_is_lacking() -> None:
    lean = event(VISITS, {**ROW, "clerk": "  ", "kind": "传真", "what": "x", "how": ""})
    assert lean["data"] == {"kind": "visit", "direction": "in", "customer": "K-1"}
    assert not {"actor", "correlationid"} & lean.keys()


@pytest.mark.parametrize(
    ("change", "reason", "where"),
    [
        pytest.param({"when": ""}, "missing-field", "interaction.logged: when", id="no-time"),
        pytest.param({"when": "yesterday"}, "bad-time", "interaction.logged: when", id="no-time-at-all"),
        pytest.param({"no": None}, "missing-field", "interaction.logged: {no}", id="no-id"),
        pytest.param({"way": "横"}, "unknown-code", "interaction.logged: way", id="a-code-nobody-knows"),
        pytest.param({"seconds": "长"}, "bad-value", "interaction.logged: seconds", id="no-number"),
        pytest.param({"topic": "电梯"}, "bad-value", "interaction.logged: topic", id="no-code"),
        pytest.param({"customer": ["K"]}, "bad-value", "interaction.logged: customer", id="a-list"),
        pytest.param({"when": "0001-01-01"}, "bad-time", "interaction.logged: when", id="before-all-time"),
    ],
)
def test_a_fault_names_record_and_field_and_quotes_nothing(
    change: dict[str, Any], reason: str, where: str
) -> None:
    assert events(VISITS, ROW, {**ROW, **change})[1:] == [BadRecord("2", reason, where)]


@pytest.mark.parametrize(
    ("spec", "value", "at"),
    [
        ("", "2026-06-01T09:30:00+08:00", "2026-06-01T01:30:00Z"),
        ("", "2026-06-01", "2026-05-31T16:00:00Z"),
        ("", datetime(2026, 6, 1, 9, 30), "2026-06-01T01:30:00Z"),  # noqa: DTZ001 - as a workbook has it
        (', format = "%d.%m.%y %H:%M"', "01.06.26 09:30", "2026-06-01T01:30:00Z"),
        (', format = "unix"', "1780277400", "2026-06-01T01:30:00Z"),
        (', format = "unix-milliseconds"', 1780277400500, "2026-06-01T01:30:00.500000Z"),
        (', zone = "Europe/Paris"', "2026-06-01 09:30", "2026-06-01T07:30:00Z"),
        (', zone = "Europe/Paris"', "2026-12-01 09:30", "2026-12-01T08:30:00Z"),
        (', not_before = "floor"', "2026-06-01 00:00", "2026-06-01T00:15:00Z"),
    ],
)
def test_times_are_read_as_the_map_says(spec: str, value: Any, at: str) -> None:
    text = VISITS.replace('time = { field = "when" }', f'time = {{ field = "when"{spec} }}')
    assert event(text, {**ROW, "when": value, "floor": "2026-06-01 08:15"})["time"] == at


def test_a_time_without_a_zone_is_refused_where_the_map_has_none() -> None:
    text = VISITS.replace('zone = "Asia/Shanghai"\n', "")
    assert events(text, ROW) == [BadRecord("1", "time-without-zone", "interaction.logged: when")]


TWO_EVENTS = """
source = "urn:test"

[[event]]
type = "repair.ordered"
when = { state = "new" }
subject = "repair/{no}"
id = "{no}/ordered"
time = { field = "ordered" }
body = { customer = { field = "who" }, received_by = { constant = "YG-201" } }

[[event]]
type = "repair.done"
subject = "repair/{no}"
id = "content"
time = { field = "done", missing = "skip" }
sequence = "file"
"""


def test_a_record_makes_several_events_or_none_by_equality_alone() -> None:
    ordered, done = "2026-06-01T09:00:00Z", "2026-06-01T10:00:00Z"
    both = {"no": "W1", "state": "new", "who": "K1", "ordered": ordered, "done": done}
    told = events(TWO_EVENTS, both, {**both, "done": None}, {**both, "state": "old", "done": ""})
    assert [(m.name, m.event["type"], m.event["sequence"]) for m in told if isinstance(m, Mapped)] == [
        ("1", "repair.ordered", 2),
        ("1", "repair.done", 3),
        ("2", "repair.ordered", 4),
    ]


def test_an_identity_from_the_content_is_the_same_for_the_same_record_wherever_it_stands() -> None:
    row = {"no": "W1", "done": "2026-06-01T10:00:00Z", "by": "YG-301"}
    ids = [
        m.event["id"]
        for m in events(TWO_EVENTS, row, {**row, "by": "YG-302"}, dict(row))
        if isinstance(m, Mapped)
    ]
    assert ids[0] == ids[2] != ids[1]
    told = '["repair.done","repair/{no}",[["by","YG-301"],["done","2026-06-01T10:00:00Z"],["no","W1"]]]'
    assert ids[0] == hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('source = "urn:test"', ""), "test.toml: source: Field required"),
        (('source = "urn:test"', 'source = "a b"'), "test.toml: source: String should match"),
        (("zone =", "zune ="), "test.toml: zune: Extra inputs"),
        (("Asia/Shanghai", "Asia/Nowhere"), "test.toml: zone: Value error, no such time zone"),
        (
            ('"interaction.logged"', '"interaction.lost"'),
            "test.toml: event[1]: Value error, type 'interaction.lost'",
        ),
        (
            ("customer =", "client ="),
            "test.toml: event[1]: Value error, interaction.logged has no field client",
        ),
        (
            ('customer = { field = "customer", as = "ref" }', ""),
            "interaction.logged needs customer in its body",
        ),
        (('codes = "way"', 'codes = "ways"'), "body.direction: no table [codes.ways]"),
        (('as = "ref"', 'as = "name"'), "test.toml: event[1].body.customer.as: Input should be"),
        (
            ('{ field = "way", codes = "way" }', '{ codes = "way" }'),
            "exactly one of field, template, constant",
        ),
        (("[codes.way]", "[codes.way"), "test.toml: Expected ']'"),
    ],
)
def test_a_fault_of_the_map_names_file_and_key(change: tuple[str, str], says: str) -> None:
    with pytest.raises(MapError) as fault:
        read_map(VISITS.replace(*change), "test.toml")
    assert says in str(fault.value)


def test_shipped_maps_load_by_name() -> None:
    assert shipped_maps() == ["complaints_csv", "helpdesk", "receipt_wabo", "surveys_jsonl"]
    for name in shipped_maps():
        assert load_map(name).event
    with pytest.raises(MapError, match="nowhere: no such file, and no shipped map; shipped are"):
        load_map("nowhere")


def test_the_map_in_the_manual_works() -> None:
    manual = (Path(__file__).parents[1] / "docs" / "import.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    row = {
        "单号": "WX1",
        "状态": "有效",
        "报修时间": "2026/06/01 09:30",
        "完工时间": "2026/06/01 11:00",
        "接单人": "YG-201",
        "客户编号": "KH-1",
        "类别": "电梯",
    }
    ordered, done = (mapped.event for mapped in events(example, row) if isinstance(mapped, Mapped))
    assert (ordered["id"], ordered["time"]) == ("WX1/ordered", "2026-06-01T01:30:00Z")
    assert ordered["data"] == {
        "customer": "KH-1",
        "received_by": "YG-201",
        "about": "lift",
        "building": "L01",
    }
    assert (done["id"], done["time"], done["data"]) == ("WX1/done", "2026-06-01T03:00:00Z", {})
    for name in shipped_maps():
        assert f"`{name}`" in manual
