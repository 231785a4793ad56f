"""A tenant's log as an application recorder: appended to and followed through `EventLog`, as elsewhere.

The log stores no versions: an event's version is its ordinal among the events of its stream, whoever appended
them. What was counted once is remembered, within bounds.
"""

import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    NotSupportedError,
    OperationalError,
    StoredEvent,
    Subscription,
)

from onrecord_events.errors import Conflict
from onrecord_events.jetstream import stored
from onrecord_events.log import BATCH_EVENTS_MAX, EventLog, Receipt
from onrecord_events.persistence.bridge import Bridge
from onrecord_events.persistence.heads import HEADS_MAX, Head, Heads
from onrecord_events.persistence.selecting import Range
from onrecord_events.persistence.subscription import LogSubscription
from onrecord_events.persistence.tenant_events import new_of
from onrecord_events.reader import Reader
from onrecord_events.subjects import jetstream_name, stream_subject
from onrecord_events.wire import Wire

_TRIES = 5
_READ_AT_ONCE = 500
_BEFORE_THE_FIRST = Head(0, 0)


class TenantRecorder(ApplicationRecorder):
    """Every event of one tenant. A notification's id is its position, an originator its stream."""

    def __init__(self, bridge: Bridge, tenant: str) -> None:
        self._bridge = bridge
        self._tenant = tenant
        self._name = jetstream_name(tenant)
        self._heads = Heads()
        self._log: EventLog | None = None

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append all or none; their positions. Raises IntegrityError if a version is not the next one.

        `relied`, as `EventLog.append_batch` takes it, may come with `Application.save`.
        """
        if len(stored_events) > BATCH_EVENTS_MAX:
            raise NotSupportedError(f"one insert takes {BATCH_EVENTS_MAX} events at most: nothing was stored")
        relied = kwargs.get("relied") or {}
        return (
            self._bridge.run(lambda wire: self._append(wire, stored_events, relied)) if stored_events else []
        )

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One stream's events, read from the log itself up to its last one."""
        wanted = Range(0 if gt is None else gt, lte, desc, limit)
        events = self._bridge.run(lambda wire: self._select(wire, str(originator_id), wanted))
        return (events[::-1] if desc else events)[:limit]

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
        return self._bridge.run(lambda wire: self._page(wire, after, limit, stop, topics))

    def max_notification_id(self) -> int | None:
        """Position of the last event."""
        return self._bridge.run(self._last_position) or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Events after a position, then those to come."""
        return LogSubscription(self, gt, topics, bridge=self._bridge, follow=self._follow)

    async def open(self, wire: Wire) -> EventLog:
        """The tenant's log. Raises LogUnavailable, LogMismatch."""
        if self._log is None:
            self._log = await EventLog.open(wire.connection, self._tenant)
        return self._log

    async def _last_position(self, wire: Wire) -> int:
        return await (await self.open(wire)).last_position()

    async def _append(
        self, wire: Wire, events: Sequence[StoredEvent], relied: Mapping[str, int]
    ) -> list[int]:
        log = await self.open(wire)
        news = [new_of(event.state) for event in events]
        firsts = _firsts(events)
        for attempt in range(_TRIES):
            heads = {
                stream: await self._head(wire, stream, first, is_first_look=attempt == 0)
                for stream, first in firsts.items()
            }
            expected = {stream: head.position for stream, head in heads.items()}
            try:
                receipts = await log.append_batch(news, expected=expected, relied=relied)
            except Conflict as conflict:
                if relied:  # what was relied on may have moved: only whoever decided can tell what then
                    raise IntegrityError(str(conflict)) from None
                continue
            await self._refuse_known(log, events[0], receipts[0], heads[str(events[0].originator_id)])
            for event, receipt in zip(events, receipts, strict=True):
                self._heads.saw(str(event.originator_id), Head(event.originator_version, receipt.position))
            return [receipt.position for receipt in receipts]
        raise OperationalError(f"{self._name}: others kept appending; nothing of this was stored")

    async def _head(self, wire: Wire, stream: str, first: int, *, is_first_look: bool) -> Head:
        """The head below version `first`, remembered or counted. Raises IntegrityError if it is not that."""
        head = self._heads.get(stream) or _BEFORE_THE_FIRST
        if not is_first_look or head.number + 1 != first:
            await self._select(wire, stream, Range(gt=head.number))
            head = self._heads.get(stream) or _BEFORE_THE_FIRST
        if head.number + 1 != first:
            raise IntegrityError(f"version {first} is not the next one: the stream stands at {head.number}")
        return head

    async def _refuse_known(self, log: EventLog, event: StoredEvent, receipt: Receipt, head: Head) -> None:
        """What was stored before is no new version. Our own retry is: it stands right after the head."""
        if not receipt.duplicate:
            return
        known = await log.event_at(receipt.position)
        if receipt.position <= head.position or known.stream != event.originator_id:
            raise IntegrityError(f"this event is in the log already, at position {receipt.position}")

    async def _select(self, wire: Wire, stream: str, wanted: Range) -> list[StoredEvent]:
        """The stream's wanted events, oldest first; remembers its head."""
        subject = stream_subject(self._tenant, stream)
        last = await stored(wire, self._name, {"last_by_subj": subject})
        if last is None:
            return []
        head = self._heads.get(stream) or _BEFORE_THE_FIRST
        ordinal, after = head if head.number <= wanted.gt else _BEFORE_THE_FIRST
        found = []
        if after < last.position:
            for position, raw in await self._of_subject(wire, subject, after, last.position):
                ordinal += 1
                head = Head(ordinal, position)
                if wanted.holds(ordinal):
                    found.append(StoredEvent(stream, ordinal, new_of(raw).type, raw))
            self._heads.saw(stream, head)
        return found

    async def _of_subject(self, wire: Wire, subject: str, after: int, until: int) -> list[tuple[int, bytes]]:
        reader = Reader(wire, self._name, after, window=2 * _READ_AT_ONCE, subject=subject)
        batches = reader.batches(until=until, events_max=_READ_AT_ONCE, linger_s=0.0)
        try:
            return [(position, raw) async for batch in batches for position, _, raw in batch]
        finally:
            await reader.close()

    async def _page(
        self, wire: Wire, after: int, limit: int, stop: int | None, topics: Sequence[str]
    ) -> list[Notification]:
        last = await self._last_position(wire)
        until = last if stop is None else min(last, stop)
        found: list[Notification] = []
        if until > after and limit > 0:
            async with contextlib.aclosing(self._follow(wire, after, topics, until, limit)) as batches:
                async for batch in batches:
                    found += batch
                    if len(found) >= limit:
                        break
        return found[:limit]

    async def _follow(
        self,
        wire: Wire,
        after: int,
        topics: Sequence[str],
        until: int | None = None,
        events_max: int = _READ_AT_ONCE,
    ) -> AsyncGenerator[list[Notification], None]:
        ordinals = _Ordinals(after)
        events_max = min(events_max, _READ_AT_ONCE)
        log = await self.open(wire)
        async for batch in log.follow(after, until=until, events_max=events_max, linger_s=0.0):
            found = []
            for event in batch:
                ordinal = ordinals.next_of(event.stream)
                if ordinal is None:
                    ordinal = await self._count(wire, event.stream, event.position)
                ordinals.saw(event.stream, ordinal)
                if not topics or event.type in topics:
                    found.append(
                        Notification(event.stream, ordinal, event.type, event.raw, id=event.position)
                    )
            if found:
                yield found

    async def _count(self, wire: Wire, stream: str, until: int) -> int:
        subject = stream_subject(self._tenant, stream)
        found = await self._of_subject(wire, subject, 0, until)
        return sum(position <= until for position, _ in found)


class _Ordinals:
    """How many events of each stream one reader has passed, counted along, within bounds."""

    def __init__(self, after: int) -> None:
        self._passed: OrderedDict[str, int] = OrderedDict()
        self._has_seen_all = after == 0

    def next_of(self, stream: str) -> int | None:
        """The ordinal of the stream's event just met; None if it must be counted."""
        passed = self._passed.get(stream)
        if passed is None:
            return 1 if self._has_seen_all else None
        return passed + 1

    def saw(self, stream: str, ordinal: int) -> None:
        self._passed[stream] = ordinal
        self._passed.move_to_end(stream)
        if len(self._passed) > HEADS_MAX:
            self._passed.popitem(last=False)
            self._has_seen_all = False


def _firsts(events: Sequence[StoredEvent]) -> dict[str, int]:
    """Each stream's first version. Raises IntegrityError if versions do not follow one another."""
    firsts: dict[str, int] = {}
    lasts: dict[str, int] = {}
    for event in events:
        stream, version = str(event.originator_id), event.originator_version
        if version != lasts.get(stream, version - 1) + 1:
            raise IntegrityError(f"version {version} does not follow {lasts[stream]} within one insert")
        firsts.setdefault(stream, version)
        lasts[stream] = version
    return firsts
