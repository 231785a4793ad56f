"""The library's own test cases, as shipped in its wheel, against our module on a real server."""

import secrets
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from eventsourcing.persistence import Tracking
from eventsourcing.popo import POPOTrackingRecorder
from eventsourcing.tests import application, persistence, projection
from eventsourcing.utils import Environment

from onrecord_events.persistence import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogFactory,
    LogProcessRecorder,
    LogTrackingRecorder,
)
from onrecord_services.engines import Engines


def settings(engines: Engines) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "onrecord_events.persistence",
        "NATS_URL": engines.nats_url("operator"),
        "NATS_NAMESPACE": f"t{secrets.token_hex(4)}",
    }


class OnALog:
    """Gives each test a factory over an empty store, and closes it when the test's readers have gone."""

    factory: LogFactory

    @pytest.fixture(autouse=True)
    def _over_an_empty_store(self, engines: Engines) -> Iterator[None]:
        threads_before = set(threading.enumerate())
        self.factory = LogFactory(Environment("TestCase", settings(engines)))
        yield
        for thread in set(threading.enumerate()) - threads_before:
            if thread.name != "onrecord-persistence":
                thread.join(10)
        self.factory.close()


class TestAggregateRecorder(OnALog, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> Any:
        return self.factory.aggregate_recorder()


class TestSnapshotRecorder(OnALog, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> Any:
        return self.factory.aggregate_recorder("snapshots")


class TestApplicationRecorder(OnALog, persistence.ApplicationRecorderTestCase[Any]):
    def create_recorder(self) -> Any:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnALog, persistence.TrackingRecorderTestCase):
    def create_recorder(self) -> Any:
        return self.factory.tracking_recorder()


class TestProcessRecorder(OnALog, persistence.ProcessRecorderTestCase):
    def create_recorder(self) -> Any:
        return self.factory.process_recorder()


class TestProcessRecorderAsApplicationRecorder(OnALog, persistence.ApplicationRecorderTestCase[Any]):
    def create_recorder(self) -> Any:
        return self.factory.process_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()

    test_concurrent_no_conflicts = None  # type: ignore[assignment]  # the same code as above, and its longest
    test_concurrent_throughput = None  # type: ignore[assignment]
    test_performance = None  # type: ignore[assignment]


class TestNonInterleaving(OnALog, persistence.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> Any:
        return self.factory.application_recorder()


class OwnTracking(LogTrackingRecorder):
    """Named in the environment by its topic."""


class TestFactory(persistence.InfrastructureFactoryTestCase[LogFactory]):
    @pytest.fixture(autouse=True)
    def _on_a_server(self, engines: Engines) -> None:
        self.env = Environment("TestCase", settings(engines))

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[LogAggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[LogApplicationRecorder]:
        return LogApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[LogTrackingRecorder]:
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[LogTrackingRecorder]:
        return OwnTracking

    def expected_process_recorder_class(self) -> type[LogProcessRecorder]:
        return LogProcessRecorder


class ByEnvironment:
    """Applications find our module as any application does: in the process's environment."""

    @pytest.fixture(autouse=True)
    def _by_environment(self, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in settings(engines).items():
            monkeypatch.setenv(name, value)


class TestExampleApplication(ByEnvironment, application.ExampleApplicationTestCase):
    expected_factory_topic = "onrecord_events.persistence.factory:LogFactory"


# The library records this warning of its own to look at it, which "error" does not let it do.
@pytest.mark.filterwarnings("default:'log' is deprecated:DeprecationWarning")
class TestApplication(ByEnvironment, application.ApplicationTestCase):
    @pytest.mark.skip(reason="it asserts the library's own in-memory module")
    def test_resolve_persistence_topics(self) -> None: ...


class CountersInMemory(POPOTrackingRecorder, projection.EventCountersView):
    """A view elsewhere than the events: rows in PostgreSQL would look like this to the library."""

    def __init__(self) -> None:
        super().__init__()
        self.created = self.subsequent = 0

    def get_created_event_counter(self) -> int:
        return self.created

    def get_subsequent_event_counter(self) -> int:
        return self.subsequent

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self.insert_tracking(tracking)
        self.created += 1

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self.insert_tracking(tracking)
        self.subsequent += 1


class TestProjection(projection.AggregateEventCountersProjectionTestCase):
    view_class: type[projection.EventCountersView] = CountersInMemory
    env: ClassVar[dict[str, str]] = {}

    @pytest.fixture(autouse=True)
    def _events_on_the_log_rows_elsewhere(self, engines: Engines) -> None:
        type(self).env = settings(engines) | {"EVENTCOUNTERS_PERSISTENCE_MODULE": "eventsourcing.popo"}


class TestProcessManager(projection.EventSourcedProjectionTestCase):
    @pytest.fixture(autouse=True)
    def _all_on_the_log(self, engines: Engines) -> None:
        type(self).env = settings(engines)
