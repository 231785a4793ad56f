"""Run: a what-if from the question to what differs. Writes nothing but files of its own."""

import asyncio
import heapq
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from onrecord_projections import generation
from onrecord_projections.judging import Settings
from onrecord_projections.whatif import Changes, ClockDifference, LineDifference, Period, Totals, changed
from onrecord_projections.whatif.changes import told
from onrecord_projections.whatif.replay import PEOPLE_SHARES, SHARES, Told
from onrecord_projections.whatif.spill import read
from onrecord_services.whatif import workers
from onrecord_services.whatif.workers import Errand, reading, settings_of


class NothingToCompare(Exception):
    """The question has no answer, and why."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know. Days are those of the tenant's zone; `end` is not included."""

    tenant: str
    changes: Changes
    begin: str
    end: str


@dataclass
class Outcome:
    """What differs: figures at hand, lists out of the files of the workers."""

    tenant: str
    position: int
    as_of: datetime
    period: Period
    changes: list[dict[str, str]]
    zone: ZoneInfo
    folder: Path
    events: int = 0
    totals: Totals = field(default_factory=Totals)

    def clocks(self) -> Iterator[ClockDifference]:
        """Every clock that differs, by case and clause."""
        files = [read(self.folder / f"clocks-{share}", ClockDifference) for share in range(SHARES)]
        return heapq.merge(*files, key=attrgetter("key"))

    def lines(self) -> Iterator[LineDifference]:
        """Every penalty line that differs, by person."""
        files = [read(self.folder / f"lines-{share}", LineDifference) for share in range(PEOPLE_SHARES)]
        return heapq.merge(*files, key=attrgetter("key"))


Progress = Callable[[int, int], None]
"""Told how many events are done, of how many."""


@asynccontextmanager
async def compared(
    url: str, asked: Asked, *, processes: int | None = None, progress: Progress | None = None
) -> AsyncIterator[Outcome]:
    """The tenant's history under its own rules and under the changed ones, as long as the block lasts.

    Raises NothingToCompare, BadChange, NoReadModel.
    """
    with TemporaryDirectory(prefix="onrecord-whatif-") as folder:
        async with reading(url) as rows:
            name = await generation.enter(rows, asked.tenant)
            held = await generation.held(rows)
            live = await settings_of(rows)
            if held.watermark is None:
                raise NothingToCompare(f"tenant {asked.tenant} has no event yet")
            zone = ZoneInfo(live.reading("r1.zone", held.watermark))
            period = _period(asked, zone, held.watermark)
            changed(live, asked.changes, period.begin)  # refused here, before any process starts
            errand = Errand(
                url, name, await _snapshot(rows), asked.changes, period, held.watermark, Path(folder)
            )
            outcome = _outcome(asked, live, errand, held.checkpoint.position, zone)
            await _fill(outcome, errand, processes or cores(), await _events(rows), progress)
        yield outcome


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _fill(
    outcome: Outcome, errand: Errand, processes: int, events: int, progress: Progress | None
) -> None:
    """Let the workers do their two passes; sums do not depend on who did which share."""
    loop = asyncio.get_running_loop()
    executor = workers.pool(errand, processes)
    try:
        for work, shares in ((workers.cases, SHARES), (workers.people, PEOPLE_SHARES)):
            running = [loop.run_in_executor(executor, work, share) for share in range(shares)]
            for done in asyncio.as_completed(running):
                told_of: Told = await done
                outcome.events += told_of.events
                outcome.totals.add(told_of.totals)
                if progress:
                    progress(outcome.events, events)
    except BrokenProcessPool:
        raise NothingToCompare("a worker process ended before its time; is there memory left?") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _outcome(asked: Asked, live: Settings, errand: Errand, position: int, zone: ZoneInfo) -> Outcome:
    changes = told(live, asked.changes, errand.period.begin)
    as_of = errand.as_of.astimezone(zone)
    return Outcome(asked.tenant, position, as_of, errand.period, changes, zone, errand.folder)


def _period(asked: Asked, zone: ZoneInfo, watermark: datetime) -> Period:
    begin, end = (_instant(text, zone) for text in (asked.begin, asked.end))
    if begin >= end:
        raise NothingToCompare(f"--from {asked.begin} does not lie before --to {asked.end}")
    if begin > watermark:
        last = watermark.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        raise NothingToCompare(f"nothing happened since {asked.begin}: the last event is of {last}")
    return Period(begin, end)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """A day begins at its midnight; an instant names its offset, or is meant on the tenant's walls."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NothingToCompare(f"{text!r} is no day such as 2026-06-01, and no instant") from None
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)


async def _snapshot(rows: AsyncConnection[Any]) -> str:
    row = await (await rows.execute("SELECT pg_export_snapshot()")).fetchone()
    assert row is not None, "a function gives a row"
    return str(row[0])


async def _events(rows: AsyncConnection[Any]) -> int:
    row = await (await rows.execute("SELECT coalesce(sum(events), 0) FROM cases")).fetchone()
    assert row is not None, "a sum is a row"
    return int(row[0])
