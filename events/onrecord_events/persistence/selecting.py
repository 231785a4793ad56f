"""Selecting: one aggregate's events by its subject, or everybody's in the order of their positions."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

from onrecord_events.errors import LogMismatch
from onrecord_events.jetstream import info, stored
from onrecord_events.persistence.heads import Head, Heads
from onrecord_events.persistence.place import Place
from onrecord_events.persistence.stored import EventRow, from_bytes
from onrecord_events.reader import Reader
from onrecord_events.wire import Wire

STEPS_BACK_MAX = 8
"""Up to so many events are cheaper asked for one by one than by a reader made for them."""
READ_AT_ONCE = 500

Placed = tuple[int, EventRow]


@dataclass(frozen=True)
class Range:
    """Which versions are wanted: greater than `gt`, up to `lte`, `limit` of them from the wanted end."""

    gt: int = -1
    lte: int | None = None
    desc: bool = False
    limit: int | None = None

    def holds(self, version: int) -> bool:
        """Whether a version is in the range, whatever the limit."""
        return self.gt < version and (self.lte is None or version <= self.lte)

    def steps_back(self, last_version: int) -> int:
        """How many consecutive versions lie between the last one and the end of this range, at most."""
        lowest = self.gt
        if self.desc and self.limit is not None:
            highest = last_version if self.lte is None else min(last_version, self.lte)
            lowest = max(lowest, highest - self.limit)
        return last_version - lowest


@dataclass
class Selector:
    """The reading half of a recorder."""

    place: Place
    heads: Heads

    async def select(self, wire: Wire, originator_id: UUID | str, wanted: Range) -> list[StoredEvent]:
        """One aggregate's events, read up to the last one the leader knows."""
        subject = self.place.subject(originator_id)
        last = await stored(wire, self.place.name, {"last_by_subj": subject})
        if last is None:
            return []
        row = from_bytes(last.raw)
        assert isinstance(row, EventRow)
        self.heads.saw(subject, Head(row.version, last.position))
        if self.place.snapshots or wanted.steps_back(row.version) <= STEPS_BACK_MAX:
            rows = await self._backwards(wire, (last.position, row), wanted)
        else:
            rows = await self._forwards(wire, subject, last.position, wanted)
        return [row.stored_event() for row in rows]

    async def _backwards(self, wire: Wire, last: Placed, wanted: Range) -> list[EventRow]:
        """From the last event on, each names the position of the one before."""
        position, row = last
        found: list[EventRow] = []
        limit = wanted.limit if wanted.desc else None
        while row.version > wanted.gt and (limit is None or len(found) < limit):
            if wanted.holds(row.version):
                found.append(row)
            position = row.position_before(position)
            if position == 0:
                break
            row = await self._at(wire, position)
        return found if wanted.desc else found[::-1][: wanted.limit]

    async def _at(self, wire: Wire, position: int) -> EventRow:
        found = await stored(wire, self.place.name, {"seq": position})
        row = None if found is None else from_bytes(found.raw)
        if not isinstance(row, EventRow):
            raise LogMismatch(f"{self.place.name}: the event at position {position} is gone")
        return row

    async def _forwards(self, wire: Wire, subject: str, last: int, wanted: Range) -> list[EventRow]:
        found: list[EventRow] = []
        async with contextlib.aclosing(self._placed(wire, 0, last, subject)) as batches:
            async for batch in batches:
                found += [row for _, row in batch if wanted.holds(row.version)]
                if not wanted.desc and wanted.limit is not None and len(found) >= wanted.limit:
                    break
                if wanted.lte is not None and batch[-1][1].version >= wanted.lte:
                    break
        return (found[::-1] if wanted.desc else found)[: wanted.limit]

    async def page(
        self, wire: Wire, after: int, limit: int, stop: int | None, topics: Sequence[str]
    ) -> list[Notification]:
        """Up to `limit` notifications after a position, as the log stands now."""
        last = (await info(wire, self.place.name)).state.last_seq
        until = last if stop is None else min(last, stop)
        found: list[Notification] = []
        if until > after and limit > 0:
            async with contextlib.aclosing(self._placed(wire, after, until, "", limit)) as batches:
                async for batch in batches:
                    found += _notifications(batch, topics)
                    if len(found) >= limit:
                        break
        return found[:limit]

    async def follow(
        self, wire: Wire, after: int, topics: Sequence[str]
    ) -> AsyncGenerator[list[Notification], None]:
        """Every notification after a position, live, for ever."""
        async with contextlib.aclosing(self._placed(wire, after, None, "")) as batches:
            async for batch in batches:
                if notifications := _notifications(batch, topics):
                    yield notifications

    async def last_notification_id(self, wire: Wire) -> int | None:
        """The last event's position. Tracking records may stand after it."""
        last = (await info(wire, self.place.name)).state.last_seq
        if last == 0:
            return None
        at_last = await stored(wire, self.place.name, {"seq": last})
        if at_last is not None and isinstance(from_bytes(at_last.raw), EventRow):
            return last
        found = await stored(wire, self.place.name, {"last_by_subj": self.place.all_events})
        return None if found is None else found.position

    async def _placed(
        self, wire: Wire, after: int, until: int | None, subject: str, events_max: int = READ_AT_ONCE
    ) -> AsyncGenerator[list[Placed], None]:
        """Event rows with their positions, a list at a time, as soon as there are any."""
        events_max = min(events_max, READ_AT_ONCE)
        reader = Reader(wire, self.place.name, after, window=2 * events_max, subject=subject)
        batches = reader.batches(until=until, events_max=events_max, linger_s=0.0)
        try:
            async for batch in batches:
                decoded = [(position, from_bytes(raw)) for position, _, raw in batch]
                rows = [(position, row) for position, row in decoded if isinstance(row, EventRow)]
                if rows:
                    yield rows
        finally:
            await batches.aclose()
            await reader.close()


def _notifications(batch: list[Placed], topics: Sequence[str]) -> list[Notification]:
    return [row.notification(position) for position, row in batch if not topics or row.topic in topics]
