"""What the library's own cases leave open: our recorders under conflict, at their limits, and live."""

import secrets
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import (
    ApplicationRecorder,
    DataError,
    IntegrityError,
    Notification,
    NotSupportedError,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
)
from eventsourcing.utils import Environment

from onrecord_events.persistence import LogFactory
from onrecord_events.persistence.heads import Head, Heads
from onrecord_services.engines import Engines

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def event(originator: UUID | str, version: int, state: bytes = b"state") -> StoredEvent:
    return StoredEvent(originator, version, "topic", state)


def events(originator: UUID | str, versions: Sequence[int]) -> list[StoredEvent]:
    return [event(originator, version) for version in versions]


def versions(found: Sequence[StoredEvent]) -> list[int]:
    return [one.originator_version for one in found]


@pytest.fixture
def settings(engines: Engines) -> dict[str, str]:
    return {"NATS_URL": engines.nats_url("operator"), "NATS_NAMESPACE": f"t{secrets.token_hex(4)}"}


@pytest.fixture
def factory(settings: dict[str, str]) -> Iterator[LogFactory]:
    factory = LogFactory(Environment("App", settings))
    yield factory
    factory.close()


@pytest.fixture
def other_process(settings: dict[str, str]) -> Iterator[LogFactory]:
    factory = LogFactory(Environment("App", settings))
    yield factory
    factory.close()


@pytest.fixture
def recorder(factory: LogFactory) -> ApplicationRecorder:
    return factory.application_recorder()


@pytest.fixture
def process(factory: LogFactory) -> ProcessRecorder:
    return factory.process_recorder()


def test_a_conflict_of_one_aggregate_stores_nothing_of_any(recorder: ApplicationRecorder) -> None:
    assert recorder.insert_events([event(A, 1)]) == [1]
    with pytest.raises(IntegrityError):
        recorder.insert_events([event(B, 1), event(A, 1), event(C, 1)])
    assert recorder.select_events(B) == recorder.select_events(C) == []
    assert recorder.max_notification_id() == 1
    assert recorder.insert_events([event(B, 1), event(A, 2), event(C, 1)]) == [2, 3, 4]


def test_a_conflict_only_the_server_knows_of_stores_nothing_either(
    recorder: ApplicationRecorder, other_process: LogFactory
) -> None:
    recorder.insert_events([event(A, 1)])
    other_process.application_recorder().insert_events([event(A, 2)])
    with pytest.raises(IntegrityError, match="2 is taken"):
        recorder.insert_events([event(B, 1), event(A, 2)])
    assert versions(recorder.select_events(B)) == []
    assert recorder.insert_events([event(B, 1), event(A, 3)]) == [3, 4]


def test_a_stale_memory_is_no_conflict(recorder: ApplicationRecorder, other_process: LogFactory) -> None:
    other = other_process.application_recorder()
    for version in range(1, 10, 2):
        assert recorder.insert_events([event(A, version)]) == [version]
        assert other.insert_events([event(A, version + 1)]) == [version + 1]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([1, 1], id="the-same-twice"),
        pytest.param([2, 1], id="backwards"),
        pytest.param([1, 3], id="a-hole-inside"),
        pytest.param([2], id="no-beginning"),
    ],
)
def test_versions_that_do_not_follow_one_another_are_refused(
    recorder: ApplicationRecorder, wrong: list[int]
) -> None:
    with pytest.raises(IntegrityError):
        recorder.insert_events(events(A, wrong))
    assert recorder.select_events(A) == []
    assert recorder.max_notification_id() is None


def test_a_hole_after_what_is_stored_is_refused(recorder: ApplicationRecorder) -> None:
    recorder.insert_events(events(A, [0, 1]))
    with pytest.raises(IntegrityError, match="3 would leave a hole: its sequence stands at 1"):
        recorder.insert_events([event(A, 3)])


def test_of_racing_writers_each_version_has_one_winner(
    recorder: ApplicationRecorder, other_process: LogFactory
) -> None:
    racers = [recorder, recorder, *[other_process.application_recorder()] * 2]
    start = threading.Barrier(len(racers))

    def race(nth: int) -> int:
        wins = 0
        for version in range(1, 51):
            start.wait()
            try:
                racers[nth].insert_events([event(A, version, b"%d" % nth)])
            except IntegrityError:
                continue
            wins += 1
        return wins

    with ThreadPoolExecutor(len(racers)) as pool:
        assert sum(pool.map(race, range(len(racers)))) == 50
    assert versions(recorder.select_events(A)) == list(range(1, 51))
    assert recorder.max_notification_id() == 50


def test_more_than_a_batch_holds_is_refused_whole(process: ProcessRecorder) -> None:
    with pytest.raises(NotSupportedError, match="1000 events at most"):
        process.insert_events(events(A, range(1, 1002)))
    with pytest.raises(NotSupportedError):
        process.insert_events(events(A, range(1, 1001)), tracking=Tracking("upstream", 1))
    assert process.max_notification_id() is None
    positions = process.insert_events(events(A, range(1, 1000)), tracking=Tracking("upstream", 1))
    assert positions == list(range(1, 1000))


@pytest.fixture(scope="module")
def long(engines: Engines) -> Iterator[ApplicationRecorder]:
    """1,200 events of A among 240 of others."""
    settings = {"NATS_URL": engines.nats_url("operator"), "NATS_NAMESPACE": f"t{secrets.token_hex(4)}"}
    factory = LogFactory(Environment("App", settings))
    recorder = factory.application_recorder()
    for first in range(1, 1201, 100):
        recorder.insert_events(events(A, range(first, first + 100)) + events(uuid4(), range(1, 21)))
    yield recorder
    factory.close()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, range(1, 1201), id="all"),
        pytest.param({"desc": True}, range(1200, 0, -1), id="all-backwards"),
        pytest.param({"gt": 1195}, range(1196, 1201), id="a-short-tail"),
        pytest.param({"gt": 1200}, range(0), id="nothing-new"),
        pytest.param({"gt": 700}, range(701, 1201), id="a-long-tail"),
        pytest.param({"gt": 0, "lte": 3}, range(1, 4), id="the-beginning"),
        pytest.param({"gt": 510, "lte": 520}, range(511, 521), id="the-middle"),
        pytest.param({"lte": 0}, range(0), id="before-the-beginning"),
        pytest.param({"limit": 501}, range(1, 502), id="the-first-ones"),
        pytest.param({"limit": 0}, range(0), id="none-asked-for"),
        pytest.param({"gt": 1190, "limit": 3}, range(1191, 1194), id="the-first-of-a-tail"),
        pytest.param({"gt": 1195, "limit": 2}, range(1196, 1198), id="the-first-of-a-short-tail"),
        pytest.param({"desc": True, "limit": 1}, range(1200, 1199, -1), id="the-last-one"),
        pytest.param({"desc": True, "limit": 2, "lte": 600}, range(600, 598, -1), id="the-last-below"),
        pytest.param({"desc": True, "gt": 598, "lte": 600}, range(600, 598, -1), id="the-middle-backwards"),
    ],
)
def test_any_part_of_a_long_history_can_be_read(
    long: ApplicationRecorder, asked: dict[str, int], found: range
) -> None:
    assert versions(long.select_events(A, **asked)) == list(found)  # type: ignore[arg-type]


def test_pages_of_notifications_meet_without_gap_or_overlap(long: ApplicationRecorder) -> None:
    seen: list[Notification] = []
    while page := long.select_notifications(len(seen), 333, inclusive_of_start=False):
        seen += page
    assert [one.id for one in seen] == list(range(1, 1441))
    assert [one.originator_version for one in seen if one.originator_id == A] == list(range(1, 1201))
    assert long.select_notifications(1441, 10) == []
    assert long.select_notifications(1, 0) == []


def test_topics_are_picked_across_pages(recorder: ApplicationRecorder) -> None:
    recorder.insert_events(
        [StoredEvent(A, n, "rare" if n % 300 == 0 else "common", b"") for n in range(1, 1000)]
    )
    found = recorder.select_notifications(1, 2, topics=["rare"])
    assert [one.id for one in found] == [300, 600]


def test_a_large_state_comes_back_whole(recorder: ApplicationRecorder) -> None:
    state = secrets.token_bytes(700_000)
    recorder.insert_events([event(A, 1, state)])
    recorder.insert_events([event(A, 2, state), event(B, 1, state)])
    assert [one.state for one in recorder.select_events(A)] == [state, state]
    assert [one.state for one in recorder.select_notifications(1, 10)] == [state] * 3


def test_a_state_larger_than_the_server_takes_is_refused_whole(recorder: ApplicationRecorder) -> None:
    with pytest.raises(DataError, match="too large"):
        recorder.insert_events([event(B, 1), event(A, 1, bytes(1_100_000))])
    assert recorder.insert_events([event(B, 1)]) == [1]


@pytest.mark.parametrize("originator", ["报修/2026 第1号", "a.b.*.>", "x" * 180, "_41"])
def test_an_id_of_any_letters_comes_back_as_it_was(recorder: ApplicationRecorder, originator: str) -> None:
    recorder.insert_events([event(originator, 1), event("A", 1)])
    assert recorder.select_events(originator) == [event(originator, 1)]


def test_an_id_too_long_for_a_subject_is_refused(recorder: ApplicationRecorder) -> None:
    with pytest.raises(DataError, match="180 bytes"):
        recorder.insert_events([event("x" * 181, 1)])


def test_live_events_arrive_in_order_and_once(
    recorder: ApplicationRecorder, other_process: LogFactory
) -> None:
    seen: list[int] = []
    with recorder.subscribe() as live:
        other = other_process.application_recorder()
        other.insert_events([event(A, 1)])
        assert next(live).id == 1
        with ThreadPoolExecutor(4) as writers:
            list(writers.map(lambda _: other.insert_events([event(uuid4(), 1)]), range(100)))
            other.insert_events(events(B, range(1, 101)))
        for notification in live:
            seen.append(notification.id)
            if len(seen) == 200:
                break
    assert seen == list(range(2, 202))


def test_live_events_are_not_polled_for(recorder: ApplicationRecorder) -> None:
    waited_s = []
    with recorder.subscribe() as live:
        for position in range(1, 12):
            recorder.insert_events([event(uuid4(), 1)])
            began_s = time.monotonic()
            assert next(live).id == position
            waited_s.append(time.monotonic() - began_s)
    assert statistics.median(waited_s) < 0.05, "a poll every 0.1 s would be seen here"


def test_a_subscription_leaves_tracking_out(process: ProcessRecorder) -> None:
    process.insert_events([event(A, 1)], tracking=Tracking("upstream", 1))
    process.insert_events([], tracking=Tracking("upstream", 2))
    process.insert_events([event(A, 2)], tracking=Tracking("upstream", 3))
    with process.subscribe() as live:
        assert [(one.id, one.originator_version) for one in (next(live), next(live))] == [(1, 1), (4, 2)]
    assert [one.id for one in process.select_notifications(1, 10)] == [1, 4]


def test_the_last_notification_is_an_event_even_where_tracking_stands_after_it(
    process: ProcessRecorder,
) -> None:
    process.insert_events([], tracking=Tracking("upstream", 1))
    assert process.max_notification_id() is None
    process.insert_events(events(A, [1, 2]), tracking=Tracking("upstream", 2))
    process.insert_events([], tracking=Tracking("upstream", 3))
    assert process.max_notification_id() == 3


def test_a_conflict_in_tracking_stores_no_event(process: ProcessRecorder, other_process: LogFactory) -> None:
    process.insert_events([event(A, 1)], tracking=Tracking("upstream", 1))
    other_process.process_recorder().insert_events([event(B, 1)], tracking=Tracking("upstream", 2))
    with pytest.raises(IntegrityError, match="2 is taken"):
        process.insert_events([event(A, 2)], tracking=Tracking("upstream", 2))
    assert versions(process.select_events(A)) == [1]
    process.insert_events([event(A, 2)], tracking=Tracking("upstream", 3))
    assert process.max_tracking_id("upstream") == 3


def test_snapshots_may_skip_versions_and_only_grow(factory: LogFactory) -> None:
    snapshots = factory.aggregate_recorder("snapshots")
    for version in (7, 20, 90):
        snapshots.insert_events([event(A, version)])
    with pytest.raises(IntegrityError):
        snapshots.insert_events([event(A, 20)])
    assert versions(snapshots.select_events(A, desc=True, limit=1)) == [90]
    assert versions(snapshots.select_events(A, desc=True, limit=1, lte=89)) == [20]
    assert versions(snapshots.select_events(A, lte=6)) == []
    assert versions(snapshots.select_events(A, gt=7)) == [20, 90]
    assert factory.application_recorder().max_notification_id() is None


def test_applications_do_not_see_each_other(settings: dict[str, str], recorder: ApplicationRecorder) -> None:
    recorder.insert_events([event(A, 1)])
    stranger = LogFactory(Environment("Stranger", settings))
    assert stranger.application_recorder().select_events(A) == []
    assert stranger.application_recorder().insert_events([event(A, 1)]) == [1]
    stranger.close()


def test_a_variable_with_the_applications_name_goes_first(engines: Engines) -> None:
    env = {"NATS_URL": "nats://127.0.0.1:1", "APP_NATS_URL": engines.nats_url("operator")}
    factory = LogFactory(Environment("App", env | {"APP_NATS_NAMESPACE": f"t{secrets.token_hex(4)}"}))
    assert factory.application_recorder().max_notification_id() is None
    factory.close()


def test_without_the_right_to_make_one_a_missing_stream_is_told(settings: dict[str, str]) -> None:
    factory = LogFactory(Environment("App", settings | {"NATS_CREATE_STREAM": "n"}))
    with pytest.raises(OperationalError, match="stream not found"):
        factory.application_recorder()
    factory.close()


def test_heads_forget_what_was_not_used_longest() -> None:
    heads = Heads(heads_max=2)
    heads.saw("a", Head(1, 1))
    heads.saw("b", Head(1, 2))
    assert heads.get("a") == Head(1, 1)
    heads.saw("c", Head(1, 3))
    assert [heads.get(subject) for subject in "abc"] == [Head(1, 1), None, Head(1, 3)]
    heads.saw("c", Head(0, 2))
    assert heads.get("c") == Head(1, 3)
