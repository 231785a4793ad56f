"""Figures as read models on real engines: cuts, late facts, rebuilds, rankings, and the answers over HTTP."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from asking import House, house
from check_explanation import WrongError, check_all
from kpi_builders import PROMISE, book, kpi
from onrecord_events.envelope import New
from onrecord_services.api.page import explaining
from onrecord_services.engines import Engines
from onrecord_services.projector.rebuild import rebuild
from projecting import Bench, adopted, at, bench, said

POLICY = book(
    PROMISE,
    kpi("TIMELY", of='["ANSWER"]', by='"owner"', together="true", target="1.00"),
    kpi("MEDIAN", formula='"median"', of='["ANSWER"]', together="true"),
    kpi(
        "COMPLETE",
        formula='"cases"',
        denominator='"archive.inspected"',
        numerator='"archive.inspected"',
        without='["defects"]',
        by='"consultant"',
        every='["month", "two-months"]',
    ),
    kpi("RANKS", formula='"ranks"', of='["COMPLETE"]', by='"consultant"'),
    kpi(
        "COVER",
        formula='"coverage"',
        denominator='"emergency.opened"',
        denominator_field='"affected"',
        numerator='"emergency.notified"',
        value_field='"customer"',
        by='"case"',
    ),
    kpi("SUM", formula='"sum"', numerator='"figure.recorded"', value_field='"value"'),
)
COUNTS = (
    "SELECT kpi, period, grp, above::float8, below::float8, items FROM kpi_counts "
    "WHERE kpi = %s ORDER BY period, grp"
)
LAST = "SELECT person, code, instance FROM findings WHERE code = 'bottom-ranked' ORDER BY instance"


def inspected(car: str, when: str, *, by: str = "li", defects: int = 0, recorded: str | None = None) -> New:
    found = [{"kind": "paper-missing", "papers": 1}] * defects
    return said("archive.inspected", f"archive/{car}", when, recorded=recorded, consultant=by, defects=found)


def registered(case: str, when: str, owner: str = "li") -> New:
    body = {"severity": "minor", "channel": "phone", "customer": "c", "received_by": owner}
    return said("complaint.registered", f"complaint/{case}", when, **body)


def answered(case: str, when: str, recorded: str | None = None) -> New:
    return said("complaint.answered", f"complaint/{case}", when, recorded=recorded)


def ticked(when: str) -> New:
    return said("clock.ticked", "clock/tick", when)


@pytest.fixture
async def tenant(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        await made.project(adopted(POLICY, "test", effective="2020-01-01T00:00:00+08:00"))
        yield made


@pytest.fixture
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(adopted(POLICY, "test", effective="2020-01-01T00:00:00+08:00"))
        yield made


HISTORY = [
    inspected("A", "04-01 10:00:00"),
    inspected("B", "04-02 10:00:00", by="wu", defects=1),
    registered("1", "04-03 08:00:00"),
    answered("1", "04-03 08:01:00"),
    registered("2", "04-03 09:00:00", "wu"),
    said("figure.recorded", "figure/a", "04-04 08:00:00", figure="test", value="150.5"),
    said("emergency.opened", "emergency/E", "04-05 08:00:00", affected=3),
    said("emergency.notified", "emergency/E", "04-05 09:00:00", customer="c1"),
    said("emergency.notified", "emergency/E", "04-05 09:01:00", customer="c2"),
    inspected("B", "04-06 10:00:00", by="wu"),
    answered("2", "04-06 10:00:00"),
    ticked("04-30 12:00:00"),
    inspected("C", "05-01 09:00:00", by="wu"),
]


@pytest.mark.parametrize("events_max", [1, 3, 2000])
async def test_however_the_batches_are_cut_a_rebuild_has_the_same_rows(
    tenant: Bench, events_max: int
) -> None:
    await tenant.project(*HISTORY, events_max=events_max)
    assert await tenant.rows(COUNTS, "TIMELY") == [
        ("TIMELY", "2026-04", "li", 1.0, 1.0, 1),
        ("TIMELY", "2026-04", "wu", 0.0, 1.0, 1),
    ]
    assert await tenant.rows(COUNTS, "SUM") == [("SUM", "2026-04", "", 150.5, 0.0, 1)]
    made = await rebuild(tenant.owner, tenant.writer, tenant.log)
    assert made.differing == []


async def test_a_late_inspection_moves_the_file_and_leaves_no_empty_row(tenant: Bench) -> None:
    await tenant.project(inspected("A", "05-01 00:10:00"))
    assert await tenant.rows(COUNTS, "COMPLETE") == [
        ("COMPLETE", "2026-05", "li", 1.0, 1.0, 1),
        ("COMPLETE", "2026-05..06", "li", 1.0, 1.0, 1),
    ]
    await tenant.project(inspected("A", "04-30 23:50:00", defects=1, recorded="05-01 00:20:00"))
    assert await tenant.rows(COUNTS, "COMPLETE") == [
        ("COMPLETE", "2026-03..04", "li", 0.0, 1.0, 1),
        ("COMPLETE", "2026-04", "li", 0.0, 1.0, 1),
    ]
    assert await tenant.rows("SELECT period, case_id, items FROM kpi_cases") == [("2026-04", "archive/A", 1)]


async def test_whoever_is_last_is_proposed_when_the_month_is_over_and_a_late_fact_passes_it_on(
    tenant: Bench,
) -> None:
    await tenant.project(
        inspected("A", "04-01 10:00:00"),
        inspected("B", "04-02 10:00:00", by="wu", defects=1),
        inspected("C", "04-03 10:00:00", by="wu"),
        ticked("04-30 23:59:59"),
    )
    assert await tenant.rows(LAST) == []
    await tenant.project(ticked("05-01 00:00:00"))
    assert await tenant.rows(LAST) == [("wu", "bottom-ranked", "2026-04+wu")]
    await tenant.project(
        inspected("D", "04-30 23:50:00", defects=1, recorded="05-01 00:05:00"),
        inspected("E", "04-30 23:50:00", defects=1, recorded="05-01 00:06:00"),
    )
    assert await tenant.rows(LAST) == [("li", "bottom-ranked", "2026-04+li")]
    await tenant.project(inspected("F", "04-30 23:55:00", defects=1, by="wu", recorded="05-01 00:07:00"))
    assert await tenant.rows(LAST) == []


async def test_a_new_edition_takes_the_old_figures_out_and_its_own_in(tenant: Bench) -> None:
    await tenant.project(inspected("A", "04-01 10:00:00"), inspected("B", "04-20 10:00:00", defects=1))
    second = POLICY.replace("edition = 1", "edition = 2").replace('without = ["defects"]', "")
    await tenant.project(
        said(
            "rulebook.adopted", "rulebook/test", "04-25 00:00:00", pack="test", edition=2,
            effective_at="2026-04-10T00:00:00+08:00", content=second,
        )
    )  # fmt: skip
    found = await tenant.rows(
        "SELECT edition, above::int, below::int FROM kpi_counts "
        "WHERE kpi = 'COMPLETE' AND period = '2026-04' ORDER BY edition"
    )
    assert found == [(1, 1, 1), (2, 1, 1)]


async def test_every_figure_of_a_month_over_http(asked: House) -> None:
    await asked.bench.project(*HISTORY)
    rows = (await asked.ask("/v1/kpi", period="2026-04"))["items"]
    found = [(r["kpi"], r["group"], r["numerator"], r["denominator"], r["reached"], r["last"]) for r in rows]
    assert found == [
        ("COMPLETE", "li", "1", "1", None, None),
        ("COMPLETE", "wu", "0", "1", None, None),
        ("COMPLETE", None, "1", "2", None, None),
        ("COVER", "emergency/E", "2", "3", None, None),
        ("COVER", None, "2", "3", None, None),
        ("MEDIAN", None, "262860", "2", None, None),
        ("SUM", None, "150.5", None, None, None),
        ("TIMELY", "li", "1", "1", True, None),
        ("TIMELY", "wu", "0", "1", False, None),
        ("TIMELY", None, "1", "2", False, None),
        ("RANKS", "li", "1", "1", None, False),
        ("RANKS", "wu", "2", "1", None, True),
    ]
    assert rows[0]["formula"].startswith("of the cases counted by their first archive.inspected")
    chinese = (await asked.ask("/v1/kpi", period="2026-04", kpi="TIMELY", lang="zh"))["items"]
    assert chinese[0]["formula"] == "期内到期的承诺（ANSWER）中按时完成的"
    assert chinese[0]["says"] == "一个指标。"


async def test_a_promise_whose_time_is_still_ahead_is_in_no_figure_yet(asked: House) -> None:
    await asked.bench.project(registered("1", "04-03 08:00:00"), answered("1", "04-03 08:01:00"))
    (row,) = (await asked.ask("/v1/kpi", period="2026-04", kpi="TIMELY"))["items"]
    assert (row["numerator"], row["denominator"], row["group"], row["reached"]) == ("0", "0", None, None)
    await asked.bench.project(ticked("04-04 08:00:01"))
    rows = (await asked.ask("/v1/kpi", period="2026-04", kpi="TIMELY"))["items"]
    assert [(row["group"], row["numerator"], row["denominator"]) for row in rows] == [
        ("li", "1", "1"),
        (None, "1", "1"),
    ]


async def test_what_is_behind_a_figure_page_by_page(asked: House) -> None:
    await asked.bench.project(*HISTORY)
    page = await asked.ask("/v1/kpi/items", period="2026-04", kpi="COMPLETE", limit=1)
    (first,) = page["items"]
    assert (first["case"], first["numerator"], first["denominator"], first["group"]) == (
        "archive/A",
        "1",
        "1",
        "li",
    )
    assert len(first["evidence"]) == 1
    rest = await asked.ask("/v1/kpi/items", period="2026-04", kpi="COMPLETE", limit=1, cursor=page["next"])
    assert [(row["case"], row["numerator"]) for row in rest["items"]] == [("archive/B", "0")]
    clocks = (await asked.ask("/v1/kpi/items", period="2026-04", kpi="TIMELY"))["items"]
    assert [(row["case"], row["numerator"], row["group"]) for row in clocks] == [
        ("complaint/1", "1", "li"),
        ("complaint/2", "0", "wu"),
    ]


async def pages(asked: House, path: str, **query: str | int) -> list[dict[str, Any]]:
    """Everything, page by page."""
    answer = await asked.ask(path, **query)
    found: list[dict[str, Any]] = answer["items"]
    while answer["next"]:
        answer = await asked.ask(path, cursor=answer["next"], **query)
        found += answer["items"]
    return found


@pytest.mark.parametrize("when", [{}, {"known_at": at("05-01 09:00:00").isoformat()}], ids=["now", "then"])
@pytest.mark.parametrize("name", ["COMPLETE", "TIMELY", "MEDIAN", "COVER", "SUM", "RANKS"])
async def test_a_figure_explained_page_by_page_comes_out_of_all_pages(
    asked: House, name: str, when: dict[str, str]
) -> None:
    await asked.bench.project(*HISTORY)
    query = {"period": "2026-04", "kpi": name, **when}
    whole = (await asked.ask("/v1/kpi/explain", **query))["items"]
    parts = await pages(asked, "/v1/kpi/explain", limit=1, **query)
    check_all(whole)
    check_all(parts)
    heads = {(part["told"]["group"], part["told"]["numerator"], part["told"]["items"]) for part in parts}
    assert heads == {(one["told"]["group"], one["told"]["numerator"], one["told"]["items"]) for one in whole}
    assert [len(part["told"]["behind"]["items"]) for part in parts] == [int(name != "RANKS")] * len(parts)
    assert (
        await pages(asked, "/v1/kpi/items", limit=1, **query)
        == ((await asked.ask("/v1/kpi/items", **query))["items"])
    )


async def test_the_page_of_a_big_figure_leads_to_all_of_it(
    asked: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "ITEMS_A_PAGE", 1)
    await asked.bench.project(*HISTORY)
    path, cases = "/explain?period=2026-04&kpi=MEDIAN", list[str]()
    while path:
        text = (await asked.http.get(path)).text
        cases += re.findall(r"/case/(complaint/\w+)", text)
        link = re.search(r'href="([^"]+)" class="more"', text)
        path = f"/explain{html.unescape(link[1])}" if link else ""
    behind = (await asked.ask("/v1/kpi/items", period="2026-04", kpi="MEDIAN"))["items"]
    assert sorted(set(cases)) == sorted(row["case"] for row in behind)
    assert len(set(cases)) == 2


async def test_a_figure_of_which_a_page_is_missing_is_refused(asked: House) -> None:
    await asked.bench.project(*HISTORY)
    parts = await pages(asked, "/v1/kpi/explain", period="2026-04", kpi="MEDIAN", limit=1)
    assert [(part["told"]["first"], part["told"]["items"]) for part in parts] == [(0, 2), (1, 2)]
    with pytest.raises(WrongError, match="items"):
        check_all(parts[:1])
    with pytest.raises(WrongError, match="first"):
        check_all(parts[1:])


async def test_a_figure_of_a_longer_period_is_made_of_the_cases_of_the_shorter_ones(asked: House) -> None:
    await asked.bench.project(*HISTORY)
    found = await pages(asked, "/v1/kpi/items", period="2026-03..04", kpi="COMPLETE", limit=1)
    assert [(row["case"], row["numerator"]) for row in found] == [("archive/A", "1"), ("archive/B", "0")]
    told = (await asked.ask("/v1/kpi/explain", period="2026-03..04", kpi="COMPLETE"))["items"]
    check_all(told)
    assert [(one["told"]["group"], one["told"]["items"]) for one in told] == [("li", 1), ("wu", 1), (None, 2)]


async def test_figures_as_known_then_and_as_true_then(asked: House) -> None:
    await asked.bench.project(*HISTORY)
    then = at("04-05 12:00:00").isoformat()
    for when in ({"known_at": then}, {"as_of": then}):
        rows = (await asked.ask("/v1/kpi", period="2026-04", kpi="TIMELY", **when))["items"]
        assert [(row["group"], row["numerator"], row["denominator"]) for row in rows] == [
            ("li", "1", "1"),
            ("wu", "0", "1"),
            (None, "1", "2"),
        ]
        before = at("04-03 12:00:00").isoformat()
        none = (await asked.ask("/v1/kpi", period="2026-04", kpi="TIMELY", **dict.fromkeys(when, before)))[
            "items"
        ]
        assert [(row["group"], row["denominator"]) for row in none] == [(None, "0")]


@pytest.mark.parametrize(
    "query", [{"period": "2026-13"}, {"period": "soon"}, {"period": "2026-04", "kpi": "MOON"}]
)
async def test_a_period_or_figure_that_does_not_exist_is_refused(asked: House, query: dict[str, str]) -> None:
    status, detail = await asked.refused("/v1/kpi/items", **{"kpi": "TIMELY", **query})
    assert status == httpx.codes.BAD_REQUEST
    assert detail.startswith(("period:", "kpi:"))
