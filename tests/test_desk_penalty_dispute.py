"""A dispute pack: what happened, why it costs that much, who decided, the proofs; as JSON and on paper."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from onrecord_services.desk.penalty.dispute import Pack, as_json, pack
from onrecord_services.desk.penalty.dispute_paper import as_pdf_bytes, form_of
from onrecord_services.engines import Engines
from penalty_desk import CONFIRMING, Office, late, office
from reporting import pages_of

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def dealer(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    async with office(engines, tmp_path) as made:
        await made.hear(*late("V1"))
        yield made


async def packed(dealer: Office, line: str) -> Pack:
    found = await dealer.reads.ask(dealer.desk.log.tenant, lambda view: pack(view, line))
    assert found is not None
    return found


async def test_a_pack_holds_the_story_the_reasons_the_decisions_and_the_proofs(dealer: Office) -> None:
    ((line, *_),) = await dealer.lines()
    seen = {"line": line, "month": "2026-03", "amount": "50.00"}
    await dealer.ask("penalty.notify", "sun", **seen)
    dealer.desk.at = CONFIRMING
    await dealer.ask("penalty.approve", "gao", **seen)
    await dealer.ask("penalty.approve", "zhao", **seen)
    found = await packed(dealer, line)
    assert [event["type"] for event in found.timeline] == [
        "vehicle.delivered",
        "penalty.notified",
        "decision.relied",
        "decision.refused",
        "penalty.approved",
        "decision.relied",
    ]
    assert [(said["what"], said["by"], said.get("role")) for said in found.decisions] == [
        ("penalty.notified", "sun", "supervisor"),
        ("decision.refused", "gao", None),
        ("penalty.approved", "zhao", "customer-director"),
    ]
    assert found.decisions[1]["reason"] == "role-missing"
    assert (found.line["state"], found.line["decided_amount"]) == ("approved", "50.00")
    assert found.explanation is not None
    rules = [(rule["clause"], rule["cites"]) for rule in found.explanation["told"]["line"]["rules"]]
    assert ("CC02-E1", "处罚 1") in rules
    for event in found.timeline:
        stored = await dealer.desk.log.event_at(event["position"])
        assert event["sha256"] == hashlib.sha256(stored.raw).hexdigest()
    said = json.loads(as_json(found))
    digest = said.pop("digest")
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert as_json(await packed(dealer, line)) == as_json(found)


async def test_the_paper_shows_clause_decision_and_proof(dealer: Office) -> None:
    ((line, *_),) = await dealer.lines()
    await dealer.ask("penalty.notify", "sun", line=line, month="2026-03", amount="50.00")
    found = await packed(dealer, line)
    content = as_pdf_bytes(found, CHINA, CONFIRMING)
    assert content == as_pdf_bytes(found, CHINA, CONFIRMING)
    shown = "".join("".join(pages_of(content)).split())
    for word in ("处罚争议卷宗", "CC02-E1", "告知", found.timeline[0]["sha256"][:16]):
        assert word in shown
    headings = [section.heading.en for section in form_of(found).sections]
    assert headings == [
        "The line",
        "What the clause says",
        "How it was reckoned",
        "What was decided",
        "Events and their proofs",
    ]


async def test_nobody_ever_heard_of_a_line_without_a_pack(dealer: Office) -> None:
    assert await dealer.reads.ask(dealer.desk.log.tenant, lambda view: pack(view, "CC02-E1-none")) is None
