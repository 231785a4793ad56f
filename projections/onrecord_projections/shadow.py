"""Shadow: what do the drafts that run beside come to, on the very same events?

Each generation has a second schema with the tables that follow from rules; empty, and touched by nobody, as
long as no draft runs. When one begins it is filled with the live rows, and what lived since the draft's first
instant is judged anew; from then on each batch is judged twice, in one transaction. The second schema lies
first on the search path meanwhile, so read models write to it as they always do. Live rows, the journal and
what the clock wakes up for know nothing of it; a draft's breach shows when time passes for another reason.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, sql

from onrecord_events.envelope import Recorded
from onrecord_projections import bulk, cases, findings, kpi, kpi_ranks, penalties, sla
from onrecord_projections.bench import Bench
from onrecord_projections.change import Change, Stamped, one_each
from onrecord_projections.judging import SHADOW_TYPES, Settings

TABLES = (*cases.TABLES, *sla.TABLES, *findings.TABLES, *penalties.TABLES, *kpi.TABLES)
"""What follows from rules, by name and the columns its rows are sorted by."""
MERGED = (cases.SHAPE, sla.SHAPE, findings.SHAPE, penalties.SHAPE, *kpi.SHAPES)
DDL = (cases.DDL, sla.DDL, findings.DDL, penalties.DDL, kpi.DDL)

Passed = tuple[datetime | None, datetime]
"""The watermark before and after a batch."""


def schema_of(generation: str) -> str:
    """Where the second rows of a generation are."""
    return f"{generation}_shadow"


@asynccontextmanager
async def first(connection: AsyncConnection[Any], generation: str) -> AsyncIterator[None]:
    """Within a transaction: statements see the second rows, and the live ones of all other tables."""
    await _search(connection, f"{schema_of(generation)}, {generation}")
    yield
    await _search(connection, generation)


class Shadow:
    """The second judgement of one generation; idle while no draft runs."""

    def __init__(self, connection: AsyncConnection[Any], generation: str, settings: Settings) -> None:
        self._connection, self._generation = connection, generation
        self._settings = settings
        self._bench = Bench(settings.shadow) if settings.shadow else None

    def clear(self) -> None:
        """Forget the cases held; a transaction failed."""
        if self._bench is not None:
            self._bench.clear()

    async def judge(self, stamped: Sequence[Stamped], passed: Passed) -> list[Change]:
        """What a batch did under the drafts; before its events are in the timeline."""
        if self._bench is None:
            return []
        async with first(self._connection, self._generation):
            return await self._bench.judge(await self._bench.gather(self._connection, stamped, *passed))

    async def write(
        self,
        cursor: AsyncCursor[Any],
        changes: Sequence[Change],
        fresh: Sequence[Recorded],
        settings: Settings,
        passed: Passed,
    ) -> None:
        """The second rows, after the live ones; under new settings first what these make of the past."""
        was, self._settings = self._settings, settings
        if settings.shadows != was.shadows:
            await self._begin_anew(cursor, settings, passed)
        elif self._bench is not None and settings.shadow is not None:
            async with first(self._connection, self._generation):
                before = self._bench.settings
                if settings is not was and fresh[0].type not in SHADOW_TYPES:
                    since = datetime.fromisoformat(fresh[0].data["effective_at"])
                    again = await self._bench.judge_again(self._connection, settings.shadow, since, passed[1])
                    changes = one_each([*changes, *again])
                await bulk.empty(self._connection, MERGED)
                await _write(cursor, changes, fresh, (before, self._bench.settings), passed)

    async def _begin_anew(self, cursor: AsyncCursor[Any], settings: Settings, passed: Passed) -> None:
        """Other drafts than before: the live rows once more, judged again from the first draft's instant."""
        await self._copy(cursor, with_rows=bool(settings.shadow))
        self._bench = None
        if settings.shadow is None:
            return
        self._bench = Bench(settings)
        since = min(draft.since for draft in settings.shadows.values())
        async with first(self._connection, self._generation):
            changes = await self._bench.judge_again(self._connection, settings.shadow, since, passed[1])
            await bulk.empty(self._connection, MERGED)
            await _write(cursor, changes, (), (settings, settings.shadow), passed)

    async def _copy(self, cursor: AsyncCursor[Any], *, with_rows: bool) -> None:
        """Drop the second rows; take the live ones in their place, if a draft runs at all."""
        for name, _ in TABLES:
            second = sql.Identifier(schema_of(self._generation), name)
            await cursor.execute(sql.SQL("DELETE FROM {}").format(second))
            if with_rows:
                live = sql.Identifier(self._generation, name)
                await cursor.execute(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(second, live))


async def _write(
    cursor: AsyncCursor[Any],
    changes: Sequence[Change],
    fresh: Sequence[Recorded],
    settings: tuple[Settings, Settings],
    passed: Passed,
) -> None:
    """As the runner writes the live rows."""
    was, now = settings
    await cases.write(cursor, changes)
    await sla.write(cursor, changes)
    moved = await kpi.write(cursor, changes, was, now)
    changes = [*changes, *await kpi_ranks.changes(cursor, moved, *passed, now)]
    await penalties.write(cursor, changes, fresh, now, rules_changed=now is not was)


async def _search(connection: AsyncConnection[Any], path: str) -> None:
    await connection.execute("SELECT set_config('search_path', %s, true)", (path,))
