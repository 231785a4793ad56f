"""Recorders: the library's interfaces over one JetStream stream. Threads may share one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)

from onrecord_events.persistence.bridge import Bridge
from onrecord_events.persistence.heads import Heads
from onrecord_events.persistence.inserting import ANSWER_S, Inserter
from onrecord_events.persistence.place import Place
from onrecord_events.persistence.selecting import Range, Selector
from onrecord_events.persistence.subscription import LogSubscription


class LogRecorder:
    """What every recorder here stands on: a bridge to the log and a place in it."""

    def __init__(self, bridge: Bridge, place: Place, answer_s: float = ANSWER_S) -> None:
        heads = Heads()
        self._bridge = bridge
        self._inserter = Inserter(place, heads, answer_s)
        self._selector = Selector(place, heads)

    def _insert(self, events: Sequence[StoredEvent], tracking: Tracking | None = None) -> list[int]:
        return self._bridge.run(lambda wire: self._inserter.insert(wire, events, tracking))


class LogAggregateRecorder(LogRecorder, AggregateRecorder):
    """Events, or snapshots, of aggregates."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Store all or none. Raises IntegrityError if a version is taken or leaves a hole."""
        self._insert(stored_events)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One aggregate's events, oldest first unless `desc`."""
        wanted = Range(-1 if gt is None else gt, lte, desc, limit)
        return self._bridge.run(lambda wire: self._selector.select(wire, originator_id, wanted))


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Events of aggregates in one order. A notification's id is its event's position in the log."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Store all or none; their positions, consecutive and in this order."""
        return self._insert(stored_events)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """A page of events in order; it ends where the log ends now."""
        after = max(0, (start or 0) - 1 if inclusive_of_start else start or 0)
        return self._bridge.run(lambda wire: self._selector.page(wire, after, limit, stop, topics))

    def max_notification_id(self) -> int | None:
        """Position of the last event."""
        return self._bridge.run(self._selector.last_notification_id)

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Events after a position, then those to come."""
        return LogSubscription(self, gt, topics, bridge=self._bridge, follow=self._selector.follow)


class LogTrackingRecorder(LogRecorder, TrackingRecorder):
    """How far other applications' events were processed: one number each, which only grows."""

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move on. Raises IntegrityError if this is not further than where it stands."""
        self._insert([], tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """Where it stands, None before the first."""
        subject = self._inserter.place.tracking(application_name)
        head = self._bridge.run(lambda wire: self._inserter.look(wire, subject))
        return head.number if head.position else None


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Events and the tracking that caused them, stored together or not at all."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Store all or none, `tracking` included; the events' positions."""
        return self._insert(stored_events, kwargs.get("tracking"))
