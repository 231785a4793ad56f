"""Factory: builds recorders from environment variables, by the library's rules of names and prefixes.

Each variable may carry the application's name in front, in capitals: `BANK_NATS_URL` goes before `NATS_URL`.

| variable | meaning | default |
|---|---|---|
| `PERSISTENCE_MODULE` | `onrecord_events.persistence` | |
| `NATS_URL` | servers, comma-separated, user and password included | `nats://127.0.0.1:4222` |
| `NATS_CREDENTIALS` | file with a user's JWT and seed, instead of a password | |
| `NATS_INBOX_PREFIX` | where this user may listen | `_INBOX` |
| `NATS_NAMESPACE` | put before every application's name: several deployments on one server | |
| `NATS_TENANT` | work on this tenant's log (`TenantEvent`) instead of a JetStream stream of one's own | |
| `NATS_CREATE_STREAM` | make missing JetStream streams, which only an operator may | `y` |
| `NATS_REPLICAS` | copies of a stream that is made | `1` |
| `NATS_ANSWER_SECONDS` | how long to wait for an answer before asking again, once | `5` |

`APPLICATION_RECORDER_TOPIC`, `TRACKING_RECORDER_TOPIC` and `PROCESS_RECORDER_TOPIC` name subclasses.
"""

from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    NotSupportedError,
    ProcessRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool

from onrecord_events.persistence.bridge import Bridge
from onrecord_events.persistence.inserting import ANSWER_S
from onrecord_events.persistence.place import Place
from onrecord_events.persistence.recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogRecorder,
    LogTrackingRecorder,
)
from onrecord_events.persistence.tenant import TenantRecorder
from onrecord_events.persistence.tenant_events import TenantMapper

TAggregateID = TypeVar("TAggregateID", bound=UUID | str)
R = TypeVar("R", bound=LogRecorder)

_NAMELESS = "stored"
_DEFAULT_URL = "nats://127.0.0.1:4222"


class LogFactory(InfrastructureFactory[LogTrackingRecorder]):
    """Recorders of one application over one connection. Stop subscriptions before closing it."""

    NATS_URL = "NATS_URL"
    NATS_CREDENTIALS = "NATS_CREDENTIALS"
    NATS_INBOX_PREFIX = "NATS_INBOX_PREFIX"
    NATS_NAMESPACE = "NATS_NAMESPACE"
    NATS_TENANT = "NATS_TENANT"
    NATS_CREATE_STREAM = "NATS_CREATE_STREAM"
    NATS_REPLICAS = "NATS_REPLICAS"
    NATS_ANSWER_SECONDS = "NATS_ANSWER_SECONDS"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._bridge = Bridge(
            self.env.get(self.NATS_URL) or _DEFAULT_URL,
            user_credentials=self.env.get(self.NATS_CREDENTIALS),
            inbox_prefix=self.env.get(self.NATS_INBOX_PREFIX, "_INBOX"),
        )

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Events, or with `purpose="snapshots"` snapshots, which lie in a stream of their own."""
        return self._recorder(LogAggregateRecorder, snapshots=purpose == "snapshots")

    def application_recorder(self) -> ApplicationRecorder:
        """Events in one order."""
        if tenant := self.env.get(self.NATS_TENANT):
            recorder = TenantRecorder(self._bridge, tenant)
            self._bridge.run(recorder.open)
            return recorder
        return self._recorder(self._class(self.APPLICATION_RECORDER_TOPIC, LogApplicationRecorder))

    def tracking_recorder(
        self, tracking_recorder_class: type[LogTrackingRecorder] | None = None
    ) -> LogTrackingRecorder:
        """Tracking alone."""
        named = self._class(self.TRACKING_RECORDER_TOPIC, LogTrackingRecorder)
        return self._recorder(tracking_recorder_class or named)

    def process_recorder(self) -> ProcessRecorder:
        """Events and tracking together."""
        if self.env.get(self.NATS_TENANT):
            raise NotSupportedError(
                "a tenant's log holds no tracking: keep it where the projection's rows are"
            )
        return self._recorder(self._class(self.PROCESS_RECORDER_TOPIC, LogProcessRecorder))

    def mapper(
        self,
        transcoder: Transcoder | None = None,
        mapper_class: type[Mapper[TAggregateID]] | None = None,
    ) -> Mapper[TAggregateID]:
        """The library's mapper, or the one of a tenant's log."""
        tenant = self.env.get(self.NATS_TENANT)
        if tenant is None or mapper_class is not None or self.env.get(self.MAPPER_TOPIC):
            return super().mapper(transcoder, mapper_class)
        mapper = TenantMapper(
            transcoder or self.transcoder(), self.compressor(), self.cipher(), tenant=tenant
        )
        return cast("Mapper[TAggregateID]", mapper)

    def close(self) -> None:
        """Close the connection and end its thread."""
        self._bridge.close()

    def _class(self, variable: str, default: type[R]) -> type[R]:
        topic = self.env.get(variable)
        if not topic:
            return default
        named: Any = resolve_topic(topic)
        assert isinstance(named, type), topic
        assert issubclass(named, default), topic
        return named

    def _recorder(self, recorder_class: type[R], *, snapshots: bool = False) -> R:
        namespace = self.env.get(self.NATS_NAMESPACE)
        name = self.env.name or _NAMELESS
        place = Place(f"{namespace}-{name}" if namespace else name, snapshots)
        if strtobool(self.env.get(self.NATS_CREATE_STREAM, "y")):
            replicas = int(self.env.get(self.NATS_REPLICAS, "1"))
            self._bridge.run(lambda wire: place.create(wire, replicas))
        self._bridge.run(place.check)
        answer_s = float(self.env.get(self.NATS_ANSWER_SECONDS, str(ANSWER_S)))
        return recorder_class(self._bridge, place, answer_s)
