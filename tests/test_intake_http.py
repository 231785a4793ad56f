"""The HTTP edge on real engines: what is answered is stored, once, sealed; what is turned away is not."""

import json
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import nats
import psycopg
import pytest

from onrecord_events.envelope import Recorded
from onrecord_events.log import EventLog
from onrecord_events.sealed import Sealed, open_sealed
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.intake.app import Settings, running
from onrecord_services.keystore import KeyStore
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


class NothingSeen:
    async def lookup(self, tenant: str, identities: Sequence[bytes]) -> dict[bytes, tuple[int, str | None]]:
        return {}


class House(NamedTuple):
    """A running intake, its tenant's log and a key that may write."""

    http: httpx.AsyncClient
    log: EventLog
    tenant: str
    keys_dir: Path
    owner: psycopg.AsyncConnection[Any]
    settings: Settings

    async def stored(self) -> list[Recorded]:
        last = await self.log.last_position()
        return [event async for batch in self.log.follow(until=last) for event in batch] if last else []

    async def post(self, said: Any, headers: dict[str, str] = STRUCTURED) -> httpx.Response:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return await self.http.post("/v1/events", content=body, headers=headers)


@pytest.fixture(scope="session")
async def owner(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(
        engines.postgres_dsn("onrecord_owner"), autocommit=True
    ) as connection:
        await api_keys.prepare(connection)
        yield connection


@pytest.fixture(scope="session")
async def intake(
    engines: Engines, owner: psycopg.AsyncConnection[Any], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settings]:
    settings = Settings(
        nats_url=engines.nats_url("intake"),
        postgres_url=engines.postgres_dsn("onrecord_reader"),
        keys_dir=tmp_path_factory.mktemp("keys"),
        http_port=free_port(),
    )
    async with running(settings, NothingSeen()):
        yield settings


@pytest.fixture
async def house(
    engines: Engines, owner: psycopg.AsyncConnection[Any], intake: Settings
) -> AsyncIterator[House]:
    tenant = f"t-{secrets.token_hex(4)}"
    operator = await nats.connect(engines.nats_url("operator"))
    log = await EventLog.create(operator, tenant)
    key = await api_keys.create(owner, tenant, "crm", sources=["crm/*"], scopes=["write"])
    address = f"http://127.0.0.1:{intake.http_port}"
    async with httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {key}"}) as http:
        yield House(http, log, tenant, intake.keys_dir, owner, intake)
    await operator.close()


async def test_an_event_is_stored_before_it_is_answered_and_its_personal_fields_are_sealed(
    house: House,
) -> None:
    answer = await house.post(registered("A"))
    assert (answer.status_code, answer.json()) == (200, {"results": [{"position": 1, "duplicate": False}]})
    (event,) = await house.stored()
    assert (event.id, event.source, event.stream, event.type) == (
        "A",
        "crm/main",
        "complaint/A",
        "complaint.registered",
    )
    assert event.occurred_at == datetime(2026, 7, 11, 0, tzinfo=UTC)
    keys = KeyStore.open(house.keys_dir, house.tenant)
    name = Sealed.model_validate(event.data["name"])
    assert open_sealed(name, key=keys.key(name.key), place="complaint.registered.name") == "王小明"
    keys.close()


async def test_an_unknown_key_is_turned_away_and_nothing_is_stored(house: House) -> None:
    answer = await house.http.post(
        "/v1/events", json=registered("A"), headers={**STRUCTURED, "authorization": "Bearer onr_wrong"}
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:onrecord:problem:no-key"
    assert await house.stored() == []
    assert logging.getLogger("onrecord_services").handlers == []
