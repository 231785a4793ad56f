"""An export whose lines the desk finds itself: locked first, then part by part until it is whole."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from onrecord_services.desk.payroll import commands
from onrecord_services.desk.payroll.run import month_of
from onrecord_services.engines import Engines
from penalty_desk import Office, late, office, setting, wage

D = Decimal
MARCH = "2026-03"


@pytest.fixture
async def dealer(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    """Three late files of li's, 50, 100 and 100 yuan; all but the last confirmed."""
    async with office(engines, tmp_path) as made:
        floor = setting("payroll.floor", "2360.00")
        await made.hear(*late("V1", "V2", "V3"), floor, wage(MARCH, "2480.00"))
        first, second, _ = await ids(made)
        await made.confirmed(first, "50.00")
        await made.confirmed(second, "100.00")
        yield made


async def ids(dealer: Office) -> list[str]:
    return [line for line, *_ in await dealer.lines()]


async def rows_of(dealer: Office) -> list[tuple[int, Decimal, Decimal]]:
    month, known = await month_of(dealer.desk.log, MARCH), await ids(dealer)
    return [(known.index(row.line) + 1, row.taken, row.carried) for row in month.rows]


async def test_it_locks_the_month_then_takes_what_is_confirmed_then_has_nothing_left_to_do(
    dealer: Office,
) -> None:
    """The floor leaves room for 120: the first line goes whole, of the second 30 are carried over."""
    locked = await dealer.ask("payroll.export", "qian", month=MARCH)
    assert [event.type for event in locked.events] == ["payroll.begun", "decision.relied"]
    went = await dealer.ask("payroll.export", "qian", month=MARCH)
    assert [event.type for event in went.events] == [
        "payroll.part-exported",
        "payroll.exported",
        "penalty.exported",
        "penalty.exported",
    ]
    assert await rows_of(dealer) == [(1, D(50), D(0)), (2, D(70), D(30))]
    assert (await dealer.ask("payroll.export", "qian", month=MARCH)).outcome == "unchanged"


async def test_many_lines_go_part_by_part_and_what_is_carried_over_is_not_found_again(
    dealer: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "LINES_MAX", 1)
    outcomes = [(await dealer.ask("payroll.export", "qian", month=MARCH)) for _ in range(4)]
    assert [answer.outcome for answer in outcomes] == ["decided"] * 3 + ["unchanged"]
    assert await rows_of(dealer) == [(1, D(50), D(0)), (2, D(70), D(30))]
    month = await month_of(dealer.desk.log, MARCH)
    assert (month.parts, month.whole is not None) == (2, True)


async def test_a_part_of_too_many_events_is_made_smaller(
    dealer: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "EVENTS_MAX", 1)
    for _ in range(3):
        assert (await dealer.ask("payroll.export", "qian", month=MARCH)).outcome == "decided"
    month = await month_of(dealer.desk.log, MARCH)
    assert (month.parts, month.whole is not None, len(month.rows)) == (2, True, 2)


async def test_as_long_as_the_rows_lag_behind_the_lock_nothing_is_taken(dealer: Office) -> None:
    """What was confirmed just before the lock might not be found yet."""
    await dealer.desk.ask("payroll.export", "qian", month=MARCH)
    early = await dealer.desk.ask("payroll.export", "qian", month=MARCH)
    assert (early.outcome, early.reason) == ("refused", "not-projected")
    await dealer.catch_up()
    assert (await dealer.ask("payroll.export", "qian", month=MARCH)).outcome == "decided"
    assert len(await rows_of(dealer)) == 2


async def test_the_streams_have_the_last_word_on_what_the_rows_say(dealer: Office) -> None:
    """To the rows the third line is open too; nobody confirmed it."""
    third = (await ids(dealer))[2]
    await dealer.ask("payroll.export", "qian", month=MARCH)
    await dealer.rows(f"INSERT INTO penalty_open VALUES ('{third}', '2026-03') RETURNING line_id")
    await dealer.ask("payroll.export", "qian", month=MARCH)
    assert [nth for nth, *_ in await rows_of(dealer)] == [1, 2]


async def test_the_same_request_again_is_answered_with_all_that_came_of_it(dealer: Office) -> None:
    await dealer.ask("payroll.export", "qian", month=MARCH)
    went = await dealer.ask("payroll.export", "qian", key="march-part-1", month=MARCH)
    again = await dealer.ask("payroll.export", "qian", key="march-part-1", month=MARCH)
    assert again.again
    assert (again.position, again.events) == (went.position, went.events)


async def test_none_at_all_is_another_word_than_none_named(dealer: Office) -> None:
    """With an empty list the month is sealed as it is; what was confirmed goes with the next."""
    await dealer.ask("payroll.export", "qian", month=MARCH, lines=[])
    month = await month_of(dealer.desk.log, MARCH)
    assert (month.rows, month.whole is not None) == ((), True)
