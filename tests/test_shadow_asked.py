"""Drafts that run beside, asked for over HTTP and seen on the page: set against what stands."""

from collections.abc import AsyncIterator

import pytest

from asking import House, house
from onrecord_services.engines import Engines
from projecting import adopted, calendar
from test_shadow import LIVE, answered, registered, shadowed, unshadowed

BEFORE, THEN = "2026-07-03T23:00:00+08:00", "2026-07-04T12:00:00+08:00"


@pytest.fixture
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(
            calendar(),
            adopted(LIVE, "one-day"),
            registered("A", "07-02 08:00:00"),
            answered("A", "07-02 22:00:00"),
            registered("B", "07-03 08:00:00"),
            answered("B", "07-03 10:00:00"),
        )
        yield made


async def test_without_a_draft_every_answer_is_empty(asked: House) -> None:
    for path in ("/v1/shadow", "/v1/shadow/drafts", "/v1/shadow/clocks", "/v1/shadow/penalties"):
        assert (await asked.ask(path))["items"] == []
    page = await asked.http.get("/figures")
    assert 'id="drafts"' not in page.text


async def test_what_stands_is_set_against_what_the_draft_would_make_of_it(asked: House) -> None:
    await asked.bench.project(shadowed("07-04 00:00:00"))
    (draft,) = (await asked.ask("/v1/shadow/drafts"))["items"]
    assert (draft["pack"], draft["edition"], draft["live_edition"]) == ("one-day", 2, 1)
    assert draft["since"] == "2026-07-01T00:00:00+08:00"
    promise, fine = (await asked.ask("/v1/shadow"))["items"]
    assert (promise["name"], promise["says"]) == (
        "DAY",
        "Tell the customer how it stands within 24 hours.",
    )
    assert promise["live"] == {"clocks": 2, "broken": 0, "lines": 0, "owed": {}}
    assert promise["draft"] == {"clocks": 2, "broken": 1, "lines": 0, "owed": {}}
    assert (fine["name"], fine["live"]["lines"], fine["draft"]["owed"]) == ("FINE", 0, {"CNY": "20.00"})
    (chen,) = (await asked.ask("/v1/shadow", group="person"))["items"]
    assert (chen["name"], chen["live"]["broken"], chen["draft"]["broken"]) == ("chen", 0, 1)


async def test_clocks_of_the_draft_are_told_as_they_were_known(asked: House) -> None:
    await asked.bench.project(shadowed("07-04 00:00:00"))
    assert (await asked.ask("/v1/shadow/clocks", known_at=BEFORE))["items"] == []
    assert (await asked.ask("/v1/shadow/drafts", known_at=BEFORE))["items"] == []
    (late,) = (await asked.ask("/v1/shadow/clocks", state="breached", known_at=THEN))["items"]
    assert (late["case"], late["edition"], late["stopped_at"]) == (
        "complaint/A",
        2,
        "2026-07-02T22:00:00+08:00",
    )
    (running,) = (await asked.ask("/v1/shadow/clocks", as_of="2026-07-02T08:30:00+08:00"))["items"]
    assert (running["case"], running["state"]) == ("complaint/A", "running")
    (draft,) = (await asked.ask("/v1/shadow/drafts", known_at=THEN))["items"]
    assert draft["edition"] == 2
    await asked.bench.project(unshadowed("07-06 00:00:00"))
    assert (await asked.ask("/v1/shadow/clocks", state="breached"))["items"] == []
    again = await asked.ask("/v1/shadow/clocks", state="breached", known_at=THEN)
    assert again["items"] == [late]


async def test_clocks_and_lines_of_the_draft_are_apart_from_those_that_count(asked: House) -> None:
    await asked.bench.project(shadowed("07-04 00:00:00"))
    (broken,) = (await asked.ask("/v1/shadow/clocks", state="breached"))["items"]
    assert (broken["case"], broken["edition"], broken["due_at"]) == (
        "complaint/A",
        2,
        "2026-07-02T20:00:00+08:00",
    )
    assert (await asked.ask("/v1/clocks", state="breached"))["items"] == []
    (line,) = (await asked.ask("/v1/shadow/penalties", person="chen"))["items"]
    assert (line["case"], line["amount"]) == ("complaint/A", "20.00")
    assert (await asked.ask("/v1/penalties"))["items"] == []


async def test_the_page_compares_in_both_languages_until_the_draft_is_taken_away(asked: House) -> None:
    await asked.bench.project(shadowed("07-04 00:00:00"))
    english = (await asked.http.get("/figures")).text
    assert 'id="drafts"' in english
    assert "One day · one-day 2, from 2026-07-01 00:00" in english
    assert "0 → 1" in english
    assert "0 → 20.00 CNY" in english
    chinese = (await asked.http.get("/figures", headers={"Accept-Language": "zh"})).text
    assert "并行试行的草案" in chinese
    await asked.bench.project(unshadowed("07-05 00:00:00"))
    assert 'id="drafts"' not in (await asked.http.get("/figures")).text
