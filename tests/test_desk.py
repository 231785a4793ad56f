"""The desk: asking twice is asking once, a no is on record, whoever was faster makes us decide again."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import nats
import pytest

from deciding import NOON, Desked, api_key, desked
from onrecord_events.base import Ref
from onrecord_events.complaint import Answered, Registered, Resolved
from onrecord_events.staff import RoleAssigned, RoleEnded
from onrecord_services.desk.aggregates import Aggregate
from onrecord_services.desk.decision import Command, Fact, Held, Refused
from onrecord_services.desk.desk import KeyReused
from onrecord_services.desk.envelope import Unfit
from onrecord_services.desk.streams import Known, Streams
from onrecord_services.engines import Engines
from onrecord_services.problem import TurnedAway


class Answer(Command):
    """Answer a complaint, once."""

    NAME: ClassVar[str] = "test.answer"
    complaint: Ref

    def streams(self) -> tuple[str, ...]:
        return (f"complaint/{self.complaint}",)

    def decide(self, held: Held) -> Sequence[Fact]:
        (stream,) = self.streams()
        events = held.events(stream)
        if any(event.type == "complaint.answered" for event in events):
            raise Refused("answered-already", clause="RENT-CRM-1.2-4A", by=str(events[-1].actor))
        return [Fact(stream, Answered())]


class Settle(Command):
    """Settle two complaints together, if whoever asks leads."""

    NAME: ClassVar[str] = "test.settle-both"
    one: Ref
    other: Ref

    def streams(self) -> tuple[str, ...]:
        return (f"complaint/{self.one}", f"complaint/{self.other}")

    def decide(self, held: Held) -> Sequence[Fact]:
        if not held.has_role("leader"):
            raise Refused("not-a-leader")
        return [Fact(stream, Resolved()) for stream in self.streams() if not held.events(stream)]


class Take(Command):
    """Take a complaint down, with the customer's own words."""

    NAME: ClassVar[str] = "test.take"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    customer: Ref
    words: str

    def sealed_for(self) -> str | None:
        return self.customer

    def streams(self) -> tuple[str, ...]:
        return (f"complaint/{self.customer}",)

    def decide(self, held: Held) -> Sequence[Fact]:
        body = Registered(severity="minor", channel="phone", customer=self.customer, received_by=held.by)
        return [Fact(self.streams()[0], body, {"words": self.words})]


class Counted(Aggregate):
    """Takes three answers and no more."""

    def when(self, body: object, new: object) -> None:
        """Its version counts already."""

    def answer(self) -> Answered:
        if self.version >= 3:
            raise Refused("full")
        return Answered()


class Count(Command):
    """One more answer, kept by the library."""

    NAME: ClassVar[str] = "test.count"
    AGGREGATE: ClassVar[type[Aggregate] | None] = Counted
    complaint: Ref

    def streams(self) -> tuple[str, ...]:
        return (f"complaint/{self.complaint}",)

    def decide(self, held: Held) -> Sequence[Fact]:
        assert isinstance(held.aggregate, Counted)
        return [Fact(self.streams()[0], held.aggregate.answer())]


KNOWN = {kind.NAME: kind for kind in (Answer, Settle, Take, Count)}


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, known=KNOWN) as made:
        yield made


async def test_what_is_decided_is_an_event_of_the_person_who_decided(desk: Desked) -> None:
    answer = await desk.ask("test.answer", "chen", complaint="CP-1")
    assert (answer.outcome, answer.position, answer.again) == ("decided", 1, False)
    (event,) = await desk.stream("complaint/CP-1")
    assert (event.type, event.actor, event.occurred_at) == ("complaint.answered", "chen", NOON)
    assert event.source == "/onrecord/desk/desk"


async def test_asking_twice_is_asking_once_also_after_others_spoke(desk: Desked) -> None:
    first = await desk.ask("test.answer", "chen", key="the-same-1", complaint="CP-1")
    await desk.happened("complaint/CP-1", Resolved())
    again = await desk.ask("test.answer", "chen", key="the-same-1", complaint="CP-1")
    assert (again.outcome, again.position, again.again) == ("decided", first.position, True)
    assert await desk.types("complaint/CP-1") == ["complaint.answered", "complaint.resolved"]


async def test_a_refusal_is_on_record_with_reason_and_clause_and_stays_what_it_is(desk: Desked) -> None:
    await desk.ask("test.answer", "chen", complaint="CP-1")
    for again in (False, True):
        answer = await desk.ask("test.answer", "wang", key="second-go", complaint="CP-1")
        assert (answer.outcome, answer.reason, answer.clause) == (
            "refused",
            "answered-already",
            "RENT-CRM-1.2-4A",
        )
        assert (answer.facts, answer.position, answer.again) == ({"by": "chen"}, 2, again)
    assert await desk.types("complaint/CP-1") == ["complaint.answered", "decision.refused"]


async def test_a_key_of_another_request_is_not_taken(desk: Desked) -> None:
    await desk.ask("test.answer", "chen", key="one-key-1", complaint="CP-1")
    with pytest.raises(KeyReused):
        await desk.ask("test.answer", "wang", key="one-key-1", complaint="CP-1")
    assert await desk.types("complaint/CP-1") == ["complaint.answered"]


async def test_roles_come_from_the_persons_own_stream_and_end_there(desk: Desked) -> None:
    refused = await desk.ask("test.settle-both", "li", one="A", other="B")
    await desk.happened("person/li", RoleAssigned(person="li", role="leader"))
    await desk.happened("complaint/C", Answered())
    decided = await desk.ask("test.settle-both", "li", one="C", other="D")
    await desk.happened("person/li", RoleEnded(person="li", role="leader"))
    ended = await desk.ask("test.settle-both", "li", one="E", other="F")
    assert [refused.reason, decided.outcome, ended.reason] == ["not-a-leader", "decided", "not-a-leader"]
    assert await desk.types("complaint/D") == ["complaint.resolved"]


async def test_a_decision_over_two_streams_is_stored_whole(desk: Desked) -> None:
    await desk.happened("person/li", RoleAssigned(person="li", role="leader"))
    answer = await desk.ask("test.settle-both", "li", key="both-both", one="A", other="B")
    assert [said.stream for said in answer.events] == ["complaint/A", "complaint/B"]
    assert [said.position for said in answer.events] == [2, 3]
    again = await desk.ask("test.settle-both", "li", key="both-both", one="A", other="B")
    assert again.again
    assert [said.position for said in again.events] == [2, 3]


async def test_nothing_is_decided_where_all_is_so_already(desk: Desked) -> None:
    await desk.happened("person/li", RoleAssigned(person="li", role="leader"))
    await desk.happened("complaint/A", Resolved())
    await desk.happened("complaint/B", Resolved())
    answer = await desk.ask("test.settle-both", "li", one="A", other="B")
    assert (answer.outcome, answer.position) == ("unchanged", 2)


async def test_personal_words_are_sealed_and_a_retry_is_known_by_them(desk: Desked) -> None:
    asked: dict[str, Any] = {"customer": "C-7", "words": "水管漏水三天了"}
    first = await desk.ask("test.take", "chen", key="words-words", **asked)
    (event,) = await desk.stream("complaint/C-7")
    assert set(event.data["words"]) == {"key", "nonce", "ciphertext"}
    assert "水管" not in event.raw.decode()
    again = await desk.ask("test.take", "chen", key="words-words", **asked)
    assert (again.again, again.position) == (True, first.position)
    with pytest.raises(KeyReused):
        await desk.ask("test.take", "chen", key="words-words", customer="C-7", words="别的话")


async def test_of_many_who_decide_at_once_one_decides(engines: Engines, desk: Desked, tmp_path: Path) -> None:
    """Two desks on two connections, so that no lock of ours keeps them apart."""
    async with desked(engines, tmp_path / "other", known=KNOWN) as other:
        other.key = api_key(desk.log.tenant, "other")
        other.door._rooms._folder = desk.door._rooms._folder
        answers = await asyncio.gather(
            *(
                side.ask("test.answer", f"p{nth}", complaint="CP-1")
                for nth in range(16)
                for side in (desk, other)
            )
        )
    assert sorted(answer.outcome for answer in answers) == ["decided", *["refused"] * 31]
    types = await desk.types("complaint/CP-1")
    assert types == ["complaint.answered", *["decision.refused"] * 31]


async def test_the_library_keeps_an_aggregates_invariant(desk: Desked) -> None:
    answers = await asyncio.gather(*(desk.ask("test.count", f"p{nth}", complaint="CP-1") for nth in range(8)))
    assert sorted(answer.outcome for answer in answers) == [*["decided"] * 3, *["refused"] * 5]
    assert (await desk.types("complaint/CP-1")).count("complaint.answered") == 3


async def test_what_is_no_command_is_told_where_and_never_what(desk: Desked) -> None:
    with pytest.raises(Unfit, match=r"no command is named 'test\.fly'"):
        await desk.ask("test.fly", "chen")
    with pytest.raises(Unfit, match=r"^data: complaint: missing; secret: extra_forbidden$"):
        await desk.ask("test.answer", "chen", secret="水管")
    with pytest.raises(Unfit, match="key"):
        await desk.ask("test.answer", "chen", key="short", complaint="CP-1")
    for raw in (b"", b"[]", b"{", b"[" * 100_000, b'{"by":"a b","key":"12345678"}'):
        with pytest.raises(Unfit):
            await desk.door.ask(desk.key, "test.answer", raw)


async def test_a_key_that_only_writes_does_not_decide(desk: Desked) -> None:
    raw = json.dumps({"key": secrets.token_hex(8), "by": "chen", "data": {"complaint": "A"}}).encode()
    for key in (None, api_key(desk.log.tenant, scopes=("write", "read"))):
        with pytest.raises(TurnedAway):
            await desk.door.ask(key, "test.answer", raw)


async def test_with_one_persons_key_nobody_else_decides(desk: Desked) -> None:
    desk.key = api_key(desk.log.tenant, person="chen")
    with pytest.raises(TurnedAway) as away:
        await desk.ask("test.answer", "liu", complaint="CP-88")
    assert away.value.problem.name == "person"
    assert (await desk.stream("complaint/CP-88")) == []
    assert (await desk.ask("test.answer", "chen", complaint="CP-88")).outcome == "decided"


async def test_the_clock_of_a_live_log_is_the_servers(engines: Engines, tmp_path: Path) -> None:
    async with desked(engines, tmp_path, known=KNOWN, clock="server") as live:
        answer = await live.ask("test.answer", "chen", complaint="CP-1")
        (event,) = await live.stream("complaint/CP-1")
    assert answer.outcome == "decided"
    assert (event.occurred_at, event.recorded_at > NOON) == (NOON, True)


async def test_publishers_reach_the_desk_over_nats_and_only_as_themselves(engines: Engines) -> None:
    granted = engines.add_publisher("main", "front")
    client = await nats.connect(granted.url, inbox_prefix=granted.inbox_prefix.encode(), error_cb=_silent)
    with pytest.raises(nats.errors.NoRespondersError):
        await client.request("cmd.main.front.test.answer", b"{}", timeout=2)
    with pytest.raises(nats.errors.TimeoutError):
        await client.request("cmd.main.other.test.answer", b"{}", timeout=0.3)
    await client.close()


async def _silent(_: Exception) -> None:
    """The server says that it was not allowed; the test sees that nothing came."""


async def test_a_carried_log_knows_no_other_now_than_its_last_event(desk: Desked) -> None:
    await desk.happened("complaint/CP-0", Resolved(), at=NOON)
    raw = json.dumps({"key": "no-time-told", "by": "chen", "data": {"complaint": "CP-1"}}).encode()
    desk.at = NOON + timedelta(days=90)
    await desk.door.ask(desk.key, "test.answer", raw)
    (event,) = await desk.stream("complaint/CP-1")
    assert (event.occurred_at, event.recorded_at) == (NOON, NOON)


async def test_who_looks_at_a_stream_at_once_shares_the_reading_and_misses_nothing(desk: Desked) -> None:
    readings: list[str] = []

    class Counted(Streams):
        async def _read_on(self, name: str, known: Known) -> None:
            readings.append(name)
            await super()._read_on(name, known)

    streams = Counted(desk.log)

    async def say_and_look(_: int) -> bool:
        position = await desk.happened("complaint/looked-at", Answered())
        return any(event.position == position for event in await streams.look("complaint/looked-at"))

    assert await asyncio.gather(*map(say_and_look, range(30))) == [True] * 30
    assert len(readings) < 30
