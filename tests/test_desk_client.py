"""Clients at the desk: one phone is one client, the first has him, and every no names the clause in force."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, api_key, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, ruling, why
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.client.taking import normal
from onrecord_services.desk.client.whose import owner_of
from onrecord_services.desk.envelope import Unfit
from onrecord_services.engines import Engines

PHONE = "138 0013 8000"


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("03-03 10:00:00")) as made:
        yield made


async def register(desk: Desked, by: str, **more: Any) -> Answer:
    """`name` is a field of its own here, so the request is put together by hand."""
    key = more.pop("key", None) or secrets.token_hex(8)
    data = {"name": "王小明", "phone": PHONE} | more
    said = {"key": key, "by": by, "at": desk.at.isoformat(), "data": data}
    return await desk.door.ask(desk.key, "client.register", json.dumps(said).encode())


async def do(desk: Desked, name: str, by: str, at: str | None = None, **more: Any) -> tuple[Any, ...]:
    """Outcome, reason, clause of one decision."""
    if at is not None:
        desk.at = local(at)
    return why(await desk.ask(f"client.{name}", by, **more))


async def made(desk: Desked, by: str = "a") -> str:
    """A client somebody wrote down; his id."""
    answer = await register(desk, by)
    assert answer.outcome == "decided"
    return answer.events[0].stream.removeprefix("client/")


@pytest.mark.parametrize(
    "written", ["13800138000", "138-0013-8000", "+86 138 0013 8000", "０086 13800138000".replace("０", "0")]
)
def test_a_number_is_one_however_it_is_written(written: str) -> None:
    assert normal(written) == "13800138000"


async def test_a_client_is_known_by_his_phone_and_nobody_can_read_it(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    client = await made(desk)
    (event,) = await desk.stream(f"client/{client}")
    assert len(client) == 32
    assert (event.data["salesperson"], event.data["full_name"], event.data["phone_given"]) == (
        "a",
        True,
        True,
    )
    assert set(event.data["phone"]) == {"key", "nonce", "ciphertext", "index"}
    assert event.data["phone"]["index"] == client
    assert "王" not in event.raw.decode()
    assert PHONE not in event.raw.decode()
    assert "13800138000" not in event.raw.decode()


async def test_somebody_elses_client_is_refused_with_who_has_him_as_a_code(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    await made(desk)
    answer = await register(desk, "b", phone="+86 13800138000", name="王先生")
    assert why(answer) == (NO, "has-an-owner", "RE-REG-4")
    assert answer.facts == {"owner": "a", "since": "2026-03-03T02:00:00+00:00"}
    assert why(await register(desk, "a")) == SO


async def test_asking_twice_is_registering_once_and_another_phone_is_another_request(desk: Desked) -> None:
    first = await register(desk, "a", key="the-same-1")
    again = await register(desk, "a", key="the-same-1")
    assert (again.outcome, again.position, again.again) == ("decided", first.position, True)
    other = await register(desk, "a", key="the-same-1", phone="13900139000")
    assert (other.again, other.events[0].stream == first.events[0].stream) == (False, False)


async def test_of_two_who_write_one_phone_down_at_once_one_has_him(
    engines: Engines, desk: Desked, tmp_path: Path
) -> None:
    """Two desks on two connections, so that no lock of ours keeps them apart."""
    await ruled(desk, "re-reg")
    async with desked(engines, tmp_path / "other", at=desk.at) as other:
        other.key = api_key(desk.log.tenant, "other")
        other.door._rooms._folder = desk.door._rooms._folder
        (await other.door._rooms.of(desk.log.tenant)).rules._settings = ruling("re-reg")
        answers = await asyncio.gather(
            *(register(side, f"p{nth}") for nth in range(8) for side in (desk, other))
        )
    decided = [answer for answer in answers if answer.outcome == "decided"]
    assert len(decided) == 1
    owner = decided[0].events[0].data["salesperson"]
    refused = {(answer.reason, answer.facts["owner"]) for answer in answers if answer.outcome == NO}
    assert refused == {("has-an-owner", owner)}


async def test_who_waits_in_line_moves_up_when_the_claim_lapses(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    client = await made(desk)
    desk.at = local("03-10 10:00:00")
    assert why(await register(desk, "b", in_line=True)) == YES
    streams = {f"client/{client}": await desk.stream(f"client/{client}")}
    settings = ruling("re-reg")
    owners = [
        [(span.owner, span.why) for span in owner_of(settings, streams, f"client/{client}", as_of=local(day))]
        for day in ("03-13 23:59:59", "03-14 00:00:00", "03-21 00:00:00")
    ]
    assert owners == [[("a", "first-claim")], [("b", "next-in-line")], [(None, "lapsed")]]
    early = local("03-05 00:00:00")
    known = owner_of(settings, streams, f"client/{client}", as_of=local("03-14 00:00:00"), known_at=early)
    assert [(span.owner, span.why) for span in known] == [(None, "lapsed")]
    assert await do(desk, "follow-up", "a", "03-14 09:00:00", client=client, channel="call") == (
        NO,
        "claim-over",
        "RE-REG-3",
    )
    assert await do(desk, "follow-up", "b", client=client, channel="call") == YES
    assert await do(desk, "follow-up", "c", client=client, channel="call") == (NO, "no-claim", None)


async def test_a_lapsed_client_is_free_for_the_next(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    await made(desk)
    desk.at = local("03-14 00:00:00")
    assert why(await register(desk, "b")) == YES


async def test_an_enquiry_by_telephone_is_written_down_and_claims_nothing(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    assert why(await register(desk, "a", source="phone")) == YES
    assert why(await register(desk, "b")) == YES
    assert why(await register(desk, "c")) == (NO, "has-an-owner", "RE-REG-4")


async def test_who_is_written_down_without_a_phone_is_claimed_when_it_is_filled_in(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    assert why(await register(desk, "a", phone=None, client="V-1")) == YES
    assert await do(desk, "complete", "b", client="V-1", phone=PHONE) == (NO, "no-claim", None)
    assert await do(desk, "complete", "a", client="V-1", phone=PHONE) == YES
    answer = await register(desk, "b")
    assert why(answer) == (NO, "found-under-another", None)
    assert answer.facts == {"client": "V-1"}
    kept = [name for name in await desk.types("client/V-1") if name != "decision.refused"]
    assert kept == ["client.registered", "client.completed"]


async def test_a_phone_that_is_another_clients_completes_nobody(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    client = await made(desk, "b")
    await register(desk, "a", phone=None, client="V-1")
    answer = await desk.ask("client.complete", "a", client="V-1", phone=PHONE)
    assert why(answer) == (NO, "phone-taken", None)
    assert (answer.facts["client"], answer.facts["owner"]) == (client, "b")


async def test_a_client_is_named_by_his_phone_or_without_one_by_an_id(desk: Desked) -> None:
    for said in ({"client": "V-1"}, {"phone": None}):
        with pytest.raises(Unfit):
            await register(desk, "a", **said)


async def test_relatives_are_one_client_and_must_be_named(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    wife = await made(desk, "a")
    husband = (await register(desk, "b", phone="13900139000")).events[0].stream.removeprefix("client/")
    assert await do(desk, "relate", "a", client=wife, relative="nobody", relation="spouse") == (
        NO,
        "unknown-client",
        None,
    )
    assert await do(desk, "relate", "a", client=wife, relative=husband, relation="spouse") == YES
    assert (await desk.types(f"client/{husband}"))[-1] == "client.related"
    answer = await desk.ask("client.follow-up", "a", client=husband, channel="visit")
    assert (answer.reason, answer.facts) == ("relatives-not-named", {"relatives": wife})
    both: dict[str, Any] = {"client": husband, "relatives": [wife]}
    assert why(await desk.ask("client.follow-up", "a", channel="visit", **both)) == YES
    assert await do(desk, "relate", "a", client=wife, relative=husband, relation="spouse") == SO


async def test_the_manager_decides_before_every_claim_and_not_for_himself(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    await hired(desk, m="sales-manager")
    client = await made(desk)
    said = {"client": client, "to": "c", "reason_code": "friend"}
    assert await do(desk, "decide-owner", "a", **said) == (NO, "role-lacking", "RE-REG-9")
    assert await do(desk, "decide-owner", "m", **said | {"to": "m"}) == (NO, "his-own", "RE-REG-9")
    assert await do(desk, "decide-owner", "m", **said) == YES
    assert await do(desk, "decide-owner", "m", **said) == SO
    assert await do(desk, "transfer", "m", client=client, to="d") == (NO, "policy-knows-none", None)
    streams = {f"client/{client}": await desk.stream(f"client/{client}")}
    found = owner_of(ruling("re-reg"), streams, f"client/{client}", as_of=desk.at)
    assert [(span.owner, span.clause, span.why) for span in found] == [("c", "RE-REG-9", "decided")]


async def test_who_leads_is_the_tenants_own_reading(desk: Desked) -> None:
    await ruled(desk, "re-reg", readings={"client.led-by": "sales-captain"})
    await hired(desk, m="sales-manager", k="sales-captain")
    client = await made(desk)
    said = {"client": client, "to": "c", "reason_code": "friend"}
    assert await do(desk, "decide-owner", "m", **said) == (NO, "role-lacking", "RE-REG-9")
    assert await do(desk, "decide-owner", "k", **said) == YES


async def test_a_group_client_is_introduced_and_the_deal_is_shared(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    await hired(desk, m="general-manager")
    assert why(await register(desk, "a", phone=None, name=None, client="G-1", group=True)) == YES
    assert await do(desk, "introduce", "b", client="G-1", to="s") == (NO, "no-claim", None)
    assert await do(desk, "introduce", "a", client="G-1", to="s") == YES
    shares = [{"person": "a", "percent": "60"}, {"person": "b", "percent": "40"}]
    assert await do(desk, "split", "a", client="G-1", shares=shares) == (NO, "role-lacking", "RE-REG-8")
    assert await do(desk, "split", "m", client="G-1", shares=shares) == YES
    assert await do(desk, "split", "m", client="G-1", shares=shares) == SO
    streams = {"client/G-1": await desk.stream("client/G-1")}
    (span,) = owner_of(ruling("re-reg"), streams, "client/G-1", as_of=desk.at)
    assert (span.owner, span.shares) == ("a", (("a", Decimal(60)), ("b", Decimal(40))))


async def test_two_newcomers_at_once_are_two_turns(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    await hired(desk, m="sales-manager")
    assert await do(desk, "assign-in-turn", "m", client="N-0", queue="hall") == (NO, "no-order", None)
    assert await do(desk, "set-queue", "m", queue="hall", members=["c", "d", "e"]) == YES
    answers = await asyncio.gather(
        *(desk.ask("client.assign-in-turn", "desk", client=f"N-{nth}", queue="hall") for nth in (1, 2))
    )
    assert sorted(answer.events[0].data["to"] for answer in answers) == ["c", "d"]
    third = await desk.ask("client.assign-in-turn", "desk", client="N-3", queue="hall", away=["e"])
    assert third.events[0].data["to"] == "c"
    fourth = await desk.ask("client.assign-in-turn", "desk", client="N-4", queue="hall")
    assert fourth.events[0].data["to"] == "e"
    again = await do(desk, "assign-in-turn", "desk", client="N-4", queue="hall")
    assert again == (NO, "has-an-owner", "RE-REG-6-turn")
    assert await do(desk, "assign-in-turn", "desk", client="N-5", queue="hall", away=["c", "d", "e"]) == (
        NO,
        "nobody-there",
        None,
    )


async def test_who_an_old_client_brings_goes_to_his_salesperson_if_he_is_there(desk: Desked) -> None:
    await ruled(desk, "re-reg")
    await hired(desk, m="sales-manager")
    old = await made(desk, "a")
    await do(desk, "set-queue", "m", queue="hall", members=["c", "d"])
    said = {"old_client": old, "queue": "hall"}
    assert await do(desk, "refer", "desk", client="N-1", original="b", **said) == (
        NO,
        "another-salesperson",
        None,
    )
    assert await do(desk, "refer", "desk", client="N-1", **said) == YES
    assert await do(desk, "refer", "desk", client="N-2", away=["a"], **said) == YES
    owners = []
    for name in ("client/N-1", "client/N-2"):
        spans = owner_of(ruling("re-reg"), {name: await desk.stream(name)}, name, as_of=desk.at)
        owners += [(span.owner, span.clause) for span in spans]
    assert owners == [("a", "RE-REG-6"), ("c", "RE-REG-6-turn")]


async def test_a_car_dealers_client_is_his_whose_card_was_signed_first(desk: Desked) -> None:
    """CC13-C1 to -C3: signatures, three days, passed on only when void."""
    await ruled(desk, "cc13-sales")
    await hired(desk, m="team-leader", a="team-leader")
    client = await made(desk)
    assert why(await register(desk, "b")) == YES
    assert await do(desk, "sign-card", "m", client=client) == (NO, "no-card", None)
    assert await do(desk, "make-card", "a", client=client, card="K-1") == YES
    assert await do(desk, "make-card", "b", client=client, card="K-2") == YES
    assert await do(desk, "sign-card", "b", client=client, card="K-1") == (
        NO,
        "role-lacking",
        "CC13-C1-effective",
    )
    assert await do(desk, "sign-card", "a", client=client, card="K-1") == (NO, "his-own", "CC13-C1-effective")
    assert await do(desk, "sign-card", "m", client=client, card="K-1") == YES
    assert await do(desk, "sign-card", "m", client=client, card="K-2") == (NO, "has-an-owner", "CC13-C5a")
    assert await do(desk, "follow-up", "a", client=client, channel="call") == YES
    assert await do(desk, "sign-follow-up", "m", client=client) == YES
    assert await do(desk, "sign-follow-up", "m", client=client) == (NO, "nothing-to-sign", None)
    assert await do(desk, "transfer", "m", client=client, to="c") == (NO, "still-held", "CC13-C3")
    desk.at += timedelta(days=9)
    assert await do(desk, "transfer", "m", client=client, to="c") == YES
    assert await do(desk, "follow-up", "c", client=client, channel="visit") == YES
    assert await do(desk, "follow-up", "a", client=client, channel="visit") == (NO, "claim-over", "CC13-C2c")


async def test_a_card_is_voided_only_with_the_yes_the_policy_asks_for(desk: Desked) -> None:
    await ruled(desk, "cc13-sales")
    await hired(desk, m="team-leader")
    client = await made(desk)
    await do(desk, "make-card", "a", client=client)
    await do(desk, "sign-card", "m", client=client)
    outcome, _, clause = await do(desk, "void", "m", client=client, reason_code="moved-away")
    assert (outcome, clause) == (NO, "CC13-C10")


async def test_without_a_policy_the_first_who_wrote_him_down_has_him(desk: Desked) -> None:
    client = await made(desk)
    answer = await register(desk, "b")
    assert (answer.reason, answer.clause, answer.facts) == ("has-an-owner", None, {"owner": "a"})
    assert why(await register(desk, "a")) == SO
    assert await do(desk, "follow-up", "b", client=client, channel="call") == (NO, "no-claim", None)
    assert await do(desk, "deal", "a", client=client, value="100.00") == YES
