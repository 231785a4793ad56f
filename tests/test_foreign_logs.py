"""A wiped or replaced log under rows that were made from another: nothing goes on, and it says where.

What only an operator can do to a log, done while everybody runs and while nobody does.
"""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import nats
import psycopg
import pytest
from nats.aio.client import Client

from onrecord_events.errors import LogMismatch
from onrecord_events.log import EventLog
from onrecord_services.engines import Engines
from projecting import said
from sending import event
from site_process import SiteProcess, site_on, until

SEEN_S = 40.0
TYPE = {"content-type": "application/cloudevents+json"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteProcess]:
    with site_on(tmp_path_factory.mktemp("foreign")) as running:
        yield running.start()


@asynccontextmanager
async def operator_of(site: SiteProcess) -> AsyncIterator[Client]:
    connection = await nats.connect(site.site.nats["operator"])
    try:
        yield connection
    finally:
        await connection.close()


def make_tenant(site: SiteProcess, tenant: str, cases: int) -> None:
    """A tenant with so many complaints, all of them in its rows."""
    assert site.typed("tenant", "create", tenant).exit_code == 0
    site.key = site.typed("key", "create", tenant, "front-desk").stdout.strip()
    with site.client(intake=True) as intake:
        for nth in range(cases):
            complaint = event(
                "complaint.registered", f"complaint/{tenant}-{nth}", datetime.now(UTC),
                severity="minor", channel="phone", customer="c", received_by="chen",
            )  # fmt: skip
            answer = intake.post("/v1/events", json=complaint, headers=TYPE)
            assert answer.status_code == 200, answer.text
    until(lambda: wait_for(site, cases) or None, SEEN_S, lambda: site.said[-2000:])


def wait_for(site: SiteProcess, position: int) -> bool:
    with site.client() as api:
        return api.get("/v1/cases", params={"wait_for": position, "limit": 1}).status_code == 200


async def replace(site: SiteProcess, tenant: str, events: int) -> None:
    """Delete the tenant's log and make another of the same name with so many events."""
    async with operator_of(site) as operator:
        assert await operator.jetstream().delete_stream(f"EV_{tenant}")
        log = await EventLog.create(operator, tenant, "server")
        for nth in range(events):
            await operator.request(f"ev.{tenant}.complaint.X{nth}", b'{"not":"read"}', timeout=5)
        assert await log.last_position() == events


def refusal(site: SiteProcess, tenant: str) -> str:
    """What the projector says about the tenant, once it does."""

    def look() -> str | None:
        return next((line for line in site.said.splitlines() if f"{tenant}: REFUSED" in line), None)

    return until(look, SEEN_S, lambda: f"no refusal:\n{site.said[-3000:]}")


def rows_of(site: SiteProcess, tenant: str) -> tuple[int, int]:
    """The position the tenant's rows stand at, and how many cases they hold."""
    with psycopg.connect(site.site.postgres["onrecord_reader"]) as connection:
        found = connection.execute(
            f"SELECT c.position, (SELECT count(*) FROM rm_{tenant}_1.cases) FROM rm_{tenant}_1.checkpoint c"
        ).fetchone()
    assert found is not None
    return found[0], found[1]


def readiness(site: SiteProcess) -> tuple[int, str]:
    with site.client() as api:
        answer = api.get("/readyz")
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("tenant", "events_in_the_new_log"),
    [
        pytest.param("wiped", 0, id="wiped"),
        pytest.param("shorter", 3, id="shorter"),
        pytest.param("longer", 9, id="longer"),
    ],
)
async def test_a_replaced_log_stops_the_running_projector(
    site: SiteProcess, tenant: str, events_in_the_new_log: int
) -> None:
    make_tenant(site, tenant, 5)
    await replace(site, tenant, events_in_the_new_log)
    assert "is another log" in refusal(site, tenant)
    assert "read up to position 5" in refusal(site, tenant)
    assert rows_of(site, tenant) == (5, 5)
    status, words = readiness(site)
    assert status == 503
    assert f"{tenant} stopped after position 5" in words
    rebuilt = site.typed("rebuild", tenant)
    assert rebuilt.exit_code == 2
    assert "is another log" in rebuilt.stderr.replace("\n", " ")
    assert rows_of(site, tenant) == (5, 5)


async def test_a_reader_that_was_away_does_not_go_on_in_another_log(engines: Engines) -> None:
    """It waits for position 4 of the old log, and the new one will have a position 4 too."""
    url, tenant = engines.nats_url("operator"), f"t{secrets.token_hex(5)}"
    connection = await nats.connect(url)
    log = await EventLog.create(connection, tenant, "carried")
    told = [said("clock.ticked", "clock/tick", f"07-11 08:00:0{nth}") for nth in range(3)]
    await log.append_batch(told)
    batches = log.follow()
    assert [event.position for event in await anext(batches)] == [1, 2, 3]

    async def replace_it() -> None:
        operator = await nats.connect(url)
        await operator.jetstream().delete_stream(f"EV_{tenant}")
        await (await EventLog.create(operator, tenant, "carried")).append_batch([*told, *told_later])
        await operator.close()

    told_later = [said("clock.ticked", "clock/tick", f"07-11 09:00:0{nth}") for nth in range(3)]
    meanwhile = threading.Thread(target=lambda: asyncio.run(replace_it()))
    meanwhile.start()
    meanwhile.join()  # our own loop stands still until the other log is there
    with pytest.raises(LogMismatch, match=r"another log .* read up to position 3"):
        async with asyncio.timeout(SEEN_S):
            await anext(batches)
    await connection.close()
