"""Reports: how long a monthly report of 50,000 complaints takes as XLSX, and what memory it needs.

Bars: under 10 s and under 300 MB, from the question to the bytes. The rows lie in PostgreSQL as the runner
leaves them (eight events and one broken promise a complaint). The ratio is to a bare loop in the same
process: the cells of the same report, written by the standard library's csv.
Run: python benchmarks/reports.py [--rows 50000] [--rounds 3]
"""

import argparse
import asyncio
import csv
import io
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from onrecord_events.envelope import New, to_bytes
from onrecord_events.log import EventLog
from onrecord_events.report import Produced
from onrecord_events.wire import QuickReader
from onrecord_projections import cases, generation, sla, timeline
from onrecord_projections.bulk import insert
from onrecord_projections.queries.view import Views
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.memory import spare_the_collector
from onrecord_services.reports.complaint_analysis import REPORT
from onrecord_services.reports.parameters import Parameters
from onrecord_services.reports.produce import make, produce

TENANT, MONTH = "reports", "2026-06"
BEGAN = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("complaint.validity-judged", {"valid": True}),
    ("complaint.disposal-form-issued", {"department": "engineering"}),
    ("complaint.disposal-form-received", {"department": "engineering"}),
    ("complaint.disposal-plan-signed", {"department": "engineering"}),
    ("complaint.progress-shared", {"channel": "phone"}),
    ("complaint.resolved", {"accepted_by_customer": True}),
    ("callback.made", {"kind": "complaint", "channel": "phone", "by": "chen", "satisfied": True}),
)
ABOUT = ("lift", "water-leak", "noise", "parking")


def events_of(nth: int) -> Iterator[New]:
    """One complaint from the first word to the call-back, six hours apart."""
    stream, began = f"complaint/CP-2026-{nth:06}", BEGAN + timedelta(seconds=nth * 40)
    registered = {
        "severity": "minor",
        "channel": "phone",
        "customer": f"KH-{nth:06}",
        "received_by": f"YG-{nth % 40}",
        "about": ABOUT[nth % 4],
        "building": f"L{nth % 12:02}",
    }
    for step, (type_, data) in enumerate((("complaint.registered", registered), *STORY)):
        at = began + step * timedelta(hours=6)
        yield New(id=f"{nth}-{step}", source="/bench", type=type_, stream=stream, occurred_at=at, data=data,
                  recorded_at=at)  # fmt: skip


async def fill(engines: Engines, rows: int) -> None:
    """A tenant whose month has so many complaints."""
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    await tenants.prepare(owner)
    await tenants.create(engines.nats_url("operator"), owner, TENANT, "carried")
    await generation.enter(owner, TENANT)
    wire = QuickReader()
    await wire.connect(engines.nats_url("operator"))
    assert (await EventLog.open(wire, TENANT)).clock == "carried"
    told: list[Any] = []
    spans: list[Any] = []
    broken: list[Any] = []
    position = 0
    for nth in range(rows):
        story = list(events_of(nth))
        first, last = story[0].occurred_at, story[-1].occurred_at
        for event in story:
            position += 1
            told.append((position, event.stream, event.stream, event.type, event.occurred_at,
                         event.occurred_at, None, to_bytes(TENANT, event)))  # fmt: skip
        case = story[0].stream
        spans.append((case, "complaint", f"KH-{nth:06}", "L01", first, last, len(story), position, None))
        broken.append((case, "RENT-CRM-1.2-4C", "1", "rent-crm", 2, "clock", "chen", "breached", first,
                       first + timedelta(hours=24), last, timedelta(hours=42), timedelta(),
                       timedelta(hours=18), False, False, "", [], [position], "1", "2"))  # fmt: skip
    async with owner.transaction(), owner.cursor() as cursor:
        for shape, lines in ((timeline.EVENTS, told), (cases.SHAPE, spans), (sla.SHAPE, broken)):
            await insert(cursor, shape, lines)
        await cursor.execute("UPDATE checkpoint SET position = %s, watermark = %s", (position, last))
    await generation.analyze(owner)
    await wire.close()
    await owner.close()


def most_mb() -> float:
    """The most this process ever held; its parent's share before it began does not count."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None, "Linux tells"
    return int(found[1]) / 1000


async def report(url: str, rounds: int) -> None:
    """In a process that has done nothing else: the report, and the bare loop over the same cells."""

    async def append(_stream: str, body: Produced) -> None:
        assert body.rows, "there are complaints"

    spare_the_collector()  # as the desk does
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    asked = Parameters(period=MONTH)
    took, cpu, bare = [], [], []
    for nth in range(rounds):
        began, cpu_began_s = time.perf_counter(), time.process_time()
        made = await produce(connection, append, TENANT, REPORT.name, asked, "xlsx", "zh")
        took.append(time.perf_counter() - began)
        cpu.append(time.process_time() - cpu_began_s)
        if nth == 0:
            memory_mb = most_mb()
            print(f"{made.event.rows} complaints, {len(made.content) / 1e6:.1f} MB of XLSX")
            print(f"memory of the process at most {memory_mb:.0f} MB (bar 300)")
        async with Views().open(connection, TENANT, "zh") as view:
            sheet = (await make(view, REPORT, asked)).sheet
        began = time.perf_counter()
        csv.writer(io.StringIO()).writerows(sheet.rows)  # type: ignore[union-attr]  # the report is a table
        bare.append(time.perf_counter() - began)
    one, plain = statistics.median(took), statistics.median(bare)
    print(f"question to bytes {one:.2f} s (bar 10); {', '.join(f'{each:.2f}' for each in took)}")
    print(f"of that {statistics.median(cpu):.2f} s of CPU here, the rest in PostgreSQL and waiting")
    print(f"bare csv loop over the same cells {plain:.2f} s: the report is {one / plain:.1f} times that")
    await connection.close()


def main(rows: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Engines.start(Path(folder), ephemeral=True) as engines:
        asyncio.run(fill(engines, rows))
        again = [
            sys.executable,
            __file__,
            "--rounds",
            str(rounds),
            "--url",
            engines.postgres_dsn("onrecord_reader"),
        ]
        subprocess.run(again, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.url:
        asyncio.run(report(said.url, said.rounds))
    else:
        main(said.rows, said.rounds)
