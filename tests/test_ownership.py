"""Whose client it is, in rows and over HTTP: families, lapses, turns, late facts, rebuilds."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from asking import House, house
from onrecord_events.envelope import New
from onrecord_projections.cases import next_due_at
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.engines import Engines
from onrecord_services.projector.rebuild import rebuild
from projecting import Bench, adopted, at, bench, calendar, said

POLICY = (calendar(), adopted(shipped_rulebook("re-reg")[1], "re-reg", effective="2026-01-01T00:00:00+08:00"))
SPANS = (
    "SELECT client, owner, since, why, clause FROM ownership WHERE until IS NULL ORDER BY client, pack, line"
)


def registered(client: str, who: str, when: str, **over: Any) -> New:
    body: dict[str, Any] = {"salesperson": who, "full_name": True, "phone_given": True} | over
    return said("client.registered", f"client/{client}", when, id_=f"{client} {who} {when}", **body)


def followed(client: str, who: str, when: str, **over: Any) -> New:
    return said("client.followed-up", f"client/{client}", when, by=who, channel="call", **over)


def related(one: str, other: str, when: str) -> New:
    return said("client.related", f"client/{one}", when, relative=f"client/{other}", relation="spouse")


def ticked(when: str) -> New:
    return said("clock.ticked", "clock/tick", when)


@pytest.fixture
async def tenant(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        await made.project(*POLICY)
        yield made


async def test_a_claim_lapses_in_the_rows_at_its_instant(tenant: Bench) -> None:
    await tenant.project(registered("w", "a", "03-03 10:00:00"), registered("w", "b", "03-05 10:00:00"))
    assert await next_due_at(tenant.owner) == at("03-14 00:00:00")
    await tenant.project(ticked("03-13 23:59:59"))
    assert await tenant.rows(SPANS) == [("client/w", "a", at("03-03 10:00:00"), "first-claim", "RE-REG-4")]
    await tenant.project(ticked("03-14 00:00:00"))
    assert await tenant.rows(SPANS) == [("client/w", "b", at("03-14 00:00:00"), "next-in-line", "RE-REG-3")]
    assert await next_due_at(tenant.owner) == at("03-16 00:00:00")
    await tenant.project(ticked("03-16 00:00:00"))
    assert await tenant.rows(SPANS) == [("client/w", None, at("03-16 00:00:00"), "lapsed", "RE-REG-3")]
    assert await next_due_at(tenant.owner) is None


async def test_a_late_fact_takes_a_lapse_back(tenant: Bench) -> None:
    await tenant.project(registered("w", "a", "03-03 10:00:00"), ticked("03-14 00:00:30"))
    assert [row[1] for row in await tenant.rows(SPANS)] == [None]
    await tenant.project(followed("w", "a", "03-13 23:59:50", recorded="03-14 00:01:00"))
    assert await tenant.rows(SPANS) == [("client/w", "a", at("03-03 10:00:00"), "first-claim", "RE-REG-4")]


async def test_families_grow_together_and_each_is_judged_whole(tenant: Bench) -> None:
    await tenant.project(
        registered("a", "li", "03-03 10:00:00"),
        registered("b", "wang", "03-04 10:00:00"),
        registered("c", "zhao", "03-05 10:00:00"),
        related("b", "c", "03-06 10:00:00"),
    )
    assert [row[:2] for row in await tenant.rows(SPANS)] == [
        ("client/a", "li"),
        ("client/b", "wang"),
        ("client/c", "wang"),
    ]
    await tenant.project(related("c", "a", "03-07 10:00:00"))
    assert [row[1] for row in await tenant.rows(SPANS)] == ["li", "li", "li"]
    families = await tenant.rows("SELECT client, family FROM client_families ORDER BY client")
    assert families == [(f"client/{name}", "client/a") for name in "abc"]
    assert await tenant.rows("SELECT family, next_change_at FROM families") == [
        ("client/a", at("03-14 00:00:00"))
    ]
    await tenant.project(followed("b", "li", "03-13 10:00:00"))
    assert await tenant.rows("SELECT next_change_at FROM families") == [(at("03-15 00:00:00"),)]


async def test_an_event_touches_its_own_family_only(tenant: Bench) -> None:
    await tenant.project(registered("a", "li", "03-03 10:00:00"), registered("b", "wang", "03-03 11:00:00"))
    before = await tenant.rows("SELECT xmin::text FROM ownership WHERE client = 'client/a'")
    await tenant.project(followed("b", "wang", "03-04 10:00:00"), related("b", "c", "03-05 10:00:00"))
    assert await tenant.rows("SELECT xmin::text FROM ownership WHERE client = 'client/a'") == before


def referred(client: str, when: str, *, present: bool) -> New:
    new = said(
        "client.referred",
        f"client/{client}",
        when,
        newcomer=f"client/{client}",
        by_customer="o",
        present=present,
        original="a",
    )
    return correlated(new)


def correlated(new: New) -> New:
    fields = {name: getattr(new, name) for name in new.__struct_fields__}
    return New(**{**fields, "correlation": "queue/hall"})


async def test_a_turn_taken_earlier_but_told_later_moves_the_turns_after_it(tenant: Bench) -> None:
    await tenant.project(
        said("queue.set", "queue/hall", "03-08 08:30:00", members=["c", "d"]),
        referred("n1", "03-08 10:00:00", present=True),
        referred("n3", "03-08 11:00:00", present=False),
    )
    assert [row[:2] for row in await tenant.rows(SPANS)] == [("client/n1", "a"), ("client/n3", "c")]
    early = said("client.assigned-in-turn", "client/n2", "03-08 10:30:00", recorded="03-08 11:30:00", to="c")
    await tenant.project(correlated(early))
    assert [row[:2] for row in await tenant.rows(SPANS)] == [
        ("client/n1", "a"),
        ("client/n2", "c"),
        ("client/n3", "d"),
    ]


async def test_a_policy_adopted_later_finds_what_was_claimed_before(engines: Engines) -> None:
    async with bench(engines) as tenant:
        await tenant.project(
            calendar(), registered("w", "a", "03-03 10:00:00"), related("w", "h", "03-04 10:00:00")
        )
        assert await tenant.rows(SPANS) == []
        await tenant.project(entered(POLICY[1], at("03-04 11:00:00")))
        assert [row[:2] for row in await tenant.rows(SPANS)] == [("client/h", "a"), ("client/w", "a")]
        gone = said(
            "rulebook.withdrawn",
            "rulebook/re-reg",
            "03-05 00:00:00",
            pack="re-reg",
            effective_at=at("03-05 00:00:00"),
        )
        await tenant.project(gone)
        assert await tenant.rows(SPANS) == []


def a_month() -> list[New]:
    """Three clients, two of them relatives, a queue, and a decision."""
    return [
        registered("a", "li", "03-03 10:00:00", phone_given=False),
        registered("a", "wang", "03-03 11:00:00"),
        registered("b", "li", "03-02 11:00:00"),
        said("client.completed", "client/a", "03-04 09:00:00", salesperson="li", phone_given=True),
        related("b", "a", "03-06 10:00:00"),
        followed("b", "li", "03-11 10:00:00"),
        followed("a", "wang", "03-12 10:00:00"),
        said("queue.set", "queue/hall", "03-07 08:30:00", members=["c", "d"]),
        referred("n1", "03-08 10:00:00", present=False),
        referred("n2", "03-08 11:00:00", present=False),
        said("client.owner-decided", "client/n1", "03-09 11:00:00", owner="d", by="m", reason_code="x"),
        registered("c", "zhao", "03-10 10:00:00"),
    ]


async def rows_after(engines: Engines, news: Sequence[New], events_max: int) -> list[list[tuple[Any, ...]]]:
    """All ownership rows once everything is known; positions aside, which follow the order of arrival."""
    async with bench(engines) as tenant:
        await tenant.project(*POLICY)
        await tenant.project(*news, ticked("04-15 00:00:00"), events_max=events_max)
        columns = "client, pack, line, since, owner, until, why, clause, shares"
        return [
            await tenant.rows(f"SELECT {columns} FROM ownership ORDER BY client, pack, line, since"),
            await tenant.rows("SELECT * FROM families ORDER BY family"),
            await tenant.rows("SELECT * FROM client_families ORDER BY client"),
            await tenant.rows(
                "SELECT queue, client, pack, clause, person, at FROM client_turns ORDER BY client, at"
            ),
        ]


def entered(new: New, when: datetime) -> New:
    """The same, offline: captured when it happened, in the log only now."""
    fields = {name: getattr(new, name) for name in new.__struct_fields__}
    return New(**{**fields, "recorded_at": when, "captured_at": new.occurred_at})


async def test_rows_do_not_depend_on_order_batches_or_repeats(engines: Engines) -> None:
    declared = said(
        "source.declared",
        "source/test",
        "01-01 00:00:00",
        publisher="/test",
        effective_at=at("01-01 00:00:00"),
    )
    month = [entered(new, at("04-14 00:00:00")) for new in a_month()]
    straight = await rows_after(engines, [declared, *month], 2000)
    assert [row[4] for row in straight[0] if row[0] == "client/a"] == ["wang", "li", "wang", None]
    chance = random.Random(3)
    for events_max in (1, 5):
        shuffled = [*month, *month[:4]]
        chance.shuffle(shuffled)
        assert await rows_after(engines, [declared, *shuffled], events_max) == straight


async def test_a_rebuild_comes_to_the_same_rows(engines: Engines) -> None:
    async with bench(engines) as tenant:
        await tenant.project(*POLICY)
        for new in sorted(a_month(), key=lambda new: new.occurred_at):
            await tenant.project(new)
        await tenant.project(ticked("03-20 00:00:00"))
        assert (await rebuild(tenant.owner, tenant.writer, tenant.log)).differing == []


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(
            *POLICY,
            registered("w", "a", "03-03 10:00:00", phone_given=False),
            registered("h", "c", "03-04 10:00:00"),
            registered("w", "b", "03-05 10:00:00"),
            related("w", "h", "03-10 15:00:00"),
            ticked("03-12 00:00:00"),
        )
        yield made


async def test_an_owner_is_explained_by_clause_claims_and_events(asked: House) -> None:
    (found,) = (await asked.ask("/v1/clients/w/owner"))["items"]
    assert found["family"] == ["client/h", "client/w"]
    (owner,) = found["owners"]
    assert owner == {
        "client": "client/w",
        "pack": "re-reg",
        "line": "client",
        "owner": "c",
        "since": "2026-03-10T15:00:00+08:00",
        "until": None,
        "why": "related",
        "clause": "RE-REG-5",
        "cites": "5",
        "says": owner["says"],
        "shares": [],
        "evidence": [4, 6],
    }
    assert "one client" in owner["says"]
    assert [(claim["holder"], claim["state"]) for claim in found["claims"]] == [
        ("c", "owning"),
        ("a", "incomplete"),
        ("b", "waiting"),
    ]
    assert [event["position"] for event in found["events"]] == [3, 4, 5, 6]
    assert all(len(event["digest"]) == 64 for event in found["events"])
    assert found["next_change_at"] == "2026-03-15T00:00:00+08:00"


async def test_an_owner_is_asked_as_of_any_instant_and_as_known_then(asked: House) -> None:
    (then,) = (await asked.ask("/v1/clients/w/owner", as_of="2026-03-10T14:59:59+08:00"))["items"]
    assert (then["family"], then["owners"][0]["owner"]) == (["client/w"], "b")
    (later,) = (await asked.ask("/v1/clients/w/owner", as_of="2026-03-15T00:00:00+08:00"))["items"]
    assert (later["owners"][0]["owner"], later["owners"][0]["why"]) == ("b", "next-in-line")
    (known,) = (await asked.ask("/v1/clients/w/owner", known_at="2026-03-09T00:00:00+08:00"))["items"]
    assert (known["family"], known["owners"][0]["owner"]) == (["client/w"], "b")
    (over,) = (await asked.ask("/v1/clients/w/owner", as_of="2026-04-01T00:00:00+08:00"))["items"]
    assert (over["owners"][0]["owner"], over["owners"][0]["why"], over["next_change_at"]) == (
        None,
        "lapsed",
        None,
    )


async def test_who_never_was_a_client_is_not_known(asked: House) -> None:
    answer = await asked.http.get("/v1/clients/nobody/owner")
    assert answer.status_code == 404


async def test_clients_are_listed_by_who_has_them(asked: House) -> None:
    mine = await asked.ask("/v1/clients", owner="c", limit="1")
    assert [item["client"] for item in mine["items"]] == ["client/h"]
    more = await asked.ask("/v1/clients", owner="c", limit="1", cursor=mine["next"])
    assert [item["client"] for item in more["items"]] == ["client/w"]
    assert more["next"] is None
    assert (await asked.ask("/v1/clients", pool="true"))["items"] == []


async def test_clients_are_listed_as_of_any_instant_and_as_known_then(asked: House) -> None:
    then = await asked.ask("/v1/clients", as_of="2026-03-10T14:59:59+08:00")
    assert [(item["client"], item["owner"]) for item in then["items"]] == [
        ("client/h", "c"),
        ("client/w", "b"),
    ]
    first = await asked.ask("/v1/clients", as_of="2026-03-10T14:59:59+08:00", limit="1")
    rest = await asked.ask("/v1/clients", as_of="2026-03-10T14:59:59+08:00", limit="1", cursor=first["next"])
    assert [item["client"] for item in (*first["items"], *rest["items"])] == ["client/h", "client/w"]
    known = await asked.ask("/v1/clients", owner="b", known_at="2026-03-09T00:00:00+08:00")
    assert [(item["client"], item["since"]) for item in known["items"]] == [
        ("client/w", "2026-03-05T10:00:00+08:00")
    ]
    lapsed = await asked.ask("/v1/clients", pool="true", as_of="2026-04-01T00:00:00+08:00")
    assert {item["client"] for item in lapsed["items"]} == {"client/h", "client/w"}
    assert (await asked.ask("/v1/clients", as_of="2026-03-01T00:00:00+08:00"))["items"] == []
