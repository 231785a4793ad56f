"""Duties with a window of days in the year, and duties that run from when they were done last."""

import pytest

from duty_builders import WINDOW, assigned, done, duty
from judging_builders import at, facts, story
from onrecord_projections.judging import Settings, evaluate
from onrecord_projections.judging.readings import READINGS, Reading


@pytest.mark.parametrize(
    ("lines", "as_of", "then"),
    [
        pytest.param([], "2026-03-24 23:59:59", "no clock", id="not-before-it-opens"),
        pytest.param([], "2026-03-25 00:00:00", "running, due 2026-03-30 23:59:59", id="open"),
        pytest.param(
            [done("2026-03-30 23:59:59")], "2026-03-31 00:00:00", "met, due 2026-03-30 23:59:59", id="closing"
        ),
        pytest.param(
            [done("2026-03-31 00:00:00")],
            "2026-03-31 00:00:00",
            "breached, due 2026-03-30 23:59:59, late 0:00:01",
            id="a-second-late",
        ),
        pytest.param(
            ["2026-02-01 09:00:00 duty.ended", assigned("2026-03-31 09:00:00")],
            "2026-12-31 00:00:00",
            "no clock",
            id="nobody-had-it-while-it-was-open",
        ),
        pytest.param(
            [done("2026-03-28 09:00:00")],
            "2027-03-25 00:00:00",
            "met, due 2026-03-30 23:59:59 | running, due 2027-03-30 23:59:59",
            id="again-next-year",
        ),
    ],
)
def test_a_yearly_window(lines: list[str], as_of: str, then: str) -> None:
    assert story(WINDOW, [assigned("2026-01-05 09:00:00"), *lines], as_of) == then


def test_done_before_its_window_counts_and_is_noted() -> None:
    lines = [assigned("2026-01-05 09:00:00"), done("2026-03-20 09:00:00")]
    (clock,) = evaluate(WINDOW, facts(*lines), at("2026-03-25 00:00:00")).clocks
    assert (clock.state, clock.note) == ("met", "done before its window opened")


def rolling(monkeypatch: pytest.MonkeyPatch, every: str = "half-year") -> Settings:
    monkeypatch.setitem(READINGS, "test.rolling", Reading("fixed", "fixed|rolling", ""))
    return duty(f'every = "{every}"\nrolling_reading = "test.rolling"', {"test.rolling": "rolling"})


@pytest.mark.parametrize(
    ("lines", "as_of", "then"),
    [
        pytest.param(
            [done("2026-06-30 23:00:00")],
            "2026-12-31 00:00:00",
            "met, due 2026-07-05 23:59:59 | breached, due 2026-12-30 23:59:59",
            id="six-months-after-the-last",
        ),
        pytest.param([], "2027-12-31 00:00:00", "breached, due 2026-07-05 23:59:59", id="never-done"),
        pytest.param(
            [done("2026-08-01 09:00:00"), done("2026-08-01 10:00:00")],
            "2026-08-02 00:00:00",
            "breached, due 2026-07-05 23:59:59, late 26 days, 9:00:01"
            " | met, due 2027-02-01 23:59:59 | running, due 2027-02-01 23:59:59",
            id="done-twice",
        ),
        pytest.param(
            ["2026-03-01 09:00:00 duty.ended", done("2026-04-01 09:00:00"), assigned("2026-05-01 09:00:00")],
            "2026-06-01 00:00:00",
            "cancelled, due 2026-07-05 23:59:59 | running, due 2026-11-01 23:59:59",
            id="ended-and-assigned-again",
        ),
    ],
)
def test_a_rolling_duty_runs_from_when_it_was_done_last(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], as_of: str, then: str
) -> None:
    assert story(rolling(monkeypatch), [assigned("2026-01-05 09:00:00"), *lines], as_of) == then


def test_turns_of_a_rolling_duty_are_named_by_what_started_them(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = facts(assigned("2026-01-05 09:00:00"), done("2026-06-30 23:00:00"))
    clocks = evaluate(rolling(monkeypatch), lines, at("2026-07-01 00:00:00")).clocks
    assert [clock.instance for clock in clocks] == ["example#1", "example#2"]
