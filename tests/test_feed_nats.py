"""The feed over NATS: pages for publishers, each its own tenant's only."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from onrecord_services.engines import Engines
from onrecord_services.notices import feed_edge
from onrecord_services.notices.rows import Rows
from onrecord_services.vault import api_keys
from onrecord_services.vault.keyring import KeyRing, from_postgres
from telling import Office, complaint, office


@dataclass
class House:
    """A tenant, a publisher of its, and whoever answers."""

    desk: Office
    publisher: Client
    subject: str

    async def ask(self, **question: Any) -> Any:
        answer = await self.publisher.request(self.subject, json.dumps(question).encode(), timeout=10)
        return json.loads(answer.data)


@pytest.fixture
async def house(engines: Engines) -> AsyncIterator[House]:
    async with office(engines) as desk:
        tenant = desk.log.tenant
        granted = engines.add_publisher(tenant, "crm")
        publisher = await nats.connect(granted.url, inbox_prefix=granted.inbox_prefix.encode())
        answering = await nats.connect(engines.nats_url("notices"))
        rows = Rows(desk.postgres_url, "test")
        desk.rows.append(rows)
        await feed_edge.listen(answering, rows, KeyRing(from_postgres(desk.postgres_url)))
        await answering.flush()
        await api_keys.create(desk.owner, tenant, "crm", sources=["*"], scopes=["read", "write"])
        yield House(desk, publisher, f"feed.{tenant}.crm")
        await publisher.close()
        await answering.close()


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


@pytest.mark.parametrize("question", [{"after": -1}, {"limit": 201}, {"before": 1}, {"after": "x"}])
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
    await inside.publish(f"feed.{tenant}.crm", b"{}", reply=f"ev.{tenant}.alert.x")
    await inside.flush()
    assert (await house.ask(after=0))["known_to"] == 1
    assert await house.desk.log.last_position() == before
    await inside.close()
