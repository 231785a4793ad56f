"""Two times: what one case was at T as known at T', and what the journal that totals are known by weighs.

Bars: one case at any pair of times under 50 ms at a million events; the journal at most 1.5 timelines.
The ratio is to a bare loop: the case's events selected by the same client, and nothing made of them.
Run: python benchmarks/two_times.py                      (100,000 events, about a minute)
     python benchmarks/two_times.py --events 1000000     (about a quarter of an hour)
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from projections import fill, yard

from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.queries import penalty_sums, questions, satisfaction, totals
from onrecord_projections.queries.view import Times, View, Views
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.memory import spare_the_collector

READS = 200
TOTALS = 5
JOURNAL = ("journal", "journal_figures", "journal_findings", "watermarks")
_BARE = "SELECT case_id, position, recorded_at, raw FROM timeline WHERE case_id = %s ORDER BY position"


class Read(NamedTuple):
    """One case, and the two times it is asked at."""

    case: str
    times: Times


async def main(events: int) -> None:
    with yard(events) as (engines, keys):
        log, last = await fill(engines, keys, events)
        await project(engines, log.tenant, last)
        dsn = engines.postgres_dsn("onrecord_owner")
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
            await generation.enter(owner, log.tenant)
            await generation.analyze(owner)
            await sizes(owner, last)
            reads = await chosen(owner)
        dsn = engines.postgres_dsn("onrecord_reader")
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as reader:
            await one_case(reader, log.tenant, reads)
            await sums(reader, log.tenant, reads)


async def project(engines: Engines, tenant: str, last: int) -> None:
    """The read models readers see, from nothing."""
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    writer = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_writer"), autocommit=True)
    wire = QuickReader()
    await wire.connect(engines.nats_url("reader"))
    log = await EventLog.open(wire, tenant)
    await tenants.prepare(owner)
    name = await generation.create(owner, tenant, log.epoch)
    await generation.activate(owner, tenant, name)
    runner = Runner(writer, log, name, live=True)
    await runner.begin()
    began = time.perf_counter()
    await runner.run(until=last)
    print(f"projected at {last / (time.perf_counter() - began):,.0f} events/s", flush=True)
    for connection in (owner, writer, wire):
        await connection.close()


async def sizes(owner: psycopg.AsyncConnection[Any], last: int) -> None:
    """What the journal takes on the disk, with its indexes, beside the timeline."""
    sized = {}
    for table in (*JOURNAL, "timeline"):
        cursor = await owner.execute("SELECT pg_total_relation_size(%s::regclass)", (table,))
        sized[table] = int((await cursor.fetchone() or (0,))[0])
    cursor = await owner.execute("SELECT count(*) FROM journal")
    (entries,) = await cursor.fetchone() or (0,)
    timeline = sized.pop("timeline")
    print(", ".join(f"{table} {size / 1e6:,.1f} MB" for table, size in sized.items()))
    print(f"journal: {entries:,} entries, {entries / last:.1f} an event; timeline {timeline / 1e6:,.1f} MB")
    print(f"journal / timeline: {sum(sized.values()) / timeline:.2f} (bar 1.5)", flush=True)


async def chosen(owner: psycopg.AsyncConnection[Any]) -> list[Read]:
    """Cases and pairs of times, the same each run over the same log."""
    chance = random.Random(11)  # noqa: S311  # a choice of cases, not a secret
    cursor = await owner.execute("SELECT case_id, opened_at, last_at FROM cases ORDER BY case_id")
    cases = chance.sample(await cursor.fetchall(), READS)
    return [
        Read(case, Times(_between(chance, opened, last), _between(chance, opened, last)))
        for case, opened, last in cases
    ]


def _between(chance: random.Random, begin: datetime, end: datetime) -> datetime:
    return begin + timedelta(seconds=chance.randrange(int((end - begin).total_seconds()) + 86_400))


async def one_case(reader: psycopg.AsyncConnection[Any], tenant: str, reads: list[Read]) -> None:
    """Each case through a view of its own, as the API asks, against its bare rows: rounds interleaved."""
    views, ours, bare = Views(), [], []

    async def asked(read: Read) -> None:
        async with views.open(reader, tenant, times=read.times) as view:
            await questions.one_case(view, read.case)

    async def rows(read: Read) -> None:
        await (await reader.execute(_BARE, (read.case,))).fetchall()

    await asked(reads[0])
    for read in reads:
        ours.append(await spent_ms(asked, read))
        bare.append(await spent_ms(rows, read))
    ratio = statistics.median(one / other for one, other in zip(ours, bare, strict=True))
    print(
        f"one case as_of and known_at: median {statistics.median(ours):.1f} ms, "
        f"p99 {statistics.quantiles(ours, n=100)[-1]:.1f} ms (bar 50); {ratio:.1f} times its bare rows"
    )


async def sums(reader: psycopg.AsyncConnection[Any], tenant: str, reads: list[Read]) -> None:
    """Totals out of the journal, as of one time and known at another; no bar."""
    views = Views()
    asked: dict[str, Callable[[View], Awaitable[Any]]] = {
        "clocks by owner": lambda view: totals.clocks(view, totals.Wanted(), "owner"),
        "satisfaction": lambda view: satisfaction.find(view, satisfaction.Wanted(), "building"),
        "penalty sums": lambda view: penalty_sums.find(view, penalty_sums.Wanted()),
    }
    for name, question in asked.items():

        async def total(read: Read, question: Callable[[View], Awaitable[Any]] = question) -> None:
            async with views.open(reader, tenant, times=read.times) as view:
                await question(view)

        spent = [await spent_ms(total, read) for read in reads[:TOTALS]]
        print(f"{name}, as_of and known_at: median {statistics.median(spent):,.0f} ms")


async def spent_ms(ask: Callable[[Read], Awaitable[None]], read: Read) -> float:
    began = time.perf_counter()
    await ask(read)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=100_000)
    told = parser.parse_args()
    spare_the_collector()  # as the service does
    asyncio.run(main(told.events))
