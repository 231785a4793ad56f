"""Workers: processes that each keep one read-only connection, all on the snapshot of one moment.

Started afresh (spawn) and given addresses and texts only: each folds the rules by itself.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection, IsolationLevel, sql

from onrecord_projections import generation, timeline
from onrecord_projections.judging import Settings
from onrecord_projections.whatif import Changes, Period, changed
from onrecord_projections.whatif.replay import Question, Told, compare_cases, compare_people
from onrecord_services.memory import spare_the_collector


@dataclass(frozen=True)
class Errand:
    """All a worker needs to know."""

    url: str
    generation: str
    snapshot: str
    changes: Changes
    period: Period
    as_of: datetime
    folder: Path


class _Worker:
    """What one process holds as long as it lives."""

    def __init__(self, errand: Errand) -> None:
        spare_the_collector()
        self.runner = asyncio.Runner()
        self.rows, self.question = self.runner.run(_open(errand))


_PATIENT = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
_here: list[_Worker] = []
"""This process's worker, once it has begun."""


def pool(errand: Errand, workers: int) -> ProcessPoolExecutor:
    """So many processes that know their errand."""
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(errand,)
    )


def cases(share: int) -> Told:
    """In a worker: one share of the cases."""
    worker = _here[0]
    return worker.runner.run(compare_cases(worker.rows, worker.question, share))


def people(share: int) -> Told:
    """In a worker: one share of the people; after all cases."""
    worker = _here[0]
    return worker.runner.run(compare_people(worker.rows, worker.question, share))


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[AsyncConnection[Any]]:
    """A connection that cannot write, in one transaction that sees one moment."""
    rows = await _connected(url)
    try:
        yield rows
        await rows.rollback()
    finally:
        await rows.close()


async def settings_of(rows: AsyncConnection[Any]) -> Settings:
    """The rules in force, folded from the tenant's policy events."""
    settings = Settings()
    for event in await timeline.of_policies(rows):
        settings = settings.evolve(event)
    return settings


async def _connected(url: str) -> AsyncConnection[Any]:
    """The reader's time limits are for questions; this one holds its snapshot as long as it takes."""
    rows = await psycopg.AsyncConnection.connect(url, options=_PATIENT)
    await rows.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await rows.set_read_only(True)
    return rows


def _begin(errand: Errand) -> None:
    _here.append(_Worker(errand))


async def _open(errand: Errand) -> tuple[AsyncConnection[Any], Question]:
    rows = await _connected(errand.url)
    await rows.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(errand.snapshot)))
    await generation.use(rows, errand.generation)
    live = await settings_of(rows)
    question = Question(
        live, changed(live, errand.changes, errand.period.begin), errand.period, errand.as_of, errand.folder
    )
    return rows, question
