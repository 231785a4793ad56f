"""Accept: parsed events into the log, once each, and what became of each.

One body is one append, all or nothing, in its own order. Whatever fails before the answer, sending the same
again is safe.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from onrecord_events.envelope import New
from onrecord_events.errors import OutOfOrder, PartlyKnown
from onrecord_events.log import Receipt
from onrecord_services.intake.cloudevents import mode_of
from onrecord_services.intake.identities import Stood
from onrecord_services.intake.outcome import FORBIDDEN, OUT_OF_ORDER, Outcome, conflict
from onrecord_services.intake.parsed import OWN_SOURCES, Heard, Parsed, Refusal
from onrecord_services.intake.rooms import Room, Rooms
from onrecord_services.intake.sealing import refused
from onrecord_services.intake.translate import translate
from onrecord_services.vault.api_keys import ApiKey

UNDER_WAY_BYTES_MAX = 64_000_000
UNDER_WAY_BYTES_MIN = 64_000
"""The smallest body counts as much, so that at most 1,000 of one publisher are under way."""


class Busy(Exception):
    """The publisher has too many bodies under way. Wait for answers before sending more."""


class Taken(NamedTuple):
    """The outcomes of one body. `is_one`: the body was one event, or was refused as a whole."""

    outcomes: list[Outcome]
    is_one: bool


class Intake:
    """What both edges hand their bodies to. `now` is the wall clock, aware."""

    def __init__(self, rooms: Rooms, now: Callable[[], datetime]) -> None:
        self._rooms = rooms
        self._now = now
        self._under_way: Counter[tuple[str, str]] = Counter()

    async def take(
        self,
        publisher: ApiKey,
        raw: bytes,
        content_type: str,
        headers: Mapping[str, str],
    ) -> Taken:
        """One body, from bytes to outcomes.

        Raises Busy, LogUnavailable, OutcomeUnknown, SeenUnavailable, KeyStoreError: the same again is safe.
        """
        with self._bounded(publisher, len(raw)):
            room = await self._rooms.of(publisher.tenant)
            parsed = translate(
                raw,
                content_type,
                headers,
                tenant=publisher.tenant,
                publisher=publisher.name,
                now=self._now(),
                carried=room.log.clock == "carried",
            )
            outcomes = await self._accept(room, publisher, parsed)
        return Taken(outcomes, _is_one(raw, parsed, content_type, headers))

    @contextmanager
    def _bounded(self, publisher: ApiKey, size_bytes: int) -> Iterator[None]:
        """What one publisher may have us hold in memory."""
        who, weight = (publisher.tenant, publisher.name), max(size_bytes, UNDER_WAY_BYTES_MIN)
        if self._under_way[who] >= UNDER_WAY_BYTES_MAX:
            raise Busy(f"{self._under_way[who]} bytes of this key are under way")
        self._under_way[who] += weight
        try:
            yield
        finally:
            self._under_way[who] -= weight

    async def _accept(self, room: Room, publisher: ApiKey, parsed: Sequence[Parsed]) -> list[Outcome]:
        """An outcome for each, in order."""
        outcomes: list[Outcome] = [FORBIDDEN] * len(parsed)
        allowed = {nth: one for nth, one in enumerate(parsed) if _may_say(publisher, one)}
        known = await room.identities.known([one.identity for one in allowed.values()])
        fresh: dict[bytes, int] = {}
        for nth, one in allowed.items():
            if one.identity not in known:
                fresh.setdefault(one.identity, nth)
        stored = await self._store(room, [parsed[nth] for nth in fresh.values()])
        for nth, outcome in zip(fresh.values(), stored, strict=True):
            outcomes[nth] = outcome
        repeats = [nth for nth, one in allowed.items() if fresh.get(one.identity) != nth]
        known |= await room.identities.known([parsed[nth].identity for nth in repeats])
        for nth in repeats:
            stood = known.get(parsed[nth].identity)
            outcomes[nth] = OUT_OF_ORDER if stood is None else _again(room, parsed[nth], stood)
        return outcomes

    async def _store(self, room: Room, fresh: Sequence[Parsed]) -> list[Outcome]:
        if not fresh:
            return []
        news = await self._as_events(room, fresh)
        receipts = await _append(room, news)
        outcomes = []
        for one, new, receipt in zip(fresh, news, receipts, strict=True):
            if receipt is None:
                outcomes.append(OUT_OF_ORDER)
                continue
            stood = Stood(receipt.position, new.input_mac)
            if receipt.duplicate:
                first = await room.log.event_at(receipt.position)
                stood = Stood(receipt.position, first.input_mac)
            room.identities.remember(one.identity, stood)
            outcomes.append(_again(room, one, stood) if receipt.duplicate else _first(one, receipt.position))
        return outcomes

    async def _as_events(self, room: Room, fresh: Sequence[Parsed]) -> list[New]:
        """Sealed, refusals kept: nothing of what is returned is in clear."""
        sealers = await room.sealer.sealers_for(fresh)
        now = self._now()
        recorded_at: datetime | None = None
        news = []
        for one in fresh:
            if isinstance(one, Heard):
                recorded_at = one.recorded_at
                news.append(room.sealer.seal(one, sealers))
                continue
            if room.log.clock == "carried" and recorded_at is None:
                recorded_at = await _latest_recorded_at(room, now)
            kept = await asyncio.to_thread(room.quarantine.keep, one.digest, one.raw)
            news.append(refused(one, at=recorded_at or now, recorded_at=recorded_at, kept=kept))
        return news


def _is_one(raw: bytes, parsed: Sequence[Parsed], content_type: str, headers: Mapping[str, str]) -> bool:
    if mode_of(content_type, headers) != "batch":
        return True
    return len(parsed) == 1 and isinstance(parsed[0], Refusal) and parsed[0].raw == raw


async def _append(room: Room, news: Sequence[New]) -> list[Receipt | None]:
    """All or nothing; one by one only if some stand already, or come out of order (None)."""
    try:
        return list(await room.log.append_batch(news))
    except (PartlyKnown, OutOfOrder):
        receipts: list[Receipt | None] = []
        for new in news:
            try:
                receipts.append(await room.log.append(new))
            except OutOfOrder:
                receipts.append(None)
        return receipts


async def _latest_recorded_at(room: Room, now: datetime) -> datetime:
    """A refusal in a carried log takes the time of what came before it."""
    last = await room.log.last_position()
    return (await room.log.event_at(last)).recorded_at if last else now


def _may_say(publisher: ApiKey, one: Parsed) -> bool:
    if isinstance(one, Refusal):
        return True
    return publisher.may_speak_for(one.source) and not one.source.startswith(OWN_SOURCES)


def _first(one: Parsed, position: int) -> Outcome:
    if isinstance(one, Refusal):
        return Outcome(kind="refused", reason=one.reason, where=one.where, position=position)
    return Outcome(kind="stored", position=position)


def _again(room: Room, one: Parsed, stood: Stood) -> Outcome:
    """The same again has the first position; something else under the same name is a conflict."""
    if isinstance(one, Refusal):
        return _first(one, stood.position)
    said = room.sealer.mac_of_known(one)
    if said is None or stood.input_mac is None or said == stood.input_mac:
        return Outcome(kind="stored", position=stood.position, duplicate=True)
    return conflict(stood.position)
