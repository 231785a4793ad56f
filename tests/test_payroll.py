"""A month goes to payroll on real engines: locked, within cap and floor, once, and back to the cent."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from onrecord_services.desk.answer import Answer
from onrecord_services.desk.payroll import files
from onrecord_services.desk.payroll.run import NotExported, export, month_of
from onrecord_services.engines import Engines
from penalty_desk import Office, late, office, setting, wage
from projecting import at
from reporting import book_of

D = Decimal
CHINA = ZoneInfo("Asia/Shanghai")
FLOOR = setting("payroll.floor", "2360.00")


@pytest.fixture
async def dealer(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    """Three late files of li's: 50, 100 and 100 yuan."""
    async with office(engines, tmp_path) as made:
        await made.hear(*late("V1", "V2", "V3"))
        yield made


async def ids(dealer: Office) -> list[str]:
    return [line for line, *_ in await dealer.lines()]


async def exported(
    dealer: Office, month: str, lines_max: int = 400
) -> list[tuple[str, Decimal, Decimal, str | None]]:
    """The month's export: whose line is the how-manieth, what was taken and what is carried."""

    async def ask(name: str, data: dict[str, Any]) -> Answer:
        return await dealer.ask(name, "qian", **data)

    whole = await export(ask, dealer.desk.log, dealer.reads, month, lines_max)
    await dealer.catch_up()
    known = await ids(dealer)
    return [(f"{known.index(row.line) + 1}", row.taken, row.carried, row.lacks) for row in whole.rows]


async def test_what_the_floor_leaves_goes_this_month_and_the_rest_later(dealer: Office) -> None:
    await dealer.hear(
        FLOOR, wage("2026-03", "600.00"), wage("2026-04", "2500.00"), wage("2026-05", "5000.00")
    )
    first, second, third = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    await dealer.confirmed(second, "100.00")
    assert await exported(dealer, "2026-03") == [("1", D(0), D(50), None), ("2", D(0), D(100), None)]
    april, may = await exported(dealer, "2026-04"), await exported(dealer, "2026-05")
    assert april == [("1", D(50), D(0), None), ("2", D(90), D(10), None)]
    assert may == [("2", D(10), D(0), None)]
    states = [(state, decided) for _, state, _, decided, _ in await dealer.lines()]
    assert states == [("exported", D(50)), ("exported", D(100)), ("proposed", None)]
    assert (await dealer.desk.types(f"penalty/{third}")) == []


async def test_the_floor_must_have_been_said(dealer: Office) -> None:
    with pytest.raises(NotExported, match="floor-not-set"):
        await exported(dealer, "2026-03")
    assert (await month_of(dealer.desk.log, "2026-03")).terms is None


async def test_a_decision_after_the_lock_is_refused_with_its_position_and_made_for_the_next_month(
    dealer: Office,
) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"), wage("2026-04", "9000.00"))
    first, second, _ = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    await dealer.ask("penalty.notify", "sun", line=second, month="2026-03", amount="100.00")
    assert await exported(dealer, "2026-03") == [("1", D(50), D(0), None)]
    lock = (await dealer.desk.stream("payroll/2026-03"))[0]
    seen = {"line": second, "month": "2026-03", "amount": "100.00"}
    for what in ("approve", "waive", "notify"):
        refused = await dealer.ask(f"penalty.{what}", "zhao" if what != "notify" else "sun", **seen)
        assert (refused.reason, refused.facts) == (
            "period-locked",
            {"month": "2026-03", "position": str(lock.position), "next": "2026-04"},
        )
    dealer.desk.at = at("04-20 09:00:00")
    assert (await dealer.ask("penalty.approve", "zhao", **seen | {"month": "2026-04"})).outcome == "decided"
    assert await exported(dealer, "2026-04") == [("2", D(100), D(0), None)]
    earlier = await dealer.ask("payroll.export", "qian", month="2026-02")
    assert (earlier.reason, earlier.facts) == ("later-month-locked", {"month": "2026-03"})


async def test_a_reversed_line_comes_back_to_the_cent_with_the_next_export(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"), wage("2026-04", "9000.00"))
    first, *_ = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    await exported(dealer, "2026-03")
    dropped = await dealer.ask("penalty.waive", "zhao", line=first, month="2026-04", amount="50.00")
    assert dropped.reason == "exported-already"
    back = await dealer.ask("penalty.reverse", "zhao", line=first, month="2026-04", amount="50.00")
    assert back.outcome == "decided"
    assert await exported(dealer, "2026-04") == [("1", D(-50), D(0), None)]
    assert await dealer.desk.types(f"penalty/{first}") == [
        "penalty.notified",
        "decision.relied",
        "penalty.approved",
        "decision.relied",
        "penalty.exported",
        "decision.refused",
        "penalty.reversed",
        "decision.relied",
        "penalty.settled",
    ]
    line = next(line for line in await dealer.lines() if line[0] == first)
    assert (line[1], line[3], line[4]) == ("reversed", D(0), None)
    assert await dealer.rows("SELECT * FROM penalty_open") == []


async def test_a_line_that_became_less_after_its_export_gives_the_difference_back(dealer: Office) -> None:
    """The first case is waived, so the second is no second case any more: 50 instead of 100."""
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"), wage("2026-04", "9000.00"))
    first, second, third = await ids(dealer)
    await dealer.confirmed(second, "100.00")
    await exported(dealer, "2026-03")
    for line, amount in ((first, "50.00"), (third, "100.00")):
        await dealer.ask("penalty.waive", "zhao", line=line, month="2026-04", amount=amount)
    state = next(line for line in await dealer.lines() if line[0] == second)
    assert state[1:] == ("exported", D(50), D(100), D(-50))
    less = await dealer.ask("penalty.approve", "zhao", line=second, month="2026-04", amount="50.00")
    assert less.outcome == "decided"
    assert await exported(dealer, "2026-04") == [("2", D(-50), D(0), None)]
    state = next(line for line in await dealer.lines() if line[0] == second)
    assert state[1:] == ("exported", D(50), D(50), None)


async def test_an_export_broken_off_between_its_parts_goes_on_where_it_was(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"))
    first, second, third = await ids(dealer)
    for line, amount in ((first, "50.00"), (second, "100.00"), (third, "100.00")):
        await dealer.confirmed(line, amount)
    broken = await dealer.ask("payroll.export", "qian", month="2026-03", lines=[first], last=False)
    assert [event.type for event in broken.events] == [
        "payroll.begun",
        "payroll.part-exported",
        "penalty.exported",
        "decision.relied",
    ]
    rows = await exported(dealer, "2026-03", lines_max=1)
    assert rows == [("1", D(50), D(0), None), ("2", D(100), D(0), None), ("3", D(100), D(0), None)]
    again = await exported(dealer, "2026-03")
    assert again == rows
    types = await dealer.desk.types("payroll/2026-03")
    assert types == [
        "payroll.begun",
        "payroll.part-exported",
        "decision.relied",
        *["payroll.part-exported"] * 2,
        "payroll.exported",
    ]
    for line in (first, second, third):
        assert (await dealer.desk.types(f"penalty/{line}")).count("penalty.exported") == 1


async def test_two_exports_at_once_are_one(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"))
    first, *_ = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    answers = await asyncio.gather(
        *(
            dealer.desk.ask("payroll.export", who, month="2026-03", lines=[first])
            for who in ("qian", "gao") * 3
        )
    )
    assert sorted(answer.outcome for answer in answers) == ["decided", *["refused"] * 5]
    types = await dealer.desk.types("payroll/2026-03")
    assert [kind for kind in types if not kind.startswith("decision.")] == [
        "payroll.begun",
        "payroll.part-exported",
        "payroll.exported",
    ]
    assert (await dealer.desk.types(f"penalty/{first}")).count("penalty.exported") == 1


async def test_a_lost_answer_asked_for_again_exports_nothing_twice(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"))
    first, *_ = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    asked: dict[str, Any] = {"key": "march-of-2026", "month": "2026-03", "lines": [first]}
    done = await dealer.desk.ask("payroll.export", "qian", **asked)
    again = await dealer.desk.ask("payroll.export", "qian", **asked)
    assert (again.again, again.position, len(again.events)) == (True, done.position, 5)


async def test_a_decision_and_the_export_at_once_leave_the_line_in_or_out(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"))
    first, *_ = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    waived, went = await asyncio.gather(
        dealer.desk.ask("penalty.waive", "zhao", line=first, month="2026-03", amount="50.00"),
        dealer.desk.ask("payroll.export", "qian", month="2026-03", lines=[first]),
    )
    await dealer.catch_up()
    types = await dealer.desk.types(f"penalty/{first}")
    assert went.outcome == "decided"
    assert (waived.outcome == "decided") == ("penalty.waived" in types)
    assert ("penalty.waived" in types) != ("penalty.exported" in types)


async def test_its_files_say_the_same_whenever_they_are_made_and_each_is_on_record(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"))
    first, second, _ = await ids(dealer)
    await dealer.confirmed(first, "50.00")
    await dealer.confirmed(second, "100.00")
    await exported(dealer, "2026-03")
    month = await month_of(dealer.desk.log, "2026-03")
    made = {fmt: files.write(month, "main", fmt, CHINA) for fmt in ("xlsx", "csv", "json")}
    again = await month_of(dealer.desk.log, "2026-03")
    assert made == {fmt: files.write(again, "main", fmt, CHINA) for fmt in ("xlsx", "csv", "json")}
    told = json.loads(made["json"])
    assert (told["cap_percent"], told["floor"], told["carry_over"]) == ("20", "2360.00", True)
    assert told["rows"][0] == {
        "line": first,
        "person": "li",
        "month": "2026-03",
        "clause": "CC02-E1",
        "edition": 2,
        "cites": "处罚 1",
        "currency": "CNY",
        "amount": "50.00",
        "taken": "50.00",
        "carried": "0.00",
        "lapsed": "0",
        "lacks": None,
    }
    lines = "".join(
        json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        for row in told["rows"]
    )
    assert hashlib.sha256(lines.encode()).hexdigest() == told["rows_sha256"]
    assert made["csv"].startswith("\ufeff条目编号,人员,所属月份,条款,版本,条文,币种,决定金额".encode())
    sheet = book_of(made["xlsx"]).worksheets[0]
    assert [cell.value for cell in sheet[2]][:10] == [
        first, "li", "2026-03", "CC02-E1", 2, "处罚 1", "CNY", 50, 50, 0,
    ]  # fmt: skip
    file = {
        "month": "2026-03",
        "format": "csv",
        "file_sha256": hashlib.sha256(made["csv"]).hexdigest(),
        "release": "1",
    }
    assert (await dealer.ask("payroll.hand-out", "qian", **file)).outcome == "decided"
    assert (await dealer.ask("payroll.hand-out", "qian", **file)).outcome == "unchanged"
    other = await dealer.ask("payroll.hand-out", "qian", **file | {"file_sha256": "0" * 64})
    assert other.reason == "file-differs"
    early = await dealer.ask("payroll.hand-out", "qian", **file | {"month": "2026-04"})
    assert early.reason == "not-exported"


async def test_a_line_split_between_two_goes_off_both_wages(dealer: Office) -> None:
    await dealer.hear(FLOOR, wage("2026-03", "9000.00"), wage("2026-03", "9000.00", "wang"))
    first, *_ = await ids(dealer)
    seen = {"line": first, "month": "2026-03", "amount": "50.00"}
    shares = [{"person": "li", "amount": "30.00"}, {"person": "wang", "amount": "20.00"}]
    assert (await dealer.ask("penalty.split", "zhao", **seen, shares=shares)).outcome == "decided"
    await dealer.confirmed(first, "50.00")
    assert await exported(dealer, "2026-03") == [("1", D(30), D(0), None), ("1", D(20), D(0), None)]
    month = await month_of(dealer.desk.log, "2026-03")
    assert [row.person for row in month.rows] == ["li", "wang"]
    assert await dealer.rows("SELECT * FROM penalty_open") == []
