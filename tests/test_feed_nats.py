"""The feed over NATS: pages for publishers, each its own tenant's only."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from onrecord_services.engines import Engines
from onrecord_services.notices import feed_edge
from onrecord_services.notices.feed_edge import FeedEdge
from onrecord_services.notices.rows import Rows
from onrecord_services.vault import api_keys, keyring
from onrecord_services.vault.keyring import KeyRing, from_postgres
from projecting import said
from telling import NOW, Office, complaint, live, office

WAIT_S = 40.0


@dataclass
class House:
    """A tenant, a publisher of its, and whoever answers."""

    desk: Office
    publisher: Client
    subject: str
    edge: FeedEdge
    engines: Engines

    async def stranger(self) -> None:
        """A publisher without a key asks."""
        tenant = self.desk.log.tenant
        granted = self.engines.add_publisher(tenant, "stranger")
        async with await nats.connect(granted.url, inbox_prefix=granted.inbox_prefix.encode()) as unknown:
            await unknown.request(f"feed.{tenant}.stranger", b"{}", timeout=WAIT_S)

    async def ask(self, **question: Any) -> Any:
        answer = await self.publisher.request(self.subject, json.dumps(question).encode(), timeout=WAIT_S)
        return json.loads(answer.data)


@pytest.fixture
async def house(engines: Engines) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(office(engines))
        tenant = desk.log.tenant
        granted = engines.add_publisher(tenant, "crm")
        publisher = await nats.connect(granted.url, inbox_prefix=granted.inbox_prefix.encode())
        stack.push_async_callback(publisher.close)
        answering = await nats.connect(engines.nats_url("notices"))
        stack.push_async_callback(answering.close)
        rows = Rows(desk.postgres_url, "test")
        desk.rows.append(rows)
        edge = FeedEdge(answering, rows, KeyRing(from_postgres(desk.postgres_url)))
        await stack.enter_async_context(edge.listening())
        await answering.flush()
        await api_keys.create(desk.owner, tenant, "crm", sources=["*"], scopes=["read", "write"])
        yield House(desk, publisher, f"feed.{tenant}.crm", edge, engines)


async def test_pages_follow_each_other_without_a_hole(house: House) -> None:
    await house.desk.project(*(complaint(f"A{nth}", 1) for nth in range(5)))
    seen: list[str] = []
    after = 1
    while len(seen) < 5:
        answer = await house.ask(after=after, limit=2)
        seen += [event["subject"] for event in answer["events"]]
        after = answer["position"]
    assert seen == [f"complaint/A{nth}" for nth in range(5)]
    assert await house.ask(after=after) == {"events": [], "position": 6, "known_to": 6}
    assert (await house.ask(types=["rulebook.*"]))["events"][0]["type"] == "rulebook.adopted"


async def test_a_page_is_cut_before_it_grows_too_large(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.desk.project(*(complaint(f"A{nth}", 1) for nth in range(5)))
    monkeypatch.setattr(feed_edge, "BYTES_MAX", 600)
    answer = await house.ask(after=1)
    assert 1 <= len(answer["events"]) < 5
    assert answer["position"] == int(answer["events"][-1]["position"])


@pytest.mark.parametrize(
    "question",
    [
        {"after": -1},
        {"limit": 201},
        {"before": 1},
        {"after": "x"},
        {"wait_s": 31},
        {"wait_s": -1},
        {"types": ["complaint.exploded"], "wait_s": 30},
        {"types": ["explosion.*"], "wait_s": 30},
    ],
)
async def test_a_question_that_makes_no_sense_is_told_so(house: House, question: dict[str, Any]) -> None:
    assert (await house.ask(**question))["problem"]["type"] == "urn:onrecord:problem:bad-question"


async def test_a_publisher_whose_key_does_not_read_reads_nothing(house: House) -> None:
    await api_keys.revoke(house.desk.owner, house.desk.log.tenant, "crm")
    await api_keys.create(house.desk.owner, house.desk.log.tenant, "crm", sources=["*"], scopes=["write"])
    assert (await house.ask())["problem"]["status"] == 403


async def test_who_sits_in_our_own_account_gets_no_answer_into_the_log(
    house: House, engines: Engines
) -> None:
    """A reader of ours that was taken over names a stream as its reply subject: nothing is said there."""
    before = await house.desk.log.last_position()
    inside = await nats.connect(engines.nats_url("operator"))
    tenant = house.desk.log.tenant
    try:
        for question in (b"{}", b'{"after":1,"wait_s":0.01}'):
            await inside.publish(f"feed.{tenant}.crm", question, reply=f"ev.{tenant}.alert.x")
        await inside.flush()
        assert (await house.ask(after=0))["known_to"] == 1
        assert await house.desk.log.last_position() == before
    finally:
        await inside.close()


async def test_one_request_after_the_other_follows_the_log_live(house: House) -> None:
    """No page is asked for twice in vain: each waits until there is something on it."""

    async def follow() -> list[tuple[int, str]]:
        seen, after = list[tuple[int, str]](), 1
        while len(seen) < 4:
            answer = await house.ask(after=after, wait_s=20)
            asked.append(after)
            seen += [(int(event["position"]), event["subject"]) for event in answer["events"]]
            after = answer["position"]
        return seen

    asked: list[int] = []
    following = asyncio.create_task(follow())
    await house.desk.project(complaint("A", 1), complaint("B", 1))
    await until(lambda: asked != [] and bool(house.edge._under_way))
    await house.desk.project(complaint("C", 1))
    await until(lambda: len(asked) > 1 and bool(house.edge._under_way))
    await house.desk.project(complaint("D", 1))
    async with asyncio.timeout(WAIT_S):
        seen = await following
    assert seen == [(2, "complaint/A"), (3, "complaint/B"), (4, "complaint/C"), (5, "complaint/D")]
    assert len(asked) == len(set(asked))


async def test_the_example_of_the_documents_follows_the_log(house: House) -> None:
    page = (Path(__file__).parents[1] / "docs" / "notices.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert example is not None
    code = example[1].replace("feed.main.crm", house.subject)
    taken: asyncio.Queue[str] = asyncio.Queue()
    known: dict[str, Any] = {
        "json": json,
        "publisher": house.publisher,
        "take": lambda event: taken.put_nowait(event["subject"]),
    }
    exec("async def follow():\n" + indent(code, "    "), known)  # noqa: S102 (our own page)
    following = asyncio.create_task(known["follow"]())
    try:
        async with asyncio.timeout(WAIT_S):
            for name in ("A", "B"):
                await house.desk.project(complaint(name, 1))
                assert await taken.get() == f"complaint/{name}"
    finally:
        following.cancel()


async def test_who_waits_for_one_kind_is_not_woken_by_another(house: House) -> None:
    waiting = asyncio.create_task(house.ask(after=1, wait_s=20, types=["complaint.*"]))
    await until(lambda: bool(house.edge._under_way))
    await house.desk.project(live(said("staff.joined", "person/p", NOW, person="p")))
    assert (await house.ask(after=1))["known_to"] == 2  # others are answered meanwhile
    assert not waiting.done()
    await house.desk.project(complaint("A", 1))
    async with asyncio.timeout(WAIT_S):
        answer = await waiting
    assert [event["subject"] for event in answer["events"]] == ["complaint/A"]
    assert (answer["position"], answer["known_to"]) == (3, 3)


async def test_where_nothing_happens_the_answer_comes_when_patience_ends(house: House) -> None:
    assert await house.ask(after=1, wait_s=0.2) == {"events": [], "position": 1, "known_to": 1}


async def test_a_key_taken_back_while_its_reader_waits_reads_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "FRESH_S", 0.0)
    waiting = asyncio.create_task(house.ask(after=1, wait_s=20))
    await until(lambda: bool(house.edge._under_way))
    await api_keys.revoke(house.desk.owner, house.desk.log.tenant, "crm")
    await house.desk.project(complaint("A", 1))
    async with asyncio.timeout(WAIT_S):
        assert (await waiting)["problem"]["status"] == 403


async def test_one_publisher_does_not_take_every_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_edge, "UNDER_WAY_OF_ONE_MAX", 2)
    first = [asyncio.create_task(house.ask(after=1, wait_s=20)) for _ in range(2)]
    await until(lambda: len(house.edge._under_way) == 2)
    assert (await house.ask(after=1, wait_s=20))["problem"]["type"] == "urn:onrecord:problem:too-many-at-once"
    await house.desk.project(complaint("A", 1))
    async with asyncio.timeout(WAIT_S):
        assert [len(answer["events"]) for answer in await asyncio.gather(*first)] == [1, 1]
    await until(lambda: not house.edge._under_way)


async def test_who_may_not_read_keeps_nobody_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is unknown is looked for again, slowly; others are answered meanwhile."""
    monkeypatch.setattr(keyring, "AGAIN_S", 20.0)
    stranger = asyncio.create_task(house.stranger())
    await until(lambda: bool(house.edge._under_way))
    assert (await house.ask())["known_to"] == 1
    assert not stranger.done()
    stranger.cancel()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 (what it asks of announces nothing)
            await asyncio.sleep(0.01)
