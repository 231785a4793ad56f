"""Duties: what is owed again and again, until when, and what it was when it was not done."""

import re
from datetime import timedelta

import pytest

from duty_builders import DAILY, MONDAYS, MONTHLY, WORKING, assigned, done, duty, named, seen
from judging_builders import at, facts
from onrecord_projections.judging import CaseFold, Settings, evaluate
from onrecord_projections.judging.faults import RulebookError


@pytest.mark.parametrize(
    ("every", "as_of", "instance", "due"),
    [
        ("day", "2026-06-12 10:00:00", "2026-06-12", "2026-06-12 23:59:59"),
        ("working-day", "2026-06-12 10:00:00", "2026-06-12", "2026-06-12 23:59:59"),
        ("week", "2026-06-12 10:00:00", "2026-W24", "2026-06-14 23:59:59"),
        ("month", "2026-06-12 10:00:00", "2026-06", "2026-06-30 23:59:59"),
        ("two-months", "2026-06-12 10:00:00", "2026-M05-06", "2026-06-30 23:59:59"),
        ("quarter", "2026-06-12 10:00:00", "2026-Q2", "2026-06-30 23:59:59"),
        ("half-year", "2026-06-12 10:00:00", "2026-H1", "2026-06-30 23:59:59"),
        ("year", "2026-06-12 10:00:00", "2026", "2026-12-31 23:59:59"),
    ],
)
def test_a_duty_is_due_at_the_end_of_its_period(every: str, as_of: str, instance: str, due: str) -> None:
    (clock,) = evaluate(duty(f'every = "{every}"'), facts(assigned("2026-06-12 09:00:00")), at(as_of)).clocks
    assert (clock.instance, clock.due_at, clock.started_at) == (instance, at(due), at("2026-06-12 09:00:00"))
    assert (clock.state, clock.kind, clock.owner, clock.provisional) == ("running", "recurring", "gao", False)


@pytest.mark.parametrize(
    ("settings", "lines", "as_of", "then"),
    [
        pytest.param(
            DAILY,
            [assigned("2026-06-10 09:00:00"), done("2026-06-10 23:59:59"), done("2026-06-12 00:00:00")],
            "2026-06-12 08:00:00",
            "2026-06-10:met 2026-06-11:breached 2026-06-12:met",
            id="a-second-after-midnight-is-the-next-day",
        ),
        pytest.param(
            DAILY,
            [assigned("2026-06-10 09:00:00"), done("2026-06-12 07:00:00", "period=2026-06-11")],
            "2026-06-12 08:00:00",
            "2026-06-10:breached 2026-06-11:breached 2026-06-12:running",
            id="late-for-the-day-it-names",
        ),
        pytest.param(
            DAILY,
            [assigned("2026-06-10 09:00:00"), done("2026-06-10 12:00:00", "complete=false")],
            "2026-06-11 00:00:00",
            "2026-06-10:breached 2026-06-11:running",
            id="incomplete-is-not-done",
        ),
        pytest.param(
            WORKING,
            [assigned("2026-05-08 09:00:00"), done("2026-05-09 20:00:00"), done("2026-05-10 10:00:00")],
            "2026-05-11 00:00:00",
            "2026-05-08:breached 2026-05-09:met 2026-05-11:running",
            id="the-make-up-saturday-counts-and-the-sunday-does-not",
        ),
        pytest.param(
            WORKING,
            [assigned("2026-02-14 09:00:00")],
            "2026-02-23 23:00:00",
            "2026-02-14:breached",
            id="nothing-in-spring-festival",
        ),
        pytest.param(
            MONTHLY,
            [assigned("2026-06-10 09:00:00"), done("2026-06-12 09:00:00", "period=2026-06-12")],
            "2026-06-30 00:00:00",
            "2026-06:met",
            id="a-finer-name-lies-in-the-period",
        ),
        pytest.param(
            MONTHLY,
            [assigned("2026-06-10 09:00:00"), done("2026-06-12 09:00:00", "period=2026")],
            "2026-06-30 00:00:00",
            "2026-06:running",
            id="a-wider-name-is-no-month-s",
        ),
        pytest.param(
            MONTHLY,
            [assigned("2026-06-10 09:00:00"), done("2026-06-02 09:00:00")],
            "2026-06-30 00:00:00",
            "2026-06:met",
            id="done-before-it-was-assigned",
        ),
        pytest.param(
            duty('every = "two-months"'),
            [assigned("2026-07-10 09:00:00"), done("2026-09-02 09:00:00", "period=2026-08")],
            "2026-09-03 00:00:00",
            "2026-M07-08:breached 2026-M09-10:running",
            id="two-months-are-named-by-one-of-them",
        ),
        pytest.param(
            MONDAYS,
            [assigned("2026-06-08 09:00:00"), done("2026-06-08 23:59:59"), done("2026-06-16 00:00:00")],
            "2026-06-16 12:00:00",
            "2026-W24:met 2026-W25:breached",
            id="by-the-end-of-monday",
        ),
        pytest.param(
            MONDAYS,
            [assigned("2026-06-10 09:00:00")],
            "2026-06-14 23:59:59",
            "",
            id="assigned-after-monday-owes-nothing-that-week",
        ),
    ],
)
def test_what_is_done_belongs_to_a_period(
    settings: Settings, lines: list[str], as_of: str, then: str
) -> None:
    assert seen(settings, lines, as_of) == then


@pytest.mark.parametrize(
    ("every", "name", "begins", "clock"),
    [
        ("day", "2026-06-12", "2026-06-12", "2026-06-12"),
        ("week", "2026-W24", "2026-06-08", "2026-W24"),
        ("month", "2026-06", "2026-06-01", "2026-06"),
        ("month", "2026-W24", "2026-06-08", "2026-06"),
        ("two-months", "2026-08", "2026-08-01", "2026-M07-08"),
        ("quarter", "2026-Q3", "2026-07-01", "2026-Q3"),
        ("quarter", "2026-09", "2026-09-01", "2026-Q3"),
        ("half-year", "2026-Q4", "2026-10-01", "2026-H2"),
        ("half-year", "2026-H2", "2026-07-01", "2026-H2"),
        ("year", "2026-H2", "2026-07-01", "2026"),
        ("year", "2026", "2026-01-01", "2026"),
    ],
)
def test_what_is_done_is_for_the_period_it_names_or_the_one_that_lies_in(
    every: str, name: str, begins: str, clock: str
) -> None:
    lines = facts(assigned(f"{begins} 09:00:00"), done("2027-03-01 09:00:00", f"period={name}"))
    clocks = evaluate(duty(f'every = "{every}"'), lines, at("2027-03-01 09:00:00")).clocks
    assert [one.instance for one in clocks if one.stopped_at] == [clock]


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("about=2026-06", "2026-06"),
        ("about=2026-07-03", "2026-07"),
        ("about=2026-13", "2026-07"),
        ("about=2026-W54", "2026-07"),
        ("about=soon", "2026-07"),
        ("period=2026-06", "2026-07"),
    ],
)
def test_the_field_its_clause_names_says_which_period_was_done_or_else_the_time(
    words: str, period: str
) -> None:
    lines = facts(assigned("2026-06-10 09:00:00"), done("2026-07-05 09:00:00", words))
    clocks = evaluate(
        duty('every = "month"\nperiod_field = "about"'), lines, at("2026-07-05 09:00:00")
    ).clocks
    assert [clock.instance for clock in clocks if clock.stopped_at] == [period]


def test_done_again_moves_nothing() -> None:
    lines = facts(assigned("2026-06-10 09:00:00"), done("2026-06-11 09:00:00"), done("2026-06-12 09:00:00"))
    (clock,) = evaluate(MONTHLY, lines, at("2026-06-13 00:00:00")).clocks
    assert (clock.stopped_at, clock.evidence) == (at("2026-06-11 09:00:00"), (1, 2))


def test_what_is_done_late_moves_its_own_period_and_no_other() -> None:
    events = facts(
        assigned("2026-05-04 09:00:00"),
        done("2026-07-05 09:00:00", "period=2026-05"),
        done("2026-07-06 09:00:00", "period=2026-06"),
        case="duty/1",
    )
    fold = CaseFold.open(MONTHLY, "duty/1")
    may, june = timedelta(days=34, hours=9, seconds=1), timedelta(days=5, hours=9, seconds=1)
    overruns: list[list[timedelta | None]] = [[None, None, None], [may, None, None], [may, june, None]]
    for event, late in zip(events, overruns, strict=True):
        fold.take(event)
        verdict = fold.at(at("2026-07-06 12:00:00"))
        assert named(verdict) == "2026-05:breached 2026-06:breached 2026-07:running"
        assert [clock.overrun for clock in verdict.clocks] == late
        assert [finding.instance for finding in verdict.findings] == ["2026-05", "2026-06"]


def test_what_is_done_once_more_for_a_period_that_was_met_takes_no_other_breach_away() -> None:
    lines = [
        assigned("2026-05-04 09:00:00"),
        done("2026-05-05 09:00:00"),
        done("2026-07-05 09:00:00", "period=2026-05"),
    ]
    fold = CaseFold.open(MONTHLY, "duty/1")
    for event in facts(*lines, case="duty/1"):
        fold.take(event)
        found = fold.at(at("2026-07-05 09:00:00")).findings
    assert [finding.instance for finding in found] == ["2026-06"]


def test_a_cancelled_turn_rests_on_what_was_done_until_then() -> None:
    lines = [
        assigned("2026-06-10 09:00:00"),
        done("2026-06-11 09:00:00"),
        "2026-06-12 09:00:00 duty.ended",
        done("2026-06-13 09:00:00"),
    ]
    (clock,) = evaluate(duty('every = "month"\ntimes = 2'), facts(*lines), at("2026-06-14 00:00:00")).clocks
    assert (clock.state, clock.stopped_at, clock.evidence) == (
        "cancelled",
        at("2026-06-12 09:00:00"),
        (1, 2, 3),
    )


def test_a_breach_is_a_finding_of_whoever_owed_it_a_second_after_it_was_due() -> None:
    verdict = evaluate(DAILY, facts(assigned("2026-06-10 09:00:00")), at("2026-06-11 08:00:00"))
    (finding,) = verdict.findings
    assert (finding.clause, finding.code, finding.instance) == ("D-1", "breach", "2026-06-10")
    assert (finding.person, finding.at, finding.due_at) == (
        "gao",
        at("2026-06-11 00:00:00"),
        at("2026-06-10 23:59:59"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('every = "month"\nwindow = { opens = "03-25", closes = "03-30" }', "yearly duty"),
        ('every = "year"\nwindow = { opens = "03-30", closes = "03-25" }', "before it closes"),
        ('every = "year"\nwindow = { opens = "02-01", closes = "02-29" }', "no day that every year has"),
        ('every = "month"\nweekday = "mon"', "weekly duty"),
        ('every = "month"\nsuggested = "week"', "tenant's number"),
        ('every = "working-day"\nrolling_reading = "r4.roll-over"', "from any day"),
        ('every = "week"\nweekday = "mon"\ndue_after = "P1D"', "in one way"),
        ('every = "month"\ndue_after = "PT10H"', "whole ones only"),
        ('every = "fortnight"', "every.literal"),
        ("times = 0", "greater than or equal to 1"),
    ],
)
def test_a_duty_that_cannot_be_is_refused(text: str, why: str) -> None:
    with pytest.raises(RulebookError, match=re.escape(why)):
        duty(text)
