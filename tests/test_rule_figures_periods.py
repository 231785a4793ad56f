"""Periods of figures: of which others they are made up, and where the calendar ends."""

import pytest

from onrecord_projections.judging.clauses.kpi import Every
from onrecord_projections.judging.figures.periods import days_of, finest, parts_of


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (["month"], ["month"]),
        (["month", "month"], ["month"]),
        (["year", "month", "quarter"], ["month"]),
        (["half-year", "quarter"], ["quarter"]),
        (["two-months", "quarter", "year"], ["two-months", "quarter"]),
        (["week", "month"], ["week", "month"]),
        (["week", "year", "day"], ["day"]),
    ],
)
def test_only_periods_that_no_others_make_up_are_kept(asked: list[Every], kept: list[Every]) -> None:
    assert list(finest(asked)) == kept


@pytest.mark.parametrize(
    ("period", "every", "parts"),
    [
        ("2026-06", ["month"], ["2026-06"]),
        ("2026-Q2", ["quarter", "month"], ["2026-04", "2026-05", "2026-06"]),
        ("2026", ["half-year", "year"], ["2026-H1", "2026-H2"]),
        ("2026-H2", ["two-months", "half-year"], ["2026-07..08", "2026-09..10", "2026-11..12"]),
        ("2026-Q4", ["two-months", "quarter"], ["2026-Q4"]),
        ("2026-W53", ["week", "month"], ["2026-W53"]),
        (
            "2026-W53",
            ["day", "week"],
            [
                "2026-12-28",
                "2026-12-29",
                "2026-12-30",
                "2026-12-31",
                "2027-01-01",
                "2027-01-02",
                "2027-01-03",
            ],
        ),
    ],
)
def test_a_period_is_made_up_of_what_is_kept(period: str, every: list[Every], parts: list[str]) -> None:
    assert parts_of(period, every) == parts


def test_the_last_months_of_the_calendar_have_ends() -> None:
    november, december = days_of("9999-11"), days_of("9999-12")
    assert [str(day) for day in november[:2]] == ["9999-11-01", "9999-12-01"]
    assert [str(day) for day in december[:2]] == ["9999-12-01", "9999-12-31"]
