"""Forms, checks and acts: what must be filled in and who may do what comes from the rulebooks in force."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, desked
from desk_ruled import NO, YES, hired, local, ruled, why
from onrecord_services.engines import Engines

FILE = "archive/V7"
ELEVEN = [
    "green-card",
    "invoice",
    "sales-contract",
    "identity",
    "delivery-checklist",
    "vehicle-licence",
    "insurance-policy",
    "derived-services",
    "conformity-certificate",
    "delivery-photo",
    "pdi-checklist",
]


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-11 08:00:00")) as made:
        yield made


async def do(desk: Desked, name: str, by: str = "li", on: str = FILE, **more: Any) -> tuple[Any, ...]:
    return why(await desk.ask(name, by, on=on, **more))


async def test_a_form_with_gaps_is_refused_with_what_is_missing_or_filed_as_what_it_is(desk: Desked) -> None:
    """CC02-D1: eleven papers make a new car's file."""
    await ruled(desk, "cc02-archive")
    form: dict[str, Any] = {"on": FILE, "form": "archive-inspection", "kind": "sales"}
    refused = await desk.ask("record.file", "li", **form, papers=ELEVEN[:9])
    assert why(refused) == (NO, "incomplete", "CC02-D1-list")
    assert refused.facts == {"missing": "delivery-photo pdi-checklist"}
    assert why(await desk.ask("record.file", "li", **form, papers=ELEVEN[:9], as_incomplete=True)) == YES
    assert why(await desk.ask("record.file", "li", **form, papers=ELEVEN)) == YES
    filed = [event.data for event in await desk.stream(FILE) if event.type == "record.filed"]
    assert [said["complete"] for said in filed] == [False, True]


async def test_a_form_no_checklist_speaks_of_is_neither_whole_nor_not(desk: Desked) -> None:
    await ruled(desk, "cc02-archive")
    assert await do(desk, "record.file", form="diary") == YES
    (event,) = await desk.stream(FILE)
    assert event.data == {"form": "diary", "by": "li", "filled": [], "papers": [], "count": 1}


async def test_what_has_defects_has_not_passed(desk: Desked) -> None:
    defects = [{"kind": "user-signature-missing", "papers": 2}]
    said: dict[str, Any] = {"form": "service-file", "owner": "wu", "defects": defects}
    assert await do(desk, "record.check", passed=True, **said) == (NO, "has-defects", None)
    assert await do(desk, "record.check", **said) == YES
    assert await do(desk, "record.check", form="service-file") == YES
    checked = [event.data for event in await desk.stream(FILE) if event.type == "record.checked"]
    assert [event["passed"] for event in checked] == [False, True]


async def test_a_file_is_put_away_only_after_every_step_was_taken(desk: Desked) -> None:
    """RE-REG-1: the manager's check finds the entry, or is refused with the clause."""
    await ruled(desk, "re-reg")
    check = {"form": "client-register", "on": "client/C-1"}
    assert await do(desk, "record.check", "m", **check) == (NO, "not-in-visit-register", "RE-REG-1")
    await do(desk, "record.file", on="client/C-1", form="visit-register")
    await do(desk, "record.file", on="client/C-1", form="summary-table")
    assert await do(desk, "record.check", "m", **check) == YES


async def test_an_act_is_done_in_the_role_that_may_and_in_no_borrowed_one(desk: Desked) -> None:
    """CC02-B4b and CC04-23.2: only people named for it."""
    await ruled(desk, "cc02-archive", "cc04-secrecy")
    await hired(desk, gao="archive-administrator", wu="clerk")
    look = {"act": "view-electronic-archive"}
    assert await do(desk, "act.do", "wu", **look) == (NO, "access-denied", "CC02-B4b")
    assert await do(desk, "act.do", "wu", role="archive-user", **look) == (NO, "role-lacking", None)
    assert await do(desk, "act.do", "gao", **look) == YES
    assert await do(desk, "act.do", "gao", act="transport-file") == (NO, "not-the-named-carrier", "CC04-23.2")
    done = [event.data for event in await desk.stream(FILE) if event.type == "act.done"]
    assert [(said["act"], said["role"]) for said in done] == [
        ("view-electronic-archive", "archive-administrator")
    ]


async def test_an_act_no_clause_minds_is_recorded(desk: Desked) -> None:
    assert await do(desk, "act.do", act="water-plants", who="visitor-1", role="guest") == YES
    (event,) = await desk.stream(FILE)
    assert (event.data["by"], event.data["role"], event.actor) == ("visitor-1", "guest", "li")
