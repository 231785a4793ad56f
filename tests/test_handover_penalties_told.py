"""A penalty that went with its case, on real engines: rows, answers, explanations, payroll."""

import copy
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asking import House, house
from check_explanation import WrongError, check, refigure
from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.payroll.run import export
from onrecord_services.engines import Engines
from onrecord_services.projector.rebuild import rebuild
from penalty_desk import office, setting, wage
from projecting import adopted, calendar, said

D = Decimal
BEFORE, AFTER = "2026-03-19T12:00:00+08:00", "2026-03-19T20:00:00+08:00"


def car(name: str, *, taken: str = "03-17 10:00:00", told: str | None = None) -> list[New]:
    """Due on the 18th: li had the file four of the six days until it was handed in, and wang two."""
    stream = f"archive/{name}"
    moved = said("handover.accepted", stream, taken, recorded=told, giver="li", taker="wang")
    events = [
        said("vehicle.delivered", stream, "03-13 10:00:00", car=name, consultant="li"),
        moved,
        said("archive.handed-over", stream, "03-19 10:00:00", by="wang"),
    ]
    return sorted(events, key=lambda new: (new.recorded_at or new.occurred_at, new.type))


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    """One hand-over that was known at once, and one that was told of in the evening."""
    async with house(engines) as made:
        book = adopted(shipped_rulebook("cc02-archive")[1], "cc02-archive")
        shared = setting("handover.penalty", "proportional")
        told = [*car("A"), *car("B", taken="03-19 09:00:00", told="03-19 18:00:00")]
        told.sort(key=lambda new: new.recorded_at or new.occurred_at)
        await made.bench.project(calendar(), book, _early(shared), *told, events_max=1)
        yield made


def _early(new: New) -> New:
    return said("reading.set", new.stream, "03-01 00:00:00", **dict(new.data))


async def lines(asked: House, **query: Any) -> list[tuple[str, str, str, str]]:
    found = (await asked.ask("/v1/penalties", month="2026-03", **query))["items"]
    return [(one["case"], one["person"], one["clause"], one["amount"]) for one in found]


async def test_each_line_stands_with_whoever_bears_it_and_its_case_counts_for_both(asked: House) -> None:
    """File B was li's for all but an hour; it is the second case of both (CC02-E6a doubles it)."""
    assert await lines(asked, person="wang") == [
        ("archive/A", "wang", "CC02-E1", "16.67"),
        ("archive/B", "wang", "CC02-E1", "0.70"),
    ]
    assert await lines(asked, person="li") == [
        ("archive/A", "li", "CC02-E1", "33.33"),
        ("archive/B", "li", "CC02-E1", "99.30"),
    ]


async def test_a_hand_over_told_of_late_moves_the_line_and_what_was_known_stays_known(asked: House) -> None:
    assert await lines(asked, case="archive/B", known_at=BEFORE) == [("archive/B", "li", "CC02-E1", "100.00")]
    assert sorted(await lines(asked, case="archive/B", known_at=AFTER)) == [
        ("archive/B", "li", "CC02-E1", "99.30"),
        ("archive/B", "wang", "CC02-E1", "0.70"),
    ]


async def everything(asked: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in (await asked.ask("/v1/penalties", limit=200))["items"]:
        found += (await asked.ask(f"/v1/penalties/{line['id']}/explain"))["items"]
    for clock in (await asked.ask("/v1/clocks", limit=200))["items"]:
        named = {name: clock[name] for name in ("case", "clause", "instance")}
        found += (await asked.ask("/v1/clocks/explain", **named))["items"]
    return found


async def test_every_explanation_tells_the_hands_and_comes_out_again(asked: House) -> None:
    told = await everything(asked)
    for one in told:
        check(one)
    lines_told = [one for one in told if one["kind"] == "penalty"]
    assert len(lines_told) == 4
    for one in lines_told:
        assert [hand["person"] for hand in one["told"]["clock"]["hands"]] == ["li", "wang"]
        assert "handover.accepted" in {event["type"] for event in one["events"]}
        assert {"handover.penalty": "proportional"}.items() <= {
            setting["name"]: setting["value"] for setting in one["told"]["line"]["settings"]
        }.items()


@pytest.mark.parametrize("moved", ["bearer", "seconds", "hand", "policy", "at-limit"])
async def test_an_explanation_with_another_bearer_is_refused(asked: House, moved: str) -> None:
    (line,) = (await asked.ask("/v1/penalties", person="wang", case="archive/A"))["items"]
    (told,) = (await asked.ask(f"/v1/penalties/{line['id']}/explain"))["items"]
    changed = copy.deepcopy(told)
    of, cause = changed["told"]["line"], changed["told"]["line"]["line"]["cause"]
    match moved:
        case "bearer":
            of["line"]["person"] = cause["person"] = "sun"
        case "seconds":
            cause["parts"] = [cause["parts"][0] - 1, cause["parts"][1] + 1]
        case "hand":
            changed["told"]["clock"]["hands"][1]["since"] = "2026-03-17T11:00:00+08:00"
        case "policy":
            for one in of["settings"]:
                one["value"] = "at-breach" if one["name"] == "handover.penalty" else one["value"]
        case _:
            cause["at_limit"] = "li"
    refigure(told)
    with pytest.raises((WrongError, KeyError)):
        refigure(changed)


async def test_a_rebuild_makes_the_same_rows(asked: House) -> None:
    """One event a batch before, all in one now."""
    made = await rebuild(asked.bench.owner, asked.bench.writer, asked.bench.log)
    assert made.differing == []
    asked.bench.name = made.switched_to or ""


async def test_both_lines_go_through_payroll_each_off_its_own_wage(engines: Engines, tmp_path: Path) -> None:
    async with office(engines, tmp_path) as dealer:
        await dealer.hear(
            *car("A"),
            setting("handover.penalty", "proportional"),
            setting("payroll.floor", "2360.00"),
            wage("2026-03", "9000.00"),
            wage("2026-03", "8000.00", person="wang"),
        )
        named = await dealer.rows("SELECT id, person, amount FROM penalties ORDER BY person")
        assert [(person, amount) for _, person, amount in named] == [("li", D("33.33")), ("wang", D("16.67"))]
        for line, _, amount in named:
            await dealer.confirmed(line, str(amount))

        async def ask(name: str, data: dict[str, Any]) -> Answer:
            return await dealer.ask(name, "qian", **data)

        whole = await export(ask, dealer.desk.log, dealer.reads, "2026-03")
        assert [(row.person, row.taken, row.carried) for row in whole.rows] == [
            ("li", D("33.33"), D(0)),
            ("wang", D("16.67"), D(0)),
        ]
