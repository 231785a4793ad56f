"""The log on a real server: what is acknowledged stays, once, in order; what differs is refused."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import nats
import pytest
from nats.aio.client import Client

from onrecord_events.complaint import ProgressShared, Registered
from onrecord_events.envelope import New, digest_of
from onrecord_events.errors import Conflict, LogMismatch, LogUnavailable, OutOfOrder, PartlyKnown
from onrecord_events.log import Checkpoint, EventLog, Receipt, tenants
from onrecord_services.engines import Engines

NOON = datetime(2026, 7, 11, 12, tzinfo=UTC)


def registered(name: str, *, stream: str | None = None, recorded_at: datetime | None = None) -> New:
    body = Registered(severity="minor", channel="phone", customer="C-1", received_by="chen")
    return New.of(
        body,
        id=name,
        source="/test",
        stream=stream or f"complaint/{name}",
        occurred_at=NOON,
        recorded_at=recorded_at,
    )


@pytest.fixture
async def operator(engines: Engines) -> AsyncIterator[Client]:
    connection = await nats.connect(engines.nats_url("operator"))
    yield connection
    await connection.close()


@pytest.fixture
async def log(operator: Client) -> EventLog:
    return await EventLog.create(operator, f"log-{secrets.token_hex(4)}")


async def everything(log: EventLog) -> list[str]:
    last = await log.last_position()
    found: list[str] = []
    if last:
        async for batch in log.follow(until=last):
            found += [event.id for event in batch]
    return found


async def test_an_event_comes_back_as_it_went_in(log: EventLog) -> None:
    receipt = await log.append(registered("A"))
    event = await log.event_at(receipt.position)
    assert (event.position, event.id, event.source, event.stream) == (1, "A", "/test", "complaint/A")
    assert event.occurred_at == NOON
    assert event.data == {
        "severity": "minor",
        "channel": "phone",
        "customer": "C-1",
        "received_by": "chen",
        "level": "station",
    }
    assert abs(event.recorded_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_the_same_event_again_is_answered_with_its_first_position(log: EventLog) -> None:
    assert await log.append(registered("A")) == Receipt(1)
    assert await log.append(registered("A")) == Receipt(1, duplicate=True)
    assert await everything(log) == ["A"]


async def test_a_retry_with_a_now_stale_expectation_is_known_as_the_same_event(log: EventLog) -> None:
    first = await log.append(registered("A"), expected=0)
    await log.append(registered("B", stream="complaint/A"), expected=first.position)
    assert await log.append(registered("A"), expected=0) == Receipt(1, duplicate=True)


async def test_a_stale_expectation_is_a_conflict_and_stores_nothing(log: EventLog) -> None:
    await log.append(registered("A"))
    with pytest.raises(Conflict):
        await log.append(registered("B", stream="complaint/A"), expected=0)
    assert await everything(log) == ["A"]


async def test_fifty_writers_of_one_version_have_one_winner(log: EventLog) -> None:
    answers = await asyncio.gather(
        *(log.append(registered(f"W{n}", stream="complaint/one"), expected=0) for n in range(50)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Receipt) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 49


async def test_a_batch_is_all_or_nothing(log: EventLog) -> None:
    receipts = await log.append_batch([registered(f"B{n}") for n in range(1000)])
    assert [receipt.position for receipt in receipts] == list(range(1, 1001))
    with pytest.raises(Conflict):
        await log.append_batch(
            [registered("X"), registered("Y", stream="complaint/B0")], expected={"complaint/B0": 0}
        )
    with pytest.raises(PartlyKnown):
        await log.append_batch([registered("B7"), registered("Z")])
    assert await log.last_position() == 1000


async def test_a_whole_batch_again_is_known(log: EventLog) -> None:
    batch = [registered(f"B{n}") for n in range(3)]
    await log.append_batch(batch)
    assert await log.append_batch(batch) == [Receipt(n, duplicate=True) for n in (1, 2, 3)]


async def test_one_stream_is_read_alone_and_in_order(log: EventLog) -> None:
    await log.append_batch([registered(f"N{n}", stream=f"complaint/{n % 3}") for n in range(9)])
    assert [event.id for event in await log.read_stream("complaint/1")] == ["N1", "N4", "N7"]
    assert await log.read_stream("complaint/none") == []


async def test_live_events_arrive_without_being_asked_for(log: EventLog) -> None:
    live = log.follow()
    waiting = asyncio.ensure_future(anext(live))
    await log.append(registered("A"))
    assert [event.id for event in await waiting] == ["A"]
    await live.aclose()  # type: ignore[attr-defined]  # an async generator has it


async def test_reading_goes_on_where_it_stopped_and_ends_where_told(log: EventLog) -> None:
    await log.append_batch([registered(f"N{n}") for n in range(50)])
    seen = [[event.position for event in batch] async for batch in log.follow(10, until=30, events_max=8)]
    assert [position for batch in seen for position in batch] == list(range(11, 31))
    assert max(len(batch) for batch in seen) <= 8


async def test_a_carried_clock_takes_the_events_own_time_and_never_runs_backwards(operator: Client) -> None:
    log = await EventLog.create(operator, f"log-{secrets.token_hex(4)}", "carried")
    await log.append(registered("A", recorded_at=NOON))
    with pytest.raises(OutOfOrder):
        await log.append(registered("B", recorded_at=NOON - timedelta(seconds=1)))
    with pytest.raises(OutOfOrder):
        await log.append(registered("C"))
    again = await EventLog.open(operator, log.tenant)
    assert again.clock == "carried"
    assert (await again.event_at(1)).recorded_at == NOON
    with pytest.raises(OutOfOrder):
        await again.append(registered("D", recorded_at=NOON - timedelta(seconds=1)))


async def test_a_clock_is_chosen_once(log: EventLog, operator: Client) -> None:
    with pytest.raises(LogMismatch):
        await EventLog.create(operator, log.tenant, "carried")


async def test_a_checkpoint_of_this_log_is_accepted(log: EventLog) -> None:
    await log.append(registered("A"))
    digest = digest_of((await log.event_at(1)).raw)
    await log.verify(Checkpoint(log.epoch, 1, digest))
    await log.verify(Checkpoint(log.epoch))


@pytest.mark.parametrize(
    ("epoch", "position", "digest", "words"),
    [
        pytest.param("another", 1, None, "another log", id="replaced-log"),
        pytest.param(None, 2, None, "events are lost", id="shorter-log"),
        pytest.param(None, 1, b"\0" * 32, "position 1", id="other-event"),
    ],
)
async def test_a_checkpoint_of_anything_else_is_refused_with_the_place(
    log: EventLog, epoch: str | None, position: int, digest: bytes | None, words: str
) -> None:
    await log.append(registered("A"))
    right = digest_of((await log.event_at(1)).raw)
    with pytest.raises(LogMismatch, match=words):
        await log.verify(Checkpoint(epoch or log.epoch, position, digest or right))


async def test_a_tenant_without_a_log_is_unavailable(operator: Client) -> None:
    with pytest.raises(LogUnavailable):
        await EventLog.open(operator, "nobody")


async def test_tenants_are_listed(log: EventLog, operator: Client) -> None:
    assert log.tenant in await tenants(operator)


async def test_a_stream_of_one_kind_is_read_with_a_follow_up_event(log: EventLog) -> None:
    await log.append(registered("A"))
    follow_up = New.of(
        ProgressShared(), id="A2", source="/test", stream="complaint/A", occurred_at=NOON + timedelta(hours=1)
    )
    await log.append(follow_up, expected=1)
    assert [event.type for event in await log.read_stream("complaint/A")] == [
        "complaint.registered",
        "complaint.progress-shared",
    ]
