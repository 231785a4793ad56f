"""A penalty line at the desk: told, objected to, confirmed, dropped, by those who may and in time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onrecord_services.engines import Engines
from penalty_desk import CONFIRMING, TELLING, Office, late, office, setting
from projecting import said


@pytest.fixture
async def dealer(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(engines, tmp_path) as made:
        await made.hear(*late("V1"))
        yield made


@pytest.fixture
async def twice(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(engines, tmp_path) as made:
        await made.hear(*late("V1", "V2"))
        yield made


async def seen(dealer: Office, **over: Any) -> dict[str, Any]:
    """The one line there is, as a request names it."""
    ((line, _, amount, _, _),) = await dealer.lines()
    return {"line": line, "month": "2026-03", "amount": str(amount)} | over


async def state(dealer: Office) -> str:
    ((_, standing, _, _, _),) = await dealer.lines()
    return standing


async def test_a_line_is_told_waits_for_an_objection_and_is_confirmed(dealer: Office) -> None:
    asked = await seen(dealer)
    told = await dealer.ask("penalty.notify", "sun", **asked)
    body = told.events[0].data
    assert (told.outcome, body["amount"], body["line"], body["role"]) == (
        "decided",
        "50.00",
        "fine",
        "supervisor",
    )
    assert (body["appeal_until"], body["month"]) == ("2026-04-08T01:00:00Z", "2026-03")
    assert len(body["explanation_digest"]) == 64
    dealer.desk.at = CONFIRMING - timedelta(seconds=1)
    early = await dealer.ask("penalty.approve", "zhao", **asked)
    assert (early.reason, early.facts) == ("appeal-window-open", {"until": "2026-04-08T01:00:00+00:00"})
    dealer.desk.at = CONFIRMING
    confirmed = await dealer.ask("penalty.approve", "zhao", **asked)
    assert (confirmed.outcome, confirmed.events[0].data["role"]) == ("decided", "customer-director")
    assert await dealer.lines() == [(asked["line"], "approved", Decimal("50.00"), Decimal("50.00"), None)]
    assert (await dealer.ask("penalty.approve", "zhao", **asked)).outcome == "unchanged"


async def test_the_clause_says_who_confirms_and_the_refusal_names_it(dealer: Office) -> None:
    asked = await seen(dealer)
    await dealer.ask("penalty.notify", "sun", **asked)
    dealer.desk.at = CONFIRMING
    refused = await dealer.ask("penalty.approve", "gao", **asked)
    assert (refused.reason, refused.clause, refused.facts) == (
        "role-missing",
        "CC02-E9",
        {"roles": "customer-director"},
    )
    assert refused.says["en"].startswith("The customer director")
    nobody = await dealer.ask("penalty.notify", "li2", **asked)
    assert (nobody.reason, nobody.clause) == ("role-missing", None)


async def test_nobody_decides_on_his_own_penalty(dealer: Office) -> None:
    asked = await seen(dealer)
    await dealer.hear(
        said("role.assigned", "person/li", "03-30 00:00:00", person="li", role="customer-director")
    )
    for what in ("notify", "approve", "waive", "reverse"):
        assert (await dealer.ask(f"penalty.{what}", "li", **asked)).reason == "own-penalty"
    assert (await dealer.ask("penalty.decide-appeal", "li", **asked, upheld=True)).reason == "own-penalty"
    shares = [{"person": "wang", "amount": "50.00"}]
    assert (await dealer.ask("penalty.split", "li", **asked, shares=shares)).reason == "own-penalty"


async def test_only_the_person_objects_and_only_within_the_window(dealer: Office) -> None:
    asked = await seen(dealer)
    assert (await dealer.ask("penalty.appeal", "li", **asked)).reason == "not-notified"
    await dealer.ask("penalty.notify", "sun", **asked)
    assert (await dealer.ask("penalty.appeal", "sun", **asked)).reason == "not-yours"
    dealer.desk.at = CONFIRMING
    assert (await dealer.ask("penalty.appeal", "li", **asked)).reason == "appeal-too-late"
    dealer.desk.at = CONFIRMING - timedelta(seconds=1)
    assert (await dealer.ask("penalty.appeal", "li", **asked)).outcome == "decided"
    assert (await dealer.ask("penalty.appeal", "li", **asked)).outcome == "unchanged"
    dealer.desk.at = CONFIRMING
    assert (await dealer.ask("penalty.approve", "zhao", **asked)).reason == "appeal-not-decided"


async def test_an_objection_is_decided_by_somebody_else_and_a_rejected_one_is_confirmed(
    dealer: Office,
) -> None:
    asked = await seen(dealer)
    await dealer.ask("penalty.notify", "gao", **asked)
    await dealer.ask("penalty.appeal", "li", **asked)
    own = await dealer.ask("penalty.decide-appeal", "gao", **asked, upheld=False)
    other = await dealer.ask("penalty.decide-appeal", "sun", **asked, upheld=False)
    assert (own.reason, other.reason) == ("proposed-by-you", "role-missing")
    decided = await dealer.ask("penalty.decide-appeal", "qian", **asked, upheld=False)
    assert [event.type for event in decided.events] == ["penalty.appeal-decided", "decision.relied"]
    assert await state(dealer) == "appeal-rejected"
    assert (await dealer.ask("penalty.approve", "zhao", **asked)).outcome == "decided"


async def test_an_objection_that_is_right_drops_the_line_with_it(dealer: Office) -> None:
    asked = await seen(dealer)
    await dealer.ask("penalty.notify", "sun", **asked)
    await dealer.ask("penalty.appeal", "li", **asked)
    decided = await dealer.ask("penalty.decide-appeal", "qian", **asked, upheld=True)
    assert [event.type for event in decided.events] == [
        "penalty.appeal-decided",
        "penalty.waived",
        "decision.relied",
    ]
    assert await state(dealer) == "waived"
    dealer.desk.at = CONFIRMING
    late_ = await dealer.ask("penalty.approve", "zhao", **asked)
    assert (late_.reason, late_.facts) == ("line-dropped", {"state": "waived"})


async def test_a_line_that_changed_between_is_not_decided_on(twice: Office) -> None:
    """The second case of the month doubles what somebody still sees as 50."""
    (_, _, first, _, _), (line, _, second, _, _) = await twice.lines()
    assert (first, second) == (Decimal("50.00"), Decimal("100.00"))
    refused = await twice.ask("penalty.notify", "sun", line=line, month="2026-03", amount="50.00")
    assert (refused.reason, refused.facts) == ("line-changed", {"amount": "100.00"})
    digest = await twice.ask(
        "penalty.notify", "sun", line=line, month="2026-03", amount="100.00", digest="0" * 64
    )
    assert digest.reason == "line-changed"
    told = await twice.ask("penalty.notify", "sun", line=line, month="2026-03", amount="100.00")
    assert told.outcome == "decided"


async def test_more_than_was_told_is_not_confirmed_and_less_is(twice: Office) -> None:
    (first, *_), (second, *_) = await twice.lines()
    told = {"line": second, "month": "2026-03", "amount": "100.00"}
    await twice.ask("penalty.notify", "sun", **told)
    await twice.ask("penalty.notify", "sun", line=first, month="2026-03", amount="50.00")
    await twice.ask("penalty.waive", "zhao", line=first, month="2026-03", amount="50.00")
    twice.desk.at = CONFIRMING
    assert (await twice.ask("penalty.approve", "zhao", **told)).reason == "line-changed"
    less = await twice.ask("penalty.approve", "zhao", **told | {"amount": "50.00"})
    assert less.outcome == "decided"


async def test_lines_nobody_knows_and_months_before_the_lines_own_are_refused(dealer: Office) -> None:
    asked = await seen(dealer)
    assert (
        await dealer.ask("penalty.notify", "sun", **asked | {"line": "CC02-E1-none"})
    ).reason == "unknown-line"
    before = await dealer.ask("penalty.notify", "sun", **asked | {"month": "2026-02"})
    assert (before.reason, before.facts) == ("month-before-line", {"month": "2026-03"})


async def test_of_two_who_decide_at_once_one_decides(dealer: Office) -> None:
    asked = await seen(dealer)
    await dealer.ask("penalty.notify", "sun", **asked)
    dealer.desk.at = CONFIRMING
    answers = await asyncio.gather(
        *(dealer.desk.ask("penalty.approve", "zhao", **asked) for _ in range(4)),
        *(dealer.desk.ask("penalty.waive", "zhao", **asked) for _ in range(4)),
    )
    types = await dealer.desk.types(f"penalty/{asked['line']}")
    assert types.count("penalty.waived") == 1
    assert types.count("penalty.approved") <= 1
    assert types.index("penalty.waived") == max(
        nth for nth, name in enumerate(types) if name.startswith("penalty.")
    )
    outcomes = [answer.outcome for answer in answers]
    assert len(outcomes) == outcomes.count("decided") + outcomes.count("unchanged") + outcomes.count(
        "refused"
    )
    assert outcomes.count("decided") == types.count("penalty.approved") + 1


async def test_the_same_request_again_after_a_lost_answer_is_answered_as_the_first_time(
    dealer: Office,
) -> None:
    asked = await seen(dealer)
    first = await dealer.desk.ask("penalty.notify", "sun", key="notify-once-1", **asked)
    await dealer.ask("penalty.waive", "zhao", **asked)
    again = await dealer.desk.ask("penalty.notify", "sun", key="notify-once-1", **asked)
    assert (again.again, again.position) == (True, first.position)
    assert await dealer.desk.types(f"penalty/{asked['line']}") == [
        "penalty.notified",
        "decision.relied",
        "penalty.waived",
        "decision.relied",
    ]


async def test_a_split_line_is_told_anew_and_nobody_it_costs_decides(dealer: Office) -> None:
    asked = await seen(dealer)
    await dealer.ask("penalty.notify", "sun", **asked)
    uneven = [{"person": "li", "amount": "30.00"}, {"person": "wang", "amount": "19.99"}]
    assert (await dealer.ask("penalty.split", "zhao", **asked, shares=uneven)).reason == "shares-differ"
    shares = [{"person": "li", "amount": "30.00"}, {"person": "wang", "amount": "20.00"}]
    assert (await dealer.ask("penalty.split", "zhao", **asked, shares=shares)).outcome == "decided"
    assert await state(dealer) == "proposed"
    dealer.desk.at = CONFIRMING
    assert (await dealer.ask("penalty.approve", "zhao", **asked)).reason == "not-notified"
    assert (await dealer.ask("penalty.notify", "wang", **asked)).reason == "own-penalty"
    dealer.desk.at = TELLING + timedelta(days=8)
    assert (await dealer.ask("penalty.notify", "sun", **asked)).outcome == "decided"
    assert (await dealer.ask("penalty.appeal", "wang", **asked)).outcome == "decided"


async def test_the_tenant_says_how_many_days_there_are_to_object(dealer: Office) -> None:
    await dealer.hear(setting("penalty.appeal-days", "0"))
    asked = await seen(dealer)
    told = await dealer.ask("penalty.notify", "sun", **asked)
    assert told.events[0].data["appeal_until"] == "2026-04-01T01:00:00Z"
    assert (await dealer.ask("penalty.approve", "zhao", **asked)).outcome == "decided"
