"""Projecting: from the log into PostgreSQL, all read models together, in one process.

Bars: 6,000 events/s; six times the library's ProjectionRunner doing one upsert an event, in the same run;
CPU per event at a million events at most 1.25 times that at a hundred thousand; memory under 400 MB.
Run: python benchmarks/projections.py            (about two minutes)
     python benchmarks/projections.py --growth   (a million events: about half an hour)
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
import psycopg
import uvloop
from library_runner import events_per_s
from yard import cpu_s, filled, rss_mb

from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.generation import Held
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.memory import spare_the_collector

LIBRARY_EVENTS = 3_000


async def project(engines: Engines, tenant: str, *, until: int, mark: int = 0) -> dict[str, float]:
    """Project from nothing up to `until`; rates, and CPU an event over what lies beyond `mark`."""
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    writer = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_writer"), autocommit=True)
    reader = QuickReader()
    await reader.connect(engines.nats_url("reader"))
    log = await EventLog.open(reader, tenant)
    await tenants.prepare(owner)
    name = await generation.create(owner, tenant, log.epoch)
    runner = Runner(writer, log, name, live=False)
    await runner.begin()
    peak_mb = 0.0

    def look(_: Held, __: int) -> None:
        nonlocal peak_mb
        peak_mb = max(peak_mb, rss_mb())

    if mark:
        await runner.run(until=mark, progress=look)
    cpu, wall = cpu_s(engines), time.perf_counter()
    await runner.run(until=until, progress=look)
    spent_s, cpu = time.perf_counter() - wall, cpu_s(engines) - cpu
    await generation.drop(owner, name)
    for connection in (owner, writer, reader):
        await connection.close()
    count = until - mark
    return {"events_per_s": count / spent_s, "cpu_us_per_event": cpu / count * 1e6, "peak_mb": peak_mb}


async def against_the_library(events: int, rounds: int) -> None:
    """Rate, memory, and the ratio to the library's runner, interleaved."""
    with yard(events) as (engines, keys):
        log, last = await fill(engines, keys, events)
        pairs = []
        for _ in range(rounds):
            ours = await project(engines, log.tenant, until=last)
            theirs = await asyncio.to_thread(events_per_s, engines, LIBRARY_EVENTS)
            pairs.append((ours["events_per_s"], theirs))
            print("  ours: " + ", ".join(f"{name} {value:,.0f}" for name, value in ours.items()))
        rate = statistics.median(one for one, _ in pairs)
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"projecting {rate:,.0f} events/s (bar 6,000); {ratio:.1f} times the library's runner (bar 6)")


async def growth(events: int, pairs: int) -> None:
    """CPU an event with nine tenths of a log behind it against one tenth: the median of interleaved pairs."""
    with yard(events) as (engines, keys):
        log, last = await fill(engines, keys, events)
        ratios, peak_mb = [], 0.0
        for _ in range(pairs):
            early = await project(engines, log.tenant, until=last // 5, mark=last // 10)
            late = await project(engines, log.tenant, until=last, mark=last - last // 10)
            ratios.append(late["cpu_us_per_event"] / early["cpu_us_per_event"])
            peak_mb = max(peak_mb, late["peak_mb"])
            print(
                f"  second tenth {early['cpu_us_per_event']:.0f} us an event, "
                f"last tenth {late['cpu_us_per_event']:.0f}; memory {peak_mb:.0f} MB"
            )
        print(f"CPU an event, last tenth of {last:,} / second: {statistics.median(ratios):.2f} (bar 1.25)")
        print(f"memory at most {peak_mb:.0f} MB (bar 400)")


@contextmanager
def yard(events: int) -> Iterator[tuple[Engines, Path]]:
    """Engines and a key folder of their own."""
    print(f"{events:,} events; engines start in a folder of their own")
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "d", ephemeral=True) as engines,
    ):
        yield engines, Path(folder) / "keys"


async def fill(engines: Engines, keys: Path, events: int) -> tuple[EventLog, int]:
    """A simulated log, and its last position."""
    operator = await nats.connect(engines.nats_url("operator"))
    began = time.perf_counter()
    log = await filled(operator, keys, events)
    last = await log.last_position()
    await operator.close()
    print(
        f"{last:,} events simulated, sealed and appended in {time.perf_counter() - began:.1f} s", flush=True
    )
    return log, last


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=0, help="100,000; with --growth 1,000,000")
    parser.add_argument("--rounds", type=int, default=3, help="with --growth: pairs, 5 as the bar says")
    parser.add_argument(
        "--growth", action="store_true", help="compare the end of a long log with its beginning"
    )
    told = parser.parse_args()
    spare_the_collector()  # as the service does
    if told.growth:
        uvloop.run(growth(told.events or 1_000_000, told.rounds))  # the service's loop
    else:
        uvloop.run(against_the_library(told.events or 100_000, told.rounds))
