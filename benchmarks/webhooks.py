"""Webhooks: how many events a second reach one target in order, and what that costs over a bare client.

A target of our own on loopback answers at once, or after as many milliseconds. One event is under way a
webhook, so a target's own time bounds its pace. No bar.
Run: python benchmarks/webhooks.py [--events 1000] [--slow-ms 50]
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import nats
import psycopg
from yard import cpu_s, filled

from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.commands.webhook import subscribe
from onrecord_services.engines import Engines
from onrecord_services.notices.courier import Courier
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Sender
from onrecord_services.vault import webhooks
from onrecord_services.vault.webhook_secrets import SecretSealer

BODY = b"x" * 600
SEALER = SecretSealer(b"b" * 32)


@asynccontextmanager
async def target(wait_s: float) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
                await asyncio.sleep(wait_s)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def bare(url: str, events: int) -> float:
    began = time.perf_counter()
    async with httpx.AsyncClient() as client:
        for _ in range(events):
            await client.post(url, content=BODY)
    return events / (time.perf_counter() - began)


async def carried(
    engines: Engines, owner: psycopg.AsyncConnection, log: EventLog, url: str, after: int
) -> float:
    """Events a second, from a position to the end."""
    hook, _ = await subscribe(owner, SEALER, log, url, (), after)
    rows, sender = Rows(engines.postgres_dsn("onrecord_notices"), "bench"), Sender()
    courier = Courier(log, rows, sender, SEALER, lambda: datetime.now(UTC))
    began = time.perf_counter()
    await courier.round()
    await courier.settle()
    took_s = time.perf_counter() - began
    await sender.close()
    await rows.close()
    (held,) = await webhooks.of_tenant(owner, log.tenant)
    await webhooks.remove(owner, log.tenant, hook.id)
    assert held.position == await log.last_position(), held
    return (held.position - after) / took_s


async def measure(engines: Engines, events: int, slow_ms: int) -> None:
    async with AsyncExitStack() as stack:
        operator = await nats.connect(engines.nats_url("operator"))
        stack.push_async_callback(operator.close)
        owner, writer = [
            await stack.enter_async_context(await psycopg.AsyncConnection.connect(dsn, autocommit=True))
            for dsn in (engines.postgres_dsn("onrecord_owner"), engines.postgres_dsn("onrecord_writer"))
        ]
        await tenants.prepare(owner)
        log = await filled(operator, engines.data_folder / "keys", events)
        name = await generation.create(owner, log.tenant, log.epoch)
        await generation.activate(owner, log.tenant, name)
        runner = Runner(writer, log, name, live=True)
        await runner.begin()
        last = await log.last_position()
        await runner.run(until=last)
        for wait_ms, share in ((0, 1), (slow_ms, 10)):
            some = last // share
            url = await stack.enter_async_context(target(wait_ms / 1e3))
            plain, began_s = await bare(url, some), cpu_s(engines)
            ours = await carried(engines, owner, log, url, last - some)
            print(
                f"a target that takes {wait_ms} ms: {ours:.0f} events/s, {ours / plain:.2f} of a bare client "
                f"({plain:.0f}); {(cpu_s(engines) - began_s) / some * 1e3:.1f} ms CPU an event in all"
            )


def main(events: int, slow_ms: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Engines.start(Path(folder) / "data") as engines:
        asyncio.run(measure(engines, events, slow_ms))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--slow-ms", type=int, default=50)
    chosen = parser.parse_args()
    main(chosen.events, chosen.slow_ms)
