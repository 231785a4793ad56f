"""Inserting: events of some aggregates and perhaps one tracking record, all or nothing, each version once.

Every message is guarded by the last position of its own subject, so two writers can never both succeed, and a
retry after a lost answer can never store anything twice: it finds its own rows instead.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    StoredEvent,
    Tracking,
)

from onrecord_events.errors import OutcomeUnknown
from onrecord_events.jetstream import (
    BATCH_MESSAGES_MAX,
    BATCHES_IN_FLIGHT,
    EXPECTED,
    STALE,
    Message,
    publish_batch,
    read_ack,
    stored,
)
from onrecord_events.persistence.heads import NOTHING, Head, Heads
from onrecord_events.persistence.place import Place
from onrecord_events.persistence.stored import EventRow, TrackingRow, from_bytes, to_bytes
from onrecord_events.wire import Refused, Wire

ANSWER_S = 5.0
_TRIES = 5
_FIRST_VERSIONS = 1
"""An aggregate begins at version 0 or 1; anything later without its beginning is a lost history."""
_HEADERS_BYTES_MAX = 512


class _Item(NamedTuple):
    """One message to be: which number on which subject. `sparse`: numbers may be skipped."""

    subject: str
    number: int
    content: StoredEvent | Tracking
    sparse: bool


@dataclass
class Inserter:
    """The writing half of a recorder. Use it on one event loop."""

    place: Place
    heads: Heads
    answer_s: float = ANSWER_S
    _batches: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(BATCHES_IN_FLIGHT))

    async def insert(
        self, wire: Wire, events: Sequence[StoredEvent], tracking: Tracking | None = None
    ) -> list[int]:
        """The events' positions, consecutive. Raises IntegrityError, NotSupportedError, DataError."""
        items = self._items(events, tracking)
        if not items:
            return []
        firsts = _first_of_each(items)
        insert = secrets.token_bytes(8)
        for attempt in range(_TRIES):
            heads = await self._heads(wire, firsts, is_first_look=attempt == 0)
            messages = _messages(items, heads, insert, wire.connection.max_payload)
            try:
                last = await self._send(wire, messages)
            except Refused as refused:
                if refused.code not in STALE:
                    raise
                own = await self._own_first(wire, items[0].subject, heads, insert)
                if own is None:
                    continue
                last = own + len(items) - 1
            return self._stored(items, last)[: len(events)]
        raise OperationalError(f"{self.place.name}: others kept appending; nothing of this was stored")

    def _items(self, events: Sequence[StoredEvent], tracking: Tracking | None) -> list[_Item]:
        """Events first, in their order: their positions have no hole."""
        if len(events) + (tracking is not None) > BATCH_MESSAGES_MAX:
            raise NotSupportedError(
                f"one insert takes {BATCH_MESSAGES_MAX} events at most, tracking counted as one; "
                f"these are {len(events)}: nothing was stored"
            )
        sparse = self.place.snapshots
        items = [
            _Item(self.place.subject(event.originator_id), event.originator_version, event, sparse)
            for event in events
        ]
        if tracking is not None:
            subject = self.place.tracking(tracking.application_name)
            items.append(_Item(subject, tracking.notification_id, tracking, sparse=True))
        return items

    async def _heads(self, wire: Wire, firsts: dict[str, _Item], *, is_first_look: bool) -> dict[str, Head]:
        """The head below each first item. Raises IntegrityError if its number is taken or leaves a hole."""
        heads = {subject: self._assumed(first) for subject, first in firsts.items()} if is_first_look else {}
        unsure = [first for subject, first in firsts.items() if heads.get(subject) is None]
        looked = await asyncio.gather(*(self._looked(wire, first) for first in unsure)) if unsure else []
        found = {subject: head for subject, head in heads.items() if head is not None}
        return found | {first.subject: head for first, head in zip(unsure, looked, strict=True)}

    def _assumed(self, first: _Item) -> Head | None:
        """The head as remembered, or none for a beginning; None if that does not lead to `first`."""
        head = self.heads.get(first.subject)
        if head is None and not first.sparse and first.number <= _FIRST_VERSIONS:
            head = NOTHING
        return head if head is not None and _fits(head, first) else None

    async def _looked(self, wire: Wire, first: _Item) -> Head:
        head = await self.look(wire, first.subject)
        if not _fits(head, first):
            raise IntegrityError(_misfit(head, first))
        return head

    async def look(self, wire: Wire, subject: str) -> Head:
        """Ask the server for a subject's head, and remember it."""
        self.heads.forget(subject)
        last = await stored(wire, self.place.name, {"last_by_subj": subject})
        if last is None:
            return NOTHING
        row = from_bytes(last.raw)
        head = Head(row.version if isinstance(row, EventRow) else row.notification_id, last.position)
        self.heads.saw(subject, head)
        return head

    async def _send(self, wire: Wire, messages: list[Message]) -> int:
        """The position of the last message. Without an answer the same is sent once more: the guards hold."""
        try:
            return await self._send_once(wire, messages)
        except OutcomeUnknown:
            return await self._send_once(wire, messages)

    async def _send_once(self, wire: Wire, messages: list[Message]) -> int:
        if len(messages) > 1:
            async with self._batches:
                return await publish_batch(wire, messages, timeout_s=self.answer_s)
        subject, payload, headers = messages[0]
        return read_ack(await wire.ask(subject, payload, headers, timeout_s=self.answer_s)).seq

    async def _own_first(self, wire: Wire, subject: str, heads: dict[str, Head], insert: bytes) -> int | None:
        """Where our first message stands, if it is what moved the subject on: only its answer was lost."""
        question = {"seq": heads[subject].position + 1, "next_by_subj": subject}
        found = await stored(wire, self.place.name, question)
        return found.position if found is not None and from_bytes(found.raw).insert == insert else None

    def _stored(self, items: list[_Item], last: int) -> list[int]:
        positions = list(range(last - len(items) + 1, last + 1))
        for item, position in zip(items, positions, strict=True):
            self.heads.saw(item.subject, Head(item.number, position))
        return positions


def _first_of_each(items: list[_Item]) -> dict[str, _Item]:
    """Each subject's first item. Raises IntegrityError if the items do not follow one another."""
    firsts: dict[str, _Item] = {}
    last_numbers: dict[str, int] = {}
    for item in items:
        before = last_numbers.get(item.subject)
        if before is None:
            firsts[item.subject] = item
        elif not _follows(before, item):
            raise IntegrityError(f"version {item.number} does not follow {before} within one insert")
        last_numbers[item.subject] = item.number
    return firsts


def _follows(before: int, item: _Item) -> bool:
    return item.number > before if item.sparse else item.number == before + 1


def _fits(head: Head, first: _Item) -> bool:
    if head == NOTHING:
        return first.sparse or 0 <= first.number <= _FIRST_VERSIONS
    return _follows(head.number, first)


def _misfit(head: Head, first: _Item) -> str:
    if head == NOTHING:
        return f"an aggregate begins at version 0 or {_FIRST_VERSIONS}, not at {first.number}"
    if first.number <= head.number:
        return f"{first.number} is taken: its sequence stands at {head.number}"
    return f"{first.number} would leave a hole: its sequence stands at {head.number}"


def _messages(items: list[_Item], heads: dict[str, Head], insert: bytes, bytes_max: int) -> list[Message]:
    """One guarded message an item: the first of a subject names the subject's last position."""
    messages: list[Message] = []
    seen_at: dict[str, int] = {}
    for nth, item in enumerate(items):
        head = heads[item.subject]
        is_first = item.subject not in seen_at
        before = head.position if is_first else seen_at[item.subject] - nth
        payload = to_bytes(_row(item, insert, before))
        if len(payload) + _HEADERS_BYTES_MAX > bytes_max:
            raise DataError(f"an event of {len(payload)} bytes is too large: the server takes {bytes_max}")
        headers = {EXPECTED: str(head.position)} if is_first else {}
        messages.append((item.subject, payload, headers))
        seen_at[item.subject] = nth
    return messages


def _row(item: _Item, insert: bytes, before: int) -> EventRow | TrackingRow:
    if isinstance(item.content, Tracking):
        return TrackingRow(item.number, insert)
    return EventRow.of(item.content, insert, before)
