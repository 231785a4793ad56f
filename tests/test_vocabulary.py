"""The vocabulary: every event survives being stored, old shapes are read, and nothing unknown slips in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from onrecord_events import base
from onrecord_events.base import Event, read_body, upcast
from onrecord_events.envelope import New, Recorded, from_bytes, to_bytes
from onrecord_events.errors import UnreadableEvent
from onrecord_events.vocabulary import event_types

NOON = datetime(2026, 7, 11, 12, tzinfo=UTC)
INSTANT = "2026-07-01T00:00:00+08:00"
DAY = "2026-07-01"
WORDS: dict[str, Any] = {
    "about": "water-leak",
    "activity": "Take in charge ticket",
    "affected": 31,
    "amends": 1,
    "among": ["YG-1", "YG-2"],
    "amount": "50.00",
    "as_of": INSTANT,
    "both_signed": True,
    "chain": [{"after_minutes": 60, "to": "role/area-manager"}],
    "channel": "phone",
    "channels": ["mail"],
    "clause": "CC02-E1",
    "code": "smoking",
    "complete": False,
    "content": "pack = 'x'",
    "content_sha256": "ab" * 32,
    "count": 2,
    "day": DAY,
    "days": 7,
    "defects": [{"kind": "paper-missing", "papers": 3}],
    "digest_minutes": 30,
    "digest_sha256": "ab" * 32,
    "direction": "in",
    "due_at": INSTANT,
    "duration_seconds": 145,
    "duty": "complaint-analysis",
    "edition": 1,
    "escorts": 2,
    "effective_at": INSTANT,
    "failing_since": INSTANT,
    "fields": ["purpose"],
    "filled": ["purpose", "dates"],
    "file_sha256": "ef" * 32,
    "form": "zc-qr-029",
    "format": "xlsx",
    "from_edition": 1,
    "full_name": True,
    "group": True,
    "guests": 6,
    "half": True,
    "issued_at": INSTANT,
    "keeper": True,
    "kept": True,
    "known_at": INSTANT,
    "lang": "zh",
    "late": True,
    "level": "station",
    "long_term": True,
    "members": ["YG-1", "YG-2"],
    "missing": 3,
    "mode": "restart",
    "month": "2026-06",
    "mute": ["CC02-E1"],
    "offered": ["complaint/CP-1"],
    "on": False,
    "on_day": DAY,
    "oral": True,
    "otherwise": "role/area-manager",
    "pack": "rent-crm",
    "papers": ["contract", "invoice"],
    "passed": False,
    "pay": "base-pay",
    "period": "2026-06",
    "phone_given": True,
    "position": 1234,
    "present": True,
    "promised_by": INSTANT,
    "proxy": True,
    "question_code": "address",
    "reading": "r6.month",
    "reason": "not-json",
    "reason_code": "by-mistake",
    "raised_before": 1,
    "reached": False,
    "recipients": ["person/YG-1"],
    "role": "area-manager",
    "rows": 2,
    "rows_sha256": "ab" * 32,
    "satisfied": True,
    "score": 5,
    "severity": "minor",
    "set_wording": True,
    "shares": [{"person": "YG-1", "percent": "62.5"}, {"person": "YG-2", "percent": "37.5"}],
    "size_bytes": 12,
    "soon_percents": [60],
    "source": "visit",
    "starts_at": INSTANT,
    "step_at": INSTANT,
    "to_edition": 2,
    "told": ["leader", "manager"],
    "unoffered": ["client/K-1"],
    "upheld": False,
    "valid": True,
    "valid_on": DAY,
    "value": "50.00",
    "warned": True,
    "what": "signed-in",
    "where": "data.customer: missing",
    "window": {"opens": "09:00:00", "closes": "17:30:00", "weekdays": [1, 2], "calendar": "cn"},
    "appeal_until": INSTANT,
    "cap_percent": "20",
    "carried": "30.00",
    "carry_over": True,
    "facts": {"until": "2026-07-01"},
    "floor": "2360.00",
    "lapsed": "5.00",
    "part": 1,
    "parts": 3,
    "taken": "-20.00",
    "whole": False,
}
OF_TYPE: dict[tuple[str, str], Any] = {
    ("penalty.split", "shares"): [
        {"person": "YG-1", "amount": "30.00"},
        {"person": "YG-2", "amount": "20.00"},
    ],
    ("payroll.part-exported", "rows"): [
        {
            "line": "CC02-E1-1",
            "person": "YG-1",
            "clause": "CC02-E1",
            "edition": 2,
            "currency": "CNY",
            "amount": "50.00",
            "taken": "20.00",
            "carried": "30.00",
            "lapsed": "0",
        }
    ],
}
"""Words that mean something else in one event."""
CHANNELS = {"client.followed-up": "call"}
PAPERS = {"loan.lost": 2}
KINDS = {"interaction.logged": "call", "callback.made": "complaint"}
SEALED = {"key": "0" * 32, "nonce": "AAAA", "ciphertext": "AAAA", "index": "1" * 32}


def example(kind: type[Event]) -> Event:
    """An event of this type with every field given."""
    said: dict[str, Any] = {}
    for name in kind.model_fields:
        if name in kind.SEALED_FIELDS:
            said[name] = SEALED
        elif (kind.TYPE, name) in OF_TYPE:
            said[name] = OF_TYPE[kind.TYPE, name]
        elif name == "kind":
            said[name] = KINDS.get(kind.TYPE, "csat")
        elif name in {"channel", "papers"}:
            said[name] = (CHANNELS if name == "channel" else PAPERS).get(kind.TYPE, WORDS[name])
        elif name == "currency":
            said[name] = "CNY"
        elif name == "explanation_digest":
            said[name] = "cd" * 32
        elif name in {"asked_by", "accepted_by_customer", "agreed"}:
            said[name] = True if name != "asked_by" else "YG-1"
        else:
            said[name] = WORDS.get(name, "x-1")
    if kind.TYPE in {"work-letter.sent", "complaint.forwarded"}:
        said["to"] = "engineering"
    return kind.model_validate(said)


def stored(body: Event) -> Recorded:
    new = New.of(body, id="1", source="/test", stream="complaint/1", occurred_at=NOON)
    return from_bytes(to_bytes("acme", new), 7, NOON)


@pytest.mark.parametrize("name", sorted(event_types()))
def test_every_event_comes_back_as_it_was_stored(name: str) -> None:
    body = example(event_types()[name])
    assert stored(body).body() == body


@pytest.mark.parametrize("name", sorted(event_types()))
def test_every_event_refuses_what_it_does_not_know(name: str) -> None:
    said = example(event_types()[name]).model_dump(mode="json", exclude_none=True)
    with pytest.raises(UnreadableEvent, match="nickname: extra_forbidden"):
        read_body(name, said | {"nickname": "Xiao Wang"})


def test_a_refusal_names_the_field_and_never_what_it_said() -> None:
    with pytest.raises(UnreadableEvent) as refused:
        read_body("survey.csat-answered", {"customer": "C-1", "score": 13912345678})
    assert str(refused.value) == "survey.csat-answered: score: less_than_equal"


@pytest.mark.parametrize(
    "period", ["2026", "2026-H2", "2026-Q4", "2026-06", "2026-W53", "2026-06-12", "2028-02-29"]
)
def test_a_duty_is_done_for_a_year_or_any_part_of_it(period: str) -> None:
    assert read_body("duty.done", {"duty": "patrol", "period": period}).model_dump()["period"] == period


@pytest.mark.parametrize(
    "period",
    [
        "26",
        "2026-H3",
        "2026-Q0",
        "2026-13",
        "2026-W00",
        "2025-W53",
        "2026-02-29",
        "2026-6",
        "0999",
        "2026-06-",
    ],
)
def test_a_period_that_no_calendar_has_is_refused(period: str) -> None:
    with pytest.raises(UnreadableEvent, match=r"duty\.done: period"):
        read_body("duty.done", {"duty": "patrol", "period": period})


@pytest.mark.parametrize("percents", [["60", "39.9999"], ["100", "0.0001"], ["50", "0", "50"], []])
def test_shares_of_a_deal_that_are_not_the_whole_are_refused(percents: list[str]) -> None:
    shares = [{"person": f"YG-{nth}", "percent": percent} for nth, percent in enumerate(percents)]
    with pytest.raises(UnreadableEvent, match=r"client\.split-decided"):
        read_body("client.split-decided", {"shares": shares})


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(UnreadableEvent, match=r"unknown event type 'complaint\.exploded'"):
        read_body("complaint.exploded", {})


def test_a_name_used_twice_fails_at_import() -> None:
    with pytest.raises(TypeError, match="named twice"):
        type("Again", (Event,), {"TYPE": "complaint.registered", "__annotations__": {"TYPE": ClassVar[str]}})


@pytest.fixture
def third_shape() -> Iterator[str]:
    """An event that was called `tel`, then `phone`, and now counts its calls."""

    class Rung(Event):
        TYPE: ClassVar[str] = "test.rung"
        VERSION: ClassVar[int] = 3
        UPCASTS: ClassVar[dict[int, Any]] = {
            1: lambda data: {"phone_id": data["tel"]},
            2: lambda data: {**data, "calls": 1},
        }
        phone_id: str
        calls: int

    yield Rung.TYPE
    base._TYPES.pop(Rung.TYPE)


@pytest.mark.parametrize(
    ("version", "data"),
    [
        pytest.param(1, {"tel": "T-9"}, id="first"),
        pytest.param(2, {"phone_id": "T-9"}, id="second"),
        pytest.param(3, {"phone_id": "T-9", "calls": 1}, id="today"),
    ],
)
def test_an_older_shape_is_read_in_the_shape_of_today(
    third_shape: str, version: int, data: dict[str, Any]
) -> None:
    assert read_body(third_shape, data, version).model_dump() == {"phone_id": "T-9", "calls": 1}


def test_a_stored_older_shape_is_upcast_on_its_way_out(third_shape: str) -> None:
    new = New(
        id="1",
        source="/test",
        type=third_shape,
        stream="phone/T-9",
        occurred_at=NOON,
        data={"tel": "T-9"},
        version=1,
    )
    assert from_bytes(to_bytes("acme", new), 7, NOON).data == {"phone_id": "T-9", "calls": 1}


def test_a_newer_shape_than_this_release_knows_is_refused(third_shape: str) -> None:
    with pytest.raises(UnreadableEvent, match="has shape 4; this release reads up to 3"):
        upcast(third_shape, 4, {})
