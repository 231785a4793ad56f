"""One chain for every approval: who is asked, in which order and how many come from the clauses in force."""

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import onrecord_services.desk
from deciding import Desked, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, why
from onrecord_services.engines import Engines

DESK = Path(onrecord_services.desk.__file__).parent
FIELDS = ["object", "purpose", "reason", "reader"]


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-11 08:00:00")) as made:
        yield made


async def ask(desk: Desked, by: str, kind: str, on: str = "archive/V7", **more: Any) -> tuple[Any, ...]:
    return why(await desk.ask("approval.request", by, on=on, kind=kind, **more))


async def answer(desk: Desked, by: str, kind: str, on: str = "archive/V7", **more: Any) -> tuple[Any, ...]:
    return why(await desk.ask("approval.answer", by, on=on, kind=kind, **more))


async def test_a_chain_is_gone_in_its_order_by_those_the_clause_names(desk: Desked) -> None:
    """CC04-10: the customer service manager reviews, then the general manager approves."""
    await ruled(desk, "cc04-secrecy")
    await hired(desk, kf="customer-service-manager", gm="general-manager")
    kind, on = "statistics-report", "report/R-7"
    assert await answer(desk, "kf", kind, on, step="review") == (NO, "nothing-asked", None)
    assert await ask(desk, "li", kind, on) == YES
    assert await ask(desk, "li", kind, on) == SO
    assert await ask(desk, "wu", kind, on) == (NO, "asked-already", None)
    assert await answer(desk, "gm", kind, on, step="approve") == (NO, "not-its-turn", "CC04-10")
    assert await answer(desk, "gm", kind, on, step="review") == (NO, "role-lacking", "CC04-10")
    assert await answer(desk, "kf", kind, on, step="bless") == (NO, "no-such-step", "CC04-10")
    assert await answer(desk, "kf", kind, on, step="review") == YES
    assert await answer(desk, "kf", kind, on, step="approve") == (NO, "answered-already", None)
    assert await answer(desk, "gm", kind, on, step="approve") == YES
    given = [event.data for event in await desk.stream(on) if event.type == "approval.given"]
    assert [(said["step"], said["by"], said["role"]) for said in given] == [
        ("review", "kf", "customer-service-manager"),
        ("approve", "gm", "general-manager"),
    ]
    assert await ask(desk, "wu", kind, on) == YES


async def test_nobody_approves_his_own_application_whatever_his_role(desk: Desked) -> None:
    await ruled(desk, "cc04-secrecy")
    await hired(desk, gm="general-manager")
    assert await ask(desk, "gm", "copy") == YES
    assert await answer(desk, "gm", "copy") == (NO, "his-own", None)


async def test_either_of_two_may_say_yes_where_the_clause_has_alternatives(desk: Desked) -> None:
    """CC04-23.1: the general manager or the information supervisor."""
    await ruled(desk, "cc04-secrecy")
    await hired(desk, xi="information-supervisor", wu="clerk")
    await ask(desk, "li", "copy")
    assert await answer(desk, "wu", "copy") == (NO, "role-lacking", "CC04-23.1")
    assert await answer(desk, "xi", "copy", role="general-manager") == (NO, "role-lacking", "CC04-23.1")
    assert await answer(desk, "xi", "copy") == YES
    assert why(await desk.ask("act.do", "li", on="archive/V7", act="copy")) == YES


async def test_a_quorum_is_counted_by_people_also_when_they_answer_at_once(desk: Desked) -> None:
    """CC04-25: two people agree, not one of them twice, and no third is needed."""
    await ruled(desk, "cc04-secrecy")
    await ask(desk, "li", "destruction")
    first = await answer(desk, "a", "destruction")
    assert first == YES
    act: dict[str, Any] = {"on": "archive/V7", "act": "destroy-file"}
    assert why(await desk.ask("act.do", "li", **act)) == (NO, "destroyed-without-two", "CC04-25")
    answers = await asyncio.gather(*(answer(desk, by, "destruction") for by in ("a", "b", "c", "d", "li")))
    assert sorted(said for said, _, _ in answers) == ["decided", NO, NO, NO, NO]
    assert {reason for _, reason, _ in answers} == {None, "answered-already", "said-already", "his-own"}
    assert why(await desk.ask("act.do", "li", **act)) == YES


async def test_one_no_ends_it_and_the_next_begins_afresh(desk: Desked) -> None:
    await ruled(desk, "cc04-secrecy")
    await hired(desk, gm="general-manager")
    await ask(desk, "li", "copy")
    assert await answer(desk, "gm", "copy", yes=False, reason_code="too-secret") == YES
    assert await answer(desk, "gm", "copy") == (NO, "over-already", None)
    assert await ask(desk, "li", "copy") == YES
    assert await answer(desk, "gm", "copy") == YES


async def test_an_application_is_withdrawn_by_whoever_made_it(desk: Desked) -> None:
    await ruled(desk, "cc04-secrecy")
    await hired(desk, gm="general-manager")
    said: dict[str, Any] = {"on": "archive/V7", "kind": "copy"}
    assert why(await desk.ask("approval.withdraw", "li", **said)) == (NO, "nothing-asked", None)
    await ask(desk, "li", "copy")
    assert why(await desk.ask("approval.withdraw", "wu", **said)) == (NO, "not-his-own", None)
    assert why(await desk.ask("approval.withdraw", "li", **said)) == YES
    assert why(await desk.ask("approval.withdraw", "li", **said)) == SO
    assert await answer(desk, "gm", "copy") == (NO, "over-already", None)


async def test_two_applications_of_one_kind_are_told_apart_by_what_they_are_about(desk: Desked) -> None:
    await ruled(desk, "cc04-secrecy")
    await hired(desk, gm="general-manager")
    assert await ask(desk, "li", "copy", about="page-1") == YES
    assert await ask(desk, "wu", "copy", about="page-2") == YES
    assert await answer(desk, "gm", "copy", about="page-1") == YES
    assert await answer(desk, "gm", "copy", about="page-2", yes=False) == YES
    assert await answer(desk, "gm", "copy") == (NO, "nothing-asked", None)


async def test_an_application_is_whole_before_it_is_one(desk: Desked) -> None:
    """CC04-18.1 and -18.2: what must stand in it, and who endorses it."""
    await ruled(desk, "cc04-secrecy")
    await hired(desk, head="department-head", kf="customer-service-manager")
    refused = await desk.ask(
        "approval.request", "li", on="archive/V7", kind="archive-access", fields=["object", "reason"]
    )
    assert why(refused) == (NO, "incomplete", "CC04-18.1")
    assert refused.facts == {"missing": "purpose reader"}
    assert await ask(desk, "li", "archive-access", fields=FIELDS) == YES
    early = await answer(desk, "kf", "archive-access", step="approve")
    assert early == (NO, "not-its-turn", "CC04-18.3")
    assert await answer(desk, "kf", "archive-access", step="endorse") == (NO, "role-lacking", "CC04-18.2")
    assert await answer(desk, "head", "archive-access", step="endorse") == YES
    assert await answer(desk, "kf", "archive-access", step="approve") == YES
    assert why(await desk.ask("act.do", "li", on="archive/V7", act="read-file")) == YES


async def test_where_no_clause_in_force_asks_nobody_is_asked(desk: Desked) -> None:
    assert await ask(desk, "li", "copy") == (NO, "nobody-asks", None)
    await ruled(desk, "cc04-secrecy")
    assert await ask(desk, "li", "day-dream") == (NO, "nobody-asks", None)


async def test_where_clauses_only_time_an_approval_one_yes_is_enough(desk: Desked) -> None:
    """CC17: the plan of visits is reviewed in time; by whom the policy does not say as data."""
    await ruled(desk, "cc17-visits")
    assert await ask(desk, "li", "visit-plan", "plan/2026-07") == YES
    assert await answer(desk, "boss", "visit-plan", "plan/2026-07", step="review") == YES
    assert await answer(desk, "other", "visit-plan", "plan/2026-07") == (NO, "said-already", None)


OF_RECORDS = ("record", "act", "duty", "emergency", "leave", "promise", "task")
"""The areas whose commands lie in `record/`."""


@pytest.mark.parametrize(("subject", "areas"), [("approval", ("approval",)), ("record", OF_RECORDS)])
def test_every_reason_has_words_and_none_is_left_over(subject: str, areas: tuple[str, ...]) -> None:
    said = {
        code
        for path in sorted((DESK / subject).glob("*.py"))
        for code in re.findall(r'Refused\(\s*"([a-z-]+)"', path.read_text())
    }
    words = tomllib.loads((DESK / "reasons.toml").read_text())
    assert {code for area in areas for code in words[area]} == said
