"""Figures of service: by hand, over rows and told again; late facts, teams, earlier periods, items behind."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from asking import A_DAY, House, house
from onrecord_events.envelope import New
from onrecord_services.engines import Engines
from projecting import at, calendar, said, shown_from


def complaint(case: str, when: str, **over: Any) -> New:
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen", **over}
    return said("complaint.registered", f"complaint/{case}", when, **body)


def about(case: str, what: str, when: str, **over: Any) -> New:
    return said(f"complaint.{what}", f"complaint/{case}", when, **over)


def contact(nth: int, when: str, direction: str = "in", **over: Any) -> New:
    body = {"kind": "call", "customer": "c-1", "staff": "chen", "direction": direction, **over}
    return said("interaction.logged", f"interaction/{nth}", when, **body)


def in_order(events: list[New]) -> list[New]:
    """As a log takes them."""
    return sorted(events, key=lambda event: event.recorded_at or event.occurred_at)


def member(what: str, person: str, team: str, when: str, **over: Any) -> New:
    return said(f"team.{what}", f"team/{team}", when, person=person, team=team, **over)


JULY = [
    calendar(),
    A_DAY,
    shown_from(2),
    member("joined", "chen", "north", "06-01 00:00:00"),
    member("joined", "wu", "south", "06-01 00:00:00"),
    complaint("OLD", "06-20 09:00:00"),
    about("OLD", "progress-shared", "06-20 13:00:00"),
    about("OLD", "resolved", "06-20 17:00:00"),
    complaint("OLDER", "06-21 09:00:00"),
    about("OLDER", "progress-shared", "06-21 10:00:00"),
    about("OLDER", "resolved", "06-23 09:00:00"),
    complaint("A", "07-01 09:00:00", building="B1"),
    about("A", "progress-shared", "07-01 10:00:00"),
    about("A", "resolved", "07-01 19:00:00"),
    complaint("B", "07-02 09:00:00", building="B1", channel="visit"),
    about("B", "progress-shared", "07-03 11:00:00"),
    about("B", "resolved", "07-04 09:00:00"),
    about("B", "repeated", "07-05 09:00:00"),
    complaint("C", "07-03 09:00:00", received_by="wu", building="B2"),
    about("C", "resolved", "07-03 12:00:00"),
    about("C", "repeated", "07-04 12:00:00"),
    about("C", "resolved", "07-06 09:00:00"),
    complaint("D", "07-04 09:00:00", received_by="wu"),
    about("D", "withdrawn", "07-04 15:00:00"),
    contact(1, "07-01 08:59:00"),
    contact(2, "07-02 08:00:00", staff="wu"),
    contact(3, "07-02 09:00:00"),
    contact(4, "07-02 10:00:00", "out"),
    contact(5, "07-09 10:00:00"),
    contact(6, "07-09 11:00:00"),
    said("task.set", "task/1", "07-01 09:00:00", task="visit", person="wu", due_at=at("07-03 18:00:00")),
    said("task.set", "task/2", "07-01 09:00:00", task="visit", person="wu", due_at=at("07-03 18:00:00")),
    said("task.done", "task/1", "07-03 18:00:00", task="visit", person="wu"),
    said("task.done", "task/2", "07-03 18:00:01", task="visit", person="wu"),
    said("task.set", "task/3", "07-01 09:00:00", task="letter", person="wu", due_at=at("07-30 18:00:00")),
    said("clock.ticked", "clock/tick", "07-10 09:00:00"),
]
"""Four complaints in July: settled, open again, settled again after it came back, withdrawn."""
HOUR_S = 3600


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(*in_order(JULY))
        yield made


async def figures(asked: House, period: str = "2026-07", **query: Any) -> dict[str, Any]:
    rows = (await asked.ask("/v1/service", period=period, **query))["items"]
    return {row["figure"]: row for row in rows}


async def counted(asked: House, **query: Any) -> dict[str, tuple[Any, ...]]:
    found = await figures(asked, **query)
    return {name: (row["count"], row["n"], row["value"], row["absent"]) for name, row in found.items()}


async def test_every_figure_of_a_month_is_as_counted_by_hand(asked: House) -> None:
    assert await counted(asked) == {
        "complaints": (4, 4, 4, None),
        "complaint-rate": (4, 5, 0.8, None),
        "timeliness": (1, 4, 0.25, None),
        "callback-rate": (0, 0, None, "no-data"),
        "callbacks-in-time": (0, 0, None, "no-data"),
        "settled": (2, 3, 0.6667, None),
        "first-response-median": (3, 4, 3 * HOUR_S, None),
        "first-response-p90": (3, 4, 26 * HOUR_S, None),
        "settlement-median": (2, 4, 72 * HOUR_S, None),
        "settlement-p90": (2, 4, None, "not-reached"),
        "tasks-done": (2, 3, 0.6667, None),
        "tasks-in-time": (1, 2, 0.5, None),
        "reopened": (2, 3, 0.6667, None),
        "repeated": (2, 4, 0.5, None),
    }


ONE = (None, 1, "hidden")


async def shown(asked: House, figure: str, group: str, **query: Any) -> dict[str | None, tuple[Any, ...]]:
    rows = (await asked.ask("/v1/service", period="2026-07", figure=figure, group=group, **query))["items"]
    return {row["group"]: (row["count"], row["n"], row["absent"]) for row in rows}


@pytest.mark.parametrize(
    ("figure", "group", "then"),
    [
        ("complaints", "person", {"chen": (2, 2, None), "wu": (2, 2, None)}),
        ("complaints", "team", {"north": (2, 2, None), "south": (2, 2, None)}),
        ("complaints", "channel", {"phone": (3, 3, None), "visit": (1, 1, None), None: (0, 0, None)}),
        ("complaints", "building", {"B1": (2, 2, None), "B2": (1, 1, None), None: (1, 1, None)}),
        ("repeated", "building", {"B1": (1, 2, None), "B2": ONE, None: ONE}),
        ("complaint-rate", "team", {"north": (2, 4, None), "south": (None, 1, "hidden")}),
        ("complaint-rate", "building", dict.fromkeys(("B1", "B2", None), (None, 0, "not-offered"))),
        ("timeliness", "team", {"north": (1, 2, None), "south": (0, 2, None)}),
        ("timeliness", "building", {"B1": (1, 2, None), "B2": ONE, None: ONE}),
        ("settled", "team", {"north": (1, 2, None), "south": (None, 1, "hidden")}),
    ],
)  # fmt: skip
async def test_a_figure_is_split(asked: House, figure: str, group: str, then: dict[Any, Any]) -> None:
    assert await shown(asked, figure, group) == then


async def test_what_is_hidden_gives_no_number_away(asked: House) -> None:
    rows = (await asked.ask("/v1/service", period="2026-07", figure="settled", group="person"))["items"]
    assert rows[1] == {
        "figure": "settled",
        "says": "Settlement rate",
        "formula": "settled by now / matters opened in the period and not withdrawn",
        "clauses": ["AUTO-5.2-1a", "CC03-26"],
        "unit": "share",
        "period": "2026-07",
        "group": "wu",
        "count": None,
        "n": 1,
        "value": None,
        "low": None,
        "high": None,
        "absent": "hidden",
        "few": True,
        "year_before": None,
        "period_before": None,
    }


async def test_a_share_has_its_interval_and_is_held_against_the_month_before(asked: House) -> None:
    row = (await figures(asked))["settled"]
    assert (row["low"], row["high"]) == (0.2077, 0.9385)
    assert row["period_before"] == {"period": "2026-06", "value": 1.0, "change": -0.3333, "ratio": -0.3333}
    assert row["year_before"] is None
    june = (await figures(asked, period="2026-06"))["settled"]
    assert (june["count"], june["n"], june["period_before"]) == (2, 2, None)


async def test_a_time_and_a_count_are_held_against_the_month_before(asked: House) -> None:
    found = await figures(asked)
    assert found["first-response-median"]["period_before"] == {
        "period": "2026-06",
        "value": 1.0 * HOUR_S,
        "change": 2.0 * HOUR_S,
        "ratio": 2.0,
    }
    assert found["complaints"]["period_before"]["change"] == 2
    assert found["settlement-p90"]["period_before"] is None, "nothing of today to hold against it"


@pytest.mark.parametrize(
    ("period", "count"),
    [("2026", 6), ("2026-Q3", 4), ("2026-W27", 4), ("2026-07-03", 1), ("2026-08", 0), ("2025-07", 0)],
)
async def test_a_period_is_a_day_a_week_a_month_a_quarter_or_a_year(
    asked: House, period: str, count: int
) -> None:
    assert (await figures(asked, period=period))["complaints"]["count"] == count


async def test_words_come_in_chinese_too(asked: House) -> None:
    row = (await figures(asked, lang="zh"))["settled"]
    assert (row["says"], row["formula"]) == ("办结率", "至今办结 ÷ 期内受理且未撤回")


@pytest.mark.parametrize(
    ("narrowed", "then"),
    [
        ({"person": "chen"}, 2),
        ({"team": "south"}, 2),
        ({"channel": "visit"}, 1),
        ({"building": "B1", "team": "north"}, 2),
        ({"building": "B1", "team": "south"}, 0),
        ({"kind": "repair"}, 0),
    ],
)
async def test_a_figure_is_narrowed(asked: House, narrowed: dict[str, str], then: int) -> None:
    assert (await figures(asked, **narrowed))["complaints"]["count"] == then


@pytest.mark.parametrize(
    ("figure", "then"),
    [
        ("settled", [("A", True), ("B", False), ("C", True)]),
        ("reopened", [("A", False), ("B", True), ("C", True)]),
        ("repeated", [("A", False), ("B", True), ("C", True), ("D", False)]),
        ("timeliness", [("A", True), ("B", False), ("C", False), ("D", False)]),
    ],
)
async def test_every_case_behind_a_figure_is_listed(
    asked: House, figure: str, then: list[tuple[str, bool]]
) -> None:
    rows = (await asked.ask("/v1/service/items", period="2026-07", figure=figure))["items"]
    assert [(row["case"].removeprefix("complaint/"), row["counted"]) for row in rows] == then


ALL_FIGURES = (
    "complaints", "complaint-rate", "timeliness", "settled", "first-response-median", "settlement-median",
    "tasks-done", "tasks-in-time", "reopened", "repeated",
)  # fmt: skip


@pytest.mark.parametrize("figure", ALL_FIGURES)
async def test_what_is_behind_a_figure_adds_up_to_it(asked: House, figure: str) -> None:
    told = (await figures(asked))[figure]
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await asked.ask("/v1/service/items", period="2026-07", figure=figure, limit=2, **cursor)
        rows += answer["items"]
        if answer["next"] is None:
            break
        cursor = {"cursor": answer["next"]}
    counted = sum(row["counted"] for row in rows)
    below = len(rows) - counted if figure == "complaint-rate" else len(rows)
    assert (counted, below) == (told["count"], told["n"])
    assert all(row["evidence"] for row in rows)


async def test_times_behind_a_figure_are_those_it_is_made_of(asked: House) -> None:
    rows = (await asked.ask("/v1/service/items", period="2026-07", figure="settlement-median"))["items"]
    hours = [(row["case"][-1], row["took_s"] / HOUR_S, row["counted"]) for row in rows]
    assert hours == [("A", 10, True), ("B", 192, False), ("C", 72, True), ("D", 6, False)]


async def test_groups_come_page_by_page(asked: House) -> None:
    first = await asked.ask("/v1/service", period="2026-07", group="person", limit=1)
    assert {row["group"] for row in first["items"]} == {"chen"}
    second = await asked.ask("/v1/service", period="2026-07", group="person", limit=1, cursor=first["next"])
    assert {row["group"] for row in second["items"]} == {"wu"}
    assert second["next"] is None


async def test_what_names_no_period_is_refused(asked: House) -> None:
    assert (await asked.refused("/v1/service", period="2026-13"))[0] == 400
    status, detail = await asked.refused(
        "/v1/service/items", period="2026-07", figure="timeliness", as_of="2026-07-05T00:00:00+08:00"
    )
    assert (status, detail) == (400, "as_of, known_at: timeliness is not told again; ask /v1/clocks")


async def test_as_of_an_earlier_time_what_came_later_has_not_happened(asked: House) -> None:
    then = {"as_of": "2026-07-05T00:00:00+08:00"}
    found = await counted(asked, **then)
    assert found["settled"] == (2, 3, 0.6667, None)
    assert found["reopened"] == (1, 3, 0.3333, None)
    assert found["repeated"] == (1, 4, 0.25, None)
    assert found["timeliness"] == (None, 0, None, "not-offered")


async def test_asked_as_of_now_cases_told_again_say_what_rows_say(asked: House) -> None:
    now = await figures(asked, group="team")
    again = await figures(asked, group="team", as_of="2026-07-10T09:00:00+08:00")
    of_clocks = {"timeliness", "callback-rate", "callbacks-in-time"}
    assert {name: row for name, row in again.items() if name not in of_clocks} == {
        name: row for name, row in now.items() if name not in of_clocks
    }


async def test_teams_are_listed_with_the_events_that_say_so(asked: House) -> None:
    rows = (await asked.ask("/v1/teams"))["items"]
    assert [(row["team"], row["person"], row["until"]) for row in rows] == [
        ("north", "chen", None),
        ("south", "wu", None),
    ]
    assert all(len(row["evidence"]) == 1 for row in rows)
    assert (await asked.ask("/v1/teams", as_of="2026-05-31T00:00:00+08:00"))["items"] == []
    first = await asked.ask("/v1/teams", ever=True, limit=1)
    second = await asked.ask("/v1/teams", ever=True, limit=1, cursor=first["next"])
    assert [row["person"] for row in first["items"] + second["items"]] == ["chen", "wu"]
