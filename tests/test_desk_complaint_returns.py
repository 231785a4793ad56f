"""Complaints that come back, go up, belong together or are kept: what the desk lets happen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, ruling, why
from onrecord_events.staff import Joined, Left
from onrecord_projections.judging import evaluate
from onrecord_services.engines import Engines


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-01 08:00:00")) as made:
        yield made


async def take(desk: Desked, complaint: str = "CP-1", by: str = "chen", **more: Any) -> None:
    said: dict[str, Any] = {
        "complaint": complaint,
        "severity": "minor",
        "channel": "phone",
        "customer": "C-7",
    } | more
    assert why(await desk.ask("complaint.register", by, **said)) == YES


async def closed(desk: Desked, complaint: str = "CP-1", **more: Any) -> None:
    await take(desk, complaint, **more)
    for name in ("settle", "close"):
        assert why(await desk.ask(f"complaint.{name}", "chen", complaint=complaint)) == YES


async def test_by_default_another_complaint_begins_and_the_old_one_stays_as_it_ended(desk: Desked) -> None:
    await ruled(desk, "cc03-complaints")
    await closed(desk, about="exchange", building="L01", accused="zhao")
    desk.at = local("07-20 09:00:00")
    alone = await desk.ask("complaint.reopen", "wang", complaint="CP-1")
    assert why(alone) == (NO, "episode-missing", None)
    itself = await desk.ask("complaint.reopen", "wang", complaint="CP-1", episode="CP-1")
    assert why(itself) == (NO, "episode-missing", None)
    answer = await desk.ask("complaint.reopen", "wang", complaint="CP-1", episode="CP-2", channel="wechat")
    assert [(said.stream, said.type, said.data) for said in answer.events] == [
        ("complaint/CP-1", "complaint.reopened", {"mode": "new-episode", "episode": "CP-2"}),
        (
            "complaint/CP-2",
            "complaint.registered",
            {
                "severity": "minor",
                "channel": "wechat",
                "customer": "C-7",
                "received_by": "wang",
                "level": "station",
                "about": "exchange",
                "building": "L01",
                "accused": "zhao",
                "follows": "CP-1",
            },
        ),
        ("complaint/CP-2", "complaint.repeated", {}),
    ]
    clocks = {}
    for name in ("complaint/CP-1", "complaint/CP-2"):
        (clock,) = evaluate(
            ruling("cc03-complaints"), await desk.stream(name), local("07-20 09:00:00")
        ).clocks
        clocks[name] = (clock.state, clock.due_at)
    assert clocks == {
        "complaint/CP-1": ("met", local("07-08 23:59:59")),
        "complaint/CP-2": ("running", local("07-27 23:59:59")),
    }
    again = await desk.ask("complaint.reopen", "wang", complaint="CP-1", episode="CP-2")
    assert why(again) == (NO, "registered-already", None)


async def test_several_times_are_counted_over_all_episodes(desk: Desked) -> None:
    """RENT-CRM 1.1-2A: raised twice again is major, and a major one is carried by the area manager."""
    await ruled(desk, "rent-crm")
    await closed(desk)
    first = await desk.ask("complaint.reopen", "chen", complaint="CP-1", episode="CP-2")
    assert [said.data.get("severity") for said in first.events] == [None, "minor", None]
    for name in ("settle", "close"):
        assert why(await desk.ask(f"complaint.{name}", "chen", complaint="CP-2")) == YES
    nobody = await desk.ask("complaint.reopen", "chen", complaint="CP-2", episode="CP-3")
    assert why(nobody) == (NO, "area-manager-missing", "RENT-CRM-1.2-5A")
    ours = await desk.ask("complaint.reopen", "chen", complaint="CP-2", episode="CP-3", by_customer=False)
    assert [(said.type, said.data.get("severity")) for said in ours.events] == [
        ("complaint.reopened", None),
        ("complaint.registered", "minor"),
    ]
    second = await desk.ask("complaint.reopen", "chen", complaint="CP-2", episode="CP-4", area_manager="gao")
    assert [(said.data.get("severity"), said.data.get("raised_before")) for said in second.events] == [
        (None, None),
        ("major", 1),
        (None, None),
    ]


@pytest.mark.parametrize("mode", ["continue", "restart"])
async def test_a_tenant_may_read_it_as_the_same_complaint(desk: Desked, mode: str) -> None:
    await ruled(desk, "cc03-complaints", readings={"complaint.reopening": mode})
    await closed(desk)
    other = await desk.ask("complaint.reopen", "chen", complaint="CP-1", episode="CP-2")
    assert why(other) == (NO, "no-new-episode", None)
    answer = await desk.ask("complaint.reopen", "chen", complaint="CP-1", ground="came-back")
    assert [(said.type, said.data) for said in answer.events] == [
        ("complaint.repeated", {}),
        ("complaint.reopened", {"mode": mode, "ground": "came-back"}),
    ]
    assert why(await desk.ask("complaint.reopen", "chen", complaint="CP-1")) == (NO, "not-ended", None)
    assert why(await desk.ask("complaint.close", "chen", complaint="CP-1")) == (NO, "not-settled", None)
    assert why(await desk.ask("complaint.settle", "chen", complaint="CP-1")) == YES


async def test_a_withdrawn_complaint_takes_nothing_but_reopening(desk: Desked) -> None:
    await take(desk, accused="zhao")
    assert why(await desk.ask("complaint.withdraw", "chen", complaint="CP-1")) == YES
    assert why(await desk.ask("complaint.settle", "chen", complaint="CP-1")) == (NO, "ended-already", None)
    barred = await desk.ask("complaint.reopen", "zhao", complaint="CP-1", episode="CP-2")
    assert why(barred) == (NO, "handler-excluded", None)
    assert why(await desk.ask("complaint.reopen", "chen", complaint="CP-1", episode="CP-2")) == YES


async def test_papers_are_kept_to_the_last_second_of_two_years(desk: Desked) -> None:
    """Scenario S30: filed 2026-02-10, kept through 2028-02-10."""
    await ruled(desk, "rent-crm", "cc03-complaints")
    desk.at = local("02-10 09:00:00")
    await closed(desk)
    for _ in range(2):
        missing = await desk.ask("complaint.archive", "chen", complaint="CP-1")
        assert why(missing) == (NO, "disposal-form-missing", "RENT-CRM-1.2-1")
    await hired(desk, lin="asset_management")
    for name, by in (("verify", "chen"), ("attach-opinion", "lin")):
        assert why(await desk.ask(f"complaint.{name}", by, complaint="CP-1")) == YES
    await ruled(desk, "cc03-complaints")
    assert why(await desk.ask("complaint.archive", "chen", complaint="CP-1")) == YES
    await ruled(desk, "rent-crm")
    desk.at = local("02-10 23:59:59").replace(year=2028)
    early = await desk.ask("complaint.request-destruction", "chen", complaint="CP-1")
    assert why(early) == (NO, "destruction-refused", "RENT-CRM-1.3-2")
    assert early.says["en"] == "The papers of a closed complaint are filed apart and kept for two years."
    desk.at = local("02-11 00:00:00").replace(year=2028)
    assert why(await desk.ask("complaint.request-destruction", "chen", complaint="CP-1")) == YES


async def test_only_who_has_the_role_is_asked_above(desk: Desked) -> None:
    await ruled(desk, "rent-crm")
    await take(desk)
    up: dict[str, Any] = {"complaint": "CP-1", "role": "asset-management"}
    nobody = await desk.ask("complaint.escalate", "chen", to="lin", **up)
    assert why(nobody) == (NO, "not-in-that-role", "RENT-CRM-1.2-6")
    await hired(desk, lin="asset_management")
    answer = await desk.ask("complaint.escalate", "chen", to="lin", **up)
    assert answer.events[0].data == {"to": "lin", "role": "asset-management"}
    await desk.happened("person/lin", Left(person="lin"))
    gone = await desk.ask("complaint.escalate", "chen", to="lin", **up)
    assert why(gone) == (NO, "has-left", None)
    await desk.happened("person/lin", Joined(person="lin"))
    back = await desk.ask("complaint.forward", "chen", complaint="CP-1", to="lin")
    assert why(back) == YES


async def test_members_and_their_group_know_of_each_other(desk: Desked) -> None:
    for complaint in ("CP-1", "CP-2", "CP-3"):
        await take(desk, complaint)

    async def link(member: str, group: str) -> tuple[str, str | None, str | None]:
        return why(await desk.ask("complaint.link", "chen", complaint=member, group=group))

    assert await link("CP-1", "CP-1") == (NO, "a-group-itself", None)
    assert await link("CP-1", "CP-9") == (NO, "unknown-group", None)
    assert await link("CP-1", "CP-2") == YES
    assert await link("CP-1", "CP-2") == SO
    assert await link("CP-1", "CP-3") == (NO, "linked-already", None)
    assert await link("CP-2", "CP-3") == (NO, "a-group-itself", None)
    assert await link("CP-3", "CP-1") == (NO, "no-group", None)
    linked = [event for event in await desk.stream("complaint/CP-1") if event.type == "complaint.linked"]
    added = [event for event in await desk.stream("complaint/CP-2") if event.type == "complaint.member-added"]
    assert [event.data for event in (*linked, *added)] == [{"group_complaint": "CP-2"}, {"member": "CP-1"}]
    await desk.ask("complaint.settle", "chen", complaint="CP-2")
    await desk.ask("complaint.close", "chen", complaint="CP-2")
    assert await link("CP-3", "CP-2") == (NO, "no-group", None)


async def test_the_steps_of_a_departments_form_keep_their_order(desk: Desked) -> None:
    await ruled(desk, "rent-crm")
    await take(desk)
    step: dict[str, Any] = {"complaint": "CP-1", "department": "engineering"}
    clause = "RENT-CRM-1.2-4D-1"
    assert why(await desk.ask("complaint.receive-form", "wu", **step)) == (NO, "form-not-issued", clause)
    await desk.ask("complaint.issue-form", "chen", **step)
    assert why(await desk.ask("complaint.issue-form", "chen", **step)) == SO
    assert why(await desk.ask("complaint.sign-plan", "wu", **step)) == (NO, "form-not-received", clause)
    await desk.ask("complaint.receive-form", "wu", **step)
    assert why(await desk.ask("complaint.return-form", "wu", **step)) == (NO, "form-not-signed", clause)
    other = step | {"department": "security"}
    assert why(await desk.ask("complaint.receive-form", "wu", **other)) == (NO, "form-not-issued", clause)
