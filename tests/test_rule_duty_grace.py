"""Duties that may be done after their period: for which one a done counts, and until when."""

import pytest

from duty_builders import BY_THE_TENTH, assigned, done, duty, reading, resting, seen
from judging_builders import at, facts
from onrecord_projections.judging import evaluate


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
            [done("2026-06-05 09:00:00", "count=2"), done("2026-06-06 09:00:00")],
            "2026-06-07 00:00:00",
            "2026-05:met 2026-06:met",
            id="may-is-done-twice-over-so-june",
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
        pytest.param(
            [
                "2026-05-20 09:00:00 duty.ended",
                assigned("2026-06-01 00:00:00", "wu"),
                done("2026-06-12 09:00:00"),
            ],
            "2026-06-13 00:00:00",
            "2026-05:breached 2026-06:met",
            id="taken-up-as-june-begins-and-may-is-of-before",
        ),
    ],
)
def test_with_days_of_grace_the_earliest_open_period_is_done_first(
    lines: list[str], as_of: str, then: str
) -> None:
    assert seen(BY_THE_TENTH, [assigned("2026-05-04 09:00:00"), *lines], as_of) == then


@pytest.mark.parametrize(
    ("when", "then"),
    [
        ("2026-07-10 23:59:59", "2026-05:met 2026-06:running 2026-07:running"),
        ("2026-07-11 00:00:00", "2026-05:breached 2026-06:met 2026-07:running"),
    ],
)
def test_of_two_periods_in_grace_the_earlier_is_done_until_its_last_second(when: str, then: str) -> None:
    lines = [assigned("2026-05-04 09:00:00"), done(when)]
    assert seen(duty('every = "month"\ndue_after = "P40D"'), lines, "2026-07-11 00:00:00") == then


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
    ("text", "when", "due", "provisional"),
    [
        pytest.param(
            'every = "week"\ndue_after = "P3D"',
            "2026-12-22",
            "2026-12-30 23:59:59",
            False,
            id="all-published",
        ),
        pytest.param(
            'every = "week"\ndue_after = "P1D"',
            "2026-12-29",
            "2027-01-04 23:59:59",
            True,
            id="one-day-beyond",
        ),
        pytest.param(
            'every = "working-day"\ndue_after = "P1D"',
            "2026-12-31",
            "2027-01-01 23:59:59",
            True,
            id="begun-within-and-due-beyond",
        ),
    ],
)
def test_days_of_grace_that_are_not_yet_published_are_provisional(
    text: str, when: str, due: str, *, provisional: bool
) -> None:
    settings = duty(text + '\ndue_measure = "working_days"')
    lines = facts(assigned(f"{when} 09:00:00"))
    (clock,) = evaluate(settings, lines, at(f"{when} 10:00:00")).clocks
    assert (clock.due_at, clock.provisional) == (at(due), provisional)


def test_a_working_day_that_is_not_yet_published_stays_provisional_with_days_of_grace() -> None:
    lines = facts(assigned("2031-06-10 09:00:00"))
    settings = duty('every = "working-day"\ndue_after = "P2D"')
    (clock,) = evaluate(settings, lines, at("2031-06-10 10:00:00")).clocks
    assert (clock.due_at, clock.provisional) == (at("2031-06-12 23:59:59"), True)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-04-30T23:59:59+08:00", "2026-05-12 23:59:59"),
        ("2026-05-01T00:00:00+08:00", "2026-05-10 23:59:59"),
    ],
)
def test_what_holds_in_the_last_second_of_a_month_says_how_its_grace_counts(since: str, due: str) -> None:
    """10 May 2026 is a Sunday; the Monday after it is a day of rest here."""
    rolled = reading(resting(BY_THE_TENTH, "2026-05-11"), "r4.roll-over", "on", since)
    (clock,) = evaluate(rolled, facts(assigned("2026-04-20 08:00:00")), at("2026-04-21 00:00:00")).clocks
    assert clock.due_at == at(due)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-06-21T23:59:59+08:00", "2026-06-23 23:59:59"),
        ("2026-06-22T00:00:00+08:00", "2026-06-22 23:59:59"),
    ],
)
def test_what_is_known_in_the_last_second_of_a_week_says_which_days_of_grace_rest(
    since: str, due: str
) -> None:
    settings = duty('every = "week"\ndue_after = "P1D"\ndue_measure = "working_days"')
    lines = facts(assigned("2026-06-20 08:00:00"))
    (clock,) = evaluate(resting(settings, "2026-06-22", since), lines, at("2026-06-20 09:00:00")).clocks
    assert clock.due_at == at(due)
