"""Desk: a request is decided on what the log holds now, and what comes of it is appended, or nothing is.

Whoever was faster makes us decide again, on what he left. The same request again finds its own events and
answers with them: asking twice is asking once, on any process, however late. A refusal is an event as well.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from onrecord_events.decision import Refused as RefusedEvent
from onrecord_events.decision import Relied
from onrecord_events.envelope import New, Recorded
from onrecord_events.errors import Conflict, OutOfOrder
from onrecord_projections.judging import Settings
from onrecord_services.desk.answer import Answer, Said
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.envelope import Asked
from onrecord_services.desk.reasons import words_of
from onrecord_services.desk.room import Room
from onrecord_services.desk.staff import roles_at, stream_of
from onrecord_services.desk.streams import Known
from onrecord_services.intake.parsed import Heard

TRIES_MAX = 100
STEP_ASIDE_S = 0.002
"""Whoever lost steps aside for a random while, the longer the more often he lost."""
BATCH_MAX = 1_000


class Contended(Exception):
    """Others kept deciding on the same streams; nothing of this was stored. Ask again."""


class KeyReused(Exception):
    """This key belongs to another request. Make a new one for a new decision."""


class Desk:
    """Decides for one tenant. `now` is the wall clock, aware."""

    def __init__(self, room: Room, now: Callable[[], datetime]) -> None:
        self._room, self._now = room, now

    async def ask(self, asked: Asked) -> Answer:
        """The answer.

        Raises Contended, KeyReused, LogUnavailable, OutcomeUnknown, psycopg.Error, KeyStoreError.
        """
        room = self._room
        command = asked.command.known_as(room.blind)
        settings = await room.rules.now()
        roles = await room.streams.look(stream_of(asked.request.by))
        found = {need: await room.needs.answer(need, command) for need in command.NEEDS}
        command = command.found_as(found)
        streams = command.streams()
        async with room.streams.turn(streams) as known:
            for tries in range(TRIES_MAX):
                await room.streams.read_on(known)
                if before := await self._before(asked, command, known, settings):
                    return before
                at = asked.request.at or await room.now(self._now())
                held = Held(
                    by=asked.request.by,
                    roles=roles_at(roles, asked.request.by, at),
                    at=at,
                    settings=settings,
                    streams={name: tuple(one.events) for name, one in known.items()},
                    found=found,
                    aggregate=await room.aggregate_of(command, streams[0]),
                )
                try:
                    return await self._decide(asked, command, held, known)
                except Conflict:
                    await asyncio.sleep(secrets.randbelow(2 + tries) * STEP_ASIDE_S)
                except OutOfOrder:
                    await room.log_moved()
        raise Contended(f"{streams[0]}: others kept deciding at the same moment")

    async def _decide(self, asked: Asked, command: Command, held: Held, known: Mapping[str, Known]) -> Answer:
        stream = command.streams()[0]
        try:
            facts = list(command.decide(held))
        except Refused as refusal:
            body = RefusedEvent(
                command=command.NAME,
                by=held.by,
                reason=refusal.reason,
                clause=refusal.clause,
                facts=refusal.facts,
            )
            said = await self._append(asked, command, held, [Fact(stream, body)], known)
            return _refused(said, held.settings)
        if not facts:
            return Answer(outcome="unchanged", position=known[stream].position)
        relied = {name: known[name].position for name in command.relies_on(held)}
        facts += [Fact(stream, Relied(other=name, position=position)) for name, position in relied.items()]
        return _decided(await self._append(asked, command, held, facts, known, relied))

    async def _append(
        self,
        asked: Asked,
        command: Command,
        held: Held,
        facts: Sequence[Fact],
        known: Mapping[str, Known],
        relied: Mapping[str, int] = MappingProxyType({}),
    ) -> list[Said]:
        assert {fact.stream for fact in facts} <= known.keys(), f"{command.NAME} writes where it did not look"
        assert len(facts) <= BATCH_MAX, f"{command.NAME} decides too much at once"
        news = await self._sealed(asked, command, held, facts)
        expected = {name: one.position for name, one in known.items()}
        positions = await self._room.store(held.aggregate, news, expected, relied)
        return [
            Said(type=new.type, stream=new.stream, position=position, data=new.data)
            for new, position in zip(news, positions, strict=True)
        ]

    async def _sealed(self, asked: Asked, command: Command, held: Held, facts: Sequence[Fact]) -> list[New]:
        """The events as the log may have them: personal words under their person's key."""
        room, whole = self._room, _heard_as_asked(asked, command)
        heards = [_heard(fact, asked, held, asked.id_of(fact.stream, nth)) for nth, fact in enumerate(facts)]
        sealers = await room.sealer.sealers_for([whole, *heards])
        secret = sealers[whole.person][0].secret if whole.person else None
        mac = room.sealer.mac(whole, secret)
        recorded_at = room.recorded_at(held.at)
        return [
            msgspec.structs.replace(room.sealer.seal(heard, sealers), input_mac=mac, recorded_at=recorded_at)
            for heard in heards
        ]

    async def _before(
        self, asked: Asked, command: Command, known: Mapping[str, Known], settings: Settings
    ) -> Answer | None:
        """What this request was answered with before. Raises KeyReused."""
        prefix, source = f"{asked.request.key}/", asked.source
        ours = sorted(
            (
                event
                for one in known.values()
                for event in one.events
                if event.source == source and event.id.startswith(prefix)
            ),
            key=lambda event: event.position,
        )
        if not ours:
            return None
        mac = self._room.sealer.mac_of_known(_heard_as_asked(asked, command))
        if mac is not None and any(event.input_mac != mac for event in ours):
            raise KeyReused(f"the key {asked.request.key!r} was used for another request")
        ours += await self._rest_of(ours[-1], source, prefix)
        said = [_said(event) for event in ours]
        answer = _refused(said, settings) if ours[0].type == RefusedEvent.TYPE else _decided(said)
        return msgspec.structs.replace(answer, again=True)

    async def _rest_of(self, last: Recorded, source: str, prefix: str) -> list[Recorded]:
        """What was stored with it on streams that this request does not look at any more."""
        found: list[Recorded] = []
        end = await self._room.log.last_position()
        for position in range(last.position + 1, end + 1):
            event = await self._room.log.event_at(position)
            if event.source != source or not event.id.startswith(prefix):
                break
            found.append(event)
        return found


def _decided(said: Sequence[Said]) -> Answer:
    return Answer(outcome="decided", position=said[-1].position, events=tuple(said))


def _refused(said: Sequence[Said], settings: Settings) -> Answer:
    told = said[0].data
    clause = told.get("clause")
    return Answer(
        outcome="refused",
        position=said[0].position,
        events=tuple(said),
        reason=told["reason"],
        why=dict(words_of(told["command"], told["reason"])),
        clause=clause,
        facts=told.get("facts", {}),
        says=_words_of(clause, settings) if clause else {},
    )


def _words_of(clause: str, settings: Settings) -> dict[str, str]:
    """The clause in our words, of the newest edition that was ever adopted."""
    rules = [rule for (_, _, name), rule in settings.index.rules.items() if name == clause]
    if not rules:
        return {}
    newest = max(rules, key=lambda rule: rule.edition).clause
    return {"en": newest.says_en, "zh": newest.says_zh}


def _said(event: Recorded) -> Said:
    return Said(type=event.type, stream=event.stream, position=event.position, data=dict(event.data))


def _heard(fact: Fact, asked: Asked, held: Held, event_id: str) -> Heard:
    data = fact.body.model_dump(mode="json", exclude_none=True)
    return Heard(
        id=event_id,
        source=asked.source,
        type=fact.body.TYPE,
        stream=fact.stream,
        occurred_at=held.at,
        version=fact.body.VERSION,
        data=data,
        clear=dict(fact.clear),
        person=str(data[fact.body.PERSON_FIELD]) if fact.clear else None,
        canonical=b"",
        actor=held.by,
        correlation=fact.correlation,
        identity=b"",
    )


def _heard_as_asked(asked: Asked, command: Command) -> Heard:
    """The request as the keyed digest sees it."""
    clear = asked.clear
    return Heard(
        id=asked.request.key,
        source=asked.source,
        type=command.NAME,
        stream="",
        occurred_at=datetime.min,  # noqa: DTZ901 (not part of any digest)
        version=1,
        data={},
        clear=clear,
        person=command.sealed_for() if clear else None,
        canonical=asked.canonical,
        identity=b"",
    )
