"""How fast are figures answered? python benchmarks/figures.py [--events N] [--rounds R]

Embedded engines, a simulated log, its read models; asked in this process, without HTTP. Every question is
printed as the median and the slowest of its rounds, and as a ratio to a SELECT of one row in the same run.
Bar: all KPIs of a tenant with 1,000,000 events (a month of service, satisfaction and policies) in 100 ms.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import nats
import psycopg
from yard import filled

from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.queries import figures, satisfaction, service, service_items
from onrecord_projections.queries.service_sql import Wanted
from onrecord_projections.queries.telling import Wanted as Policies
from onrecord_projections.queries.view import View, Views
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.memory import spare_the_collector

Question = Callable[[View], Awaitable[Any]]
BAR_MS = 100
ROWS = 200


def questions(month: str) -> dict[str, Question]:
    """What is asked, by what it is called."""
    year, quarter = month[:4], f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"
    week = f"{date.fromisoformat(f'{month}-15'):%G-W%V}"
    content, whose = satisfaction.Wanted(), Wanted()

    async def policies(view: View) -> Any:
        return await figures.of_period(view, Policies(period=month))

    async def everything(view: View) -> Any:
        await service.of_period(view, month, whose)
        await satisfaction.find(view, content, None, period=month)
        await policies(view)

    return {
        "one row": lambda view: view.fetch("SELECT position FROM checkpoint"),
        "service, a month": lambda view: service.of_period(view, month, whose),
        "service, a month by person": lambda view: service.of_period(
            view, month, whose, "person", limit=ROWS
        ),
        "service, a month by team": lambda view: service.of_period(view, month, whose, "team", limit=ROWS),
        "service, a month by building": lambda view: service.of_period(view, month, whose, "building"),
        "service, a quarter": lambda view: service.of_period(view, quarter, whose),
        "service, a year": lambda view: service.of_period(view, year, whose),
        "service, a year by person": lambda view: service.of_period(view, year, whose, "person", limit=ROWS),
        "service, a year by team": lambda view: service.of_period(view, year, whose, "team", limit=ROWS),
        "service, a week": lambda view: service.of_period(view, week, whose),
        "service, items": lambda view: service_items.behind(view, month, "settled", whose),
        "satisfaction, a month": lambda view: satisfaction.find(view, content, None, period=month),
        "satisfaction, a year by team": lambda view: satisfaction.find(view, content, "team", period=year),
        "KPIs of the policies, a month": policies,
        "all KPIs, a month": everything,
    }


async def measure(engines: Engines, log: EventLog, month: str, rounds: int) -> None:
    """Every question, rounds interleaved."""
    reader = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_reader"), autocommit=True)
    views, asked = Views(), questions(month)
    took: dict[str, list[float]] = {name: [] for name in asked}
    for nth in range(rounds + 1):
        for name, question in asked.items():
            async with views.open(reader, log.tenant) as view:
                began = time.perf_counter()
                await question(view)
                if nth:  # the first round warms up
                    took[name].append((time.perf_counter() - began) * 1000)
    plain = statistics.median(took["one row"])
    for name, each in took.items():
        middle = statistics.median(each)
        print(
            f"{name:<34} {middle:>8.1f} ms  slowest {max(each):>8.1f}  {middle / plain:>7.0f} times one row"
        )
    print(f"all KPIs, a month: {statistics.median(took['all KPIs, a month']):.0f} ms (bar {BAR_MS})")
    await reader.close()


async def projected(engines: Engines, tenant: str) -> EventLog:
    """The log, with everything in it in the rows."""
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    writer = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_writer"), autocommit=True)
    wire = QuickReader()
    await wire.connect(engines.nats_url("reader"))
    log = await EventLog.open(wire, tenant)
    await tenants.prepare(owner)
    name = await generation.create(owner, tenant, log.epoch)
    runner = Runner(writer, log, name, live=False)
    began = time.perf_counter()
    await runner.begin()
    held = await runner.run(until=await log.last_position())
    await generation.activate(owner, tenant, name)
    await generation.use(owner, name)
    await generation.analyze(owner)
    print(f"{held.checkpoint.position:,} events projected in {time.perf_counter() - began:.0f} s", flush=True)
    for connection in (owner, writer):
        await connection.close()
    return log


async def main(events: int, rounds: int) -> None:
    """Fill, project, ask of the last whole month."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "d", ephemeral=True) as engines,
    ):
        operator = await nats.connect(engines.nats_url("operator"))
        tenant = (await filled(operator, Path(folder) / "keys", events)).tenant
        await operator.close()
        log = await projected(engines, tenant)
        async with await psycopg.AsyncConnection.connect(
            engines.postgres_dsn("onrecord_reader"), autocommit=True
        ) as reader:
            await generation.enter(reader, tenant)
            found = await (
                await reader.execute(
                    "SELECT to_char(watermark - interval '1 month', 'YYYY-MM') FROM checkpoint"
                )
            ).fetchone()
        assert found is not None, "a generation is made with its checkpoint"
        print(f"asked of {found[0]}")
        await measure(engines, log, found[0], rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    told = parser.parse_args()
    spare_the_collector()  # as the service does
    asyncio.run(main(told.events, told.rounds))
