"""Duties with a window of days in the year, and duties that run from when they were done last."""

import pytest

from duty_builders import MONTHLY, WINDOW, assigned, done, duty, reading
from judging_builders import at, facts, said, story
from onrecord_projections.judging import CaseFold, Settings, evaluate
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


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        pytest.param(MONTHLY, [done("2026-03-02 09:00:00")], id="before-it-was-assigned"),
        pytest.param(WINDOW, [], id="not-done"),
        pytest.param(WINDOW, [done("2026-03-25 09:00:00")], id="while-open"),
    ],
)
def test_nothing_else_is_noted_as_early(settings: Settings, lines: list[str]) -> None:
    events = facts(assigned("2026-03-05 09:00:00"), *lines, case="duty/1")
    assert [clock.note for clock in evaluate(settings, events, at("2026-03-26 00:00:00")).clocks] == [""]


def rolling(monkeypatch: pytest.MonkeyPatch, every: str = "half-year", more: str = "") -> Settings:
    monkeypatch.setitem(READINGS, "test.rolling", Reading("fixed", "fixed|rolling", ""))
    text = f'every = "{every}"\nrolling_reading = "test.rolling"\n{more}'
    return duty(text, {"test.rolling": "rolling"})


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
        pytest.param(
            [done("2026-01-05 09:00:00")],
            "2026-01-05 09:00:00",
            "met, due 2026-07-05 23:59:59 | running, due 2026-07-05 23:59:59",
            id="done-as-it-was-assigned",
        ),
        pytest.param(
            [done("2026-01-05 09:00:00", "count=2")],
            "2026-01-05 09:00:00",
            "met, due 2026-07-05 23:59:59 | running, due 2026-07-05 23:59:59",
            id="done-twice-as-it-was-assigned",
        ),
    ],
)
def test_a_rolling_duty_runs_from_when_it_was_done_last(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], as_of: str, then: str
) -> None:
    assert story(rolling(monkeypatch), [assigned("2026-01-05 09:00:00"), *lines], as_of) == then


@pytest.mark.parametrize(
    ("every", "when", "due"),
    [
        ("day", "2026-02-28", "2026-03-01"),
        ("week", "2026-12-28", "2027-01-04"),
        ("month", "2026-01-31", "2026-02-28"),
        ("month", "2026-12-31", "2027-01-31"),
        ("two-months", "2026-12-31", "2027-02-28"),
        ("quarter", "2026-08-31", "2026-11-30"),
        ("half-year", "2026-08-31", "2027-02-28"),
        ("year", "2028-02-29", "2029-02-28"),
    ],
)
def test_a_rolling_turn_ends_on_the_same_day_or_on_the_last_of_a_shorter_month(
    monkeypatch: pytest.MonkeyPatch, every: str, when: str, due: str
) -> None:
    lines, as_of = [assigned(f"{when} 09:00:00")], f"{when} 10:00:00"
    assert story(rolling(monkeypatch, every), lines, as_of) == f"running, due {due} 23:59:59"


def test_turns_of_a_rolling_duty_are_named_by_what_started_them(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = facts(assigned("2026-01-05 09:00:00"), done("2026-06-30 23:00:00"))
    clocks = evaluate(rolling(monkeypatch), lines, at("2026-07-01 00:00:00")).clocks
    assert [clock.instance for clock in clocks] == ["example#1", "example#2"]


@pytest.mark.parametrize(
    ("lines", "then"),
    [
        ([done("2026-01-10 09:00:00")], "running, due 2026-02-05 23:59:59"),
        (
            [done("2026-01-10 09:00:00"), done("2026-01-20 09:00:00")],
            "met, due 2026-02-05 23:59:59 | running, due 2026-02-20 23:59:59",
        ),
        (
            [done("2026-01-10 09:00:00", "count=3")],
            "met, due 2026-02-05 23:59:59 | running, due 2026-02-10 23:59:59",
        ),
    ],
)
def test_a_rolling_duty_starts_anew_once_it_was_done_often_enough(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], then: str
) -> None:
    settings = rolling(monkeypatch, "month", "times = 2")
    assert story(settings, [assigned("2026-01-05 09:00:00"), *lines], "2026-01-20 10:00:00") == then


def test_a_rolling_duty_looked_at_ahead_and_back_is_still_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = CaseFold.open(rolling(monkeypatch), "duty/1")
    fold.take(facts(assigned("2026-01-05 09:00:00"), case="duty/1")[0])
    assert said(fold.at(at("2026-08-01 00:00:00"))) == "breached, due 2026-07-05 23:59:59"
    assert said(fold.at(at("2026-02-01 00:00:00"))) == "running, due 2026-07-05 23:59:59"


def test_what_was_done_of_a_rolling_duty_is_not_forgotten_by_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = CaseFold.open(rolling(monkeypatch, "month", "times = 2"), "duty/1")
    given, once, twice = facts(
        assigned("2026-01-05 09:00:00"),
        done("2026-01-05 09:00:00"),
        done("2026-01-10 09:00:00"),
        case="duty/1",
    )
    fold.take(given)
    fold.take(once)
    assert said(fold.at(at("2026-03-01 00:00:00"))) == "breached, due 2026-02-05 23:59:59"
    assert said(fold.at(at("2026-01-05 09:00:00"))) == "running, due 2026-02-05 23:59:59"
    fold.take(twice)
    then = "met, due 2026-02-05 23:59:59 | running, due 2026-02-10 23:59:59"
    assert said(fold.at(at("2026-01-10 09:00:00"))) == then


def test_a_rolling_turn_is_of_whoever_had_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        assigned("2026-01-05 09:00:00", "gao"),
        "2026-03-01 09:00:00 duty.ended",
        assigned("2026-03-02 09:00:00", "wu"),
    ]
    clocks = evaluate(rolling(monkeypatch), facts(*lines), at("2026-03-03 00:00:00")).clocks
    assert [(clock.owner, clock.state) for clock in clocks] == [("gao", "cancelled"), ("wu", "running")]


def switched(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A monthly rolling duty that is not owed from 20 April to 1 May."""
    settings = rolling(monkeypatch, "month", 'switch = { reading = "r4.roll-over", value = "on" }')
    for nth, (word, day) in enumerate((("on", "03-01"), ("off", "04-20"), ("on", "05-01"))):
        settings = reading(settings, "r4.roll-over", word, f"2026-{day}T00:00:00+08:00", 70 + nth)
    return settings


def test_what_is_done_again_while_nothing_is_owed_starts_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [assigned("2026-04-01 09:00:00"), done("2026-04-21 09:00:00"), done("2026-04-25 09:00:00")]
    clocks = evaluate(switched(monkeypatch), facts(*lines), at("2026-05-15 00:00:00")).clocks
    assert [(clock.instance, clock.started_at, clock.due_at) for clock in clocks] == [
        ("example#1", at("2026-04-01 09:00:00"), at("2026-05-01 23:59:59")),
        ("example#2", at("2026-05-01 00:00:00"), at("2026-06-01 23:59:59")),
    ]


def test_what_is_taken_up_while_nothing_is_owed_begins_when_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = CaseFold.open(switched(monkeypatch), "duty/1")
    lines = ["2026-04-25 09:00:00 duty.ended", assigned("2026-04-26 09:00:00", "wu")]
    for event in facts(assigned("2026-04-10 09:00:00"), *lines, case="duty/1"):
        fold.take(event)
    taken_up = "cancelled, due 2026-05-10 23:59:59 | running, due 2026-06-01 23:59:59"
    assert said(fold.at(at("2026-05-15 00:00:00"))) == taken_up
    assert said(fold.at(at("2026-05-10 00:00:00"))) == taken_up
    assert said(fold.at(at("2026-04-27 00:00:00"))) == "cancelled, due 2026-05-10 23:59:59"
    assert said(fold.at(at("2026-05-15 00:00:00"))) == taken_up
