"""Penalty lines on real engines: proposed at the breach, doubled from the second case, decided by people."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.engines import Engines
from projecting import Bench, adopted, bench, calendar, said

LINES = "SELECT case_id, month, clause, counted_as, amount, state FROM penalties ORDER BY at, id"


@pytest.fixture
async def dealer(engines: Engines) -> AsyncIterator[Bench]:
    book, text = shipped_rulebook("cc02-archive")
    async with bench(engines) as made:
        await made.project(calendar(), adopted(text, book.pack, book.edition))
        yield made


def delivered(car: str, when: str) -> New:
    return said("vehicle.delivered", f"archive/{car}", when, car=car, consultant="li")


def handed_over(car: str, when: str) -> New:
    return said("archive.handed-over", f"archive/{car}", when, by="li")


def unsigned(car: str, when: str, papers: int) -> New:
    defects = [{"kind": "user-signature-missing", "papers": papers}]
    return said("archive.inspected", f"archive/{car}", when, consultant="li", defects=defects)


def tick(when: str) -> New:
    return said("clock.ticked", "clock/tick", when)


def decided(what: str, line: str, when: str, amount: str) -> New:
    body: dict[str, Any] = {"person": "li", "clause": "CC02-E1", "edition": 2, "amount": amount}
    return said(f"penalty.{what}", f"penalty/{line}", when, **body)


async def test_the_line_stands_at_the_breach_not_at_the_hand_in(dealer: Bench) -> None:
    await dealer.project(delivered("V1", "03-13 10:00:00"), tick("03-18 23:59:59"))
    assert await dealer.rows(LINES) == []
    await dealer.project(tick("03-19 00:00:00"))
    assert await dealer.rows(LINES) == [("archive/V1", "2026-03", "CC02-E1", 1, Decimal("50.00"), "proposed")]


async def march(dealer: Bench) -> list[str]:
    """S07: a late file, two unsigned papers, another late file; the ids of the lines."""
    await dealer.project(
        delivered("A", "02-28 10:00:00"),
        delivered("B", "03-10 10:00:00"),
        handed_over("B", "03-11 10:00:00"),
        unsigned("B", "03-12 15:00:00", 2),
        delivered("C", "03-16 10:00:00"),
        tick("03-31 12:00:00"),
    )
    return [line for (line,) in await dealer.rows("SELECT id FROM penalties ORDER BY at, id")]


async def test_the_second_case_of_a_month_doubles_and_the_third_does_not_double_again(dealer: Bench) -> None:
    await march(dealer)
    assert await dealer.rows(LINES) == [
        ("archive/A", "2026-03", "CC02-E1", 1, Decimal("50.00"), "proposed"),
        ("archive/B", "2026-03", "CC02-E2", 2, Decimal("80.00"), "proposed"),
        ("archive/C", "2026-03", "CC02-E1", 3, Decimal("100.00"), "proposed"),
    ]


async def test_a_waived_case_drops_out_and_later_ones_cost_less(dealer: Bench) -> None:
    first, _, _ = await march(dealer)
    await dealer.project(decided("waived", first, "04-01 09:00:00", "50.00"))
    assert await dealer.rows(LINES) == [
        ("archive/A", "2026-03", "CC02-E1", 1, Decimal("50.00"), "waived"),
        ("archive/B", "2026-03", "CC02-E2", 1, Decimal("40.00"), "proposed"),
        ("archive/C", "2026-03", "CC02-E1", 2, Decimal("100.00"), "proposed"),
    ]


async def test_what_was_approved_stays_and_a_later_change_is_an_adjustment(dealer: Bench) -> None:
    first, second, _ = await march(dealer)
    await dealer.project(decided("approved", second, "04-01 09:00:00", "80.00"))
    await dealer.project(decided("waived", first, "04-02 09:00:00", "50.00"))
    assert await dealer.rows(
        "SELECT amount, state, decided_amount, adjustment FROM penalties WHERE id = %s", second
    ) == [(Decimal("40.00"), "approved", Decimal("80.00"), Decimal("-40.00"))]


async def test_a_late_fact_takes_the_line_back(dealer: Bench) -> None:
    await dealer.project(delivered("V1", "03-13 10:00:00"), tick("03-19 00:10:00"))
    assert len(await dealer.rows(LINES)) == 1
    await dealer.project(
        said("archive.handed-over", "archive/V1", "03-18 23:50:00", recorded="03-19 00:20:00", by="li")
    )
    # Entered on another day, but within the hour: its own time counts (R9).
    assert await dealer.rows(LINES) == []


async def test_another_reading_of_the_month_moves_the_line(dealer: Bench) -> None:
    await dealer.project(delivered("V1", "03-26 12:00:00"), tick("04-01 00:00:00"))
    assert [row[1] for row in await dealer.rows(LINES)] == ["2026-04"]
    await dealer.project(
        said(
            "reading.set",
            "setting/r6.month",
            "04-01 08:00:00",
            reading="r6.month",
            value="due",
            effective_at="2026-01-01T00:00:00+08:00",
        )
    )
    assert [row[1] for row in await dealer.rows(LINES)] == ["2026-03"]
