"""The two times as they are asked over HTTP and on the page: one story, told by hand."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from asking import A_DAY, House, house, registered
from onrecord_services.api.access import KEY_COOKIE
from onrecord_services.engines import Engines
from projecting import said


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    """A is told in time, which we learn half an hour too late; B is told a day late."""
    async with house(engines) as made:
        await made.bench.project(
            A_DAY,
            registered("A", "07-11 08:00:00"),
            registered("B", "07-11 09:00:00", received_by="li"),
            said("clock.ticked", "clock/tick", "07-12 08:20:00"),
            said("complaint.progress-shared", "complaint/A", "07-12 07:50:00", recorded="07-12 08:30:00"),
            said("complaint.progress-shared", "complaint/B", "07-13 09:00:00"),
            said("survey.csat-answered", "survey/1", "07-12 10:00:00", recorded="07-13 10:00:00",
                 customer="c", building="B1", score=5),
        )  # fmt: skip
        yield made


def shanghai(text: str) -> str:
    return f"2026-{text.replace(' ', 'T')}+08:00"


def axes(as_of: str | None = None, known_at: str | None = None) -> dict[str, str]:
    said_of = {"as_of": as_of, "known_at": known_at}
    return {name: shanghai(text) for name, text in said_of.items() if text}


@pytest.mark.parametrize(
    ("times", "then"),
    [
        pytest.param({}, ("met", "2026-07-12T07:50:00+08:00"), id="now"),
        pytest.param(axes(known_at="07-12 08:25:00"), ("breached", None), id="before-we-learnt-of-it"),
        pytest.param(axes("07-12 08:25:00"), ("met", "2026-07-12T07:50:00+08:00"), id="then-by-what-we-know"),
        pytest.param(axes("07-12 07:00:00", "07-12 08:25:00"), ("running", None), id="an-hour-before-then"),
        pytest.param(axes("07-12 12:00:00", "07-11 10:00:00"), ("breached", None), id="foreseen"),
    ],
)
async def test_one_promise_has_a_state_at_each_pair_of_times(
    asked: House, times: dict[str, str], then: tuple[str, str | None]
) -> None:
    answer = await asked.ask("/v1/cases/complaint/A", **times)
    (clock,) = answer["items"][0]["clocks"]
    assert (clock["state"], clock["stopped_at"]) == then
    (listed,) = (await asked.ask("/v1/clocks", case="complaint/A", **times))["items"]
    assert listed == clock
    (why,) = (await asked.ask("/v1/clocks/explain", case="complaint/A", clause="DAY", **times))["items"]
    assert (why["told"]["clock"]["state"], why["told"]["clock"]["stopped_at"]) == then


async def test_the_answer_names_both_times_and_the_position_it_was_known_at(asked: House) -> None:
    answer = await asked.ask("/v1/clocks", **axes("07-12 07:00:00", "07-12 08:25:00"))
    assert [answer[name] for name in ("position", "watermark", "as_of", "known_at")] == [
        4,
        shanghai("07-12 08:20:00"),
        shanghai("07-12 07:00:00"),
        shanghai("07-12 08:25:00"),
    ]


@pytest.mark.parametrize(
    ("times", "then"),
    [
        pytest.param({}, {"chen": "met", "li": "breached"}, id="now"),
        pytest.param(axes(known_at="07-12 08:25:00"), {"chen": "breached", "li": "running"}, id="then"),
        pytest.param(axes("07-11 08:30:00"), {"chen": "running"}, id="the-first-half-hour"),
        pytest.param(
            axes("07-12 09:00:01", "07-11 10:00:00"), {"chen": "breached", "li": "breached"}, id="foreseen"
        ),
        pytest.param(axes(known_at="07-10 00:00:00"), {}, id="before-everything"),
    ],
)
async def test_totals_know_what_was_known(asked: House, times: dict[str, str], then: dict[str, str]) -> None:
    rows = (await asked.ask("/v1/clocks/totals", group="owner", **times))["items"]
    states = ("running", "met", "breached")
    assert {row["group"]: next(state for state in states if row[state]) for row in rows} == then
    assert all(sum(row[state] for state in states) == 1 for row in rows)


async def test_an_answer_entered_a_day_late_counts_on_its_own_day_once_it_is_known(asked: House) -> None:
    async def answers(**times: str) -> list[int]:
        return [row["n"] for row in (await asked.ask("/v1/satisfaction", **times))["items"]]

    assert await answers(**axes(known_at="07-13 09:59:59")) == []
    assert await answers(**axes("07-12 10:00:00")) == [1]
    assert await answers(**axes("07-12 09:59:59")) == []


async def test_the_timeline_ends_where_knowledge_ended(asked: House) -> None:
    async def types(**times: str) -> list[str]:
        found = (await asked.ask("/v1/timeline", case="complaint/A", **times))["items"]
        return [event["type"] for event in found]

    assert await types() == ["complaint.registered", "complaint.progress-shared"]
    assert await types(**axes(known_at="07-12 08:29:59")) == ["complaint.registered"]
    assert await types(**axes("07-12 07:49:59")) == ["complaint.registered"]


async def test_a_time_without_its_offset_is_refused_by_its_name(asked: House) -> None:
    for path in ("/v1/clocks", "/v1/clocks/totals", "/v1/penalties", "/v1/penalties/sums", "/v1/handovers"):
        status, detail = await asked.refused(path, known_at="2026-07-12T08:00:00")
        assert (status, detail[:9]) == (400, "known_at:")


async def chosen(asked: House, **fields: str) -> Any:
    return await asked.http.get("/times", params=fields, headers={"referer": "http://api/case/complaint/A"})


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "What was true at 2026-07-12 07:00:00, as it was known at 2026-07-12 08:25:00"),
        ("zh", "2026-07-12 07:00:00 时的情况（按 2026-07-12 08:25:00 时所知）"),
    ],
)
async def test_the_page_says_in_words_what_it_shows(asked: House, lang: str, words: str) -> None:
    asked.http.cookies.set(KEY_COOKIE, asked.key)
    answer = await chosen(asked, as_of="2026-07-12T07:00", known_at="2026-07-12T08:25:00")
    assert (answer.status_code, answer.headers["location"]) == (303, "/case/complaint/A")
    for path in ("/", "/case/complaint/A", "/figures"):
        text = (await asked.http.get(path, headers={"accept-language": lang})).text
        assert words in text
        assert 'value="2026-07-12T08:25:00"' in text
    csv = "known_at=2026-07-12T08%3A25%3A00%2B08%3A00"
    assert csv in text
    answer = await chosen(asked)
    assert words not in (await asked.http.get("/", headers={"accept-language": lang})).text


async def test_a_field_of_nonsense_is_refused(asked: House) -> None:
    asked.http.cookies.set(KEY_COOKIE, asked.key)
    assert (await chosen(asked, as_of="yesterday")).status_code == 400
