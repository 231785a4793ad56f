"""The lock of a month on two desks, each with streams and connections of its own: as on two processes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest

from deciding import Desked
from onrecord_events.envelope import New
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.door import Door
from onrecord_services.desk.payroll.run import month_of
from onrecord_services.desk.registry import commands
from onrecord_services.desk.room import Room, Rooms
from onrecord_services.engines import Engines
from onrecord_services.intake.quotas import Quota, Quotas
from penalty_desk import CONFIRMING, TELLING, Office, late, office, setting, wage

MARCH = "2026-03"


@asynccontextmanager
async def beside(engines: Engines, keys: Path, first: Desked) -> AsyncIterator[tuple[Desked, Room]]:
    """Another desk of the same tenant."""
    connection = await nats.connect(engines.nats_url("desk"))
    pool = Pool(engines.postgres_dsn("onrecord_reader"))
    reads = Reads(pool)
    rooms = Rooms(connection, engines.nats_url("desk"), keys, reads)
    door = Door(rooms, reads, Quotas(Quota(), lambda: 0.0), commands(), lambda: first.at)
    try:
        yield Desked(first.log, door, first.at), await rooms.of(first.log.tenant)
    finally:
        rooms.close()
        await connection.close()
        await pool.close()


def storing_after(room: Room, happens: Callable[[], Awaitable[Answer]]) -> list[Answer]:
    """The first time this desk is about to store something, something else happens before."""
    store = room.store
    happened: list[Answer] = []

    async def late_to_store(
        aggregate: Aggregate | None,
        news: Sequence[New],
        expected: Mapping[str, int],
        relied: Mapping[str, int],
    ) -> list[int]:
        if not happened:
            happened.append(await happens())
        return await store(aggregate, news, expected, relied)

    room.store = late_to_store  # type: ignore[method-assign]
    return happened


@pytest.fixture
async def dealer(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    """Four late files of li's, told of and ready to be confirmed."""
    async with office(engines, tmp_path) as made:
        floor = setting("payroll.floor", "2360.00")
        await made.hear(*late("V1", "V2", "V3", "V4"), floor, wage(MARCH, "9000.00"))
        made.desk.at = TELLING
        for line, _, amount, *_ in await made.lines():
            await made.ask("penalty.notify", "sun", line=line, month=MARCH, amount=str(amount))
        made.desk.at = CONFIRMING
        yield made


async def test_whoever_had_looked_before_the_lock_is_refused_after_it(
    engines: Engines, tmp_path: Path, dealer: Office
) -> None:
    """He has read an open month and decided; before he stores it, the other desk locks the month."""
    line, _, amount, *_ = (await dealer.lines())[0]
    async with beside(engines, tmp_path, dealer.desk) as (other, room):
        locked = storing_after(room, lambda: dealer.desk.ask("payroll.export", "qian", month=MARCH))
        other.at = CONFIRMING
        answer = await other.ask("penalty.approve", "zhao", line=line, month=MARCH, amount=str(amount))
    assert locked[0].outcome == "decided"
    assert (answer.outcome, answer.reason) == ("refused", "period-locked")
    assert (await dealer.desk.types(f"penalty/{line}"))[-1] == "decision.refused"
    assert "penalty.approved" not in await dealer.desk.types(f"penalty/{line}")


async def test_whatever_both_desks_do_at_once_nothing_stands_behind_the_lock(
    engines: Engines, tmp_path: Path, dealer: Office
) -> None:
    lines = [(line, str(amount)) for line, _, amount, *_ in await dealer.lines()]

    async def decide(desk: Desked, nth: int) -> Answer:
        line, amount = lines[nth]
        await asyncio.sleep(nth * 0.004)
        said: dict[str, Any] = {"line": line, "month": MARCH, "amount": amount}
        return await desk.ask("penalty.approve", "zhao", **said)

    async with beside(engines, tmp_path, dealer.desk) as (other, _):
        other.at = CONFIRMING
        *decided, _ = await asyncio.gather(
            *(decide(other, nth) for nth in range(len(lines))),
            dealer.desk.ask("payroll.export", "qian", month=MARCH, last=False),
        )
    begun = (await month_of(dealer.desk.log, MARCH)).position
    for (line, _), answer in zip(lines, decided, strict=True):
        stored = await dealer.desk.stream(f"penalty/{line}")
        approved = [event.position for event in stored if event.type == "penalty.approved"]
        assert all(position < begun for position in approved)
        assert (answer.outcome == "decided") == bool(approved)


async def test_months_go_in_order_on_two_desks_as_well(
    engines: Engines, tmp_path: Path, dealer: Office
) -> None:
    """March was not locked when the other desk looked at April; April is by the time March would be."""
    async with beside(engines, tmp_path, dealer.desk) as (other, room):
        locked = storing_after(room, lambda: dealer.desk.ask("payroll.export", "qian", month="2026-04"))
        other.at = CONFIRMING
        answer = await other.ask("payroll.export", "qian", month=MARCH)
    assert (locked[0].outcome, answer.reason) == ("decided", "later-month-locked")
