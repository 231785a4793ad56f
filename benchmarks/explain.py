"""Explain: how long one answer to "why?" takes over HTTP: a clock, a line, a month, a client, a figure.

Bar: under 100 ms each. Embedded engines, the API in a process of its own, one connection, 50,000 events of
a simulated dealer and estate. The ratio is to /healthz of the same server. Of figures the biggest are asked,
of each its first page.
Run: python benchmarks/explain.py
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from api import EVENTS, Client, Server, prepared, reader_key, service, up, writer

from onrecord_projections import generation
from onrecord_projections.runner import Runner
from onrecord_services.engines import Engines

EACH = 100
_CLOCKS = "SELECT case_id, clause, instance FROM sla ORDER BY md5(case_id || clause) LIMIT %s"
_LINES = "SELECT id FROM penalties ORDER BY md5(id) LIMIT %s"
_MONTHS = "SELECT DISTINCT person, month FROM penalties ORDER BY 1, 2 LIMIT %s"
_CLIENTS = "SELECT DISTINCT client FROM ownership WHERE client LIKE 'client/%%' ORDER BY 1 LIMIT %s"
_FIGURES = "SELECT kpi, period FROM kpi_counts GROUP BY 1, 2 ORDER BY sum(items) DESC, 1, 2 LIMIT %s"


async def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "engines", ephemeral=True) as engines,
    ):
        log = await prepared(engines, Path(folder), "explain", "carried")
        async with writer(engines) as rows:
            runner = Runner(rows, log, await generation.enter(rows, "explain"), live=False)
            await runner.begin()
            await runner.run(until=await log.last_position())
            asked = {
                "clock": [f"/v1/clocks/explain?case={quote(case)}&clause={clause}&instance={quote(instance)}"
                          for case, clause, instance in await fetched(rows, _CLOCKS)],
                "line": [f"/v1/penalties/{line}/explain" for (line,) in await fetched(rows, _LINES)],
                "month": [f"/v1/penalties/sums/explain?person={person}&month={month}"
                          for person, month in await fetched(rows, _MONTHS)],
                "client": [f"/v1/clients/{client.partition('/')[2]}/owner/explain"
                           for (client,) in await fetched(rows, _CLIENTS)],
                "figure": [f"/v1/kpi/explain?kpi={kpi}&period={period}"
                           for kpi, period in await fetched(rows, _FIGURES)],
            }  # fmt: skip
        with service("api", engines) as port:
            server = Server(port, await reader_key(engines, "explain"))
            await up(server)
            client = await Client.connect(server)
            plain = await measure(client, "healthz", ["/healthz"] * EACH)
            print(f"{EVENTS} events")
            for name, paths in asked.items():
                if paths:
                    took = await measure(client, name, paths)
                    print(f"  {took / plain:.0f} times /healthz")
                else:
                    print(f"{name:<8} none in this simulation")


async def fetched(rows: psycopg.AsyncConnection[Any], statement: str) -> list[tuple[Any, ...]]:
    """Up to so many of a kind, the same ones each run."""
    return await (await rows.execute(statement.encode(), (EACH,))).fetchall()


async def measure(client: Client, name: str, paths: list[str]) -> float:
    """Ask each once, after one to warm up."""
    await client.ask(paths[0])
    took = []
    for path in paths:
        began = time.perf_counter()
        await client.ask(path)
        took.append((time.perf_counter() - began) * 1000)
    middle = statistics.median(took)
    print(f"{name:<8} {len(took):>4} asked: median {middle:.1f} ms, worst {max(took):.1f} ms (bar 100)")
    return middle


if __name__ == "__main__":
    asyncio.run(main())
