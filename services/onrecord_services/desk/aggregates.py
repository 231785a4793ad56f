"""Aggregates: the consistency boundaries of approvals, loans and penalties, in the `eventsourcing` library.

An aggregate is folded from its stream's events as the library hands them over (`TenantEvent`), and what it
decides is saved through `Application.save` under the version it was folded to: two people who decide at once
cannot both be right.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self, cast

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import IntegrityError

from onrecord_events.base import Event
from onrecord_events.envelope import New
from onrecord_events.persistence import TenantEvent

__all__ = ["Aggregate", "Desks", "IntegrityError"]


class Aggregate:
    """Subclasses say what each event does in `when`, and keep their invariants in methods that decide."""

    KIND: ClassVar[str] = ""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.version = 0
        self.events: list[TenantEvent] = []

    @classmethod
    def folded(cls, stream: str, events: Iterable[TenantEvent]) -> Self:
        """As its events have made it."""
        aggregate = cls(stream)
        for event in events:
            aggregate.when(event.body(), event.new)
            aggregate.version = event.originator_version
            aggregate.events.append(event)
        return aggregate

    def when(self, body: Event, new: New) -> None:
        """One event, after all that came before it."""
        raise NotImplementedError


class Desks(Application[str]):
    """One tenant's aggregates over the tenant's log. Synchronous: call it from a thread."""

    name = "desk"

    def load(self, kind: type[Aggregate], stream: str) -> Aggregate:
        """The aggregate of a stream; an empty one if nothing happened yet."""

        def project(_: object, events: Iterable[Any]) -> Aggregate | None:
            found = kind.folded(stream, cast("Iterable[TenantEvent]", events))
            return found if found.version else None

        get: Any = self.repository.get  # the library's types know UUIDs and its own aggregates only
        try:
            return cast("Aggregate", get(stream, projector_func=project))
        except AggregateNotFoundError:
            return kind(stream)

    def keep(self, aggregate: Aggregate, news: Iterable[New], relied: Mapping[str, int]) -> list[int]:
        """Save what was decided, unless what it relies on has moved; the positions.

        Raises IntegrityError if somebody was faster.
        """
        version = aggregate.version
        events: list[Any] = [
            TenantEvent(aggregate.stream, version + nth, new) for nth, new in enumerate(news, 1)
        ]
        return [int(recording.notification.id) for recording in self.save(*events, relied=relied)]
