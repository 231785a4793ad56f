"""How fast does HTTP intake take events in, durably? Run: python benchmarks/intake.py [batches|singles|all]

Embedded engines, intake in a process of its own, this process as the client; all share the machine's cores.
Each event is a complaint with three personal fields, so each is sealed three times.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import nats
import psycopg
import uvloop

from onrecord_events.log import EventLog
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.vault import api_keys

BATCH_EVENTS = 500
RATE_PER_S = 300
PERSONS = 2_000
BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"
START = "from onrecord_services.intake.app import main; main()"


def complaint(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "crm/main",
        "type": "complaint.registered",
        "subject": f"complaint/CP-2026-{number:07}",
        "time": "2026-07-11T08:00:00+08:00",
        "actor": "staff/chen",
        "data": {
            "severity": "minor",
            "channel": "phone",
            "customer": f"C-{number % PERSONS}",
            "received_by": "chen",
            "name": "王小明",
            "phone": f"139{number:08}",
            "words": "厨房水管漏水三天了，一直没有人来修，请尽快处理。",
        },
    }


@asynccontextmanager
async def intake(engines: Engines, keys_dir: Path) -> AsyncIterator[tuple[int, str, int]]:
    """A running intake: its port, a key, its process id."""
    operator = await nats.connect(engines.nats_url("operator"))
    await EventLog.create(operator, "bench")
    await operator.close()
    async with await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner")) as owner:
        await api_keys.prepare(owner)
        key = await api_keys.create(owner, "bench", "crm", sources=["crm/*"], scopes=["write"])
    port = free_port()
    environment = os.environ | {
        "ONRECORD_NATS_URL": engines.nats_url("intake"),
        "ONRECORD_POSTGRES_URL": engines.postgres_dsn("onrecord_reader"),
        "ONRECORD_KEYS_DIR": str(keys_dir),
        "ONRECORD_HTTP_PORT": str(port),
        "ONRECORD_INTAKE_EVENTS_PER_S": "1000000",
        "ONRECORD_INTAKE_BYTES_PER_S": "1000000000",
    }
    process = subprocess.Popen([sys.executable, "-c", START], env=environment)  # noqa: ASYNC220  # once
    try:
        await until_ready(port)
        yield port, key, process.pid
    finally:
        process.terminate()
        process.wait(20)


async def until_ready(port: int) -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(200):
            try:
                if (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise SystemExit("intake did not come up")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def batches(port: int, key: str, pid: int, *, events: int, in_flight: int) -> None:
    bodies = [
        json.dumps([complaint(n) for n in range(at, at + BATCH_EVENTS)]).encode()
        for at in range(0, events, BATCH_EVENTS)
    ]
    took: list[float] = []
    waiting = iter(bodies)

    async def sender() -> None:
        for body in waiting:
            began = time.perf_counter()
            answer = await http.post(body, BATCH)
            took.append(time.perf_counter() - began)
            assert answer.count(b'"duplicate":false') == BATCH_EVENTS, answer[:300]

    cpu = cpu_seconds(pid)
    began = time.perf_counter()
    http = Poster(port, key)
    await asyncio.gather(*(sender() for _ in range(in_flight)))
    http.close()
    seconds = time.perf_counter() - began
    cpu = cpu_seconds(pid) - cpu
    print(
        f"batches of {BATCH_EVENTS}, {in_flight} in flight: {events / seconds:,.0f} events/s; "
        f"a batch p50 {1000 * statistics.median(took):.0f} ms, max {1000 * max(took):.0f} ms; "
        f"intake used {1e6 * cpu / events:.0f} µs CPU an event, {100 * cpu / seconds:.0f} % of a core"
    )


async def singles(port: int, key: str, pid: int, *, seconds: float) -> None:
    """Poisson arrivals at RATE_PER_S, sent when due whether or not earlier ones are answered."""
    draw = random.Random(7)  # noqa: S311  # arrivals, not secrets
    took: list[float] = []

    async def one(body: bytes, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await http.post(body, STRUCTURED)
        took.append(time.perf_counter() - due)

    count = int(RATE_PER_S * seconds)
    cpu = cpu_seconds(pid)
    http = Poster(port, key)
    async with asyncio.TaskGroup() as group:
        due = time.perf_counter() + 0.2
        for number in range(count):
            due += draw.expovariate(RATE_PER_S)
            group.create_task(one(json.dumps(complaint(10_000_000 + number)).encode(), due))
    http.close()
    took.sort()
    at: Callable[[float], float] = lambda share: 1000 * took[int(share * (len(took) - 1))]  # noqa: E731
    print(
        f"single posts at {RATE_PER_S}/s for {seconds:g} s: p50 {at(0.5):.1f} ms, p90 {at(0.9):.1f} ms, "
        f"p99 {at(0.99):.1f} ms, max {at(1):.1f} ms; intake used "
        f"{1e6 * (cpu_seconds(pid) - cpu) / count:.0f} µs CPU an event"
    )


class Poster:
    """As little of an HTTP client as will do: a real one would measure itself."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, body: bytes, content_type: str) -> bytes:
        reader, writer = (
            self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        )
        writer.write(
            f"POST /v1/events HTTP/1.1\r\nhost: intake\r\nauthorization: Bearer {self._key}\r\n"
            f"content-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        assert head.startswith(b"http/1.1 200"), answer
        self._idle.append((reader, writer))
        return answer

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=["batches", "singles", "all"], default="all")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--in-flight", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20.0)
    said = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "data", ephemeral=True) as engines,
    ):
        async with intake(engines, Path(folder) / "keys") as (port, key, pid):
            if said.what in {"batches", "all"}:
                await batches(port, key, pid, events=said.events, in_flight=said.in_flight)
            if said.what in {"singles", "all"}:
                await singles(port, key, pid, seconds=said.seconds)


if __name__ == "__main__":
    uvloop.run(main())
