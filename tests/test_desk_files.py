"""Files at the desk: two signatures, one borrower, and nothing destroyed that must be kept."""

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import onrecord_services.desk
from deciding import Desked, api_key, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, why
from judging_builders import adopting
from onrecord_events.archive import VehicleDelivered
from onrecord_events.duty import Assigned
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.engines import Engines

DESK = Path(onrecord_services.desk.__file__).parent
FILE = "archive/V7"
FIELDS = ["object", "purpose", "reason", "reader"]
VISIT = ["reception-sheet", "work-order", "settlement", "free-checks"]
KEPT = """
pack = "keeping"
edition = 1
effective_from = 2026-01-01
zone = "Asia/Shanghai"
calendar = "cn-state-council"
source = "a tenant's own"
title = { en = "How long files are kept", zh = "档案保存期限" }

[[clause]]
id = "KEEP-1"
cites = "1"
says_en = "A file is kept for two years."
says_zh = "档案保存两年。"
kind = "retention"
starts_on = [{ event = "archive.handed-over", where = { both_signed = true } }]
keep = "P2Y"
refuses = ["archive.destruction-requested"]

[[clause.example]]
name = "the last day"
log = ["2026-02-10 10:00:00 archive.handed-over by=li received_by=gao"]
as_of = "2028-02-10 23:59:59"
expect = "running, due 2028-02-10 23:59:59"
"""


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-11 08:00:00")) as made:
        yield made


async def do(desk: Desked, name: str, by: str, at: str | None = None, **more: Any) -> tuple[Any, ...]:
    """Outcome, reason, clause of one decision about the file."""
    if at is not None:
        desk.at = local(at)
    return why(await desk.ask(f"archive.{name}", by, **({"file": "V7"} | more)))


async def loan(desk: Desked, name: str, by: str, **more: Any) -> tuple[Any, ...]:
    return why(await desk.ask(f"loan.{name}", by, item="V7", **more))


async def approved(desk: Desked, borrower: str) -> None:
    """The whole chain of CC04-19: asked, endorsed, approved."""
    said: dict[str, Any] = {"on": "loan/V7", "kind": "archive-loan"}
    asked = await desk.ask("approval.request", borrower, fields=FIELDS, **said)
    endorsed = await desk.ask("approval.answer", "head", step="endorse", **said)
    given = await desk.ask("approval.answer", "xin", step="approve", **said)
    assert [why(answer) for answer in (asked, endorsed, given)] == [YES, YES, YES]


async def lent_by_rule(desk: Desked) -> None:
    await ruled(desk, "cc02-archive", "cc04-secrecy")
    await hired(desk, head="department-head", xin="information-officer")


async def test_a_file_is_handed_in_with_two_signatures_and_put_away_step_by_step(desk: Desked) -> None:
    """CC02-D2: the advisor checks, both sign, the archive looks it through, scans it and puts it away."""
    await ruled(desk, "cc02-archive")
    store = (NO, "step-missing", "CC02-D2b")
    filing: dict[str, Any] = {"on": FILE}
    await desk.ask("record.file", "li", form="archive-file", kind="service-own", **filing)
    await desk.ask("record.file", "gao", form="electronic-archive", **filing)
    await desk.ask("record.check", "li", form="archive-file", **filing)
    refused = await desk.ask(
        "archive.hand-in", "li", file="V7", to="gao", kind="maintenance", papers=VISIT[:3]
    )
    assert why(refused) == (NO, "incomplete", "CC02-D2-list")
    assert refused.facts == {"missing": "free-checks"}
    assert await do(desk, "hand-in", "li", to="li", kind="maintenance", papers=VISIT) == (
        NO,
        "two-people-needed",
        None,
    )
    assert await do(desk, "receive", "gao") == (NO, "nothing-handed-in", None)
    assert await do(desk, "hand-in", "li", to="gao", kind="maintenance", papers=VISIT) == YES
    assert await do(desk, "hand-in", "li", to="gao", kind="maintenance", papers=VISIT) == SO
    assert await do(desk, "inspect", "gao", kind="maintenance") == (NO, "one-signature-missing", None)
    assert await do(desk, "receive", "wu") == (NO, "not-the-receiver", None)
    assert await do(desk, "receive", "gao") == YES
    assert await do(desk, "receive", "gao") == SO
    assert await do(desk, "enter", "gao") == YES
    assert await do(desk, "store", "gao") == store
    assert await do(desk, "inspect", "li", kind="maintenance", papers=VISIT) == (NO, "his-own", None)
    assert await do(desk, "inspect", "gao", kind="maintenance", papers=VISIT) == YES
    await desk.ask("record.check", "gao", form="service-file", owner="li", **filing)
    await desk.ask("record.file", "gao", form="archive-scan", **filing)
    assert await do(desk, "store", "gao") == YES
    assert await do(desk, "store", "gao") == SO


async def test_a_file_with_gaps_is_handed_in_as_what_it_is_and_the_gaps_are_found(desk: Desked) -> None:
    await ruled(desk, "cc02-archive")
    await desk.happened(FILE, VehicleDelivered(car="V7", consultant="chen"))
    assert await do(desk, "hand-in", "li", to="gao", kind="sales", as_incomplete=True) == YES
    assert await do(desk, "receive", "gao") == YES
    defects = [{"kind": "user-signature-missing", "papers": 2}]
    assert await do(desk, "inspect", "gao", kind="sales", papers=["invoice"], defects=defects) == YES
    events = [event for event in await desk.stream(FILE) if event.type != "decision.refused"]
    assert [event.data.get("complete") for event in events] == [None, False, False, False, None]
    assert (events[-1].data["consultant"], events[-1].data["defects"]) == ("chen", defects)


async def test_a_file_is_lent_only_to_whoever_has_every_yes_and_only_once_for_it(desk: Desked) -> None:
    """CC02-B6, CC04-19."""
    await lent_by_rule(desk)
    assert await loan(desk, "make", "gao", borrower="li") == (NO, "not-granted", "CC02-B6")
    await approved(desk, "li")
    assert await loan(desk, "make", "gao", borrower="wu") == (NO, "not-granted", "CC02-B6")
    assert await loan(desk, "make", "li", borrower="li") == (NO, "two-people-needed", None)
    assert await loan(desk, "make", "gao", borrower="li") == YES
    assert await loan(desk, "make", "gao", borrower="li") == SO
    assert await loan(desk, "make", "gao", borrower="wu") == (NO, "lent-already", None)
    assert await loan(desk, "return", "li") == (NO, "two-people-needed", None)
    assert await loan(desk, "return", "gao") == YES
    assert await loan(desk, "return", "gao") == SO
    assert await loan(desk, "make", "gao", borrower="li") == (NO, "not-granted", "CC02-B6")
    await approved(desk, "li")
    assert await loan(desk, "make", "gao", borrower="li") == YES


async def test_of_two_who_borrow_one_file_at_once_one_has_it(
    engines: Engines, desk: Desked, tmp_path: Path
) -> None:
    """Two desks on two connections: the library's version keeps them apart, not a lock of ours."""
    async with desked(engines, tmp_path / "other", at=desk.at) as other:
        other.key = api_key(desk.log.tenant, "other")
        other.door._rooms._folder = desk.door._rooms._folder
        answers = await asyncio.gather(
            *(
                side.ask("loan.make", "gao", item="V7", borrower=f"p{nth}")
                for nth in range(6)
                for side in (desk, other)
            )
        )
    decided = [answer.events[0].data["borrower"] for answer in answers if answer.outcome == "decided"]
    assert len(decided) == 1
    refused = {(answer.reason, answer.facts["borrower"]) for answer in answers if answer.outcome == NO}
    assert refused == {("lent-already", decided[0])}
    assert (await desk.types("loan/V7")).count("loan.made") == 1


async def test_what_is_lost_is_lent_no_more(desk: Desked) -> None:
    assert await loan(desk, "lose", "gao") == (NO, "keeper-missing", None)
    assert await loan(desk, "make", "gao", borrower="li") == YES
    assert await loan(desk, "lose", "gao", keeper="gao") == (NO, "lent-already", None)
    assert await loan(desk, "lose", "gao", papers=3, role="consultant") == YES
    assert await loan(desk, "lose", "gao") == SO
    assert await loan(desk, "make", "gao", borrower="wu") == (NO, "lost", None)
    lost = (await desk.stream("loan/V7"))[-2].data
    assert (lost["borrower"], lost["papers"], lost["keeper"], lost["kind"]) == (
        "li",
        3,
        False,
        "archive-file",
    )


async def test_a_loan_is_due_after_it_is_made(desk: Desked) -> None:
    early = local("07-11 08:00:00").isoformat()
    assert await loan(desk, "make", "gao", borrower="li", due_at=early) == (NO, "due-too-early", None)


async def test_a_marked_file_is_as_secret_as_it_is_marked_whatever_somebody_says(desk: Desked) -> None:
    """CC04-22 and -18.4: with the reading that everybody needs the manager's yes."""
    await ruled(desk, "cc04-secrecy", readings={"cc04.manager-for": "everybody"})
    await hired(desk, head="department-head", kf="customer-service-manager", gm="general-manager")
    mark: dict[str, Any] = {"on": FILE, "form": "secrecy-level", "kind": "top-secret"}
    assert why(await desk.ask("record.file", "gao", filled=["remark"], **mark)) == (
        NO,
        "incomplete",
        "CC04-22-mark",
    )
    filled = ["remark", "stored-apart", "keeper"]
    assert why(await desk.ask("record.file", "gao", filled=filled, **mark)) == YES
    access: dict[str, Any] = {"on": FILE, "kind": "archive-access"}
    await desk.ask("approval.request", "li", fields=FIELDS, **access)
    await desk.ask("approval.answer", "head", step="endorse", **access)
    await desk.ask("approval.answer", "gm", step="approve", **access)
    read: dict[str, Any] = {"on": FILE, "act": "read-file", "level": "open"}
    assert why(await desk.ask("act.do", "li", **read)) == (NO, "manager-not-asked", "CC04-18.4-everybody")
    await desk.ask("approval.answer", "kf", step="approve", **access)
    assert why(await desk.ask("act.do", "li", **read)) == YES
    assert (await desk.stream(FILE))[-1].data["level"] == "top-secret"


async def test_files_go_to_partners_only_with_both_approvals(desk: Desked) -> None:
    """CC04-24."""
    await ruled(desk, "cc04-secrecy")
    await hired(desk, xi="information-supervisor", kf="customer-service-manager")
    told: dict[str, Any] = {"on": FILE, "kind": "disclosure"}
    act: dict[str, Any] = {"on": FILE, "act": "disclose"}
    await desk.ask("approval.request", "li", **told)
    await desk.ask("approval.answer", "xi", **told)
    assert why(await desk.ask("act.do", "li", **act)) == (NO, "disclosed-without-approval", "CC04-24")
    await desk.ask("approval.answer", "kf", **told)
    assert why(await desk.ask("act.do", "li", **act)) == YES


async def test_a_file_is_destroyed_when_its_time_is_over_and_by_two(desk: Desked) -> None:
    """Kept for two years by the tenant's own rule; CC04-25 wants two to agree besides."""
    room = await desk.door._rooms.of(desk.log.tenant)
    room.rules._settings = adopting(KEPT, shipped_rulebook("cc04-secrecy")[1])
    await do(desk, "hand-in", "li", to="gao", kind="sales")
    await do(desk, "receive", "gao")
    desk.at = local("07-11 23:59:59").replace(year=2028)
    room.rules._settings = adopting(KEPT, shipped_rulebook("cc04-secrecy")[1])
    assert await do(desk, "destroy", "wu") == (NO, "nobody-asked", None)
    assert await do(desk, "request-destruction", "gao") == (NO, "still-kept", "KEEP-1")
    desk.at = local("07-12 00:00:00").replace(year=2028)
    room.rules._settings = adopting(KEPT, shipped_rulebook("cc04-secrecy")[1])
    assert await do(desk, "request-destruction", "gao") == YES
    assert await do(desk, "request-destruction", "gao") == SO
    assert await do(desk, "destroy", "gao") == (NO, "two-people-needed", None)
    assert await do(desk, "destroy", "wu") == (NO, "destroyed-without-two", "CC04-25")
    asked: dict[str, Any] = {"on": FILE, "kind": "destruction"}
    for name, by in (("request", "gao"), ("answer", "a"), ("answer", "b")):
        assert why(await desk.ask(f"approval.{name}", by, **asked)) == YES
    assert await do(desk, "destroy", "wu") == YES
    assert await do(desk, "destroy", "wu") == (NO, "destroyed", None)
    assert await loan(desk, "make", "gao", borrower="li") == (NO, "destroyed", None)


async def test_what_is_out_is_not_destroyed(desk: Desked) -> None:
    assert await loan(desk, "make", "gao", borrower="li") == YES
    assert await do(desk, "request-destruction", "gao") == YES
    assert await do(desk, "destroy", "wu") == (NO, "lent-out", None)


async def test_the_half_yearly_check_is_a_record_and_a_duty_done(desk: Desked) -> None:
    said: dict[str, Any] = {"duty": "custody", "files": 120, "period": "2026-H2"}
    assert why(await desk.ask("archive.check-custody", "gao", **said)) == (NO, "no-such-duty", None)
    await desk.happened("duty/custody", Assigned(duty="custody-check", person="gao"))
    answer = await desk.ask("archive.check-custody", "gao", **said)
    assert [said.type for said in answer.events] == ["record.filed", "duty.done"]
    assert answer.events[0].data["count"] == 120


def test_every_reason_of_files_has_words_and_none_is_left_over() -> None:
    said = {
        code
        for path in sorted((DESK / "files").glob("*.py"))
        for code in re.findall(r'Refused\(\s*"([a-z-]+)"', path.read_text())
    }
    words = tomllib.loads((DESK / "reasons.toml").read_text())
    assert set(words["archive"]) | set(words["loan"]) == said
