"""How fast are questions answered, how soon is an event visible? python benchmarks/api.py [read|fresh|all]

Embedded engines; the API and the projector each in a process of their own, this process as the client; all
share the machine's cores. `read` asks over 50,000 simulated events, beside the plain /healthz of the same
server. `fresh` appends 500 events/s and asks with `wait_for` from the moment an event is acknowledged.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import psycopg
import uvloop
from yard import filled

from onrecord_events.envelope import New
from onrecord_events.interaction import Logged
from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.vault import api_keys

EVENTS = 50_000
SECONDS = 5.0
CLIENTS = 8
RATE_PER_S = 500
PROBED_EVERY = 25
FRESH_SECONDS = 30.0
_BROKEN = "SELECT case_id, clause FROM sla WHERE state = 'breached' ORDER BY 1, 2 LIMIT 1"


class Server(NamedTuple):
    """An API process and a key to ask it with."""

    port: int
    key: str


class Client:
    """One kept-open connection; reads whole answers, understands nothing else."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self._reader, self._writer, self._key = reader, writer, key

    @classmethod
    async def connect(cls, server: Server) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port), server.key)

    async def ask(self, path: str) -> bytes:
        request = f"GET {path} HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {self._key}\r\n\r\n"
        self._writer.write(request.encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await self._reader.readexactly(int(length.split(b":")[1]))
        assert head.startswith(b"HTTP/1.1 200"), (path, head, body[:300])
        return body


async def measure(server: Server, name: str, path: str) -> None:
    """Ask the same from several connections for some seconds."""
    clients = [await Client.connect(server) for _ in range(CLIENTS)]
    size = len(await clients[0].ask(path))
    took: list[float] = []
    stop_at = time.perf_counter() + SECONDS

    async def keep_asking(client: Client) -> None:
        while (began := time.perf_counter()) < stop_at:
            await client.ask(path)
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(keep_asking(client) for client in clients))
    print(f"{name:<34} {len(took) / SECONDS:>7.0f}/s  {_percentiles(took)}  {size:>7} bytes")


async def read(engines: Engines, folder: Path) -> None:
    """Questions over a log that stands still."""
    log = await prepared(engines, folder, "read", "carried")
    async with writer(engines) as rows:
        runner = Runner(rows, log, await generation.enter(rows, "read"), live=False)
        await runner.begin()
        await runner.run(until=await log.last_position())
        case = await one_broken_clock(rows)
    with service("api", engines) as port:
        server = Server(port, await reader_key(engines, "read"))
        await up(server)
        print(f"{EVENTS} events, {CLIENTS} connections, {SECONDS:.0f} s each")
        await measure(server, "/healthz (no question)", "/healthz")
        await measure(server, "clocks, 50 rows", "/v1/clocks?limit=50")
        await measure(server, "clocks overdue, 50 rows", "/v1/clocks?state=breached&open=true&limit=50")
        await measure(server, "clocks kept, last page by due date", "/v1/clocks?state=met&limit=50")
        await measure(server, "cases, 50 rows", "/v1/cases?limit=50")
        await measure(server, "cases overdue, 50 rows", "/v1/cases?overdue=true&limit=50")
        await measure(server, "one case", f"/v1/cases/{case[0]}")
        await measure(server, "timeline of a case", f"/v1/timeline?case={case[0]}")
        await measure(server, "explain a clock", f"/v1/clocks/explain?case={case[0]}&clause={case[1]}")
        await measure(server, "clocks as of, 50 rows", "/v1/clocks?limit=50&as_of=2026-06-15T00:00:00Z")
        await measure(server, "the page", "/")


async def fresh(engines: Engines, folder: Path) -> None:
    """From acknowledged to answered, while 500 events a second come in."""
    log = await prepared(engines, folder, "fresh", "server")
    with service("projections", engines), service("api", engines) as port:
        server = Server(port, await reader_key(engines, "fresh"))
        await up(server)
        took: list[float] = []
        probes: list[asyncio.Task[None]] = []
        began = time.perf_counter()
        for number in range(int(RATE_PER_S * FRESH_SECONDS)):
            await asyncio.sleep(max(0.0, began + number / RATE_PER_S - time.perf_counter()))
            probes.append(
                asyncio.create_task(_append(log, number, server if number % 25 == 0 else None, took))
            )
        await asyncio.gather(*probes)
        rate = len(probes) / (time.perf_counter() - began)
        print(f"accepted to visible, {rate:.0f} events/s, {len(took)} probes: {_percentiles(took)}")


async def _append(log: EventLog, number: int, server: Server | None, took: list[float]) -> None:
    stream = f"interaction/I{number}"
    body = Logged.model_validate({"kind": "call", "direction": "in", "customer": f"c{number % 500}"})
    new = New.of(body, id=str(number), source="/bench", stream=stream, occurred_at=datetime.now(UTC))
    receipt = await log.append(new)
    if server is None:
        return
    client = await Client.connect(server)
    began = time.perf_counter()
    answer = await client.ask(f"/v1/timeline?case={stream}&wait_for={receipt.position}")
    took.append(time.perf_counter() - began)
    assert msgspec.json.decode(answer)["items"][0]["position"] == receipt.position


async def prepared(engines: Engines, folder: Path, tenant: str, clock: str) -> EventLog:
    """A tenant with its read model; a carried one is filled."""
    connection = QuickReader()
    await connection.connect(engines.nats_url("operator"))
    async with owner(engines) as rows:
        await tenants.prepare(rows)
        if clock == "server":
            await tenants.create(engines.nats_url("operator"), rows, tenant, "server")
            return await EventLog.open(connection, tenant)
        log = await filled(connection, folder / "keys", EVENTS, tenant)
        await generation.activate(rows, tenant, await generation.create(rows, tenant, log.epoch))
        return log


async def one_broken_clock(rows: psycopg.AsyncConnection[tuple[str, str]]) -> tuple[str, str]:
    cursor = await rows.execute(_BROKEN)
    found = await cursor.fetchone()
    assert found is not None, "a simulated month has broken promises"
    return found


async def reader_key(engines: Engines, tenant: str) -> str:
    async with owner(engines) as rows:
        return await api_keys.create(rows, tenant, "bench", sources=[], scopes=["read"])


async def up(server: Server) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(30):
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(f"http://127.0.0.1:{server.port}/healthz")).is_success:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def owner(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[tuple[str, str]]]:
    dsn = engines.postgres_dsn("onrecord_owner")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as rows:
        yield rows


@asynccontextmanager
async def writer(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[tuple[str, str]]]:
    dsn = engines.postgres_dsn("onrecord_writer")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as rows:
        yield rows


@contextmanager
def service(name: str, engines: Engines) -> Iterator[int]:
    """One of our services as a process of its own; the port it would listen on."""
    port = free_port()
    told = {
        "ONRECORD_NATS_URL": engines.nats_url("reader"),
        "ONRECORD_POSTGRES_URL": engines.postgres_dsn(
            "onrecord_writer" if name == "projections" else "onrecord_reader"
        ),
        "ONRECORD_HTTP_PORT": str(port),
    }
    argv = [sys.executable, "-m", "onrecord_services.cli", "run", name]
    process = subprocess.Popen(argv, env={**os.environ, **told}, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _percentiles(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return f"median {cuts[49] * 1000:6.1f} ms, p99 {cuts[98] * 1000:6.1f} ms"


async def main(which: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Engines.start(folder / "engines", ephemeral=True) as engines:
            if which in ("read", "all"):
                await read(engines, folder)
            if which in ("fresh", "all"):
                await fresh(engines, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", default="all", choices=["read", "fresh", "all"])
    uvloop.run(main(parser.parse_args().which))
