"""Desk: decisions a second, and whether racing deciders ever break a rule.

Bars: commands of one event 600/s, across two streams 150/s, one process, 64 in flight, durable; 64 writers
racing on one stream: no violation in 100,000 conditional decisions, checked against a model.
Beside each rate stands a bare loop of the same appends (EventLog, no decision) in the same run.
Run: python benchmarks/desk.py [--decisions 100000]
"""

import argparse
import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import nats

from onrecord_events.base import Event, Ref
from onrecord_events.complaint import Answered
from onrecord_events.envelope import New, Recorded
from onrecord_events.log import EventLog
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.door import Door
from onrecord_services.desk.room import Rooms
from onrecord_services.engines import Engines
from onrecord_services.intake.quotas import Quota, Quotas
from onrecord_services.memory import spare_the_collector
from onrecord_services.vault.api_keys import ApiKey

IN_FLIGHT = 64
ROOM_FOR = 30
DESKS = 4
ROUND = 200
NO_QUOTA = Quota(events_per_s=1e9, bytes_per_s=1e12)


class Say(Command):
    """One event on one stream."""

    NAME: ClassVar[str] = "bench.say"
    complaint: Ref

    def streams(self) -> tuple[str, ...]:
        """The complaint."""
        return (f"complaint/{self.complaint}",)

    def decide(self, held: Held) -> Sequence[Fact]:  # noqa: ARG002 (nothing to decide)
        """Always yes."""
        return [Fact(self.streams()[0], Answered())]


class SayBoth(Say):
    """One event on each of two streams."""

    NAME: ClassVar[str] = "bench.say-both"

    def streams(self) -> tuple[str, ...]:
        """The complaint, and one beside it."""
        return (f"complaint/{self.complaint}", f"complaint/{self.complaint}-b")

    def decide(self, held: Held) -> Sequence[Fact]:  # noqa: ARG002 (nothing to decide)
        """Always yes."""
        return [Fact(stream, Answered()) for stream in self.streams()]


class Kept(Aggregate):
    """Anything goes; what is measured is the library's way."""

    def when(self, body: Event, new: New) -> None:
        """Its version is all there is to know."""


class SayKept(Say):
    """One event, kept by the library."""

    NAME: ClassVar[str] = "bench.say-kept"
    AGGREGATE: ClassVar[type[Aggregate] | None] = Kept


class Take(Say):
    """A place of a few; nobody gets two in a row."""

    NAME: ClassVar[str] = "bench.take"

    def decide(self, held: Held) -> Sequence[Fact]:
        """Yes while there is room and somebody else came last."""
        taken = [event.actor for event in held.events(self.streams()[0]) if event.type == Answered.TYPE]
        if len(taken) >= ROOM_FOR:
            raise Refused("full")
        if taken and taken[-1] == held.by:
            raise Refused("twice-in-a-row")
        return [Fact(self.streams()[0], Answered())]


KNOWN: Mapping[str, type[Command]] = {kind.NAME: kind for kind in (Say, SayBoth, SayKept, Take)}


class Asker:
    """A desk on a connection of its own, and somebody at it."""

    def __init__(self, door: Door, tenant: str, name: str) -> None:
        self._door = door
        self._key = ApiKey(
            digest=bytes(32), tenant=tenant, name=name, sources=(), scopes=("decide",), created_at=_now()
        )

    async def ask(self, name: str, by: str, complaint: str) -> Answer:
        """One request with a key of its own."""
        said: dict[str, Any] = {"key": secrets.token_hex(8), "by": by, "data": {"complaint": complaint}}
        return await self._door.ask(self._key, name, json.dumps(said).encode())


def _now() -> datetime:
    return datetime.now(UTC)


async def rate(work: Callable[[int], Awaitable[object]], count: int) -> float:
    """How many a second, 64 in flight."""
    todo = iter(range(count))

    async def worker() -> None:
        for nth in todo:
            await work(nth)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return count / (time.perf_counter() - began)


async def rates(asker: Asker, log: EventLog) -> None:
    """One event, two streams, and the library's way, each beside its bare appends."""

    def said(stream: str) -> New:
        return New.of(Answered(), id=secrets.token_hex(8), source="/bench", stream=stream, occurred_at=_now())

    async def bare_one(_: int) -> object:
        return await log.append(said(f"complaint/{secrets.token_hex(8)}"), expected=0)

    async def bare_two(_: int) -> object:
        news = [said(f"complaint/{secrets.token_hex(8)}") for _ in range(2)]
        return await log.append_batch(news, expected={new.stream: 0 for new in news})

    for what, name, bare, count, bar in (
        ("one event", "bench.say", bare_one, 6_000, 600),
        ("across two streams", "bench.say-both", bare_two, 1_000, 150),
        ("one event, kept by the library", "bench.say-kept", bare_one, 1_500, 600),
    ):
        await asker.ask(name, "p0", f"{name}-warm")
        ours = await rate(lambda nth, name=name: asker.ask(name, "p1", f"{name}-{nth}"), count)  # type: ignore[misc]
        theirs = await rate(bare, count)
        print(
            f"{what}: {ours:,.0f} decisions/s (bar {bar}); bare appends {theirs:,.0f}/s: "
            f"{ours / theirs:.2f} of them",
            flush=True,
        )


async def races(askers: Sequence[Asker], log: EventLog, decisions: int) -> None:
    """64 writers on one stream at a time, over several desks; every stream is replayed against a model."""
    broken, done, began = 0, 0, time.perf_counter()
    for nth in range(-(-decisions // ROUND)):
        name, todo = f"race-{nth}", iter(range(ROUND))

        async def writer(mine: int, name: str = name, todo: Any = todo) -> None:
            for _ in todo:
                await askers[mine % len(askers)].ask("bench.take", f"p{mine % 7}", name)

        await asyncio.gather(*(writer(mine) for mine in range(IN_FLIGHT)))
        done += ROUND
        broken += _violations(await log.read_stream_after(f"complaint/{name}"))
        if nth % 50 == 0:
            print(f"  {done:,} decisions, {broken} violations", flush=True)
    spent_s = time.perf_counter() - began
    print(f"{done:,} racing decisions in {spent_s:.0f} s: {broken} violations (bar 0)")


def _violations(events: Sequence[Recorded]) -> int:
    """The same rule, told again by a plain loop: every yes was right, and so was every no."""
    taken: list[str | None] = []
    wrong = 0 if len(events) == ROUND else 1
    for event in events:
        may = len(taken) < ROOM_FOR and (not taken or taken[-1] != event.actor)
        wrong += may != (event.type == Answered.TYPE)
        if event.type == Answered.TYPE:
            taken.append(event.actor)
    return wrong


async def measure(engines: Engines, folder: Path, decisions: int) -> None:
    """Everything, on a live log of its own."""
    spare_the_collector()  # as the desk does
    operator = await nats.connect(engines.nats_url("operator"))
    log = await EventLog.create(operator, "bench", "server")
    reads = Reads(Pool(engines.postgres_dsn("onrecord_reader")))
    connections = [await nats.connect(engines.nats_url("desk")) for _ in range(DESKS)]
    every = [Rooms(connection, engines.nats_url("desk"), folder, reads) for connection in connections]
    askers = [
        Asker(Door(rooms, reads, Quotas(NO_QUOTA, time.monotonic), KNOWN), "bench", f"desk-{nth}")
        for nth, rooms in enumerate(every)
    ]
    await rates(askers[0], log)
    await races(askers, log, decisions)
    for rooms, connection in zip(every, connections, strict=True):
        rooms.close()
        await connection.close()
    await operator.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=100_000, help="of the race")
    told = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as made,
        Engines.start(Path(made) / "d", ephemeral=True) as running,
    ):
        asyncio.run(measure(running, Path(made) / "keys", told.decisions))
