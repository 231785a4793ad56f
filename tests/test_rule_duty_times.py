"""Duties owed several times a period: what counts as how often, and what is short."""

from datetime import timedelta

import pytest

from duty_builders import assigned, done, duty, seen
from judging_builders import at, facts
from onrecord_projections.judging import evaluate


@pytest.mark.parametrize(
    ("counts", "state", "short"),
    [((1,), "breached", 3), ((2, 1), "breached", 1), ((1, 3), "met", None), ((5,), "met", None)],
)
def test_four_a_month_may_be_done_in_several_goes(
    counts: tuple[int, ...], state: str, short: int | None
) -> None:
    settings = duty('every = "month"\ntimes = 4\neach_short = true')
    goes = [done(f"2026-06-1{nth} 09:00:00", f"count={count}") for nth, count in enumerate(counts)]
    verdict = evaluate(settings, facts(assigned("2026-06-01 09:00:00"), *goes), at("2026-07-01 00:00:00"))
    assert (verdict.clocks[0].state, verdict.clocks[0].evidence) == (state, tuple(range(1, len(goes) + 2)))
    assert [finding.quantity for finding in verdict.findings] == ([short] if short else [])


@pytest.mark.parametrize(
    ("goes", "state"), [([], "breached"), (["10"], "breached"), (["10", "10"], "met"), (["10", "20"], "met")]
)
def test_what_says_no_number_was_done_once(goes: list[str], state: str) -> None:
    lines = [assigned("2026-06-01 09:00:00"), *(done(f"2026-06-{day} 09:00:00") for day in goes)]
    twice = duty('every = "month"\ntimes = 2')
    assert seen(twice, lines, "2026-07-01 00:00:00") == f"2026-06:{state} 2026-07:running"


def test_what_was_short_when_it_fell_due_stays_short_when_the_rest_comes_late() -> None:
    settings = duty('every = "month"\ntimes = 4\neach_short = true')
    goes = [
        done("2026-06-11 09:00:00", "count=3"),
        done("2026-07-02 09:00:00", "count=2 period=2026-06"),
    ]
    verdict = evaluate(settings, facts(assigned("2026-06-01 09:00:00"), *goes), at("2026-07-03 00:00:00"))
    assert [finding.quantity for finding in verdict.findings] == [1]
    assert verdict.clocks[0].overrun == timedelta(days=1, hours=9, seconds=1)


@pytest.mark.parametrize(("second", "short"), [("2026-06-30 23:59:59", 1), ("2026-07-01 00:00:00", 4)])
def test_what_is_done_in_the_last_second_is_not_short(second: str, short: int) -> None:
    settings = duty('every = "month"\ntimes = 4\neach_short = true')
    lines = [assigned("2026-06-01 09:00:00"), done(second, "count=3 period=2026-06")]
    verdict = evaluate(settings, facts(*lines), at("2026-07-01 00:00:00"))
    assert [finding.quantity for finding in verdict.findings] == [short]


def test_without_each_short_a_breach_counts_once() -> None:
    verdict = evaluate(
        duty('every = "month"\ntimes = 4'), facts(assigned("2026-06-01 09:00:00")), at("2026-07-01 00:00:00")
    )
    assert [finding.quantity for finding in verdict.findings] == [1]
