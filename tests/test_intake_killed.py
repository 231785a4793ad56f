"""Intake as a process: what it answered before it died stands in the log; asked to stop, it answers first."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import nats
import psycopg
import pytest

from onrecord_events.log import EventLog
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.vault import api_keys

HEADERS = {"content-type": "application/cloudevents+json"}
START = "from onrecord_services.intake.app import main; main()"


class Process(NamedTuple):
    """An intake of its own, its tenant's log, and a client."""

    handle: asyncio.subprocess.Process
    http: httpx.AsyncClient
    log: EventLog

    async def post(self, name: str) -> httpx.Response:
        said = {
            "specversion": "1.0",
            "id": name,
            "source": "crm",
            "type": "complaint.repeated",
            "subject": f"complaint/{name}",
            "time": "2026-07-11T08:00:00+08:00",
        }
        return await self.http.post("/v1/events", content=json.dumps(said).encode(), headers=HEADERS)

    async def stored(self) -> list[str]:
        last = await self.log.last_position()
        if not last:
            return []
        return [event.id async for batch in self.log.follow(until=last) for event in batch]


async def launch(engines: Engines, keys_dir: Path, port: int) -> asyncio.subprocess.Process:
    environment = os.environ | {
        "ONRECORD_NATS_URL": engines.nats_url("intake"),
        "ONRECORD_POSTGRES_URL": engines.postgres_dsn("onrecord_reader"),
        "ONRECORD_KEYS_DIR": str(keys_dir),
        "ONRECORD_HTTP_PORT": str(port),
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-c", START, env=environment)


async def until_ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await http.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)  # nothing else tells when a process listens


@pytest.fixture
async def process(engines: Engines, tmp_path: Path) -> AsyncIterator[Process]:
    tenant, port = f"k-{secrets.token_hex(4)}", free_port()
    operator = await nats.connect(engines.nats_url("operator"))
    log = await EventLog.create(operator, tenant)
    dsn = engines.postgres_dsn("onrecord_owner")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
        await api_keys.prepare(owner)
        words = await api_keys.create(owner, tenant, "crm", sources=["crm"], scopes=["write"])
    handle = await launch(engines, tmp_path, port)
    key = {"authorization": f"Bearer {words}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=key, timeout=20) as http:
        await until_ready(http)
        yield Process(handle, http, log)
    if handle.returncode is None:
        handle.kill()
    await handle.wait()
    await operator.close()


async def flood(process: Process, stop_at: int, stop_with: signal.Signals) -> tuple[set[str], Any]:
    """Post until it dies; the names that were answered. It is told to die after `stop_at` answers."""
    answered: set[str] = set()
    names = iter(f"E{nth}" for nth in range(100_000))

    async def sender() -> None:
        for name in names:
            try:
                answer = await process.post(name)
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                answered.add(name)
            if len(answered) == stop_at and process.handle.returncode is None:
                process.handle.send_signal(stop_with)

    await asyncio.gather(*(sender() for _ in range(8)))
    return answered, await asyncio.wait_for(process.handle.wait(), 30)


async def test_what_was_answered_before_a_kill_is_stored_once_and_a_retry_knows_it(
    process: Process, engines: Engines, tmp_path: Path
) -> None:
    answered, code = await flood(process, 60, signal.SIGKILL)
    assert code == -signal.SIGKILL
    stored = await process.stored()
    assert answered <= set(stored)
    assert len(stored) == len(set(stored))
    again = await launch(engines, tmp_path, process.http.base_url.port or 0)
    try:
        await until_ready(process.http)
        retried = [await process.post(name) for name in sorted(set(stored))]
        assert {answer.json()["results"][0]["duplicate"] for answer in retried} == {True}
        assert await process.stored() == stored
    finally:
        again.kill()
        await again.wait()


async def test_asked_to_stop_it_ends_by_itself_and_nothing_answered_is_missing(process: Process) -> None:
    answered, code = await flood(process, 60, signal.SIGTERM)
    assert code == 0
    assert answered <= set(await process.stored())
