"""Grouped appends on a real server: many at once go as few, each whole, and nobody fails for another."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from onrecord_events.complaint import Answered
from onrecord_events.envelope import New
from onrecord_events.errors import Conflict
from onrecord_events.grouped import EVENTS_MAX, GroupedAppends
from onrecord_events.log import EventLog, Receipt
from onrecord_services.engines import Engines

NOON = datetime(2026, 7, 11, 4, tzinfo=UTC)
MONTH = "payroll/2026-07"
Positions = list[int] | str


class Sent:
    """A log, and how many events each batch of it held."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.sizes: list[int] = []

    async def append_batch(self, news: Sequence[New], **how: Any) -> list[Receipt]:
        self.sizes.append(len(news))
        return await self.log.append_batch(news, **how)


@pytest.fixture
async def operator(engines: Engines) -> AsyncIterator[Client]:
    connection = await nats.connect(engines.nats_url("operator"))
    yield connection
    await connection.close()


@pytest.fixture
async def sent(operator: Client) -> Sent:
    return Sent(await EventLog.create(operator, f"g-{secrets.token_hex(4)}"))


def answered(name: str, *streams: str) -> list[New]:
    """One event on each of these streams, none of which has one yet."""
    return [
        New.of(Answered(), id=f"{name}-{nth}", source="/t", stream=stream, occurred_at=NOON)
        for nth, stream in enumerate(streams)
    ]


async def ask(grouped: GroupedAppends, news: Sequence[New], *relied: str) -> Positions:
    expected = {new.stream: 0 for new in news}
    try:
        receipts = await grouped.append(news, expected=expected, relied=dict.fromkeys(relied, 0))
    except Conflict:
        return "conflict"
    return [receipt.position for receipt in receipts]


async def at_once(work: Iterable[Coroutine[Any, Any, Positions]]) -> list[Positions]:
    return list(await asyncio.gather(*work))


def pairs(grouped: GroupedAppends, count: int) -> Iterable[Coroutine[Any, Any, Positions]]:
    return (ask(grouped, answered(f"p{n}", f"case/{n}", f"case/{n}b")) for n in range(count))


async def test_many_at_once_are_few_batches_and_each_of_them_is_whole(sent: Sent) -> None:
    grouped = GroupedAppends(sent)  # type: ignore[arg-type]
    answers = await at_once(pairs(grouped, 250))
    assert answers == [[2 * nth + 1, 2 * nth + 2] for nth in range(250)]
    assert (await sent.log.event_at(500)).stream == "case/249b"
    assert sent.sizes == [EVENTS_MAX, EVENTS_MAX, 100]


async def test_whoever_comes_too_late_fails_alone(sent: Sent) -> None:
    await sent.log.append(answered("before", "case/3")[0])
    answers = await at_once(pairs(GroupedAppends(sent), 6))  # type: ignore[arg-type]
    assert [answer == "conflict" for answer in answers] == [False, False, False, True, False, False]
    assert await sent.log.read_stream("case/3b") == []
    assert await sent.log.last_position() == 11


async def test_of_two_on_one_stream_the_second_is_told_that_it_moved_on(sent: Sent) -> None:
    grouped = GroupedAppends(sent)  # type: ignore[arg-type]
    work = (ask(grouped, answered(f"p{n}", "case/1", f"case/{n + 2}")) for n in range(3))
    assert await at_once(work) == [[1, 2], "conflict", "conflict"]


async def test_what_one_relies_on_and_another_writes_is_not_stored_together(sent: Sent) -> None:
    grouped = GroupedAppends(sent)  # type: ignore[arg-type]
    relying = [ask(grouped, answered(name, f"case/{name}", f"case/{name}"), MONTH) for name in "abcd"]
    writing = ask(grouped, answered("x", MONTH, "payroll/begun"))
    answers = await at_once([*relying[:3], writing, relying[3]])
    assert answers == [[1, 2], [3, 4], [5, 6], [7, 8], "conflict"]
    assert sent.sizes == [6, 2, 2]


async def test_one_event_alone_goes_as_it_is(sent: Sent) -> None:
    assert await ask(GroupedAppends(sent.log), answered("p", "case/1")) == [1]


async def test_what_nobody_waits_for_any_more_stops_nobody(sent: Sent) -> None:
    grouped = GroupedAppends(sent)  # type: ignore[arg-type]
    left = asyncio.create_task(ask(grouped, answered("left", "case/1", "case/2")))
    other = asyncio.create_task(ask(grouped, answered("other", "case/3", "case/4")))
    await asyncio.sleep(0)
    left.cancel()
    assert await other == [3, 4]
    assert len(await sent.log.read_stream("case/1")) == 1
