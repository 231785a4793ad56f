"""Rebuild: the read models made anew beside the live ones, compared row by row, then switched at once.

Readers notice nothing. If the rows differ at the position where the live ones stood, nothing is switched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from onrecord_events.log import Checkpoint, EventLog
from onrecord_projections import generation
from onrecord_projections.digest import Digests, digests
from onrecord_projections.generation import Held
from onrecord_projections.runner import Runner


@dataclass(frozen=True)
class Rebuilt:
    """What came of it: the position compared at, each table's digest before and after, and which is live."""

    position: int
    live: Digests
    made: Digests
    switched_to: str | None

    @property
    def differing(self) -> list[str]:
        """Tables whose rows are not the same, byte for byte."""
        return [table for table in self.live if self.live[table] != self.made[table]]


async def rebuild(
    owner: AsyncConnection[Any],
    writer: AsyncConnection[Any],
    log: EventLog,
    *,
    progress: Callable[[Held, int], None] | None = None,
    switch: bool = True,
) -> Rebuilt:
    """Make the next generation of a tenant from its log, compare, switch. Needs owner and writer.

    Raises LogMismatch if the live rows were made from another log.
    """
    before = await generation.enter(owner, log.tenant)
    checkpoint, live = await _as_it_stands(owner)
    await log.verify(checkpoint)
    position = checkpoint.position
    name = await generation.create(owner, log.tenant, log.epoch)
    switched = False
    try:
        runner = Runner(writer, log, name, live=False)
        await runner.begin()
        await runner.run(until=position, progress=progress)
        await generation.use(owner, name)
        made = await digests(owner)
        if switch and made == live:
            await generation.analyze(owner)
            await _catch_up_and_switch(owner, runner, log, (before, name), progress)
            switched = True
    finally:
        await generation.drop(owner, before if switched else name)
    return Rebuilt(position, live, made, name if switched else None)


async def _as_it_stands(owner: AsyncConnection[Any]) -> tuple[Checkpoint, Digests]:
    """The live rows and how far they are, of one moment."""
    async with owner.transaction():
        await owner.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        held = await generation.held(owner)
        return held.checkpoint, await digests(owner)


async def _catch_up_and_switch(
    owner: AsyncConnection[Any],
    runner: Runner,
    log: EventLog,
    names: tuple[str, str],
    progress: Callable[[Held, int], None] | None,
) -> None:
    before, name = names
    await runner.run(until=await log.last_position(), progress=progress)
    async with owner.transaction():
        await generation.use(owner, before)
        cursor = await owner.execute("SELECT position FROM checkpoint FOR UPDATE")  # the live one waits here
        row = await cursor.fetchone()
        assert row is not None
        await runner.run(until=int(row[0]), progress=progress)
        await generation.activate(owner, log.tenant, name)
