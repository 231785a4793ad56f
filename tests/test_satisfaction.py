"""Satisfaction against earlier periods, by team as of the answer, hidden where few said, event by event."""

import random
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from asking import House, house
from onrecord_events.envelope import New
from onrecord_projections.queries import satisfaction_rows
from onrecord_projections.queries.satisfaction import GroupBy, Wanted
from onrecord_projections.queries.view import Views
from onrecord_services.engines import Engines
from projecting import at, bench, said, shown_from


def answer(
    nth: int, when: str, score: int, *, kind: str = "csat", recorded: str | None = None, **over: Any
) -> New:
    body = {"customer": "c", "score": score, "staff": "wu", "channel": "phone", **over}
    return said(f"survey.{kind}-answered", f"survey/{nth}", when, recorded=recorded, **body)


def asking(nth: int, when: str, kind: str = "csat") -> New:
    return said("survey.sent", f"survey/{nth}", when, kind=kind, customer="c", staff="wu", channel="phone")


def member(what: str, team: str, when: str) -> New:
    return said(f"team.{what}", f"team/{team}", when, person="wu", team=team)


TOLD = [
    shown_from(3),
    member("joined", "north", "06-01 00:00:00"),
    *(asking(n, "06-10 09:00:00") for n in range(4)),
    *(answer(n, "06-11 09:00:00", score) for n, score in enumerate((5, 4, 4, 1))),
    *(asking(n, "07-10 09:00:00") for n in range(10, 18)),
    *(answer(n, "07-11 09:00:00", score) for n, score in zip(range(10, 13), (5, 2, 2), strict=True)),
    member("left", "north", "07-11 12:00:00"),
    member("joined", "south", "07-11 12:00:00"),
    *(answer(n, "07-11 15:00:00", score) for n, score in zip(range(13, 16), (5, 5, 5), strict=True)),
    answer(16, "07-12 09:00:00", 3, staff=None, channel="wechat"),
    *(answer(n, "07-13 09:00:00", score, kind="nps") for n, score in zip(range(20, 22), (9, 2), strict=True)),
    said("survey.declined", "survey/17", "07-13 10:00:00", kind="csat"),
]
"""In July one of three in the morning and three of three after wu changed teams at noon; one names nobody."""


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(*TOLD)
        yield made


async def told(asked: House, **query: Any) -> list[tuple[Any, ...]]:
    rows = (await asked.ask("/v1/satisfaction", kind="csat", **query))["items"]
    return [(row["group"], row["n"], row["score"] and row["score"]["value"], row["absent"]) for row in rows]


async def test_a_month_is_held_against_the_month_before(asked: House) -> None:
    (row,) = (await asked.ask("/v1/satisfaction", kind="csat", period="2026-07"))["items"]
    assert (row["sent"], row["n"], row["declined"]) == (8, 7, 1)
    assert row["score"] == {
        "value": 0.5714,
        "low": 0.2505,
        "high": 0.8418,
        "year_before": None,
        "period_before": {"period": "2026-06", "value": 0.75, "change": -0.1786, "ratio": -0.2381},
    }
    assert row["response_rate"]["period_before"] == {
        "period": "2026-06",
        "value": 1.0,
        "change": -0.125,
        "ratio": -0.125,
    }


async def test_too_few_answers_are_not_shown_and_nothing_is_held_against_them(asked: House) -> None:
    (row,) = (await asked.ask("/v1/satisfaction", kind="nps"))["items"]
    assert (row["n"], row["score"], row["mean"], row["absent"]) == (2, None, None, "hidden")
    rows = (await asked.ask("/v1/satisfaction", kind="csat", group="day"))["items"]
    assert [row["score"] and row["score"]["period_before"] for row in rows if row["n"]] == [None] * 3


async def test_an_answer_counts_for_the_team_of_that_very_hour(asked: House) -> None:
    assert await told(asked, period="2026-07", group="team") == [
        (None, 1, None, "hidden"),
        ("north", 3, 0.3333, None),
        ("south", 3, 1.0, None),
    ]
    assert await told(asked, period="2026-07", team="south") == [(None, 3, 1.0, None)]
    assert await told(asked, period="2026-06", group="team") == [("north", 4, 0.75, None)]


async def test_a_team_is_held_against_its_own_month_before(asked: House) -> None:
    rows = (await asked.ask("/v1/satisfaction", kind="csat", period="2026-07", group="team"))["items"]
    (north,) = (row for row in rows if row["group"] == "north")
    assert north["score"]["period_before"]["value"] == 0.75
    (south,) = (row for row in rows if row["group"] == "south")
    assert south["score"]["period_before"] is None


@pytest.mark.parametrize(
    ("group", "then"),
    [
        ("month", [("2026-06", 4, 0.75, None), ("2026-07", 7, 0.5714, None)]),
        ("quarter", [("2026-Q2", 4, 0.75, None), ("2026-Q3", 7, 0.5714, None)]),
        (
            "week",
            [("2026-W24", 4, 0.75, None), ("2026-W28", 7, 0.5714, None), ("2026-W29", 0, None, "no-data")],
        ),
        ("year", [("2026", 11, 0.6364, None)]),
        ("channel", [(None, 0, None, "no-data"), ("phone", 10, 0.7, None), ("wechat", 1, None, "hidden")]),
    ],
)
async def test_answers_are_grouped(asked: House, group: str, then: list[tuple[Any, ...]]) -> None:
    assert await told(asked, group=group) == then


async def test_months_in_a_row_are_held_against_each_other_even_past_the_days_asked_for(asked: House) -> None:
    rows = (await asked.ask("/v1/satisfaction", kind="csat", group="month", since="2026-07-01"))["items"]
    assert [(row["group"], row["score"]["period_before"]["value"]) for row in rows] == [("2026-07", 0.75)]


@pytest.mark.parametrize(
    ("times", "then"),
    [
        pytest.param({"as_of": "2026-07-11T10:00:00+08:00"}, [("north", 3)], id="in-the-morning"),
        pytest.param({"as_of": "2026-07-11T15:00:00+08:00"}, [("north", 3), ("south", 3)], id="at-three"),
        pytest.param({"known_at": "2026-07-11T11:00:00+08:00"}, [("north", 3)], id="known-in-the-morning"),
        pytest.param(
            {"known_at": "2026-07-11T20:00:00+08:00"}, [("north", 3), ("south", 3)], id="known-at-night"
        ),
    ],
)
async def test_teams_of_another_time(
    asked: House, times: dict[str, str], then: list[tuple[str, int]]
) -> None:
    rows = await told(asked, group="team", since="2026-07-11", until="2026-07-12", **times)
    assert [row[:2] for row in rows] == then


async def test_every_answer_behind_a_score_is_listed_with_its_position(asked: House) -> None:
    july = {"kind": "csat", "since": "2026-07-01", "until": "2026-08-01"}
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await asked.ask("/v1/satisfaction/items", limit=4, **july, **cursor)
        rows += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [row["type"] for row in rows].count("survey.sent") == 8
    scores = [row["score"] for row in rows if row["score"] is not None]
    assert scores == [5, 2, 2, 5, 5, 5, 3]
    assert len({row["position"] for row in rows}) == len(rows) == 16


async def test_answers_behind_a_team_are_those_of_its_hours(asked: House) -> None:
    rows = (await asked.ask("/v1/satisfaction/items", team="south", since="2026-07-11"))["items"]
    answers = [row for row in rows if row["kind"] == "csat" and row["score"] is not None]
    assert [(row["score"], row["teams"]) for row in answers] == [(5, ["south"])] * 3
    assert datetime.fromisoformat(answers[0]["at"]).hour == 15


async def test_a_period_and_days_are_not_asked_together(asked: House) -> None:
    status, detail = await asked.refused("/v1/satisfaction", period="2026-07", since="2026-07-02")
    assert (status, detail) == (400, "period: instead of since and until, not with them")


MONTHS = """
SELECT kind, date_trunc('month', day)::date, about, staff, building, channel, sum(sent)::int8,
    sum(delivered)::int8, sum(declined)::int8, sum(answered)::int8, sum(satisfied)::int8,
    sum(promoters)::int8, sum(detractors)::int8, sum(score_sum)::int8, sum(self_asked)::int8
FROM satisfaction GROUP BY 1, 2, 3, 4, 5, 6
"""
STAFF = ("wu", "chen", "li")


def a_spring(seed: int) -> list[New]:
    """Answers and changes of team at any time of a spring, some told late."""
    chance = random.Random(seed)
    found: list[tuple[datetime, New]] = []
    for nth in range(120):
        when = at("03-01 00:00:00") + timedelta(minutes=chance.randrange(92 * 24 * 60))
        late = when + timedelta(minutes=chance.choice((0, 0, 30, 4000)))
        who = chance.choice(STAFF)
        if nth % 10:
            body = {"customer": "c", "staff": who, "building": chance.choice(("B1", "B2"))}
            kind, best = chance.choice((("csat", 5), ("nps", 10)))
            event = said(f"survey.{kind}-answered", f"survey/{nth}", when, recorded=late, score=best, **body)
        else:
            when = chance.choice((when, at("04-01 00:00:00")))
            late = max(late, when)
            what, team = chance.choice(("joined", "joined", "left")), chance.choice(("north", "south"))
            event = said(
                f"team.{what}", f"team/{team}", when, recorded=late, id_=f"{nth}", person=who, team=team
            )
        found.append((late, event))
    return [event for _, event in sorted(found, key=lambda pair: pair[0])]


@pytest.mark.parametrize("seed", range(3))
async def test_months_tell_what_their_days_tell(
    engines: Engines, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    url = engines.postgres_dsn("onrecord_reader")
    split: list[tuple[str | None, GroupBy | None]] = [
        (None, None), (None, "team"), ("north", None), ("north", "staff"), (None, "month"),
    ]  # fmt: skip
    asked = [
        satisfaction_rows.Asked(Wanted(since=date(2026, first, 1), until=date(2026, 5, 1), team=team), by)
        for first in (3, 4)
        for team, by in split
    ]
    async with bench(engines) as tenant, await AsyncConnection.connect(url, autocommit=True) as reader:
        await tenant.project(*a_spring(seed), events_max=17)
        assert sorted(await tenant.rows("SELECT * FROM satisfaction_months")) == sorted(
            await tenant.rows(MONTHS)
        )
        async with Views().open(reader, tenant.log.tenant) as view:
            by_month = [await satisfaction_rows.sums(view, each) for each in asked]
            monkeypatch.setattr(satisfaction_rows, "_of_months", lambda _: False)
            assert by_month == [await satisfaction_rows.sums(view, each) for each in asked]
