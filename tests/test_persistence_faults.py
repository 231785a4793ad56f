"""Lost answers, lost messages, closed factories: our recorders say what happened, and never store twice."""

import asyncio
import gc
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.utils import Environment
from nats.aio.client import Client
from nats.aio.msg import Msg

from onrecord_events.persistence import LogFactory, bridge
from onrecord_events.reader import Reader
from onrecord_events.wire import Wire
from onrecord_services.engines import Engines

A, B = UUID(int=1), UUID(int=2)


def event(originator: UUID, version: int) -> StoredEvent:
    return StoredEvent(originator, version, "topic", b"state")


class Ears:
    """What becomes of the server's answers: `loses` says of each whether it gets lost on its way."""

    def __init__(self) -> None:
        self.lost: list[bytes] = []
        self.loses: Callable[[bytes], bool] = lambda _: False

    def lose_first(self, words: bytes) -> None:
        """The first answer with these words, and no other."""
        self.loses = lambda answer: words in answer and not self.lost


@pytest.fixture(autouse=True)
def ears(monkeypatch: pytest.MonkeyPatch) -> Ears:
    ears = Ears()
    on_answer = Wire._on_answer

    async def hear(wire: Wire, message: Msg) -> None:
        if ears.loses(message.data):
            ears.lost.append(message.data)
        else:
            await on_answer(wire, message)

    monkeypatch.setattr(Wire, "_on_answer", hear)
    return ears


@pytest.fixture
def settings(engines: Engines) -> dict[str, str]:
    return {
        "NATS_URL": engines.nats_url("operator"),
        "NATS_NAMESPACE": f"t{secrets.token_hex(4)}",
        "NATS_ANSWER_SECONDS": "0.3",
    }


@pytest.fixture
def factory(settings: dict[str, str]) -> Iterator[LogFactory]:
    factory = LogFactory(Environment("App", settings))
    yield factory
    factory.close()


@pytest.fixture
def process(factory: LogFactory) -> ProcessRecorder:
    return factory.process_recorder()


def everything(process: ProcessRecorder) -> list[tuple[int, int]]:
    return [(one.id, one.originator_version) for one in process.select_notifications(1, 100)]


@pytest.mark.parametrize(
    ("versions", "tracking", "positions"),
    [
        pytest.param([1], None, [1], id="one-event"),
        pytest.param([1, 2, 3], None, [1, 2, 3], id="a-batch"),
        pytest.param([1], Tracking("upstream", 7), [1], id="one-event-and-tracking"),
        pytest.param([], Tracking("upstream", 7), [], id="tracking-alone"),
    ],
)
def test_what_was_stored_without_an_answer_is_known_again(
    process: ProcessRecorder,
    ears: Ears,
    versions: list[int],
    tracking: Tracking | None,
    positions: list[int],
) -> None:
    ears.lose_first(b'"seq":')
    assert process.insert_events([event(A, v) for v in versions], tracking=tracking) == positions
    assert len(ears.lost) == 1
    assert everything(process) == list(zip(positions, versions, strict=True))
    assert process.max_tracking_id("upstream") == (7 if tracking else None)
    assert process.insert_events([event(A, len(versions) + 1)]) == [len(positions) + 1 + bool(tracking)]


def test_it_is_known_again_even_if_others_went_on_meanwhile(
    process: ProcessRecorder, settings: dict[str, str], ears: Ears
) -> None:
    other_factory = LogFactory(Environment("App", settings))
    other = other_factory.process_recorder()
    is_stored = threading.Event()

    def lose_the_first_and_tell(answer: bytes) -> bool:
        if b'"seq":1' not in answer or is_stored.is_set():
            return False
        is_stored.set()
        return True

    ears.loses = lose_the_first_and_tell
    with ThreadPoolExecutor(1) as pool:
        ours = pool.submit(process.insert_events, [event(A, 1)])
        assert is_stored.wait(5)
        assert other.insert_events([event(A, 2), event(A, 3)]) == [2, 3]
        assert ours.result() == [1]
    assert everything(process) == [(1, 1), (2, 2), (3, 3)]
    other_factory.close()


def test_a_conflict_stays_a_conflict_when_its_answer_was_lost(
    process: ProcessRecorder, settings: dict[str, str], ears: Ears
) -> None:
    other_factory = LogFactory(Environment("App", settings))
    process.insert_events([event(A, 1)])
    other_factory.process_recorder().insert_events([event(A, 2)])
    ears.lose_first(b'"error"')
    with pytest.raises(IntegrityError, match="2 is taken"):
        process.insert_events([event(A, 2), event(B, 1)])
    assert len(ears.lost) == 1
    assert everything(process) == [(1, 1), (2, 2)]
    other_factory.close()


@pytest.mark.parametrize("versions", [[1], [1, 2, 3]], ids=["one-event", "a-batch"])
def test_what_never_arrived_is_sent_again(
    process: ProcessRecorder, monkeypatch: pytest.MonkeyPatch, versions: list[int]
) -> None:
    publish = Client.publish
    swallowed: list[str] = []

    async def leaky(client: Client, subject: str, *rest: Any, **named: Any) -> None:
        is_last = len(versions) == 1 or "Nats-Batch-Commit" in (named.get("headers") or {})
        if subject.startswith("es.") and is_last and not swallowed:
            swallowed.append(subject)
            return
        await publish(client, subject, *rest, **named)

    monkeypatch.setattr(Client, "publish", leaky)
    positions = process.insert_events([event(A, version) for version in versions])
    assert (len(swallowed), positions) == (1, versions)
    assert everything(process) == list(zip(versions, versions, strict=True))


def test_without_any_answer_the_outcome_is_told_as_unknown(process: ProcessRecorder, ears: Ears) -> None:
    process.insert_events([event(A, 1)])
    ears.loses = lambda _: True
    with pytest.raises(OperationalError, match="OutcomeUnknown"):
        process.insert_events([event(A, 2)])
    ears.loses = lambda _: False
    with pytest.raises(IntegrityError):
        process.insert_events([event(A, 2)])
    assert everything(process) == [(1, 1), (2, 2)]


def test_an_event_lost_on_its_way_to_a_reader_is_asked_for_again(
    process: ProcessRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.insert_events([event(A, version) for version in range(1, 31)])
    on_message = Reader._on_message
    lost: list[bytes] = []

    async def forgetful(reader: Reader, message: Msg) -> None:
        if (
            message.data and len(lost) < 2 and b"state" in message.data and message.reply.endswith(".19")
        ):  # 19 to come
            lost.append(message.data)
            return
        await on_message(reader, message)

    monkeypatch.setattr(Reader, "_on_message", forgetful)
    read = [one.originator_version for one in process.select_events(A)]
    paged = [one.originator_version for one in process.select_notifications(1, 100)]
    assert (len(lost), read, paged) == (2, list(range(1, 31)), list(range(1, 31)))


def test_a_call_on_the_recorders_own_thread_is_refused_instead_of_hanging(
    factory: LogFactory, process: ProcessRecorder
) -> None:
    async def call(_wire: Wire) -> None:
        process.max_notification_id()

    with pytest.raises(ProgrammingError, match="wait for itself"):
        factory._bridge.run(call)


async def test_a_call_on_another_running_loop_blocks_but_comes_back(process: ProcessRecorder) -> None:
    assert process.insert_events([event(A, 1)]) == [1]
    assert await asyncio.to_thread(process.insert_events, [event(A, 2)]) == [2]


def test_a_closed_factory_says_so(factory: LogFactory, process: ProcessRecorder) -> None:
    factory.close()
    factory.close()
    with pytest.raises(InterfaceError, match="closed"):
        process.insert_events([event(A, 1)])


def test_an_unused_factory_closes_too(settings: dict[str, str]) -> None:
    LogFactory(Environment("App", settings)).close()


def test_closing_the_factory_wakes_a_waiting_subscription(
    factory: LogFactory, process: ProcessRecorder
) -> None:
    live = process.subscribe()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, live)
        process.insert_events([])
        factory.close()
        with pytest.raises(InterfaceError, match="closed"):
            waiting.result(5)
    live.stop()


def test_stopping_from_another_thread_ends_the_iteration(process: ProcessRecorder) -> None:
    process.insert_events([event(A, 1)])
    seen: list[int] = []
    first_seen = threading.Event()

    def iterate() -> None:
        with live:
            for notification in live:
                seen.append(notification.id)
                first_seen.set()

    live = process.subscribe()
    with ThreadPoolExecutor(1) as pool:
        iterating = pool.submit(iterate)
        assert first_seen.wait(5)
        live.stop()
        iterating.result(5)
    assert seen == [1]
    assert process.insert_events([event(A, 2)]) == [2]


def test_a_stopped_subscription_leaves_no_reader_at_the_server(
    factory: LogFactory, process: ProcessRecorder
) -> None:
    process.insert_events([event(A, 1)])
    with process.subscribe() as live:
        next(live)
    name = process._inserter.place.name  # type: ignore[attr-defined]

    async def consumers(wire: Wire) -> bytes:
        return await wire.ask(f"$JS.API.CONSUMER.NAMES.{name}", b"")

    give_up_at_s = time.monotonic() + 5
    while b'"total":0' not in factory._bridge.run(consumers):
        assert time.monotonic() < give_up_at_s


def test_a_forgotten_factory_ends_its_thread(settings: dict[str, str]) -> None:
    factory = LogFactory(Environment("App", settings))
    factory.application_recorder().insert_events([event(A, 1)])
    thread = factory._bridge._thread
    del factory
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_a_server_that_is_away_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "CONNECT_S", 0.2)
    factory = LogFactory(Environment("App", {"NATS_URL": "nats://127.0.0.1:1"}))
    with pytest.raises(OperationalError, match=r"no NATS server answered within 0\.2 s"):
        factory.application_recorder()
    factory.close()
