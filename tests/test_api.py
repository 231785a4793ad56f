"""The query API over real rows: what is asked, what is answered, at which position."""

from collections.abc import AsyncIterator

import httpx
import pytest

from asking import A_DAY, House, house, registered
from onrecord_services.engines import Engines
from projecting import said


@pytest.fixture
async def asked(engines: Engines) -> AsyncIterator[House]:
    """Three complaints: A told in time, B told late, C not told; then time passes to the 13th, 10:00."""
    async with house(engines) as made:
        await made.bench.project(
            A_DAY,
            registered("A", "07-11 08:00:00", building="B1"),
            registered("B", "07-11 09:00:00"),
            registered("C", "07-11 10:00:00", received_by="li"),
            said("complaint.progress-shared", "complaint/A", "07-11 12:00:00"),
            said("complaint.progress-shared", "complaint/B", "07-12 09:30:00"),
            said("clock.ticked", "clock/tick", "07-13 10:00:00"),
        )
        yield made


async def test_a_clock_says_clause_owner_due_and_how_late(asked: House) -> None:
    body = await asked.ask("/v1/clocks", state="breached", open="true")
    assert body["position"] == 7
    assert body["watermark"] == "2026-07-13T10:00:00+08:00"
    assert body["next"] is None
    (clock,) = body["items"]
    assert clock | {"instance": ""} == {
        "case": "complaint/C",
        "clause": "DAY",
        "instance": "",
        "says": "Tell the customer how it stands within 24 hours.",
        "pack": "one-day",
        "edition": 1,
        "kind": "clock",
        "owner": "li",
        "state": "breached",
        "open": True,
        "started_at": "2026-07-11T10:00:00+08:00",
        "due_at": "2026-07-12T10:00:00+08:00",
        "stopped_at": None,
        "used_s": clock["used_s"],
        "paused_s": 0,
        "late_s": 24 * 3600,
        "provisional": False,
        "justified": False,
        "note": "",
        "findings": clock["findings"],
        "evidence": [4],
        "started_by": clock["started_by"],
        "stopped_by": None,
    }


async def test_the_page_shows_who_is_late_with_what(asked: House) -> None:
    answer = await asked.http.get("/", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert answer.status_code == httpx.codes.OK
    assert "complaint/C" in answer.text
    assert "二十四小时内告知进展。" in answer.text
