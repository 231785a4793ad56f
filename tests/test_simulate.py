"""The simulator: the same months for everybody, of events that the vocabulary knows."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from onrecord_events.base import read_body
from onrecord_events.subjects import stream_subject
from onrecord_events.vocabulary import event_types
from onrecord_services.simulate import many, month, simulate
from onrecord_services.simulate.commands import simulate_command

SEALED = {"key": "0" * 32, "nonce": "AAAA", "ciphertext": "AAAA"}
POLICY_TYPES = {"rulebook.adopted", "calendar.adopted"}
"""Their content belongs to others and may change; all else is the seed's."""
BEGINNINGS = {"complaint.registered", "repair.ordered", "service.ordered", "vehicle.delivered"}


@pytest.fixture(scope="module")
def june() -> list[dict[str, Any]]:
    return list(month())


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def digest(events: Iterable[dict[str, Any]]) -> str:
    told = hashlib.sha256()
    for event in events:
        if event["type"] not in POLICY_TYPES:
            told.update(msgspec.json.encode(event, order="sorted"))
    return told.hexdigest()[:16]


def story(events: list[dict[str, Any]], subject: str) -> list[tuple[str, str]]:
    return [(event["time"], event["type"]) for event in events if event["subject"] == subject]


def test_the_same_seed_gives_the_same_events_on_every_python(june: list[dict[str, Any]]) -> None:
    assert digest(june) == "f9e39cbdc701ae22"
    assert digest(simulate(7, start=date(2026, 1, 30), days=4, buildings=2, cases=40)) == "7ee1c3ff9f069cbc"
    assert digest(simulate(8, start=date(2026, 1, 30), days=4, buildings=2, cases=40)) != "7ee1c3ff9f069cbc"


def test_every_event_is_one_of_the_vocabulary(june: list[dict[str, Any]]) -> None:
    for event in june:
        sealed = event_types()[event["type"]].SEALED_FIELDS
        clear = {name: value for name, value in event["data"].items() if name in sealed}
        assert all(isinstance(value, str) and value for value in clear.values())
        read_body(event["type"], {**event["data"], **dict.fromkeys(clear, SEALED)})
        for stream in (event["subject"], event.get("correlationid", event["subject"])):
            stream_subject("demo", stream)


def test_recorded_time_never_decreases_and_nothing_is_recorded_before_it_happened(
    june: list[dict[str, Any]],
) -> None:
    recorded = [instant(event["recordedtime"]) for event in june]
    assert recorded == sorted(recorded)
    for event, recorded_at in zip(june, recorded, strict=True):
        assert instant(event["time"]) <= recorded_at


def test_the_month_begins_with_its_policies_and_ends_with_a_tick(june: list[dict[str, Any]]) -> None:
    opening = {event["type"] for event in june if event["recordedtime"] == "2026-06-01T00:00:00+08:00"}
    assert opening - {"rulebook.adopted"} == {
        "calendar.adopted",
        "staff.joined",
        "role.assigned",
        "team.joined",
        "duty.assigned",
    }
    calendars = [event["data"]["calendar"] for event in june if event["type"] == "calendar.adopted"]
    assert "cn-state-council" in calendars
    assert (june[-1]["type"], june[-1]["recordedtime"]) == ("clock.ticked", "2026-07-01T00:00:00+08:00")


def test_an_identity_comes_twice_only_as_the_same_bytes(june: list[dict[str, Any]]) -> None:
    identities = Counter((event["source"], event["id"]) for event in june)
    different = {msgspec.json.encode(event) for event in june}
    twice = len(june) - len(identities)
    assert len(different) == len(identities)
    assert 8 <= twice <= 40, "about one in two hundred is sent again"


def test_some_facts_are_entered_late_and_arrive_out_of_order(june: list[dict[str, Any]]) -> None:
    delays = [instant(event["recordedtime"]) - instant(event["time"]) for event in june]
    share_late = sum(delay > timedelta(hours=1) for delay in delays) / len(june)
    assert 0.01 < share_late < 0.04
    cases: dict[str, int] = {}
    disordered = set()
    for event in june:
        if event["sequence"] < cases.get(event["subject"], 0):
            disordered.add(event["subject"])
        cases[event["subject"]] = max(event["sequence"], cases.get(event["subject"], 0))
    assert len(disordered) > 20


def test_the_month_has_everything_the_policies_speak_of(june: list[dict[str, Any]]) -> None:
    types = Counter(event["type"] for event in june)
    for type_name in (
        "complaint.withdrawn",
        "complaint.escalated",
        "handover.accepted",
        "handover.declined",
        "repair.done",
        "service.done",
        "survey.csat-answered",
        "survey.nps-answered",
        "survey.declined",
        "violation.retracted",
        "archive.inspected",
        "report.submitted",
    ):
        assert types[type_name] >= 1, type_name
    assert types["survey.sent"] > types["survey.delivered"] > types["survey.csat-answered"]
    kinds = {event["data"]["kind"] for event in june if event["type"] == "interaction.logged"}
    assert kinds == {"call", "visit", "message", "chat", "letter"}
    calls = [event["data"] for event in june if event["type"] == "callback.made"]
    assert {call["channel"] for call in calls} == {"phone", "wechat", "visit", "letter"}
    assert any(not call["reached"] for call in calls)
    assert any(event["data"].get("defects") for event in june if event["type"] == "archive.inspected")


def test_customers_and_staff_are_evidently_invented(june: list[dict[str, Any]]) -> None:
    phones = [event["data"]["phone"] for event in june if "phone" in event["data"]]
    assert phones
    assert all(phone.startswith("1380000") and len(phone) == 11 for phone in phones)


def test_the_scripted_stories_are_told_to_the_second(june: list[dict[str, Any]]) -> None:
    assert story(june, "complaint/TSH-001") == [
        ("2026-06-19T08:00:00+08:00", "complaint.registered"),
        ("2026-06-19T08:10:00+08:00", "complaint.disposal-form-received"),
        ("2026-06-19T09:10:00+08:00", "complaint.disposal-plan-signed"),
        ("2026-06-20T08:00:00+08:00", "complaint.progress-shared"),
        ("2026-06-20T15:00:00+08:00", "complaint.resolved"),
        ("2026-06-21T15:00:00+08:00", "callback.made"),
    ]
    call_back = next(e for e in june if e["subject"] == "complaint/TSH-001" and e["type"] == "callback.made")
    assert call_back["recordedtime"] == "2026-06-22T16:30:00+08:00"
    assert ("2026-06-12T14:10:01+08:00", "complaint.major-reported") in story(june, "complaint/TSH-002")
    handed = {
        event["subject"]: event["time"]
        for event in june
        if event["type"] == "archive.handed-over" and "/CLH-" in event["subject"]
    }
    assert handed == {
        "archive/CLH-001": "2026-06-23T23:59:59+08:00",
        "archive/CLH-002": "2026-06-24T00:00:00+08:00",
    }


def test_as_many_events_as_asked_for_over_many_months() -> None:
    events = list(many(12_000))
    assert len(events) == 12_000
    recorded = [event["recordedtime"] for event in events]
    assert recorded == sorted(recorded)
    assert recorded[0][:7] == "2024-01"
    began = {event["subject"] for event in events if event["type"] in BEGINNINGS}
    assert 7 < len(events) / len(began) < 13
    assert len(list(many(300))) == 300


def test_the_command_writes_one_event_a_line(tmp_path: Any) -> None:
    app = typer.Typer()
    app.command()(simulate_command)
    out = tmp_path / "log.jsonl"
    ran = CliRunner().invoke(app, ["--seed", "7", "--cases", "40", "--days", "4", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    written = [msgspec.json.decode(line) for line in out.read_bytes().splitlines()]
    assert written == list(simulate(7, days=4, cases=40))
    wrong = CliRunner().invoke(app, ["--start", "June"])
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    ("start", "effective"),
    [(date(2025, 3, 1), "2025-03-01T00:00:00+08:00"), (date(2026, 6, 1), "2026-01-01T00:00:00+08:00")],
    ids=["before the policy was made", "after"],
)
def test_the_policies_are_in_force_from_the_first_simulated_day(start: date, effective: str) -> None:
    events = simulate(7, start=start, days=1, cases=1)
    adopted = [event["data"] for event in events if event["type"] == "rulebook.adopted"]
    assert {data["pack"]: data["effective_at"] for data in adopted} == {
        "rent-crm": effective,
        "cc02-archive": effective,
        "lease-comm": effective,
    }
