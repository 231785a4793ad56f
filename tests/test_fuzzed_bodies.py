"""Ten thousand fuzzed bodies over HTTP and NATS: refused with a reason or stored, and the projector goes on.

`ONRECORD_FUZZ_SEED=7 pytest tests/test_fuzzed_bodies.py` sends the same bodies again.
"""

import asyncio
import os
import secrets
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import nats
import psycopg
import pytest
from nats.aio.client import Client

from fuzzing import Body, bodies
from hostile import BATCH
from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.calendar import shipped
from onrecord_projections.judging import shipped_rulebooks
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.engines.permissions import Credentials
from onrecord_services.intake.app import Settings, running
from onrecord_services.intake.seen_in_postgres import SeenInPostgres
from onrecord_services.projector.rebuild import rebuild
from onrecord_services.vault import api_keys
from projecting import ANCIENT, Bench

SEED = int(os.environ.get("ONRECORD_FUZZ_SEED", "0")) or secrets.randbelow(2**32)
REQUESTS_HTTP = 2_800
REQUESTS_NATS = 1_900
BODIES_MIN = 10_000
"""Alone, or some dozens in a batch."""
AT_ONCE = 24
PUBLISHERS = ("fuzz-a", "fuzz-b", "fuzz-c")
NOT_TAKEN = {400, 403, 409, 413, 415}
"""Refused, not one's source, said before otherwise, too large, no form we read."""

CN = shipped("cn-state-council")

Way = Callable[[Body], Awaitable[None]]
"""Sends one body and holds its answer to the promise."""


class House(NamedTuple):
    """A running intake, a tenant with both packs in force, and both ways in."""

    tenant: Bench
    http: httpx.AsyncClient
    publishers: list[Credentials]


@asynccontextmanager
async def live_tenant(engines: Engines) -> AsyncIterator[Bench]:
    """A fresh tenant whose log keeps the server's time."""
    tenant = f"t{secrets.token_hex(5)}"
    reader = QuickReader()
    await reader.connect(engines.nats_url("reader"))
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    writer = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_writer"), autocommit=True)
    try:
        await tenants.prepare(owner)
        await tenants.create(engines.nats_url("operator"), owner, tenant, "server")
        name = await generation.enter(writer, tenant)
        yield Bench(await EventLog.open(reader, tenant), owner, writer, name)
    finally:
        await writer.close()
        await owner.close()
        await reader.close()


@pytest.fixture
async def house(engines: Engines, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(
        nats_url=engines.nats_url("intake"),
        postgres_url=engines.postgres_dsn("onrecord_reader"),
        keys_dir=tmp_path / "keys",
        http_port=free_port(),
    )
    seen = SeenInPostgres(settings.postgres_url)
    async with live_tenant(engines) as tenant, running(settings, seen):
        name = tenant.log.tenant
        key = await api_keys.create(tenant.owner, name, "http", sources=["*"], scopes=["write"])
        for publisher in PUBLISHERS:
            await api_keys.create(tenant.owner, name, publisher, sources=["/fuzz"], scopes=["write"])
        publishers = [engines.add_publisher(name, publisher) for publisher in PUBLISHERS]
        address = f"http://127.0.0.1:{settings.http_port}"
        async with httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {key}"}) as http:
            yield House(tenant, http, publishers)
    await seen.close()


async def test_ten_thousand_fuzzed_bodies_are_stored_or_refused_with_a_reason(house: House) -> None:
    print(f"seed {SEED}")  # noqa: T201 (to try again with)
    await adopt_both_packs(house.http)
    counts: Counter[str] = Counter()
    supply = bodies(SEED)
    await in_turn(islice(supply, REQUESTS_HTTP), [over_http(house.http, counts)] * AT_ONCE)
    async with over_nats(house.publishers, counts) as ways:
        await in_turn(islice(supply, REQUESTS_NATS), ways * (AT_ONCE // len(ways)))
    print(dict(counts))  # noqa: T201 (what the run proves)
    assert sum(counts.values()) >= BODIES_MIN
    assert min(counts["stored"], counts["refused"]) > BODIES_MIN // 10

    last = await house.tenant.log.last_position()
    assert last < sum(counts.values()) + 10, "something loops"
    await house.tenant.catch_up()
    assert await house.tenant.rows("SELECT position FROM checkpoint") == [(last,)]
    assert await house.tenant.rows("SELECT * FROM stopped") == []
    made = await rebuild(house.tenant.owner, house.tenant.writer, house.tenant.log, switch=False)
    assert made.differing == []


async def in_turn(supply: Iterator[Body], ways: Sequence[Way]) -> None:
    """Every body by one of the ways, as many at once as there are ways."""

    async def work(send: Way) -> None:
        for body in supply:
            try:
                await send(body)
            except AssertionError as error:
                raise AssertionError(f"{error}\nseed {SEED}, body {body!r:.2000}") from error

    async with asyncio.TaskGroup() as group:
        for way in ways:
            group.create_task(work(way))


def over_http(http: httpx.AsyncClient, counts: Counter[str]) -> Way:
    async def send(body: Body) -> None:
        said = (("content-type", body.content_type), *body.headers)
        headers = [(name.encode(), value.encode()) for name, value in said]
        answer = await http.post("/v1/events", content=body.raw, headers=headers)
        if answer.status_code == 200:
            count(counts, answer.json()["results"])
        else:
            assert answer.status_code in NOT_TAKEN, (answer.status_code, answer.text)
            count_problem(counts, answer.json())

    return send


@asynccontextmanager
async def over_nats(publishers: Sequence[Credentials], counts: Counter[str]) -> AsyncIterator[list[Way]]:
    """One way a publisher."""
    connections = [await nats.connect(one.url, inbox_prefix=one.inbox_prefix.encode()) for one in publishers]

    def way(connection: Client, subject: str) -> Way:
        async def send(body: Body) -> None:
            headers = {"Content-Type": body.content_type, **dict(body.headers)}
            answer = await connection.request(subject, body.raw, timeout=30, headers=headers)
            said = msgspec.json.decode(answer.data)
            if "problem" in said:
                assert said["problem"]["status"] in NOT_TAKEN, said
                count_problem(counts, said["problem"])
            else:
                count(counts, said["results"])

        return send

    try:
        yield [way(at, one.subject) for at, one in zip(connections, publishers, strict=True)]
    finally:
        for connection in connections:
            await connection.close()


def count(counts: Counter[str], results: Sequence[dict[str, Any]]) -> None:
    """Each result has a position, or a reason and a place."""
    for result in results:
        if "refused" in result:
            assert result["refused"], result
            assert result["where"], result
        else:
            assert result["position"] > 0, result
        counts["refused" if "refused" in result else "stored"] += 1
    if not results:
        counts["empty batch"] += 1


def count_problem(counts: Counter[str], problem: dict[str, Any]) -> None:
    """What happened, and what to do about it."""
    assert problem["title"], problem
    assert problem["detail"], problem
    counts["refused" if "refused" in problem else problem["type"].rpartition(":")[2]] += 1


async def adopt_both_packs(http: httpx.AsyncClient) -> None:
    """RENT-CRM and CC02's clauses with their calendar, as `onrecord rulebook adopt` hands them in."""
    texts = [text for name, text in shipped_rulebooks().items() if name.startswith(("rent-crm/", "cc02"))]
    packs = {tomllib.loads(text)["pack"]: text for text in texts}
    said = [
        ("calendar.adopted", "calendar/cn-state-council", {"calendar": "cn-state-council", "content": CN})
    ]
    for pack, text in packs.items():
        body = {"pack": pack, "edition": tomllib.loads(text)["edition"], "content": text}
        said.append(("rulebook.adopted", f"rulebook/{pack}", body))
    events = [
        {
            "specversion": "1.0",
            "id": subject,
            "source": "/set-up",
            "type": kind,
            "subject": subject,
            "time": datetime.now(UTC).isoformat(),
            "data": data | {"effective_at": ANCIENT},
        }
        for kind, subject, data in said
    ]
    answer = await http.post(
        "/v1/events", content=msgspec.json.encode(events), headers={"content-type": BATCH}
    )
    assert [result["position"] for result in answer.json()["results"]] == [1, 2, 3], answer.text
