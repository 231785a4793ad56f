"""Translate: every body becomes an event or a refusal, the same body the same; a refusal quotes nothing."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord_projections.judging import shipped_rulebooks
from onrecord_services.intake.cloudevents import EVENT_BYTES_MAX
from onrecord_services.intake.parsed import Heard, Parsed, Refusal
from onrecord_services.intake.translate import translate

NOW = datetime(2026, 7, 11, 12, tzinfo=UTC)
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
SECRET = "13912345678"


def complaint(**over: Any) -> dict[str, Any]:
    said = {
        "specversion": "1.0",
        "id": "A-1",
        "source": "crm/main",
        "type": "complaint.registered",
        "subject": "complaint/CP-1",
        "time": "2026-07-11T08:00:00+08:00",
        "data": {
            "severity": "minor",
            "channel": "phone",
            "customer": "C-1",
            "received_by": "chen",
            "phone": SECRET,
        },
    } | over
    return {name: value for name, value in said.items() if value is not ...}


def with_data(**over: Any) -> dict[str, Any]:
    return complaint(data=complaint()["data"] | over)


def read(
    said: Any, content_type: str = STRUCTURED, headers: dict[str, str] | None = None, *, carried: bool = False
) -> list[Parsed]:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return translate(
        raw, content_type, headers or {}, tenant="acme", publisher="crm", now=NOW, carried=carried
    )


def heard(said: Any, **more: Any) -> Heard:
    (one,) = read(said, **more)
    assert isinstance(one, Heard), one
    return one


def refused(said: Any, *more: Any, **named: Any) -> tuple[str, str]:
    (one,) = read(said, *more, **named)
    assert isinstance(one, Refusal)
    return one.reason, one.where


def test_a_structured_event_is_read_attribute_by_attribute_and_its_personal_fields_stand_apart() -> None:
    one = heard(complaint(actor="staff/chen", sequence="7", traceparent="00-ab-cd-01", tenant="acme"))
    assert (one.id, one.source, one.type, one.stream) == (
        "A-1",
        "crm/main",
        "complaint.registered",
        "complaint/CP-1",
    )
    assert one.occurred_at == datetime(2026, 7, 11, 0, tzinfo=UTC)
    assert (one.actor, one.sequence, one.person) == ("staff/chen", 7, "C-1")
    assert one.data == {
        "severity": "minor",
        "channel": "phone",
        "customer": "C-1",
        "received_by": "chen",
        "level": "station",
    }
    assert one.clear == {"phone": SECRET}
    assert SECRET.encode() not in one.canonical


def test_binary_mode_says_the_same_as_structured() -> None:
    said = complaint(subject="complaint/投诉-1")
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "A-1",
        "ce-source": "crm/main",
        "ce-type": "complaint.registered",
        "ce-subject": "complaint/%E6%8A%95%E8%AF%89-1",
        "ce-time": "2026-07-11T08:00:00%2B08:00",
    }
    binary = heard(said["data"], content_type="application/json; charset=utf-8", headers=headers)
    assert binary == heard(said)


def test_a_batch_keeps_its_order_with_refusals_where_their_event_stood() -> None:
    bad, good = with_data(severity="huge"), complaint(id="A-2")
    first, second, third = read([complaint(), bad, good], BATCH)
    assert isinstance(first, Heard)
    assert isinstance(third, Heard)
    assert (first.id, third.id) == ("A-1", "A-2")
    assert isinstance(second, Refusal)
    assert (second.reason, second.where) == ("bad-body", "severity: literal_error")
    assert json.loads(second.raw) == bad


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param(b"", ("not-json", "body"), id="empty"),
        pytest.param(b'{"id": NaN}', ("not-json", "body"), id="not-a-number"),
        pytest.param(b'\xff"', ("not-json", "body"), id="not-utf8"),
        pytest.param(b"[" * 60_000, ("not-json", "body: nested deeper than 32"), id="deep"),
        pytest.param(complaint(id=...), ("not-cloudevents", "id: missing"), id="no-id"),
        pytest.param(
            complaint(specversion="0.3"),
            ("not-cloudevents", "specversion: we read 1.0"),
            id="old-specversion",
        ),
        pytest.param(
            complaint(time="2026-07-11T08:00:00"),
            ("not-cloudevents", "time: not of the form asked for"),
            id="time-without-zone",
        ),
        pytest.param(
            complaint(time="0001-01-01T00:00:00+14:00"),
            ("not-cloudevents", "time: not a year we know"),
            id="year-one",
        ),
        pytest.param(
            complaint(time="2026-07-11T12:05:01Z"),
            ("future-time", "time: more than 5 minutes ahead"),
            id="future",
        ),
        pytest.param(
            complaint(tenant="other"),
            ("not-cloudevents", "tenant: not the one of your credential"),
            id="foreign-tenant",
        ),
        pytest.param(
            complaint(source="crm\u0000main"),
            ("not-cloudevents", "source: holds a control character"),
            id="nul-in-source",
        ),
        pytest.param(
            complaint(subject="no-kind"),
            ("bad-subject", "subject: <kind>/<id>, at most 180 bytes each"),
            id="no-kind",
        ),
        pytest.param(
            complaint(correlationid="a-trace-id"),
            ("bad-subject", "correlationid: <kind>/<id>, at most 180 bytes each"),
            id="correlation-is-no-stream",
        ),
        pytest.param(
            complaint(recordedtime="2026-07-11T00:00:00Z"),
            ("not-cloudevents", "recordedtime: only for a log whose clock is carried"),
            id="recorded-time-is-not-theirs",
        ),
        pytest.param(
            complaint(type="complaint.exploded"),
            ("unknown-type", "type: `onrecord schema` lists the known ones"),
            id="unknown-type",
        ),
        pytest.param(
            complaint(type="clock.ticked", data={}),
            ("unknown-type", "type: `onrecord schema` lists the known ones"),
            id="time-is-not-theirs",
        ),
        pytest.param(complaint(data=3), ("bad-body", "data: not an object"), id="data-is-a-number"),
        pytest.param(
            with_data(张三=SECRET), ("bad-body", "?: extra_forbidden"), id="unknown-field-is-not-named"
        ),
        pytest.param(
            with_data(phone=13912345678),
            ("bad-body", "phone: a text of at most 4000 characters"),
            id="number-as-phone",
        ),
        pytest.param(
            with_data(phone={"key": "0" * 32, "nonce": "", "ciphertext": ""}),
            ("bad-body", "phone: a text of at most 4000 characters"),
            id="sealed-by-the-sender",
        ),
        pytest.param(
            complaint(dataversion=2), ("bad-body", "dataversion: not a shape this release reads"), id="newer"
        ),
        pytest.param(
            complaint(
                type="callback.made",
                data={"kind": "complaint", "channel": "phone", "by": "chen", "remarks": "x"},
            ),
            ("bad-body", "customer: missing, and personal fields are sealed for somebody"),
            id="whose-words",
        ),
        pytest.param(
            complaint(type="complaint.answered", data={"promised_by": "0001-01-01T00:00:00+14:00"}),
            ("bad-body", "promised_by: not a year we know"),
            id="promise-in-year-one",
        ),
        pytest.param(
            complaint(
                type="rulebook.adopted",
                data={
                    "pack": "p",
                    "edition": "9" * 30,
                    "effective_at": "2026-01-01T00:00:00Z",
                    "content": "x",
                },
            ),
            ("bad-body", "edition: a number beyond 53 bits"),
            id="huge-edition",
        ),
        pytest.param(
            complaint(
                type="number.set",
                data={"clause": "c", "value": "a\u0000b", "effective_at": "2026-01-01T00:00:00Z"},
            ),
            ("bad-body", "data: holds the character NUL"),
            id="nul-in-data",
        ),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(said: Any, why: tuple[str, str]) -> None:
    assert refused(said) == why


def test_an_event_beyond_512_kilobytes_is_refused() -> None:
    said = with_data(words="字" * 200_000)
    assert refused(json.dumps(said, ensure_ascii=False).encode()) == (
        "too-large",
        "body: more than 512000 bytes",
    )


def test_a_batch_of_more_than_a_thousand_events_is_refused_whole() -> None:
    assert refused([complaint()] * 1001, BATCH) == ("too-large", "body: more than 1000 events")


def test_what_is_neither_cloudevents_nor_headers_is_refused() -> None:
    assert refused(b"hello", "text/plain") == (
        "not-cloudevents",
        "content-type: none of CloudEvents, and no ce- headers",
    )


def test_a_carried_log_asks_for_the_recorded_time_and_takes_it_as_now() -> None:
    later = complaint(time="2030-01-01T00:00:00Z", recordedtime="2030-01-01T00:00:01Z")
    assert heard(later, carried=True).recorded_at == datetime(2030, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert refused(complaint(), carried=True) == (
        "not-cloudevents",
        "recordedtime: needed by a log whose clock is carried",
    )
    assert refused(complaint(recordedtime="2026-07-10T00:00:00Z"), carried=True) == (
        "future-time",
        "time: more than 5 minutes ahead",
    )


def test_two_binary_events_with_one_body_are_two_refusals() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1"}
    one, other = (
        read(b"{}", "application/json", headers),
        read(b"{}", "application/json", headers | {"ce-id": "2"}),
    )
    assert one[0].identity != other[0].identity


def test_an_empty_personal_field_is_no_field() -> None:
    assert heard(with_data(phone="", name=None)).clear == {}


def check(raw: bytes, content_type: str, headers: dict[str, str]) -> None:
    """Total, repeatable, silent about contents."""
    first = translate(raw, content_type, headers, tenant="acme", publisher="crm", now=NOW)
    assert translate(raw, content_type, headers, tenant="acme", publisher="crm", now=NOW) == first
    for one in first:
        if isinstance(one, Refusal):
            assert SECRET not in one.where
            assert one.reason
        else:
            assert one.clear.keys() <= {"name", "phone", "words"}
            assert msgspec.json.encode(one.data)


def mutated(draw: random.Random) -> bytes:
    """A valid event with a few wounds: bytes flipped, cut, doubled; or another kind of value somewhere."""
    said = complaint()
    if draw.random() < 0.5:
        place = draw.choice([said, said["data"]])
        strange: list[Any] = [
            None,
            True,
            -1,
            1e300,
            2**70,
            "",
            "\u0000",
            "\ud800",
            [],
            {},
            [[]],
            "9" * 5000,
            {"a": {"b": []}},
        ]
        place[draw.choice([*place, "张三", "key"])] = draw.choice(strange)
        return json.dumps(said).encode()
    raw = bytearray(json.dumps(said, ensure_ascii=draw.random() < 0.5).encode())
    for _ in range(draw.randint(1, 4)):
        at, wound = draw.randrange(len(raw)), draw.randrange(4)
        if wound == 0:
            raw[at] = draw.randrange(256)
        elif wound == 1:
            del raw[at : at + draw.randint(1, 30)]
        elif wound == 2:
            raw[at:at] = raw[at : at + draw.randint(1, 60)]
        else:
            raw[at:at] = draw.choice(
                [b"{", b"[" * 40, b'"', b"\\u0000", b"\\ud800", b"\xff", b"1e999", b"NaN"]
            )
        raw = raw or bytearray(b"x")
    return bytes(raw)


def test_ten_thousand_wounded_bodies_all_become_something() -> None:
    draw = random.Random(20260711)
    kinds = [STRUCTURED, BATCH, "application/json", "text/plain", ""]
    for _ in range(10_000):
        body, kind = mutated(draw), draw.choice(kinds)
        if kind == BATCH and draw.random() < 0.8:
            body = b"[" + body + b"," + body + b"]"
        check(body, kind, {})


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=50).map(lambda text: json.dumps(text).encode())),
    st.sampled_from([STRUCTURED, BATCH, "application/json", "application/xml"]),
    st.dictionaries(
        st.sampled_from(["ce-specversion", "ce-id", "ce-time", "ce-sequence", "ce-data", "ce-张"]),
        st.text(max_size=20) | st.sampled_from(["1.0", "%FF", "%ED%A0%80", "%00"]),
    ),
)
def test_any_bytes_and_headers_become_something(
    raw: bytes, content_type: str, headers: dict[str, str]
) -> None:
    check(raw, content_type, headers)


def test_the_same_event_recorded_later_says_the_same() -> None:
    first = heard(complaint(recordedtime="2026-07-11T01:00:00Z"), carried=True)
    later = heard(complaint(recordedtime="2026-07-11T09:00:00Z"), carried=True)
    assert (first.identity, first.canonical) == (later.identity, later.canonical)
    assert first.recorded_at != later.recorded_at


def test_every_shipped_policy_fits_into_one_event_also_with_its_chinese_escaped() -> None:
    sizes = {name: len(json.dumps({"content": text})) for name, text in shipped_rulebooks().items()}
    assert max(sizes.values()) < EVENT_BYTES_MAX - 2_000
