"""`onrecord payroll export` and `onrecord dispute`: a file and a record of it, or a line that says no."""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from onrecord_events.errors import LogUnavailable
from onrecord_services.cli import app
from onrecord_services.commands import deciding, payroll
from onrecord_services.commands import dispute as disputing
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.payroll.run import NotExported
from onrecord_services.door import TurnedAway
from onrecord_services.engines import Engines
from onrecord_services.site import Site
from penalty_desk import Office, late, office, setting, wage

Ask = Callable[[str, dict[str, Any]], Awaitable[Answer]]


@pytest.fixture
async def dealer(engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """One line of 50, confirmed; the command asks this desk."""
    async with office(engines, tmp_path) as made:
        await made.hear(*late("V1"), setting("payroll.floor", "2360.00"), wage("2026-03", "9000.00"))
        ((line, *_),) = await made.lines()
        await made.confirmed(line, "50.00")

        @asynccontextmanager
        async def desk_of(_: Site, __: str, by: str) -> AsyncIterator[Ask]:
            yield lambda name, data: made.ask(name, by, **data)

        monkeypatch.setattr(payroll, "desk_of", desk_of)
        yield made


def site(engines: Engines) -> Site:
    return Site.of(engines, intake_port=1, api_port=1, desk_port=1)


async def test_an_export_is_made_once_and_its_file_again(engines: Engines, dealer: Office) -> None:
    tenant = dealer.desk.log.tenant
    whole, content = await payroll._export(site(engines), tenant, "qian", "2026-03", "csv")
    again = await payroll._export(site(engines), tenant, "qian", "2026-03", "csv")
    assert (whole.rows, again) == (1, (whole, content))
    events = await dealer.desk.stream("payroll/2026-03")
    assert [event.type for event in events] == [
        "payroll.begun",
        "decision.relied",
        "payroll.part-exported",
        "payroll.exported",
        "payroll.file-handed-out",
    ]
    assert events[-1].data["file_sha256"] == hashlib.sha256(content).hexdigest()


async def test_who_may_not_export_gets_no_file(engines: Engines, dealer: Office) -> None:
    with pytest.raises(NotExported, match="refused: role-missing"):
        await payroll._export(site(engines), dealer.desk.log.tenant, "sun", "2026-03", "csv")
    assert await dealer.desk.types("payroll/2026-03") == ["decision.refused"]


async def test_a_disputed_line_is_looked_up_by_its_id(engines: Engines, dealer: Office) -> None:
    ((line, *_),) = await dealer.lines()
    found = await disputing._pack(site(engines), dealer.desk.log.tenant, line)
    assert found is not None
    assert (found[0].line["id"], found[1].key) == (line, "Asia/Shanghai")
    assert await disputing._pack(site(engines), dealer.desk.log.tenant, "no-such-line") is None


def test_endings_and_formats_nobody_writes_are_told(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["dispute", "L1", "--out", str(tmp_path / "pack.txt")])
    assert (ran.exit_code, ".pdf or .json" in ran.output) == (2, True)
    ran = CliRunner().invoke(app, ["payroll", "export", "--month", "2026-03", "--by", "x", "--format", "doc"])
    assert (ran.exit_code, "xlsx, csv or json" in ran.output) == (2, True)


def desk_that(*answers: httpx.Response | Exception) -> tuple[httpx.AsyncClient, list[dict[str, Any]]]:
    """A desk that answers like this, one after the other, and what it was asked."""
    asked: list[dict[str, Any]] = []
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://desk"), asked


DECIDED = httpx.Response(200, json={"outcome": "decided", "position": 7})
LATER = httpx.Response(503, json={"title": "Cannot be decided now"})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "_AGAIN_AFTER_S", 0.0)


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_got_lost_is_asked_for_again_under_its_own_key() -> None:
    client, asked = desk_that(httpx.ReadTimeout("lost"), LATER, DECIDED)
    answer = await deciding._asked(client, "payroll.export", "qian", {"month": "2026-03"})
    assert (answer.outcome, answer.position) == ("decided", 7)
    assert len({said["key"] for said in asked}) == 1
    assert [said["data"] for said in asked] == [{"month": "2026-03"}] * 3


@pytest.mark.usefixtures("impatient")
async def test_a_refusal_is_an_answer_and_a_desk_that_turns_us_away_is_none() -> None:
    refused = {"title": "Refused", "outcome": "refused", "position": 3, "reason": "role-missing"}
    client, _ = desk_that(httpx.Response(409, json=refused))
    assert (await deciding._asked(client, "payroll.export", "qian", {})).reason == "role-missing"
    client, _ = desk_that(httpx.Response(400, json={"detail": "data: month: missing"}))
    with pytest.raises(TurnedAway, match="the desk says 400: data: month: missing"):
        await deciding._asked(client, "payroll.export", "qian", {})
    client, _ = desk_that(*[LATER] * deciding.TRIES_MAX)
    with pytest.raises(LogUnavailable):
        await deciding._asked(client, "payroll.export", "qian", {})
