"""Penalty rows beyond the month: counters without a window, pay, and decided lines whose facts are gone."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from judging_builders import HEAD
from onrecord_events.envelope import New
from onrecord_services.engines import Engines
from projecting import Bench, adopted, bench, calendar, said
from test_penalty_pricing import fined

BOOK = (
    HEAD
    + fined("EVER", "papers", 'step = [{ amount = 20 }, { sanction = "resignation-urged" }]\nwindow = "ever"')
    + fined("PAY", "late", 'line = "deduction"\npay = { of = "base-pay", percent = 1 }')
)
LINES = (
    "SELECT clause, month, unit, counted_as, amount, sanction, lacks, state, adjustment "
    "FROM penalties ORDER BY at, id"
)


@pytest.fixture
async def firm(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        await made.project(calendar(), adopted(BOOK, "test"))
        yield made


def seen(act: str, code: str, when: str) -> New:
    return said("violation.observed", f"violation/{act}", when, code=code, person="li")


def retracted(act: str, when: str) -> New:
    return said("violation.retracted", f"violation/{act}", when, reason_code="mistaken")


def paid(amount: str, when: str) -> New:
    body: dict[str, Any] = {"person": "li", "pay": "base-pay", "month": "2026-06", "amount": amount}
    return said("pay.set", "pay/li", when, **body)


def decided(what: str, line: str, when: str, amount: str) -> New:
    body: dict[str, Any] = {"person": "li", "clause": "EVER", "edition": 1, "amount": amount}
    return said(f"penalty.{what}", f"penalty/{line}", when, **body)


async def test_a_counter_without_a_window_reaches_over_months_and_later_facts_move_it(firm: Bench) -> None:
    await firm.project(seen("1", "papers", "03-02 10:00:00"), seen("2", "papers", "06-02 10:00:00"))
    assert await firm.rows(LINES) == [
        ("EVER", "2026-03", "test:EVER", 1, Decimal("20.00"), None, "", "proposed", None),
        ("EVER", "2026-06", "test:EVER", 2, None, "resignation-urged", "", "proposed", None),
    ]
    await firm.project(retracted("1", "06-03 10:00:00"))
    assert await firm.rows(LINES) == [
        ("EVER", "2026-06", "test:EVER", 1, Decimal("20.00"), None, "", "proposed", None)
    ]


async def test_a_share_of_pay_follows_the_pay_on_record(firm: Bench) -> None:
    await firm.project(seen("1", "late", "06-02 10:00:00"))
    lacking = ("PAY", "2026-06", "2026-06", 0, None, None, "base-pay 2026-06", "proposed", None)
    assert await firm.rows(LINES) == [lacking]
    await firm.project(paid("4000", "06-30 10:00:00"))
    assert [row[4] for row in await firm.rows(LINES)] == [Decimal("40.00")]
    await firm.project(paid("5000", "07-01 10:00:00"), paid("6000", "07-02 10:00:00"))
    assert [row[4] for row in await firm.rows(LINES)] == [Decimal("60.00")]


async def test_a_decided_line_whose_facts_are_gone_is_owed_back(firm: Bench) -> None:
    await firm.project(seen("1", "papers", "03-02 10:00:00"))
    ((line,),) = await firm.rows("SELECT id FROM penalties")
    await firm.project(decided("approved", line, "03-05 10:00:00", "20.00"), retracted("1", "03-09 10:00:00"))
    gone = ("EVER", "2026-03", "", 0, Decimal(0), None, "", "approved", Decimal("-20.00"))
    assert await firm.rows(LINES) == [gone]
    await firm.project(decided("exported", line, "03-31 10:00:00", "20.00"))
    assert [(row[7], row[8]) for row in await firm.rows(LINES)] == [("exported", Decimal("-20.00"))]
    await firm.project(decided("reversed", line, "04-01 10:00:00", "20.00"))
    assert await firm.rows(LINES) == []


async def test_where_the_batches_are_cut_changes_no_row(engines: Engines, firm: Bench) -> None:
    columns = "id, person, month, pack, unit, state, amount, decided_amount, adjustment"
    await firm.project(seen("1", "papers", "03-02 10:00:00"))
    ((line,),) = await firm.rows("SELECT id FROM penalties")
    told = [
        seen("2", "papers", "03-03 10:00:00"),
        decided("approved", line, "03-05 10:00:00", "20.00"),
        paid("4000", "03-06 10:00:00"),
        retracted("1", "03-09 10:00:00"),
        seen("3", "late", "06-09 10:00:00"),
    ]
    for event in told:
        await firm.project(event)
    rows = await firm.rows(f"SELECT {columns} FROM penalties ORDER BY id")
    async with bench(engines) as whole:
        await whole.project(calendar(), adopted(BOOK, "test"), seen("1", "papers", "03-02 10:00:00"), *told)
        assert await whole.rows(f"SELECT {columns} FROM penalties ORDER BY id") == rows
    assert len(rows) == 3
