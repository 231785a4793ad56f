"""The library on a tenant's log: the same events, the same positions, versions counted from the log."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import nats
import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, NotSupportedError, ProgrammingError
from eventsourcing.utils import Environment

from onrecord_events.complaint import ProgressShared, Registered
from onrecord_events.envelope import New
from onrecord_events.log import EventLog
from onrecord_events.persistence import LogFactory, TenantEvent
from onrecord_services.engines import Engines

NOON = datetime(2026, 7, 11, 12, tzinfo=UTC)
ONE = "complaint/CP-2026-0001"
TWO = "complaint/CP-2026-0002"


def new(name: str, stream: str = ONE) -> New:
    body = Registered(severity="minor", channel="phone", customer="C-1", received_by="chen")
    return New.of(body, id=name, source="/desk", stream=stream, occurred_at=NOON)


def event(version: int, stream: str = ONE, name: str = "") -> TenantEvent:
    return TenantEvent(stream, version, new(name or f"{stream}@{version}", stream))


@pytest.fixture
async def log(engines: Engines) -> AsyncIterator[EventLog]:
    operator = await nats.connect(engines.nats_url("operator"))
    yield await EventLog.create(operator, f"es-{secrets.token_hex(4)}")
    await operator.close()


@pytest.fixture
def settings(engines: Engines, log: EventLog) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "onrecord_events.persistence",
        "NATS_URL": engines.nats_url("intake"),
        "NATS_TENANT": log.tenant,
    }


@pytest.fixture
def app(settings: dict[str, str]) -> Iterator[Application[str]]:
    app = Application[str](settings)
    yield app
    app.close()


@pytest.fixture
def recorder(app: Application[str]) -> ApplicationRecorder:
    return app.recorder


def names_of(_nothing: None, events: Iterable[Any]) -> Any:
    return [f"{one.originator_version}:{one.new.id}" for one in events] or None


async def folded(app: Application[str], stream: str) -> Any:
    get: Any = app.repository.get
    return await asyncio.to_thread(get, stream, projector_func=names_of)


async def test_what_the_library_saves_stands_in_the_log_as_any_other_event(
    app: Application[str], log: EventLog
) -> None:
    recordings = await asyncio.to_thread(app.save, event(1), event(1, TWO), event(2))
    assert [recording.notification.id for recording in recordings] == [1, 2, 3]
    assert [found.id for found in await log.read_stream(ONE)] == [f"{ONE}@1", f"{ONE}@2"]
    assert (await log.event_at(2)).stream == TWO


async def test_a_stream_is_folded_from_all_that_anybody_appended(
    app: Application[str], log: EventLog
) -> None:
    await log.append(new("seen-by-intake"))
    await asyncio.to_thread(app.save, event(2, name="decided-at-the-desk"))
    shared = New.of(ProgressShared(), id="seen-later", source="/chat", stream=ONE, occurred_at=NOON)
    await log.append(shared)
    assert await folded(app, ONE) == ["1:seen-by-intake", "2:decided-at-the-desk", "3:seen-later"]
    last = await asyncio.to_thread(lambda: list(app.events.get(ONE, desc=True, limit=1)))
    assert [(one.originator_version, one.body()) for one in last] == [(3, ProgressShared())]  # type: ignore[attr-defined]


async def test_what_somebody_else_decided_first_is_a_conflict(app: Application[str], log: EventLog) -> None:
    await asyncio.to_thread(app.save, event(1))
    await log.append(new("faster"))
    with pytest.raises(IntegrityError, match="stands at 2"):
        await asyncio.to_thread(app.save, event(2), event(1, TWO))
    assert await log.read_stream(TWO) == []
    await asyncio.to_thread(app.save, event(3))
    assert await log.last_position() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([event(2)], id="no-beginning"),
        pytest.param([event(1), event(3)], id="a-hole"),
        pytest.param([event(1), event(1, name="again")], id="the-same-version-twice"),
    ],
)
async def test_versions_must_follow_one_another(
    app: Application[str], log: EventLog, wrong: list[TenantEvent]
) -> None:
    with pytest.raises(IntegrityError):
        await asyncio.to_thread(app.save, *wrong)
    assert await log.last_position() == 0


@pytest.mark.parametrize("others", [[], [event(1, TWO)]], ids=["alone", "in-a-batch"])
async def test_an_event_that_is_in_the_log_already_is_no_new_version(
    app: Application[str], log: EventLog, others: list[TenantEvent]
) -> None:
    await asyncio.to_thread(app.save, event(1, name="twice"))
    with pytest.raises(IntegrityError):
        await asyncio.to_thread(app.save, event(2, name="twice"), *others)
    assert await log.last_position() == 1
    await asyncio.to_thread(app.save, event(2))


async def test_notifications_carry_each_streams_own_versions_from_wherever_one_reads(
    recorder: ApplicationRecorder, log: EventLog
) -> None:
    await log.append_batch([new(f"N{n}", (ONE, TWO)[n % 2]) for n in range(10)])
    ask: Callable[..., Awaitable[Any]] = asyncio.to_thread
    page = await ask(recorder.select_notifications, 6, 3)
    assert [(one.id, one.originator_id, one.originator_version) for one in page] == [
        (6, TWO, 3),
        (7, ONE, 4),
        (8, TWO, 4),
    ]
    whole = await ask(recorder.select_notifications, None, 100, topics=["complaint.registered"])
    assert [one.originator_version for one in whole] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert await ask(recorder.select_notifications, 1, 100, topics=["complaint.closed"]) == []
    assert await ask(recorder.max_notification_id) == 10


async def test_a_subscription_follows_the_tenants_log(recorder: ApplicationRecorder, log: EventLog) -> None:
    await log.append(new("A"))
    with recorder.subscribe() as live:
        assert (await asyncio.to_thread(next, live)).id == 1
        waiting = asyncio.create_task(asyncio.to_thread(next, live))
        await log.append(new("B"))
        assert ((await waiting).id, (await waiting).originator_version) == (2, 2)


async def test_a_stream_without_events_is_not_found(app: Application[str]) -> None:
    with pytest.raises(AggregateNotFoundError):
        await folded(app, ONE)


async def test_what_does_not_go_with_a_tenants_log_is_refused(settings: dict[str, str]) -> None:
    factory = LogFactory(Environment("Desk", settings | {"COMPRESSOR_TOPIC": "zlib"}))
    with pytest.raises(NotSupportedError, match="no tracking"):
        factory.process_recorder()
    with pytest.raises(ProgrammingError, match="no compressor"):
        factory.mapper()
    factory.close()


async def test_an_envelope_of_another_stream_is_refused(app: Application[str]) -> None:
    with pytest.raises(ProgrammingError, match="another stream"):
        await asyncio.to_thread(app.save, TenantEvent(ONE, 1, new("A", TWO)))
