"""Runner: carries one tenant's log into its read models, each event once, in order, for ever.

Rows and checkpoint move in one transaction, the checkpoint by compare-and-set. Whatever fails rolls back
whole and is read again. Policy events stand alone in their transaction, so that what an event means never
depends on where a batch was cut.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, InterfaceError, OperationalError

from onrecord_events.envelope import Recorded, digest_of
from onrecord_events.errors import EventError, LogMismatch, UnreadableEvent
from onrecord_events.log import Checkpoint, EventLog
from onrecord_projections import (
    bulk,
    cases,
    generation,
    handovers,
    journal,
    kpi,
    kpi_ranks,
    ownership,
    penalties,
    satisfaction,
    seen,
    service,
    shadow,
    sla,
    staff,
    timeline,
)
from onrecord_projections.bench import Bench
from onrecord_projections.bulk import while_writing
from onrecord_projections.change import Change, Stamped, one_each
from onrecord_projections.errors import Moved, ProjectionError, Stopped
from onrecord_projections.generation import Held
from onrecord_projections.judging import POLICY_TYPES, SHADOW_TYPES, Settings
from onrecord_projections.matters_memory import Memory

EVENTS_MAX = 5000
LINGER_S = 0.02

Progress = Callable[[Held, int], None]
"""Called after each commit with how far it is and how many events it took."""


class Runner:
    """One tenant, one generation, one connection of the writer's role in autocommit mode."""

    def __init__(self, connection: AsyncConnection[Any], log: EventLog, name: str, *, live: bool) -> None:
        self._connection = connection
        self._log = log
        self._name = name
        self._live = live
        self._held = Held(Checkpoint(log.epoch), None)
        self._settings = Settings()
        self._bench = Bench(self._settings)
        self._matters = Memory(self._settings)
        self._shadow = shadow.Shadow(connection, name, self._settings)

    async def begin(self) -> Held:
        """Pick up where the rows are. Raises LogMismatch if this is not the log they were made from."""
        await generation.use(self._connection, self._name)
        await self._connection.execute("SET synchronous_commit = off")  # what is lost is read again
        # judging a long history anew takes longer than the role's limit for an idle transaction
        await self._connection.execute("SET idle_in_transaction_session_timeout = 0")
        await bulk.prepare(self._connection, generation.MERGED)
        self._held = await generation.held(self._connection)
        try:
            await self._log.verify(self._held.checkpoint)
        except LogMismatch as error:
            await self._note(str(error))
            raise
        self._settings = Settings()
        for event in await timeline.of_policies(self._connection):
            self._settings = self._settings.evolve(event)
        self._bench = Bench(self._settings)
        self._matters = Memory(self._settings)
        self._shadow = shadow.Shadow(self._connection, self._name, self._settings)
        return self._held

    async def run(
        self, *, until: int | None = None, progress: Progress | None = None, events_max: int = EVENTS_MAX
    ) -> Held:
        """Project everything up to `until`, or for ever. Raises Stopped, Moved, NotOwner, LogMismatch."""
        after = self._held.checkpoint.position
        if until is not None and after >= until:
            return self._held
        try:
            async for batch in self._batches(after, until, events_max):
                for part in _parts(batch):
                    await self._project(part)
                    if progress:
                        progress(self._held, len(part))
        except UnreadableEvent as error:
            await self._stop(str(error))
        except LogMismatch as error:
            await self._note(str(error))
            raise
        return self._held

    def _batches(self, after: int, until: int | None, events_max: int) -> AsyncIterator[list[Recorded]]:
        return self._log.follow(after, until=until, events_max=events_max, linger_s=LINGER_S)

    async def _project(self, events: Sequence[Recorded]) -> None:
        """Commit; if the data is at fault, one by one up to the event that is."""
        try:
            await self._commit(events)
        except (OperationalError, InterfaceError, ProjectionError, EventError, asyncio.CancelledError):
            self._forget()
            raise
        except Exception as error:  # noqa: BLE001 (whatever the data does to us, the lane stops with its name)
            self._forget()
            if len(events) == 1:
                await self._stop(f"{events[0].type}: {type(error).__name__}: {error}")
            for event in events:
                await self._project([event])

    def _forget(self) -> None:
        """What memory holds may be ahead of the rows: a transaction failed."""
        self._bench.clear()
        self._shadow.clear()

    async def _commit(self, events: Sequence[Recorded]) -> None:
        was = self._held
        stamped, watermark = _stamp(events, was.watermark)
        async with self._connection.transaction(), self._connection.cursor() as cursor:
            if self._live and await generation.active(self._connection, self._log.tenant) != self._name:
                raise Moved(self._name)
            first = await seen.first_copies(cursor, events)
            fresh = list(first.values())
            positions = {event.position for event in fresh}
            tally = journal.Tally(journal.Passed(events, was.watermark))
            tally.happened(journal.Ground(self._settings), fresh)
            counted = [item for item in stamped if item.event.position in positions]
            passed = (was.watermark, watermark)
            beside = await self._shadow.judge(counted, passed)
            work = await self._bench.gather(self._connection, counted, *passed)
            settings = self._settings
            changes = await while_writing(
                _keep(cursor, first, fresh, settings), self._bench.judge(work, tally)
            )
            if events[0].type in POLICY_TYPES and fresh:
                settings = settings.evolve(fresh[0])
                await timeline.mark_policy(cursor, fresh[0])
                if events[0].type not in SHADOW_TYPES:
                    touched = [change.case_id for change in changes]
                    again = await self._judge_again(settings, fresh[0], watermark, tally, touched)
                    changes = one_each([*changes, *again])
            await self._write(cursor, changes, fresh, settings, passed)
            await self._shadow.write(cursor, beside, fresh, settings, passed)
            await journal.write(cursor, tally)
            now = Held(Checkpoint(self._log.epoch, events[-1].position, digest_of(events[-1].raw)), watermark)
            await generation.advance(self._connection, was, now)
        if settings is not self._settings:
            self._matters = Memory(settings)
        self._held, self._settings = now, settings

    async def _write(
        self,
        cursor: AsyncCursor[Any],
        changes: Sequence[Change],
        fresh: Sequence[Recorded],
        settings: Settings,
        passed: tuple[datetime | None, datetime],
    ) -> None:
        await cases.write(cursor, changes)
        await sla.write(cursor, changes)
        await handovers.write(cursor, changes)
        await service.write(cursor, changes, self._matters, self._settings, settings)
        moved = await kpi.write(cursor, changes, self._settings, settings)
        ranked = await kpi_ranks.changes(cursor, moved, *passed, settings)
        rules_changed = settings is not self._settings
        await ownership.write(cursor, changes, settings, passed[1], rules_changed=rules_changed)
        await staff.write(cursor, changes, settings, rules_changed=rules_changed)
        found = [*changes, *ranked]
        await penalties.write(cursor, found, fresh, settings, rules_changed=rules_changed)

    async def _judge_again(
        self,
        settings: Settings,
        event: Recorded,
        now: datetime,
        tally: journal.Tally,
        touched: Sequence[str],
    ) -> list[Change]:
        """Also the case of the decision itself: a policy may ask who approved it."""
        since = datetime.fromisoformat(event.data["effective_at"])
        return await self._bench.judge_again(self._connection, settings, since, now, tally, touched)

    async def _stop(self, error: str) -> None:
        """Poison stops its lane with a name and a row; it is never skipped in silence."""
        position = await self._note(error)
        raise Stopped(f"tenant {self._log.tenant} stopped before position {position}: {error}")

    async def _note(self, error: str) -> int:
        """For whoever asks why it stands still: before which position, and why."""
        position = self._held.checkpoint.position + 1
        await self._connection.execute(
            "INSERT INTO stopped (position, error) VALUES (%s, %s) "
            "ON CONFLICT (position) DO UPDATE SET error = excluded.error",
            (position, error),
        )
        return position


async def _keep(
    cursor: AsyncCursor[Any], first: Mapping[bytes, Recorded], fresh: Sequence[Recorded], settings: Settings
) -> None:
    """What must be written of events whatever they mean."""
    await timeline.write(cursor, fresh)
    await seen.write(cursor, first)
    await satisfaction.write(cursor, fresh, settings)


def _parts(batch: Sequence[Recorded]) -> Iterator[Sequence[Recorded]]:
    """The batch cut so that each policy event stands alone."""
    start = 0
    for nth, event in enumerate(batch):
        if event.type in POLICY_TYPES:
            if nth > start:
                yield batch[start:nth]
            yield batch[nth : nth + 1]
            start = nth + 1
    if start < len(batch):
        yield batch[start:]


def _stamp(events: Sequence[Recorded], watermark: datetime | None) -> tuple[list[Stamped], datetime]:
    """Each event with the watermark before it, and the watermark after all of them."""
    running = watermark or events[0].recorded_at
    stamped = []
    for event in events:
        stamped.append(Stamped(event, running))
        running = max(running, event.recorded_at)
    return stamped, running
