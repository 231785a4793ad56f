"""What-if: how long a draft over a million events takes, in one process and in two.

Bars: a million events in two processes under 60 s; two processes at least 1.7 times as fast as one. Tried
out are a new edition of RENT-CRM and a calendar with four closed weeks, over all of a simulated history. The
bare loop decodes the same rows and looks each event's type up.

The history is laid straight into the tables a what-if reads (`timeline`, `cases`), as the projector would
leave them: projecting a million events takes minutes, and nothing else is read.

Run: python benchmarks/whatif.py                     (a million events: about ten minutes)
     python benchmarks/whatif.py --events 100000 --rounds 1
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection
from yard import sealed

from onrecord_events.envelope import New, from_bytes, to_bytes
from onrecord_projections import bulk, cases, generation, timeline
from onrecord_projections.bench import UNJUDGED_KINDS
from onrecord_projections.calendar import shipped
from onrecord_projections.judging import POLICY_TYPES, shipped_rulebook
from onrecord_projections.whatif import Changes
from onrecord_projections.whatif.changes import Text
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.whatif.run import Asked, Outcome, compared
from onrecord_services.whatif.workers import settings_of

TENANT = "bench"
CLOSED = """
[[exceptions]]
source = "made up for the benchmark"
off = [
  { from = 2024-03-11, to = 2024-03-15, name = "closed" },
  { from = 2024-07-08, to = 2024-07-12, name = "closed" },
  { from = 2025-03-10, to = 2025-03-14, name = "closed" },
  { from = 2025-11-10, to = 2025-11-14, name = "closed" },
]
"""


def changes() -> Changes:
    """What is tried out."""
    book, text = shipped_rulebook("rent-crm")
    edition = text.replace(f"edition = {book.edition}", "edition = 9", 1)
    closed = shipped("cn-state-council") + CLOSED
    return Changes(
        rulebooks=(Text("draft.toml", edition),), calendars=(Text("closed.toml", closed),), from_start=True
    )


@asynccontextmanager
async def laid(engines: Engines, keys: Path, events: int) -> AsyncIterator[AsyncConnection[Any]]:
    """A tenant whose read model holds so many events, and a connection of the owner on it."""
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    try:
        await tenants.prepare(owner)
        name = await generation.create(owner, TENANT, "epoch")
        await generation.activate(owner, TENANT, name)
        await generation.use(owner, name)
        position = 0
        begun: dict[str, list[Any]] = {}
        async for batch in sealed(keys, TENANT, events):
            position = await _lay(owner, batch, position, begun)
        async with owner.cursor() as cursor:
            await bulk.insert(cursor, cases.SHAPE, sorted(_case(*item) for item in begun.items()))
        await generation.analyze(owner)
        yield owner
    finally:
        await owner.close()


async def _lay(
    owner: AsyncConnection[Any], batch: list[New], position: int, begun: dict[str, list[Any]]
) -> int:
    """One batch into the timeline; the last position."""
    events = [
        from_bytes(to_bytes(TENANT, new), nth, new.recorded_at or new.occurred_at)
        for nth, new in enumerate(batch, position + 1)
    ]
    async with owner.transaction(), owner.cursor() as cursor:
        await timeline.write(cursor, events)
        for event in events:
            if event.type in POLICY_TYPES:
                await timeline.mark_policy(cursor, event)
        last = events[-1]
        await cursor.execute(
            "UPDATE checkpoint SET position = %s, watermark = greatest(watermark, %s)",
            (last.position, last.recorded_at),
        )
    for event in events:
        if event.stream.partition("/")[0] not in UNJUDGED_KINDS:
            row = begun.setdefault(event.case, [event.occurred_at, event.occurred_at, 0, 0])
            row[1:] = event.occurred_at, row[2] + 1, event.position
    return events[-1].position


def _case(case_id: str, row: list[Any]) -> tuple[Any, ...]:
    return (case_id, case_id.partition("/")[0], None, None, *row, None)


async def bare(owner: AsyncConnection[Any]) -> float:
    """Seconds for the least anybody could do: decode every row once, look its type up."""
    plans = (await settings_of(owner)).index.plans
    began, found = time.perf_counter(), 0
    async with owner.cursor(binary=True) as cursor:
        await cursor.execute("SELECT position, recorded_at, raw FROM timeline ORDER BY position")
        async for position, recorded_at, raw in cursor:
            found += plans.get(from_bytes(raw, position, recorded_at).type) is not None
    return time.perf_counter() - began


async def timed(engines: Engines, processes: int) -> tuple[float, Outcome]:
    """Seconds from the question to every figure, and what came of it."""
    asked = Asked(TENANT, changes(), "2024-01-01", "2027-01-01")
    began = time.perf_counter()
    async with compared(engines.postgres_dsn("onrecord_reader"), asked, processes=processes) as found:
        return time.perf_counter() - began, found


async def main(events: int, rounds: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "d", ephemeral=True) as engines,
    ):
        began = time.perf_counter()
        async with laid(engines, Path(folder) / "keys", events) as owner:
            print(f"{events:,} events laid in {time.perf_counter() - began:.0f} s", flush=True)
            ratios, twos = [], []
            for _ in range(rounds):
                loop_s = await bare(owner)
                two_s, found = await timed(engines, 2)
                one_s, _ = await timed(engines, 1)
                ratios.append(one_s / two_s)
                twos.append(two_s)
                overall = found.totals.overall()
                print(
                    f"  1 process {one_s:.1f} s, 2 processes {two_s:.1f} s, bare loop {loop_s:.1f} s "
                    f"(1 process is {one_s / loop_s:.1f} times it); {found.events:,} events of cases, "
                    f"{overall.before.clocks:,} clocks, {overall.clocks.changed:,} changed",
                    flush=True,
                )
        print(f"{events:,} events in 2 processes: {statistics.median(twos):.1f} s (bar 60 at a million)")
        print(f"2 processes {statistics.median(ratios):.2f} times as fast as 1 (bar 1.7)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    asyncio.run(main(told.events, told.rounds))
