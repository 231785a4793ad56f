"""Both edges on real engines: what is answered is stored, once, sealed; what is turned away is not stored."""

import asyncio
import json
import logging
import random
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import nats
import psycopg
import pytest
from faststream.nats import NatsMessage, TestNatsBroker
from nats.aio.client import Client

from onrecord_events.envelope import Recorded
from onrecord_events.log import EventLog
from onrecord_events.sealed import Sealed, open_sealed
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.intake.app import Settings, running
from onrecord_services.intake.identities import SeenUnavailable
from onrecord_services.intake.nats_edge import make_broker
from onrecord_services.intake.quotas import Quota
from onrecord_services.intake.seen_in_postgres import SeenInPostgres
from onrecord_services.keystore import KeyStore
from onrecord_services.quarantine import Quarantine
from onrecord_services.vault import api_keys

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
CLEAR = ("王小明", "13912345678", "水管漏水三天了")


def registered(name: str, **over: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": "crm/main",
        "type": "complaint.registered",
        "subject": f"complaint/{name}",
        "time": "2026-07-11T08:00:00+08:00",
        "data": {
            "severity": "minor",
            "channel": "phone",
            "customer": "C-1",
            "received_by": "chen",
            "name": CLEAR[0],
            "phone": CLEAR[1],
            "words": CLEAR[2],
        },
    } | over


class Seen:
    """The read model as far as intake asks it, for tests to fill in and take away."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[int, str | None]] = {}
        self.is_away = False

    async def lookup(self, tenant: str, identities: Sequence[bytes]) -> dict[bytes, tuple[int, str | None]]:
        if self.is_away:
            raise SeenUnavailable(f"{tenant}: away")
        return {one: self.known[one] for one in identities if one in self.known}


class House(NamedTuple):
    """A running intake, one tenant's log, and a client whose key may write for `crm/*`."""

    http: httpx.AsyncClient
    log: EventLog
    tenant: str
    settings: Settings
    owner: psycopg.AsyncConnection[Any]
    engines: Engines

    async def stored(self) -> list[Recorded]:
        last = await self.log.last_position()
        return [event async for batch in self.log.follow(until=last) for event in batch] if last else []

    async def post(self, said: Any, headers: dict[str, str] = STRUCTURED) -> httpx.Response:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return await self.http.post("/v1/events", content=body, headers=headers)

    async def key(self, name: str, **over: Any) -> dict[str, str]:
        asked: dict[str, Any] = {"sources": ["crm/*"], "scopes": ["write"]} | over
        words = await api_keys.create(self.owner, self.tenant, name, **asked)
        return {"authorization": f"Bearer {words}"}

    async def publisher(self, name: str) -> Client:
        granted = self.engines.add_publisher(self.tenant, name)
        return await nats.connect(granted.url, inbox_prefix=granted.inbox_prefix.encode())


@pytest.fixture(scope="session")
async def owner(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    dsn = engines.postgres_dsn("onrecord_owner")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await api_keys.prepare(connection)
        yield connection


@pytest.fixture(scope="session")
def seen() -> Seen:
    return Seen()


def settings_of(engines: Engines, keys_dir: Path, **over: Any) -> Settings:
    return Settings(
        nats_url=engines.nats_url("intake"),
        postgres_url=engines.postgres_dsn("onrecord_reader"),
        keys_dir=keys_dir,
        http_port=free_port(),
        **over,
    )


@pytest.fixture(scope="session")
async def intake(
    engines: Engines, seen: Seen, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settings]:
    settings = settings_of(engines, tmp_path_factory.mktemp("keys"))
    async with running(settings, seen):
        yield settings


@pytest.fixture
async def house(
    engines: Engines, owner: psycopg.AsyncConnection[Any], intake: Settings
) -> AsyncIterator[House]:
    async with make_house(engines, owner, intake) as made:
        yield made


def make_house(engines: Engines, owner: psycopg.AsyncConnection[Any], settings: Settings) -> "_Opening":
    return _Opening(engines, owner, settings)


class _Opening:
    def __init__(self, engines: Engines, owner: psycopg.AsyncConnection[Any], settings: Settings) -> None:
        self._engines, self._owner, self._settings = engines, owner, settings

    async def __aenter__(self) -> House:
        self._operator = await nats.connect(self._engines.nats_url("operator"))
        tenant = f"t-{secrets.token_hex(4)}"
        log = await EventLog.create(self._operator, tenant)
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._settings.http_port}", timeout=30)
        house = House(self._http, log, tenant, self._settings, self._owner, self._engines)
        self._http.headers.update(await house.key("crm"))
        return house

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
        await self._operator.close()


@pytest.fixture(autouse=True)
def said(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does, nothing personal is written to any log line."""
    caplog.set_level(logging.DEBUG)
    yield
    assert not [word for word in CLEAR if word in caplog.text]


async def test_an_event_is_stored_before_it_is_answered_and_its_personal_fields_are_sealed(
    house: House,
) -> None:
    answer = await house.post(registered("A"))
    assert (answer.status_code, answer.json()) == (200, {"results": [{"position": 1, "duplicate": False}]})
    (event,) = await house.stored()
    assert (event.id, event.source, event.stream) == ("A", "crm/main", "complaint/A")
    assert event.occurred_at == datetime(2026, 7, 11, 0, tzinfo=UTC)
    assert not [word for word in CLEAR if word.encode() in event.raw or word in event.raw.decode()]
    keys = KeyStore.open(house.settings.keys_dir, house.tenant)
    name = Sealed.model_validate(event.data["name"])
    assert open_sealed(name, key=keys.key(name.key), place="complaint.registered.name") == "王小明"
    keys.close()


async def test_binary_mode_is_taken(house: House) -> None:
    event = registered("A")
    headers = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "subject")}
    headers |= {"ce-time": "2026-07-11T08:00:00%2B08:00", "content-type": "application/json"}
    answer = await house.post(event["data"], headers)
    assert answer.json() == {"results": [{"position": 1, "duplicate": False}]}
    assert (await house.stored())[0].occurred_at == datetime(2026, 7, 11, 0, tzinfo=UTC)


async def test_the_same_event_three_times_is_one_event_also_in_one_batch(house: House) -> None:
    first = await house.post(registered("A"))
    again = await house.post(registered("A"))
    third = await house.post([registered("A"), registered("B"), registered("B")], BATCH)
    assert first.json() == {"results": [{"position": 1, "duplicate": False}]}
    assert again.json() == {"results": [{"position": 1, "duplicate": True}]}
    assert third.json() == {
        "results": [
            {"position": 1, "duplicate": True},
            {"position": 2, "duplicate": False},
            {"position": 2, "duplicate": True},
        ]
    }
    assert [event.id for event in await house.stored()] == ["A", "B"]


async def test_twenty_at_once_of_the_same_event_are_one_event(house: House) -> None:
    answers = await asyncio.gather(*(house.post(registered("A")) for _ in range(20)))
    results = [answer.json()["results"][0] for answer in answers]
    assert {result["position"] for result in results} == {1}
    assert len(await house.stored()) == 1


async def test_a_batch_that_holds_an_event_another_process_stored_is_sorted_out(house: House) -> None:
    await house.post([registered("A"), registered("B")], BATCH)
    settings = settings_of(house.engines, house.settings.keys_dir)
    async with running(settings, Seen()):  # it remembers nothing: only the log's window knows
        house.http.base_url = httpx.URL(f"http://127.0.0.1:{settings.http_port}")
        other = registered("B", subject="complaint/X")
        answer = await house.post([registered("C"), registered("A"), other], BATCH)
    assert answer.json()["results"][:2] == [
        {"position": 3, "duplicate": False},
        {"position": 1, "duplicate": True},
    ]
    assert answer.json()["results"][2]["refused"] == "conflict"
    assert [event.id for event in await house.stored()] == ["A", "B", "C"]


async def test_what_the_read_model_saw_long_ago_is_answered_with_its_first_position(
    house: House, seen: Seen
) -> None:
    await house.post(registered("A"))
    (event,) = await house.stored()
    old = registered("Z", source="crm/old")
    seen.known[Recorded(**{**_fields(event), "id": "Z", "source": "crm/old"}).identity] = (77, None)
    assert (await house.post(old)).json() == {"results": [{"position": 77, "duplicate": True}]}
    seen.known.clear()
    assert len(await house.stored()) == 1


def _fields(event: Recorded) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


@pytest.mark.parametrize(
    "over",
    [
        pytest.param({"subject": "complaint/other"}, id="another-stream"),
        pytest.param({"time": "2026-07-11T09:00:00+08:00"}, id="another-time"),
        pytest.param(
            {"data": registered("A")["data"] | {"name": "李四"}}, id="another-name-that-the-log-cannot-read"
        ),
    ],
)
async def test_the_same_identity_with_another_content_is_a_conflict(
    house: House, over: dict[str, Any]
) -> None:
    await house.post(registered("A"))
    answer = await house.post(registered("A", **over))
    assert answer.status_code == 409
    assert (answer.json()["type"], answer.json()["position"]) == ("urn:onrecord:problem:conflict", 1)
    assert len(await house.stored()) == 1


async def test_poison_in_a_batch_is_refused_on_record_and_the_others_are_stored(house: House) -> None:
    poison = registered("P")
    poison["data"]["severity"] = CLEAR[2]
    answer = await house.post([registered("A"), poison, registered("B")], BATCH)
    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {"position": 1, "duplicate": False},
        {"refused": "bad-body", "where": "severity: literal_error", "position": 2},
        {"position": 3, "duplicate": False},
    ]
    refusal = (await house.stored())[1]
    assert (refusal.type, refusal.stream) == ("intake.refused", "intake/crm")
    assert (refusal.data["reason"], refusal.data["kept"]) == ("bad-body", True)
    assert CLEAR[2] not in refusal.raw.decode()
    keys = KeyStore.open(house.settings.keys_dir, house.tenant)
    kept = Quarantine(house.settings.keys_dir / "quarantine", house.tenant, keys.quarantine_key)
    assert json.loads(kept.open(refusal.data["digest_sha256"])) == poison
    keys.close()


async def test_the_same_poison_twice_is_one_refusal(house: House) -> None:
    first, second = await house.post(b"{"), await house.post(b"{")
    assert first.status_code == second.status_code == 400
    assert first.json()["position"] == second.json()["position"] == 1
    assert first.json()["reason"] == "not-json"
    assert len(await house.stored()) == 1


async def test_an_oversized_event_is_refused_on_record_and_an_oversized_body_is_not_read(
    house: House,
) -> None:
    event = await house.post(registered("A", data={"words": "x" * 520_000}))
    assert (event.status_code, event.json()["reason"]) == (413, "too-large")
    body = await house.post(b"x" * 8_000_001)
    assert (body.status_code, body.json()["type"]) == (413, "urn:onrecord:problem:too-large")
    assert [stored.type for stored in await house.stored()] == ["intake.refused"]


async def test_without_a_valid_key_nothing_is_read_and_nothing_stored(house: House) -> None:
    for words in ("Bearer onr_wrong", "Basic abc", "Bearer", ""):
        answer = await house.post(registered("A"), STRUCTURED | {"authorization": words})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:onrecord:problem:no-key"
    assert await house.stored() == []
    answer = await house.http.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    counted = answer.text
    assert 'onrecord_intake_turned_away_total{edge="http",reason="no-key"}' in counted


async def test_a_key_that_only_reads_does_not_write(house: House) -> None:
    reader = await house.key("dashboard", scopes=["read"])
    answer = await house.post(registered("A"), STRUCTURED | reader)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:onrecord:problem:scope")
    assert await house.stored() == []


async def test_a_key_speaks_for_its_own_sources_only(house: House) -> None:
    answer = await house.post(registered("A", source="pbx"))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:onrecord:problem:source")
    anybody = await house.key("all", sources=["*"])
    ours = registered("A", source="onrecord/intake/crm")
    assert (await house.post(ours, STRUCTURED | anybody)).status_code == 403
    mixed = await house.post([registered("A", source="pbx"), registered("B")], BATCH)
    assert mixed.json()["results"] == [
        {"refused": "forbidden", "where": "source: not one of your key's"},
        {"position": 1, "duplicate": False},
    ]
    assert [event.id for event in await house.stored()] == ["B"]


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "text/plain"}, STRUCTURED | {"content-encoding": "gzip"}, {"content-type": "a/b;c=d"}],
)
async def test_a_form_we_do_not_read_is_turned_away(house: House, headers: dict[str, str]) -> None:
    assert (await house.post(b"hello", headers)).status_code == 415
    assert await house.stored() == []


async def test_an_empty_batch_is_answered_with_nothing(house: House) -> None:
    answer = await house.post([], BATCH)
    assert (answer.status_code, answer.json()) == (200, {"results": []})


async def test_a_tenant_without_a_log_and_a_silent_read_model_are_our_trouble(
    house: House, seen: Seen
) -> None:
    words = await api_keys.create(house.owner, "nobody-yet", "crm", sources=["crm/*"], scopes=["write"])
    answer = await house.post(registered("A"), STRUCTURED | {"authorization": f"Bearer {words}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    seen.is_away = True
    answer = await house.post(registered("A"))
    seen.is_away = False
    assert answer.status_code == 503
    assert "send the same again" in answer.json()["detail"]
    assert (await house.post(registered("A"))).json() == {"results": [{"position": 1, "duplicate": False}]}


async def test_who_is_over_quota_is_told_when_to_come_back(
    house: House, engines: Engines, owner: psycopg.AsyncConnection[Any], tmp_path: Path
) -> None:
    settings = settings_of(engines, tmp_path, quota=Quota(events_per_s=0.5, burst_s=2.0))
    async with running(settings, Seen()), make_house(engines, owner, settings) as slow:
        assert (await slow.post([registered("A"), registered("B")], BATCH)).status_code == 200
        answer = await slow.post(registered("C"))
        assert (answer.status_code, answer.json()["type"]) == (429, "urn:onrecord:problem:quota")
        assert int(answer.headers["retry-after"]) >= 1
        assert [event.id for event in await slow.stored()] == ["A", "B"]
    assert await house.stored() == []


async def test_health_is_told(house: House) -> None:
    assert (await house.http.get("/healthz")).text == "ok"
    assert (await house.http.get("/readyz")).text == "ok"


async def test_fuzzed_bodies_never_make_a_5xx(house: House) -> None:
    draw = random.Random(7)
    good = json.dumps(registered("A")).encode()
    for _ in range(150):
        raw = bytearray(good)
        for _ in range(draw.randint(1, 5)):
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        answer = await house.post(bytes(raw), draw.choice([STRUCTURED, BATCH]))
        assert answer.status_code in {200, 400, 403, 409}, answer.text


async def request(
    publisher: Client, house: House, said: Any, headers: dict[str, str], name: str = "crm"
) -> Any:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = await publisher.request(f"in.{house.tenant}.{name}", raw, timeout=10, headers=headers)
    return json.loads(answer.data)


async def test_nats_takes_structured_binary_batch_and_no_content_type(house: House) -> None:
    publisher = await house.publisher("crm")
    event = registered("B")
    binary = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "subject")}
    binary |= {"ce-time": "2026-07-11T08:00:00%2B08:00", "ce-datacontenttype": "application/json"}
    assert await request(publisher, house, registered("A"), {"Content-Type": STRUCTURED["content-type"]}) == {
        "results": [{"position": 1, "duplicate": False}]
    }
    assert await request(publisher, house, event["data"], binary) == {
        "results": [{"position": 2, "duplicate": False}]
    }
    assert await request(publisher, house, [registered("A"), registered("C"), 5], BATCH) == {
        "results": [
            {"position": 1, "duplicate": True},
            {"position": 3, "duplicate": False},
            {
                "refused": "not-cloudevents",
                "where": "body: not of the form asked for",
                "position": 4,
            },
        ]
    }
    assert await request(publisher, house, registered("D"), {}) == {
        "results": [{"position": 5, "duplicate": False}]
    }
    await publisher.close()


async def test_nats_and_http_know_the_same_events(house: House) -> None:
    publisher = await house.publisher("crm")
    await house.post(registered("A"))
    assert await request(publisher, house, registered("A"), STRUCTURED) == {
        "results": [{"position": 1, "duplicate": True}]
    }
    await publisher.close()


async def test_nats_keeps_a_publishers_order_though_it_does_not_wait(house: House) -> None:
    publisher = await house.publisher("crm")
    waiting = [
        asyncio.create_task(request(publisher, house, registered(f"E{nth}"), STRUCTURED)) for nth in range(50)
    ]
    answers = await asyncio.gather(*waiting)
    assert [answer["results"][0]["position"] for answer in answers] == list(range(1, 51))
    await publisher.close()


async def test_a_publisher_without_a_key_has_no_sources(house: House) -> None:
    stranger = await house.publisher("pbx")
    answer = await request(stranger, house, registered("A"), STRUCTURED, name="pbx")
    assert answer["problem"]["type"] == "urn:onrecord:problem:no-key"
    assert await house.stored() == []
    await stranger.close()


async def test_an_answer_is_never_published_into_the_log(house: House) -> None:
    publisher = await house.publisher("crm")
    subject = f"in.{house.tenant}.crm"
    raw = json.dumps(registered("A")).encode()
    await publisher.publish(subject, raw, reply=f"ev.{house.tenant}.complaint.forged", headers=STRUCTURED)
    await publisher.publish(
        subject, raw, headers=STRUCTURED | {"reply_to": f"ev.{house.tenant}.complaint.forged"}
    )
    answer = await request(publisher, house, registered("B"), STRUCTURED)
    assert answer == {"results": [{"position": 2, "duplicate": False}]}
    assert [event.id for event in await house.stored()] == ["A", "B"]
    await publisher.close()


async def test_one_who_names_the_log_as_reply_is_not_served(house: House) -> None:
    insider = await nats.connect(house.engines.nats_url("operator"))  # no account stands between
    raw = json.dumps(registered("A")).encode()
    await insider.publish(f"in.{house.tenant}.crm", raw, reply=f"ev.{house.tenant}.complaint.forged")
    await insider.flush()
    publisher = await house.publisher("crm")
    answer = await request(publisher, house, registered("B"), STRUCTURED)
    assert answer == {"results": [{"position": 1, "duplicate": False}]}
    assert [event.id for event in await house.stored()] == ["B"]
    await publisher.close()
    await insider.close()


async def test_a_carried_log_takes_its_recorded_time_from_its_events(
    house: House, engines: Engines, owner: psycopg.AsyncConnection[Any]
) -> None:
    operator = await nats.connect(engines.nats_url("operator"))
    tenant = f"t-{secrets.token_hex(4)}"
    log = await EventLog.create(operator, tenant, "carried")
    words = await api_keys.create(owner, tenant, "crm", sources=["crm/*"], scopes=["write"])
    key = {"authorization": f"Bearer {words}"}
    events = [registered("A", recordedtime="2026-07-11T01:00:00Z"), registered("B")]
    answer = await house.post(events, BATCH | key)
    assert [result["position"] for result in answer.json()["results"]] == [1, 2]
    back = await house.post(registered("C", recordedtime="2026-07-11T00:59:00Z"), STRUCTURED | key)
    assert (back.status_code, back.json()["where"]) == (
        409,
        "recordedtime: before the log's last one",
    )
    assert (await log.event_at(2)).recorded_at == datetime(2026, 7, 11, 1, tzinfo=UTC)
    assert await log.last_position() == 2
    await operator.close()


async def test_a_tenant_without_a_read_model_has_seen_nothing(engines: Engines) -> None:
    seen = SeenInPostgres(engines.postgres_dsn("onrecord_reader"))
    assert await seen.lookup("nobody", [b"x" * 16]) == {}
    await seen.close()


async def test_a_read_model_that_is_away_is_said_to_be() -> None:
    seen = SeenInPostgres("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(SeenUnavailable):
        await seen.lookup("acme", [b"x" * 16])


async def test_the_subscription_hands_over_bytes_tenant_and_publisher_and_answers_nothing_itself() -> None:
    begun: list[tuple[bytes, str, str]] = []

    def begin(message: NatsMessage, tenant: str, publisher: str) -> None:
        begun.append((message.raw_message.data, tenant, publisher))

    broker = make_broker("nats://nowhere", begin)
    async with TestNatsBroker(broker) as wired:
        await wired.publish(b"\xff", "in.acme.crm", headers={"reply_to": "ev.acme.complaint.1"})
    assert begun == [(b"\xff", "acme", "crm")]
