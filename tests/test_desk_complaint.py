"""Complaints at the desk: one life a policy, and every no with the clause that says it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, desked
from desk_ruled import NO, SO, YES, hired, local, ruled, why
from onrecord_events.approval import Given, Requested
from onrecord_events.record import Filed
from onrecord_events.stage import Reached
from onrecord_services.desk.answer import Answer
from onrecord_services.engines import Engines

CP = "complaint/CP-1"


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("07-11 08:00:00")) as made:
        yield made


async def take(desk: Desked, by: str = "chen", severity: str = "minor", **more: Any) -> Answer:
    said: dict[str, Any] = {
        "complaint": "CP-1",
        "severity": severity,
        "channel": "phone",
        "customer": "C-7",
    } | more
    return await desk.ask("complaint.register", by, **said)


async def do(
    desk: Desked, name: str, by: str = "chen", at: str | None = None, **more: Any
) -> tuple[Any, ...]:
    """Outcome, reason, clause of one decision about the complaint."""
    if at is not None:
        desk.at = local(at)
    return why(await desk.ask(f"complaint.{name}", by, complaint="CP-1", **more))


async def test_a_minor_complaint_of_a_rented_building_lives_to_its_last_second(desk: Desked) -> None:
    """Scenario S24, and on to the archive."""
    await ruled(desk, "rent-crm")
    await hired(desk, lin="asset_management")
    assert why(await take(desk, words="水管漏水三天了")) == YES
    assert await do(desk, "issue-form", department="engineering") == YES
    assert await do(desk, "receive-form", "wu", "07-11 08:10:00", department="engineering") == YES
    assert await do(desk, "sign-plan", "wu", "07-11 09:10:00", department="engineering") == YES
    assert await do(desk, "return-form", "wu", department="engineering") == YES
    assert await do(desk, "share-progress", at="07-12 08:00:00", channel="wechat") == YES
    assert await do(desk, "settle", at="07-12 15:00:00", accepted_by_customer=True) == YES
    call: dict[str, Any] = {
        "customer": "C-7",
        "channel": "wechat",
        "satisfied": True,
        "remarks": "修好了，谢谢",
    }
    assert await do(desk, "call-back", at="07-13 15:00:00", **call) == YES
    assert await do(desk, "verify") == YES
    assert await do(desk, "close") == YES
    assert await do(desk, "attach-opinion", "lin") == YES
    assert await do(desk, "archive") == YES
    assert await do(desk, "collect-as-case", "gao") == YES
    assert await desk.types(CP) == [
        "complaint.registered",
        "complaint.disposal-form-issued",
        "complaint.disposal-form-received",
        "complaint.disposal-plan-signed",
        "complaint.disposal-form-returned",
        "complaint.progress-shared",
        "complaint.resolved",
        "callback.made",
        "complaint.result-verified",
        "complaint.closed",
        "complaint.opinion-attached",
        "complaint.archived",
        "complaint.collected-as-case",
    ]
    registered, signed, call_back = [(await desk.stream(CP))[nth] for nth in (0, 3, 7)]
    assert (registered.data["received_by"], signed.data["signed_by"], call_back.data["by"]) == (
        "chen",
        "wu",
        "chen",
    )
    for event, field in ((registered, "words"), (call_back, "remarks")):
        assert set(event.data[field]) == {"key", "nonce", "ciphertext"}
        assert not {"水管", "谢谢"} & set(event.raw.decode())


async def test_a_major_complaint_is_the_area_managers_and_closed_with_a_yes(desk: Desked) -> None:
    """Scenario S27: 10 minutes and 12 hours across midnight."""
    await ruled(desk, "rent-crm")
    desk.at = local("07-10 14:00:00")
    await hired(desk, gao="area_manager", sun="area_manager")
    assert why(await take(desk, severity="major")) == (NO, "area-manager-missing", "RENT-CRM-1.2-5A")
    assert why(await take(desk, severity="major", area_manager="gao")) == YES
    mine = "RENT-CRM-1.2-5B"
    for name, more in (
        ("discuss", {}),
        ("settle", {}),
        ("report-major", {"to": "head"}),
        ("report-obstacle", {}),
    ):
        assert await do(desk, name, **more) == (NO, "not-the-area-manager", mine)
    assert await do(desk, "report-major", "gao", "07-10 14:10:01", to="head") == YES
    assert await do(desk, "report-major", "gao", to="head") == SO
    assert await do(desk, "discuss", "sun") == YES
    assert await do(desk, "report-obstacle", "gao", reason_code="no-parts") == YES
    assert await do(desk, "close", "gao") == (NO, "not-settled", None)
    assert await do(desk, "settle", "gao", "07-11 02:00:00") == YES
    assert await do(desk, "close", "gao") == (NO, "customer-not-agreed", mine)
    assert await do(desk, "note-agreement", "gao") == YES
    assert await do(desk, "note-agreement", "gao") == SO
    assert await do(desk, "close") == (NO, "not-the-area-manager", mine)
    assert await do(desk, "close", "gao") == YES
    (closed,) = [event for event in await desk.stream(CP) if event.type == "complaint.closed"]
    assert closed.data == {"agreed": True}
    phone: dict[str, Any] = {"customer": "C-7", "channel": "phone"}
    assert await do(desk, "call-back", "gao", "07-12 02:00:00", **phone) == (
        NO,
        "wrong-channel",
        "RENT-CRM-1.3-1b",
    )
    visit: dict[str, Any] = {"customer": "C-7", "channel": "visit"}
    assert await do(desk, "call-back", "chen", **visit) == (NO, "wrong-person", "RENT-CRM-1.3-1b")
    assert await do(desk, "call-back", "gao", **visit) == YES


async def test_ten_days_make_a_complaint_major_without_a_word_of_anybody(desk: Desked) -> None:
    await ruled(desk, "rent-crm")
    await hired(desk, gao="area_manager")
    await take(desk, area_manager="gao")
    assert await do(desk, "settle", at="07-21 23:59:59", accepted_by_customer=False) == YES
    assert await do(desk, "settle", at="07-22 00:00:00") == (NO, "not-the-area-manager", "RENT-CRM-1.2-5B")
    less: dict[str, Any] = {"severity": "minor", "ground": "put-right"}
    assert await do(desk, "reclassify", **less) == (NO, "not-the-area-manager", "RENT-CRM-3.3")
    assert await do(desk, "reclassify", "gao", **less) == YES
    assert await do(desk, "settle") == YES


async def test_a_minor_complaint_is_called_back_by_whoever_took_it_only_where_the_clause_is_in_force(
    desk: Desked,
) -> None:
    await take(desk)
    await do(desk, "settle")
    call: dict[str, Any] = {"customer": "C-7", "channel": "visit"}
    await ruled(desk, "rent-crm")
    assert await do(desk, "call-back", "wang", **call | {"channel": "phone"}) == (
        NO,
        "wrong-person",
        "RENT-CRM-1.3-1a",
    )
    assert await do(desk, "call-back", "chen", **call) == (NO, "wrong-channel", "RENT-CRM-1.3-1a")
    assert await do(desk, "call-back", "chen", **call | {"customer": "C-8"}) == (NO, "another-customer", None)
    await ruled(desk, "cc05-dealer-complaints")
    assert await do(desk, "call-back", "wang", **call) == YES


async def test_a_complaint_of_a_retail_chain_goes_up_and_down_before_the_customer_is_answered(
    desk: Desked,
) -> None:
    await ruled(desk, "cc03-complaints")
    await take(desk, about="exchange")
    assert await do(desk, "assign", "boss", to="sun") == (NO, "not-accepted", "CC03-07a")
    assert await do(desk, "judge-validity", valid=True) == YES
    assert await do(desk, "judge-validity", valid=True) == SO
    await desk.happened(CP, Given(kind="complaint-acceptance", step="decide", by="boss"))
    assert await do(desk, "assign", "boss", to="sun") == YES
    assert await do(desk, "attach-opinion", "hr") == YES
    assert await do(desk, "answer", "sun") == (NO, "plan-not-reviewed", "CC03-13")
    await desk.happened(CP, *plan())
    assert await do(desk, "answer", "sun", promised_by="2026-07-19T00:00:00+08:00") == (
        NO, "promised-too-late", "CC03-26",
    )  # fmt: skip
    assert await do(desk, "answer", "sun", promised_by="2026-07-18T23:59:59+08:00") == YES
    assert await do(desk, "close", "sun", "07-18 23:59:59") == YES
    assert await do(desk, "archive", "sun") == YES


def plan() -> tuple[Any, ...]:
    return (
        Requested(kind="complaint-plan", by="sun"),
        Given(kind="complaint-plan", step="approve", by="head"),
    )


async def test_a_complaint_of_a_car_dealer_keeps_the_accused_out(desk: Desked) -> None:
    """Scenario S23: the one it is about took it; from then on he has no part in it."""
    await ruled(desk, "cc05-dealer-complaints")
    assert why(await take(desk, "zhao", accused="zhao", level="company")) == YES
    out = (NO, "handler-excluded", "CC05-2.2")
    for name, more in (
        ("classify", {"severity": "minor"}),
        ("forward", {"to": "sun"}),
        ("answer", {}),
        ("settle", {}),
        ("promise-compensation", {"amount": "1.00"}),
        ("withdraw", {}),
    ):
        assert await do(desk, name, "zhao", **more) == out
    assert await do(desk, "assign", "boss", to="zhao") == out
    assert await do(desk, "forward", "boss", to="zhao") == out
    assert await do(desk, "assign", "boss", to="sun") == YES
    assert await do(desk, "settle", "sun") == (NO, "shop-not-told", "CC05-2.4a-notice")
    assert await do(desk, "forward", "sun", to="shop-7") == YES


async def test_a_major_complaint_of_a_car_dealer_needs_its_crisis_team_and_its_entry(desk: Desked) -> None:
    await ruled(desk, "cc05-dealer-complaints")
    await take(desk, "sun")
    media: dict[str, Any] = {"ground": "media"}
    assert await do(desk, "classify", "sun", severity="minor", **media) == (
        NO,
        "major-judged-minor",
        "CC05-2.5a-grounds",
    )
    assert await do(desk, "report-major", "sun", to="legal") == (NO, "not-major", "CC05-2.5b")
    assert await do(desk, "classify", "sun", severity="major", **media) == YES
    assert await do(desk, "classify", "sun", severity="major", **media) == SO
    assert await do(desk, "classify", "sun", severity="minor") == (NO, "classified-already", None)
    for to in ("legal", "brand-division"):
        assert await do(desk, "report-major", "sun", to=to) == YES
    assert await do(desk, "settle", "sun") == YES
    assert await do(desk, "close", "sun") == (NO, "crisis-team-not-convened", "CC05-2.6b")
    await desk.happened(CP, Reached(stage="crisis-team-convened", by="gm"))
    assert await do(desk, "close", "sun") == (NO, "not-entered", "CC05-2.8-entry")
    await desk.happened(CP, Filed(form="oms-entry", by="sun"))
    assert await do(desk, "close", "sun") == YES


async def test_a_plain_tenant_has_the_order_of_things_and_no_clause(desk: Desked) -> None:
    """DAILY-COMM asks for no order of its own: register, assign, handle, verify."""
    await ruled(desk, "daily-comm")
    assert await do(desk, "settle") == (NO, "unknown-complaint", None)
    assert why(await take(desk, accused="zhao")) == YES
    assert why(await take(desk)) == (NO, "registered-already", None)
    assert await do(desk, "assign", "boss", to="zhao") == (NO, "handler-excluded", None)
    assert await do(desk, "assign", "boss", to="wu") == YES
    assert await do(desk, "verify", "wu") == (NO, "not-settled", None)
    assert await do(desk, "archive", "wu") == (NO, "not-ended", None)
    assert await do(desk, "note-customer-answer", "wu") == (NO, "nothing-asked", None)
    assert await do(desk, "ask-customer", "wu", question_code="address") == YES
    assert await do(desk, "note-customer-answer", "wu") == YES
    assert await do(desk, "settle", "wu") == YES
    assert await do(desk, "settle", "wu") == SO
    assert await do(desk, "verify", "wu") == YES
    assert await do(desk, "verify", "wu") == SO
    assert await do(desk, "close", "wu") == YES
    for name, more in (
        ("close", {}),
        ("answer", {}),
        ("classify", {"severity": "minor"}),
        ("repeat", {}),
        ("withdraw", {}),
        ("assign", {"to": "li"}),
        ("issue-form", {"department": "engineering"}),
    ):
        assert await do(desk, name, "wu", **more) == (NO, "ended-already", None)
    assert await do(desk, "request-destruction", "wu") == (NO, "not-archived", None)
    assert await do(desk, "archive", "wu") == YES
    for name in ("verify", "archive", "close"):
        assert await do(desk, name, "wu") == (NO, "ended-already", None)
