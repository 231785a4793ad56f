"""Events of a tenant's log in the library's hands: the stream is the originator, the type is the topic.

Nothing is imported because stored text says so: a topic is a name of our vocabulary, never a Python path. The
state is the CloudEvent as the log keeps it.
"""

from dataclasses import dataclass

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Cipher,
    Compressor,
    Mapper,
    ProgrammingError,
    StoredEvent,
    Transcoder,
)

from onrecord_events.base import Event, read_body
from onrecord_events.envelope import New, Wire, to_bytes
from onrecord_events.errors import UnreadableEvent


@dataclass(frozen=True)
class TenantEvent:
    """One event with its place: which stream, and the how-manieth there, beginning at 1."""

    originator_id: str
    originator_version: int
    new: New

    def body(self) -> Event:
        """The typed body, upcast and validated. Raises UnreadableEvent."""
        return read_body(self.new.type, self.new.data, self.new.version)


class TenantMapper(Mapper[str]):
    """Between `TenantEvent` and what the log stores."""

    def __init__(
        self,
        transcoder: Transcoder,
        compressor: Compressor | None = None,
        cipher: Cipher | None = None,
        *,
        tenant: str,
    ) -> None:
        if compressor or cipher:
            raise ProgrammingError(
                "a tenant's log holds CloudEvents: no compressor, and personal fields are sealed one by one"
            )
        super().__init__(transcoder)
        self._tenant = tenant

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The CloudEvent as it will stand in the log."""
        if not isinstance(domain_event, TenantEvent):
            raise ProgrammingError("a tenant's log takes TenantEvent: wrap the event's envelope in one")
        new, stream = domain_event.new, domain_event.originator_id
        if new.stream != stream:
            raise ProgrammingError("the envelope names another stream than the originator")
        return StoredEvent(stream, domain_event.originator_version, new.type, to_bytes(self._tenant, new))

    def to_domain_event(self, stored_event: StoredEvent) -> TenantEvent:
        """The event as it was stored; its body is read when asked for."""
        return TenantEvent(
            str(stored_event.originator_id), stored_event.originator_version, new_of(stored_event.state)
        )


def new_of(raw: bytes) -> New:
    """The event of a stored CloudEvent, not upcast. Raises UnreadableEvent."""
    try:
        wire = msgspec.json.decode(raw, type=Wire)
    except msgspec.MsgspecError as error:
        raise UnreadableEvent(str(error)) from None
    return New(
        id=wire.id,
        source=wire.source,
        type=wire.type,
        stream=wire.subject,
        occurred_at=wire.time,
        data=wire.data,
        actor=wire.actor,
        correlation=wire.correlationid,
        causation=wire.causationid,
        sequence=wire.sequence,
        version=wire.dataversion,
        input_mac=wire.inputmac,
        recorded_at=wire.recordedtime,
        captured_at=wire.capturedat,
    )
