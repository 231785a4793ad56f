"""Hand-overs at the desk: only who has it offers, only the one it was offered to takes, and then it moves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, ruling, why
from onrecord_events.client import Registered as ClientRegistered
from onrecord_events.order import RepairDone, RepairOrdered
from onrecord_events.staff import Left
from onrecord_projections.judging.ownership import evaluate_ownership
from onrecord_services.engines import Engines

CP = "complaint/CP-1"
Came = tuple[str, str | None, str | None]


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-11 08:00:00")) as made:
        said: dict[str, Any] = {
            "complaint": "CP-1",
            "severity": "minor",
            "channel": "phone",
            "customer": "C-7",
            "accused": "zhao",
        }
        assert why(await made.ask("complaint.register", "chen", **said)) == YES
        yield made


async def offer(desk: Desked, by: str, taker: str, thing: str = CP) -> Came:
    return why(await desk.ask("handover.offer", by, thing=thing, taker=taker))


async def answer(desk: Desked, name: str, by: str, thing: str = CP) -> Came:
    return why(await desk.ask(f"handover.{name}", by, thing=thing))


async def test_it_moves_when_it_is_accepted_and_not_before(desk: Desked) -> None:
    assert await offer(desk, "wang", "li") == (NO, "not-the-holder", None)
    assert await offer(desk, "chen", "wang") == YES
    assert await offer(desk, "wang", "li") == (NO, "not-the-holder", None)
    assert await answer(desk, "accept", "li") == (NO, "not-the-taker", None)
    assert await answer(desk, "accept", "wang") == YES
    assert await answer(desk, "accept", "wang") == (NO, "nothing-offered", None)
    assert await offer(desk, "chen", "li") == (NO, "not-the-holder", None)
    assert await offer(desk, "wang", "chen") == YES
    assert await answer(desk, "accept", "chen") == YES


async def test_declined_or_taken_back_it_stays_where_it_was(desk: Desked) -> None:
    assert await offer(desk, "chen", "wang") == YES
    assert await offer(desk, "chen", "wang") == SO
    assert await offer(desk, "chen", "li") == (NO, "offered-already", None)
    assert await answer(desk, "withdraw", "wang") == (NO, "not-the-giver", None)
    assert await answer(desk, "withdraw", "chen") == YES
    assert await answer(desk, "accept", "wang") == (NO, "nothing-offered", None)
    assert await answer(desk, "withdraw", "chen") == (NO, "nothing-offered", None)
    assert await offer(desk, "chen", "li") == YES
    assert await answer(desk, "decline", "wang") == (NO, "not-the-taker", None)
    assert await answer(desk, "decline", "li") == YES
    assert await offer(desk, "chen", "wang") == YES
    assert [type_ for type_ in await desk.types(CP) if type_.startswith("handover")] == [
        "handover.offered",
        "handover.withdrawn",
        "handover.offered",
        "handover.declined",
        "handover.offered",
    ]


async def test_nobody_offers_to_himself_to_the_accused_or_to_one_who_left(desk: Desked) -> None:
    await desk.happened("person/wang", Left(person="wang"))
    assert await offer(desk, "chen", "chen") == (NO, "to-himself", None)
    assert await offer(desk, "chen", "wang") == (NO, "has-left", None)
    assert await offer(desk, "chen", "zhao") == (NO, "handler-excluded", None)
    await ruled(desk, "cc05-dealer-complaints")
    assert await offer(desk, "chen", "zhao") == (NO, "handler-excluded", "CC05-2.2")


async def test_what_the_accused_took_down_is_nobodys_until_it_is_given_to_somebody(desk: Desked) -> None:
    said: dict[str, Any] = {
        "complaint": "CP-2",
        "severity": "minor",
        "channel": "phone",
        "customer": "C-7",
        "accused": "zhao",
    }
    await desk.ask("complaint.register", "zhao", **said)
    assert await offer(desk, "zhao", "wang", "complaint/CP-2") == (NO, "not-the-holder", None)
    assert why(await desk.ask("complaint.assign", "boss", complaint="CP-2", to="sun")) == YES
    assert await offer(desk, "sun", "wang", "complaint/CP-2") == YES


async def test_an_offer_of_what_was_given_away_meanwhile_is_void(desk: Desked) -> None:
    assert await offer(desk, "chen", "wang") == YES
    assert why(await desk.ask("complaint.assign", "boss", complaint="CP-1", to="sun")) == YES
    assert await answer(desk, "accept", "wang") == (NO, "gone-meanwhile", None)
    assert await offer(desk, "sun", "wang") == YES
    assert await answer(desk, "accept", "wang") == YES


async def test_what_is_over_goes_nowhere_until_it_is_reopened(desk: Desked) -> None:
    assert await offer(desk, "chen", "wang") == YES
    for name in ("settle", "close"):
        assert why(await desk.ask(f"complaint.{name}", "chen", complaint="CP-1")) == YES
    assert await answer(desk, "accept", "wang") == (NO, "over-already", None)
    assert await answer(desk, "decline", "wang") == YES
    assert await offer(desk, "chen", "wang") == (NO, "over-already", None)
    assert why(await desk.ask("complaint.reopen", "chen", complaint="CP-1", episode="CP-2")) == YES
    assert await offer(desk, "chen", "wang") == (NO, "over-already", None)
    await ruled(desk, readings={"complaint.reopening": "continue"})
    assert why(await desk.ask("complaint.reopen", "chen", complaint="CP-1")) == YES
    assert await offer(desk, "chen", "wang") == YES
    assert await offer(desk, "chen", "wang", "complaint/CP-9") == (NO, "unknown-thing", None)


async def test_a_repair_passes_on_like_a_complaint(desk: Desked) -> None:
    await desk.happened("repair/R-1", RepairOrdered(customer="C-7", received_by="chen"))
    assert await offer(desk, "chen", "wu", "repair/R-1") == YES
    assert await answer(desk, "accept", "wu", "repair/R-1") == YES
    await desk.happened("repair/R-1", RepairDone(by="wu"))
    assert await offer(desk, "wu", "chen", "repair/R-1") == (NO, "over-already", None)


async def test_a_client_passes_on_by_the_word_of_somebody_who_has_the_say(desk: Desked) -> None:
    """RE-REG-9: the sales manager decides; what he decided and the taker accepted is the taker's."""
    await ruled(desk, "re-reg")
    client = ClientRegistered(salesperson="chen", full_name=True, phone_given=True)
    await desk.happened("client/K-1", client)
    assert await offer(desk, "chen", "wang", "client/K-1") == (NO, "not-his-to-give", "RE-REG-9")
    await hired(desk, chen="sales_supervisor")
    assert await offer(desk, "chen", "wang", "client/K-1") == YES
    assert await answer(desk, "accept", "wang", "client/K-1") == YES
    assert (await desk.types("client/K-1"))[-2:] == ["handover.accepted", "client.owner-decided"]
    events = await desk.stream("client/K-1")
    spans = evaluate_ownership(ruling("re-reg"), events, local("07-12 08:00:00")).spans
    assert [(span.owner, span.why) for span in spans if span.until is None] == [("wang", "decided")]
    assert await offer(desk, "chen", "li", "client/K-1") == (NO, "not-the-holder", None)


async def test_where_nobody_decides_owners_a_client_passes_from_hand_to_hand(desk: Desked) -> None:
    await ruled(desk, "lease-comm")
    await desk.happened("client/K-1", ClientRegistered(salesperson="chen", full_name=True, phone_given=True))
    assert await offer(desk, "wang", "li", "client/K-1") == (NO, "not-the-holder", None)
    assert await offer(desk, "chen", "wang", "client/K-1") == YES
    assert await answer(desk, "accept", "wang", "client/K-1") == YES
    assert await offer(desk, "wang", "li", "client/K-1") == YES
    assert (await desk.types("client/K-1")).count("client.owner-decided") == 0
