"""A batch that relies on a stream it does not write to: stored before that stream moves, or not at all."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import nats
import pytest

from onrecord_events.decision import Relied
from onrecord_events.duty import Done
from onrecord_events.envelope import New
from onrecord_events.errors import Conflict
from onrecord_events.log import EventLog
from onrecord_services.engines import Engines

NOON = datetime(2026, 7, 11, 12, tzinfo=UTC)
LOCK = "payroll/2026-07"


def done(name: str, stream: str) -> New:
    return New.of(Done(duty="x", by="li"), id=name, source="/test", stream=stream, occurred_at=NOON)


def relied(name: str, stream: str) -> New:
    return New.of(Relied(other=LOCK, position=0), id=name, source="/test", stream=stream, occurred_at=NOON)


def decided(name: str) -> list[New]:
    stream = f"penalty/{name}"
    return [done(f"{name}-1", stream), relied(f"{name}-2", stream)]


@pytest.fixture
async def logs(engines: Engines) -> AsyncIterator[list[EventLog]]:
    """The same log in four hands, each with a connection of its own."""
    connections = [await nats.connect(engines.nats_url("operator")) for _ in range(4)]
    tenant = f"relied-{secrets.token_hex(4)}"
    await EventLog.create(connections[0], tenant)
    yield [await EventLog.open(connection, tenant) for connection in connections]
    for connection in connections:
        await connection.close()


async def test_what_is_relied_on_must_stand_where_it_was_seen(logs: list[EventLog]) -> None:
    log = logs[0]
    first = await log.append_batch(decided("A"), expected={"penalty/A": 0}, relied={LOCK: 0})
    assert [receipt.position for receipt in first] == [1, 2]
    lock = await log.append(done("lock", LOCK))
    with pytest.raises(Conflict):
        await log.append_batch(decided("B"), expected={"penalty/B": 0}, relied={LOCK: 0})
    assert await log.last_position() == lock.position
    again = await log.append_batch(decided("B"), expected={"penalty/B": 0}, relied={LOCK: lock.position})
    assert [receipt.position for receipt in again] == [4, 5]


async def test_its_own_stream_is_guarded_as_well(logs: list[EventLog]) -> None:
    await logs[0].append(done("A-0", "penalty/A"))
    with pytest.raises(Conflict):
        await logs[1].append_batch(decided("A"), expected={"penalty/A": 0}, relied={LOCK: 0})


async def test_the_same_batch_again_is_known_after_the_stream_has_moved(logs: list[EventLog]) -> None:
    first = await logs[0].append_batch(decided("A"), expected={"penalty/A": 0}, relied={LOCK: 0})
    await logs[1].append(done("lock", LOCK))
    again = await logs[2].append_batch(decided("A"), expected={"penalty/A": 0}, relied={LOCK: 0})
    assert [(receipt.position, receipt.duplicate) for receipt in again] == [(1, True), (2, True)]
    assert [receipt.position for receipt in first] == [1, 2]


async def test_whoever_races_with_the_lock_is_before_it_or_refused(logs: list[EventLog]) -> None:
    """Twenty locks, each against three who decide at the same moment, all over connections of their own."""
    late = 0
    for nth in range(20):
        lock = f"payroll/{nth}"

        async def decide(log: EventLog, who: int, nth: int = nth, lock: str = lock) -> int:
            batch = decided(f"{nth}-{who}")
            try:
                stored = await log.append_batch(batch, expected={batch[0].stream: 0}, relied={lock: 0})
            except Conflict:
                return 0
            return stored[-1].position

        locking = asyncio.create_task(logs[0].append(done(f"lock-{nth}", lock), expected=0))
        stored = await asyncio.gather(*(decide(log, who) for who, log in enumerate(logs[1:])))
        locked = await locking
        late += sum(position > locked.position for position in stored)
    assert late == 0
