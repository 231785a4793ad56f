"""Points reached, money spent, duties, tasks, promises, emergencies and days off at the desk."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, why
from onrecord_services.engines import Engines


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-11 08:00:00")) as made:
        yield made


async def do(desk: Desked, name: str, by: str, on: str, **more: Any) -> tuple[Any, ...]:
    return why(await desk.ask(name, by, on=on, **more))


async def test_a_point_is_reached_only_with_what_the_policies_want_by_then(desk: Desked) -> None:
    """CC02-E3-contact: no reception is closed before the contact was settled."""
    await ruled(desk, "cc02-archive")
    closed = {"stage": "service-reception-closed"}
    assert await do(desk, "stage.reach", "li", "visit/1", **closed) == (
        NO,
        "contact-not-verified",
        "CC02-E3-contact",
    )
    await desk.ask("record.file", "li", on="visit/1", form="contact-verification")
    assert await do(desk, "stage.reach", "li", "visit/1", **closed) == YES
    assert (await desk.stream("visit/1"))[-1].data["by"] == "li"


async def test_a_reception_is_paid_within_the_limit_of_its_guests(desk: Desked) -> None:
    """CC07-A3.1d: so much a head."""
    await ruled(desk, "cc07-reception")
    bill = {"kind": "reception", "guest_class": "d", "guests": 2}
    assert await do(desk, "expense.record", "li", "reception/1", amount="1.00", **bill) == YES
    over = await do(desk, "expense.record", "li", "reception/1", amount="9999.00", **bill)
    assert over == (NO, "reception-over-limit", "CC07-A3.1d")
    spent = [event.data for event in await desk.stream("reception/1") if event.type == "expense.recorded"]
    assert [(event["person"], event["amount"]) for event in spent] == [("li", "1.00")]
    assert await do(desk, "expense.claim", "li", "expense/1", kind="reception", amount="1.00") == YES


async def test_a_duty_is_one_persons_until_it_ends(desk: Desked) -> None:
    on = "duty/training"
    lay = {"duty": "training", "who": "li"}
    assert await do(desk, "duty.end", "m", on) == SO
    assert await do(desk, "duty.assign", "m", on, **lay) == YES
    assert await do(desk, "duty.assign", "m", on, **lay) == SO
    assert await do(desk, "duty.assign", "m", on, **lay | {"who": "wu"}) == (NO, "owed-already", None)
    assert await do(desk, "duty.do", "li", on, duty="stock-count") == (NO, "another-duty", None)
    assert await do(desk, "duty.do", "li", on, duty="training", period="2026-07", count=2) == YES
    assert await do(desk, "duty.end", "m", on) == YES
    assert await do(desk, "duty.do", "li", on, duty="training") == (NO, "owed-no-more", None)
    assert await do(desk, "duty.do", "li", "duty/visits", duty="visit") == YES
    kept = [event.data for event in await desk.stream(on) if event.type == "duty.assigned"]
    assert kept == [{"duty": "training", "person": "li"}]


async def test_a_task_is_done_once_by_whoever_has_it(desk: Desked) -> None:
    on = "task/1"
    assert await do(desk, "task.do", "li", on, task="call") == (NO, "unknown-task", None)
    assert await do(desk, "task.set", "m", on, task="call", who="li") == YES
    assert await do(desk, "task.set", "m", on, task="call", who="wu") == (NO, "owed-already", None)
    assert await do(desk, "task.do", "wu", on, task="call") == (NO, "not-his", None)
    assert await do(desk, "task.do", "li", on, task="call") == YES
    assert await do(desk, "task.do", "li", on, task="call") == SO
    assert await do(desk, "task.set", "m", on, task="call", who="wu") == YES


async def test_a_promise_is_of_something_to_come_and_kept_once(desk: Desked) -> None:
    on = "promise/1"
    assert await do(desk, "promise.keep", "li", on) == (NO, "nothing-promised", None)
    past, day = local("07-11 08:00:00").isoformat(), local("07-12 08:00:00").isoformat()
    assert await do(desk, "promise.make", "li", on, due_at=past) == (NO, "due-too-early", None)
    assert await do(desk, "promise.make", "li", on, due_at=day, customer="C-7") == YES
    assert await do(desk, "promise.keep", "li", on) == YES
    assert await do(desk, "promise.keep", "li", on) == SO


async def test_an_emergency_ends_when_somebody_was_told_and_only_then(desk: Desked) -> None:
    """AUTO-8.2-1."""
    await ruled(desk, "auto-loan")
    on = "emergency/E-1"
    assert await do(desk, "emergency.close", "li", on) == (NO, "unknown-emergency", None)
    assert await do(desk, "emergency.open", "li", on, affected=2) == YES
    assert await do(desk, "emergency.open", "wu", on, affected=3) == SO
    assert await do(desk, "emergency.close", "li", on) == (NO, "not-notified", "AUTO-8.2-1-closing")
    for customer in ("C-1", "C-2"):
        assert await do(desk, "emergency.notify", "li", on, customer=customer) == YES
    assert await do(desk, "emergency.notify", "li", on, customer="C-1") == SO
    assert await do(desk, "emergency.close", "li", on) == YES
    assert await do(desk, "emergency.close", "li", on) == SO
    assert await do(desk, "emergency.notify", "li", on, customer="C-3") == (NO, "over-already", None)


async def test_a_day_off_is_granted_by_somebody_else_with_the_yes_it_takes(desk: Desked) -> None:
    """CC13-B7-consent: team leader and sales manager."""
    await ruled(desk, "cc13-sales")
    await hired(desk, z="team-leader", m="sales-manager")
    on, day = "leave/1", {"day": "2026-07-15"}
    told = ["leader", "manager", "administration"]
    assert await do(desk, "leave.approve", "m", on, who="li", **day) == (NO, "nothing-asked", None)
    assert await do(desk, "leave.request", "wu", on, who="li", told=told, **day) == (NO, "not-his", None)
    assert await do(desk, "leave.request", "li", on, told=told, **day) == YES
    assert await do(desk, "leave.request", "li", on, told=told, **day) == SO
    assert await do(desk, "leave.approve", "li", on, who="li", **day) == (NO, "his-own", None)
    assert await do(desk, "leave.approve", "m", on, who="li", **day) == (
        NO,
        "granted-without-consent",
        "CC13-B7-consent",
    )
    asked: dict[str, Any] = {"on": on, "kind": "leave"}
    for name, by in (("request", "li"), ("answer", "z"), ("answer", "m")):
        assert why(await desk.ask(f"approval.{name}", by, **asked)) == YES
    assert await do(desk, "leave.approve", "m", on, who="li", **day) == YES
    assert await do(desk, "leave.approve", "m", on, who="li", **day) == SO
    assert await do(desk, "leave.refuse", "m", on, who="li", **day) == (NO, "over-already", None)
