"""Rows: what one message of an application's JetStream stream holds, an event or a tracking record.

MessagePack, so that a state of bytes stays bytes; nothing in headers, which cost a reader more than the body.
"""

from uuid import UUID

import msgspec
from eventsourcing.persistence import Notification, StoredEvent


class EventRow(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """One stored event."""

    originator: str
    is_uuid: bool
    version: int
    topic: str
    state: bytes
    insert: bytes
    """Which call stored it: how a retry after a lost answer knows its own."""
    before: int
    """Position of the aggregate's event before this one, 0 if none; negative: so many positions back."""

    @classmethod
    def of(cls, event: StoredEvent, insert: bytes, before: int) -> "EventRow":
        """The row of an event about to be stored."""
        originator = event.originator_id
        return cls(
            str(originator),
            isinstance(originator, UUID),
            event.originator_version,
            event.topic,
            event.state,
            insert,
            before,
        )

    def position_before(self, position: int) -> int:
        """Where the aggregate's event before this one stands, this one standing at `position`; 0 if none."""
        return self.before if self.before >= 0 else position + self.before

    @property
    def originator_id(self) -> UUID | str:
        """The id as the application gave it."""
        return UUID(self.originator) if self.is_uuid else self.originator

    def stored_event(self) -> StoredEvent:
        """The library's form of it."""
        return StoredEvent(self.originator_id, self.version, self.topic, self.state)

    def notification(self, position: int) -> Notification:
        """The library's form of it, with its place in the application's order."""
        return Notification(self.originator_id, self.version, self.topic, self.state, id=position)


class TrackingRow(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """How far an upstream application's events have been processed."""

    notification_id: int
    insert: bytes


Row = EventRow | TrackingRow

to_bytes = msgspec.msgpack.Encoder().encode
from_bytes = msgspec.msgpack.Decoder(Row).decode
