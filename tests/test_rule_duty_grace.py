"""Duties that may be done after their period: days of grace, and how a tenant reads the end of a month."""

import pytest

from duty_builders import BY_THE_TENTH, assigned, done, duty, seen
from judging_builders import at, facts
from onrecord_projections.judging import evaluate
from onrecord_projections.judging.readings import READINGS, Reading


@pytest.mark.parametrize(
    ("lines", "as_of", "then"),
    [
        pytest.param(
            [done("2026-06-10 23:59:59")], "2026-06-11 00:00:00", "2026-05:met 2026-06:running", id="may"
        ),
        pytest.param(
            [done("2026-06-11 00:00:00")],
            "2026-06-11 00:00:00",
            "2026-05:breached 2026-06:running",
            id="may-late",
        ),
        pytest.param(
            [done("2026-06-05 09:00:00"), done("2026-06-06 09:00:00")],
            "2026-06-07 00:00:00",
            "2026-05:met 2026-06:met",
            id="may-is-done-so-june",
        ),
        pytest.param(
            [done("2026-07-05 09:00:00")],
            "2026-07-06 00:00:00",
            "2026-05:breached 2026-06:met 2026-07:running",
            id="one-missed-month-does-not-make-all-others-late",
        ),
        pytest.param(
            [done("2026-06-05 09:00:00", "period=2026-06")],
            "2026-06-11 00:00:00",
            "2026-05:breached 2026-06:met",
            id="named-june",
        ),
        pytest.param(
            [assigned("2026-06-20 09:00:00", "wu"), done("2026-06-25 09:00:00")],
            "2026-06-26 00:00:00",
            "2026-05:breached 2026-06:running",
            id="handed-over-and-may-is-still-the-last-that-ended",
        ),
        pytest.param(
            ["2026-06-03 09:00:00 duty.ended", done("2026-06-05 09:00:00")],
            "2026-06-11 00:00:00",
            "2026-05:cancelled 2026-06:cancelled",
            id="ended-within-the-days-of-grace",
        ),
        pytest.param(
            [
                "2026-06-03 09:00:00 duty.ended",
                assigned("2026-06-06 09:00:00", "wu"),
                done("2026-06-12 09:00:00"),
            ],
            "2026-06-13 00:00:00",
            "2026-05:breached 2026-06:met",
            id="after-a-break-an-old-breach-is-not-caught-up",
        ),
    ],
)
def test_with_days_of_grace_the_earliest_open_period_is_done_first(
    lines: list[str], as_of: str, then: str
) -> None:
    assert seen(BY_THE_TENTH, [assigned("2026-05-04 09:00:00"), *lines], as_of) == then


@pytest.mark.parametrize(
    ("text", "as_of", "due"),
    [
        ('due_after = "P1D"\ndue_measure = "working_days"', "2026-06-20 09:00:00", "2026-06-22 23:59:59"),
        ('due_after = "P2D"', "2026-06-20 09:00:00", "2026-06-23 23:59:59"),
    ],
)
def test_days_of_grace_are_working_days_or_all_days(text: str, as_of: str, due: str) -> None:
    lines = facts(assigned("2026-06-20 08:00:00"))
    (clock,) = evaluate(duty('every = "week"\n' + text), lines, at(as_of)).clocks
    assert (clock.instance, clock.due_at) == ("2026-W25", at(due))


def test_a_last_day_of_grace_that_is_a_day_of_rest_moves_on_where_the_tenant_says_so() -> None:
    lines = facts(assigned("2026-04-20 08:00:00"))
    (fixed,) = evaluate(BY_THE_TENTH, lines, at("2026-04-21 00:00:00")).clocks
    rolled = duty('every = "month"\ndue_after = "P10D"', {"r4.roll-over": "on"})
    (moved,) = evaluate(rolled, lines, at("2026-04-21 00:00:00")).clocks
    assert (fixed.due_at, moved.due_at) == (at("2026-05-10 23:59:59"), at("2026-05-11 23:59:59"))


@pytest.mark.parametrize(
    ("reading", "as_of", "due"),
    [
        ("inclusive", "2026-02-10 09:00:00", "2026-02-28 23:59:59"),
        ("before-last-day", "2026-02-10 09:00:00", "2026-02-27 23:59:59"),
        ("last-working-day", "2026-02-10 09:00:00", "2026-02-28 23:59:59"),
        ("last-working-day", "2026-05-10 09:00:00", "2026-05-29 23:59:59"),
    ],
)
def test_the_end_of_a_month_as_the_tenant_reads_it(
    monkeypatch: pytest.MonkeyPatch, reading: str, as_of: str, due: str
) -> None:
    monkeypatch.setitem(
        READINGS, "test.end", Reading("inclusive", "inclusive|before-last-day|last-working-day", "")
    )
    settings = duty('every = "month"\nmonth_end_reading = "test.end"', {"test.end": reading})
    (clock,) = evaluate(settings, facts(assigned(as_of)), at(as_of)).clocks
    assert clock.due_at == at(due)
