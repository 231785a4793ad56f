"""Periods: days, weeks, months and years by name, and which days lie in them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord_projections.judging.clauses.duty import Every, every_of
from onrecord_projections.judging.duties.periods import Period, later, period_named, period_on

DAYS = st.dates(date(1900, 1, 1), date(2190, 1, 1))
LENGTHS: list[Every] = ["day", "week", "month", "two-months", "quarter", "half-year", "year"]


@pytest.mark.parametrize(
    ("every", "day", "name", "first", "last"),
    [
        ("day", "2026-06-12", "2026-06-12", "2026-06-12", "2026-06-12"),
        ("working-day", "2026-06-12", "2026-06-12", "2026-06-12", "2026-06-12"),
        ("week", "2026-06-12", "2026-W24", "2026-06-08", "2026-06-14"),
        ("week", "2027-01-03", "2026-W53", "2026-12-28", "2027-01-03"),
        ("week", "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"),
        ("month", "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"),
        ("month", "2026-12-31", "2026-12", "2026-12-01", "2026-12-31"),
        ("two-months", "2026-08-31", "2026-M07-08", "2026-07-01", "2026-08-31"),
        ("two-months", "2026-01-01", "2026-M01-02", "2026-01-01", "2026-02-28"),
        ("quarter", "2026-05-01", "2026-Q2", "2026-04-01", "2026-06-30"),
        ("half-year", "2026-06-30", "2026-H1", "2026-01-01", "2026-06-30"),
        ("half-year", "2026-07-01", "2026-H2", "2026-07-01", "2026-12-31"),
        ("year", "2026-07-01", "2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_day_lies_in_one_period_of_each_length(
    every: Every, day: str, name: str, first: str, last: str
) -> None:
    expected = Period(name, date.fromisoformat(first), date.fromisoformat(last))
    assert period_on(every, date.fromisoformat(day)) == expected


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2026-06-12", "2026-06-12", "2026-06-12"),
    ],
)
def test_a_name_means_its_days(name: str, first: str, last: str) -> None:
    assert period_named(name) == Period(name, date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("name", ["", "june", "2026-13", "2026-02-30", "2025-W53", "2026-H3", "2026-M07-08"])
def test_a_name_that_means_no_days_is_none(name: str) -> None:
    assert period_named(name) is None


@pytest.mark.parametrize(
    ("every", "day", "then"),
    [
        ("day", "2026-12-31", "2027-01-01"),
        ("week", "2026-06-12", "2026-06-19"),
        ("month", "2026-01-31", "2026-02-28"),
        ("two-months", "2026-12-31", "2027-02-28"),
        ("quarter", "2026-11-30", "2027-02-28"),
        ("half-year", "2026-06-30", "2026-12-30"),
        ("year", "2024-02-29", "2025-02-28"),
    ],
)
def test_a_period_later_is_the_corresponding_day(every: Every, day: str, then: str) -> None:
    assert later(every, date.fromisoformat(day)) == date.fromisoformat(then)


@pytest.mark.parametrize(
    ("said", "every"),
    [
        ("quarter", "quarter"),
        ("two-months", "two-months"),
        ("working-day", "working-day"),
        ("1 day", "day"),
        ("1 working day", "working-day"),
        ("7 days", "week"),
        ("1 month", "month"),
        ("3 months", "quarter"),
        ("6 months", "half-year"),
        ("12 months", "year"),
        ("1 year", "year"),
        ("4 months", None),
        ("PT4H", None),
        ("P1D", None),
        ("often", None),
    ],
)
def test_a_tenant_names_a_period_in_words(said: str, every: Every | None) -> None:
    assert every_of(said) == every


@given(st.sampled_from(LENGTHS), DAYS)
def test_periods_follow_each_other_without_a_gap(every: Every, day: date) -> None:
    period = period_on(every, day)
    assert period.first <= day <= period.last
    assert {period_on(every, period.first), period_on(every, period.last)} == {period}
    after = period_on(every, period.last + timedelta(days=1))
    assert after.first == period.last + timedelta(days=1)
    assert after.name > period.name


@given(st.sampled_from(LENGTHS), DAYS)
def test_every_period_but_two_months_is_known_by_its_name(every: Every, day: date) -> None:
    period = period_on(every, day)
    assert period_named(period.name) == (None if every == "two-months" else period)
