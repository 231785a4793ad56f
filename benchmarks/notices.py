"""Notices: how late is anybody told while 100,000 clocks run, and is everything told once after an outage?

Real processes: `onrecord run projections`, `clock` and `notices` on engines of their own. Every clock reaches
half its time within the next minutes, so many a second; then `clock` and `notices` are killed, and come back.
Bars: p99 lateness under 1 s with 100,000 armed clocks; after the outage each notice once, marked late, and
the clocks stand as their due dates say.
Run: python benchmarks/notices.py [--clocks 100000] [--seconds 60] [--rate 100]
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats
import psycopg
from psycopg import AsyncConnection

from onrecord_events.envelope import New, Recorded
from onrecord_events.log import EventLog
from onrecord_events.vocabulary import event_types
from onrecord_projections import generation
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.engines.roles import Role

RULE = """
pack = "ten-hours"
edition = 1
effective_from = 2020-01-01
calendar = "none"
source = "made up for this benchmark"
title = { en = "Ten hours", zh = "十小时" }

[[clause]]
id = "TEN"
kind = "clock"
cites = "1"
says_en = "Tell the customer how it stands within ten hours."
says_zh = "十小时内告知进展。"
starts_on = "complaint.registered"
stops_on = "complaint.progress-shared"
measure = "elapsed"
target = "PT10H"
owner = "received_by"

[[clause.example]]
name = "told"
log = ["2026-07-11T08:00:00+08:00 complaint.registered severity=minor channel=phone customer=c received_by=l",
       "2026-07-11T09:00:00+08:00 complaint.progress-shared"]
as_of = "2026-07-20T00:00:00+08:00"
expect = "met, due 2026-07-11T18:00:00+08:00"
"""
TENANT = "bench"
HALF = timedelta(hours=5)
READY_S = 300.0
OUTAGE_S = 15.0


def said(type_name: str, stream: str, at: datetime, **data: Any) -> New:
    body = event_types()[type_name].model_validate(data)
    return New.of(body, id=f"{type_name} {stream}", source="/bench", stream=stream, occurred_at=at)


async def fill(log: EventLog, clocks: int, first_at: datetime, rate: int) -> None:
    """Clocks whose half comes at `first_at` and later, so many a second."""
    begun = datetime(2020, 1, 1, tzinfo=UTC)
    adopted = {"pack": "ten-hours", "edition": 1, "effective_at": begun, "content": RULE}
    await log.append(said("rulebook.adopted", "rulebook/ten-hours", begun, **adopted))
    for begin in range(0, clocks, 1000):
        await log.append_batch(
            [
                said(
                    "complaint.registered",
                    f"complaint/N{nth}",
                    first_at - HALF + timedelta(seconds=nth / rate),
                    severity="minor",
                    channel="phone",
                    customer=f"c-{nth % 97}",
                    received_by=f"p-{nth % 50}",
                )
                for nth in range(begin, min(begin + 1000, clocks))
            ]
        )


class Processes:
    """Services of ours, each killed without a word and started again."""

    def __init__(self, engines: Engines, folder: Path) -> None:
        self._engines, self._folder = engines, folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        users: dict[str, Any] = {"projections": "reader", "clock": "clock", "notices": "notices"}
        for name in names:
            role: Role = "onrecord_notices" if name == "notices" else "onrecord_writer"
            env = os.environ | {
                "ONRECORD_NATS_URL": self._engines.nats_url(users[name]),
                "ONRECORD_POSTGRES_URL": self._engines.postgres_dsn(role),
                "ONRECORD_WEBHOOK_KEY_FILE": str(self._folder / "webhooks.key"),
                "ONRECORD_HTTP_PORT": str(free_port()),
            }
            argv = [sys.executable, "-m", "onrecord_services.cli", "run", name]
            with (self._folder / f"{name}.log").open("ab") as said_to:
                self._running[name] = subprocess.Popen(argv, env=env, stdout=said_to, stderr=said_to)

    def kill(self, *names: str) -> None:
        for name in names or list(self._running):
            process = self._running.pop(name)
            process.send_signal(signal.SIGKILL)
            process.wait()

    def said(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()[-2000:]

    def rss_mb(self, name: str) -> float:
        status = Path(f"/proc/{self._running[name].pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1e3


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def caught_up(rows: AsyncConnection[Any], log: EventLog) -> None:
    give_up_at = time.monotonic() + READY_S
    while (await generation.held(rows)).checkpoint.position < await log.last_position():
        assert time.monotonic() < give_up_at, "the read models do not come after"
        await asyncio.sleep(0.2)


async def notices(log: EventLog, clocks: int) -> list[Recorded]:
    """What was told: everything behind the rules and the clocks but the ticks."""
    last = await log.last_position()
    found: list[Recorded] = []
    async for events in log.follow(clocks + 1, until=max(last, clocks + 2)):
        found += [event for event in events if event.type == "alert.raised"]
    return found


def shares(found_s: list[float]) -> str:
    ranked = sorted(found_s)
    return (
        f"median {ranked[len(ranked) // 2] * 1e3:.0f} ms, "
        f"p99 {ranked[int(len(ranked) * 0.99)] * 1e3:.0f} ms, "
        f"worst {ranked[-1] * 1e3:.0f} ms, n {len(ranked)}"
    )


async def measure(engines: Engines, run: Processes, clocks: int, seconds: float, rate: int) -> None:
    connection = await nats.connect(engines.nats_url("operator"))
    async with await psycopg.AsyncConnection.connect(
        engines.postgres_dsn("onrecord_owner"), autocommit=True
    ) as owner:
        await tenants.prepare(owner)
        await tenants.create(engines.nats_url("operator"), owner, TENANT, "server")
        log = await EventLog.open(connection, TENANT)
        await generation.enter(owner, TENANT)
        lead_s = 120 + clocks / 400  # to append, to judge, and for everybody to come up
        first_at = datetime.now(UTC) + timedelta(seconds=lead_s)
        run.start("projections")
        await fill(log, clocks, first_at, rate)
        await caught_up(owner, log)
        began = datetime.now(UTC)
        run.start("clock", "notices")
        print(
            f"{clocks:,} clocks armed; "
            f"the first reaches its half in {(first_at - began).total_seconds():.0f} s"
        )
        await asyncio.sleep(max(0.0, (first_at - datetime.now(UTC)).total_seconds()) + seconds)
        found = await notices(log, clocks)
        assert found, (run.said("notices"), "nothing was told")
        lateness = [
            (event.recorded_at - datetime.fromisoformat(event.data["step_at"])).total_seconds()
            for event in found
        ]
        print(f"lateness at {rate} a second: {shares(lateness)}; bar: p99 1000 ms")
        print(f"notices held {run.rss_mb('notices'):.0f} MB at most")
        await outage(owner, log, run, first_at, clocks, rate)
    await connection.close()


async def outage(
    owner: AsyncConnection[Any], log: EventLog, run: Processes, first_at: datetime, clocks: int, rate: int
) -> None:
    run.kill("clock", "notices")
    await asyncio.sleep(OUTAGE_S)
    back_at = datetime.now(UTC)
    run.start("clock", "notices")
    told_by = back_at + timedelta(seconds=1)
    give_up_at = time.monotonic() + READY_S
    while True:
        found = await notices(log, clocks)
        until = datetime.now(UTC) - timedelta(seconds=3)
        expected = min(clocks, int((until - first_at).total_seconds() * rate))
        if len(found) >= expected and until > told_by:
            break
        assert time.monotonic() < give_up_at, (run.said("notices"), f"told {len(found)} of {expected}")
        await asyncio.sleep(0.5)
    print(
        f"an outage of {OUTAGE_S:.0f} s: back at the pace "
        f"{(datetime.now(UTC) - back_at).total_seconds():.0f} s after the start"
    )
    run.kill("clock", "notices")
    found = await notices(log, clocks)
    twice = [key for key, n in Counter((e.data["case"], e.data["step"]) for e in found).items() if n > 1]
    numbers = sorted(int(event.data["case"].removeprefix("complaint/N")) for event in found)
    missing = len(set(range(numbers[-1] - 3 * rate)) - set(numbers))
    print(f"{len(found):,} told, {len(twice)} twice, {missing} missing")
    await caught_up(owner, log)
    wrong = await owner.execute(
        "SELECT count(*) FROM sla WHERE state <> 'running' OR due_at - started_at <> '10h'"
    )
    print(f"clocks that stand otherwise than their due dates say: {(await wrong.fetchone() or (None,))[0]}")
    assert not twice
    assert not missing


def main(clocks: int, seconds: float, rate: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        engines = stack.enter_context(Engines.start(Path(folder) / "data"))
        run = Processes(engines, Path(folder))
        stack.callback(run.kill)
        asyncio.run(measure(engines, run, clocks, seconds, rate))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=100)
    chosen = parser.parse_args()
    main(chosen.clocks, chosen.seconds, chosen.rate)
