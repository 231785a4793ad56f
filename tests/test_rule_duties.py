"""Duties: what is owed again and again, by whom, until when, and what it was when it was not done."""

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest

from duty_builders import DUTY, assigned, done, duty
from judging_builders import EXAMPLE, HEAD, adopting, at, facts, folded, policy, said, story
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, Verdict, evaluate
from onrecord_projections.judging.faults import RulebookError
from onrecord_projections.judging.readings import READINGS, Reading


def named(verdict: Verdict) -> str:
    """Every clock by its period and state."""
    return " ".join(f"{clock.instance}:{clock.state}" for clock in verdict.clocks)


def seen(settings: Settings, lines: Iterable[str], as_of: str) -> str:
    return named(evaluate(settings, facts(*lines, case="duty/1"), at(as_of)))


DAILY = duty('every = "day"')
MONTHLY = duty('every = "month"')
BY_THE_TENTH = duty('every = "month"\ndue_after = "P10D"')
WINDOW = duty('every = "year"\nwindow = { opens = "03-25", closes = "03-30" }')
MONDAYS = duty('every = "week"\nweekday = "mon"')
WORKING = duty('every = "working-day"')


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


def test_what_was_short_when_it_fell_due_stays_short_when_the_rest_comes_late() -> None:
    settings = duty('every = "month"\ntimes = 4\neach_short = true')
    goes = [
        done("2026-06-11 09:00:00", "count=3"),
        done("2026-07-02 09:00:00", "count=2 period=2026-06"),
    ]
    verdict = evaluate(settings, facts(assigned("2026-06-01 09:00:00"), *goes), at("2026-07-03 00:00:00"))
    assert [finding.quantity for finding in verdict.findings] == [1]
    assert verdict.clocks[0].overrun == timedelta(days=1, hours=9, seconds=1)


def test_without_each_short_a_breach_counts_once() -> None:
    verdict = evaluate(
        duty('every = "month"\ntimes = 4'), facts(assigned("2026-06-01 09:00:00")), at("2026-07-01 00:00:00")
    )
    assert [finding.quantity for finding in verdict.findings] == [1]


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


REGULARLY = 'every = "tenant_number"\nsuggested = "month"'


def test_regularly_is_not_measured_until_the_tenant_says_how_often() -> None:
    lines = [assigned("2026-06-10 09:00:00"), done("2026-06-11 09:00:00")]
    verdict = evaluate(duty(REGULARLY), facts(*lines), at("2026-08-01 00:00:00"))
    (lacking,) = verdict.unmeasured
    assert (verdict.clocks, lacking.reason, lacking.suggested) == ((), "no-number", "month")
    assert (lacking.started_at, lacking.stopped_at) == (at("2026-06-10 09:00:00"), None)


def test_a_duty_that_ended_unmeasured_tells_how_long_it_was() -> None:
    lines = [assigned("2026-06-10 09:00:00"), "2026-06-12 10:00:00 duty.ended"]
    (lacking,) = evaluate(duty(REGULARLY), facts(*lines), at("2026-08-01 00:00:00")).unmeasured
    assert (lacking.elapsed, lacking.evidence) == (timedelta(days=2, hours=1), (1, 2))


@pytest.mark.parametrize(
    ("value", "then"),
    [
        ("1 month", "2026-06:breached 2026-07:running"),
        ("3 months", "2026-Q2:breached 2026-Q3:running"),
        ("1 year", "2026:running"),
        ("quarter", "2026-Q2:breached 2026-Q3:running"),
        ("two-months", "2026-M05-06:breached 2026-M07-08:running"),
    ],
)
def test_the_tenant_s_number_makes_a_duty(value: str, then: str) -> None:
    settings = duty(REGULARLY).evolve(policy(50, "number.set", clause="D-1", value=value))
    verdict = evaluate(settings, facts(assigned("2026-06-10 09:00:00")), at("2026-07-02 00:00:00"))
    assert (named(verdict), verdict.unmeasured) == (then, ())
    assert {clock.note for clock in verdict.clocks} == {"number from tenant, not from policy"}


def test_a_number_that_is_no_period_makes_no_duty() -> None:
    settings = duty(REGULARLY).evolve(policy(50, "number.set", clause="D-1", value="4 months"))
    verdict = evaluate(settings, facts(assigned("2026-06-10 09:00:00")), at("2026-07-02 00:00:00"))
    assert (verdict.clocks, [item.reason for item in verdict.unmeasured]) == ((), ["no-number"])


def test_a_number_set_anew_holds_from_the_next_period_on() -> None:
    settings = (
        duty(REGULARLY)
        .evolve(policy(50, "number.set", clause="D-1", value="month"))
        .evolve(policy(51, "number.set", "2026-06-20T00:00:00+08:00", clause="D-1", value="week"))
    )
    lines = [
        assigned("2026-06-10 09:00:00"),
        done("2026-06-30 09:00:00"),
        done("2026-07-02 09:00:00", "period=2026-W27"),
    ]
    verdict = evaluate(settings, facts(*lines), at("2026-07-06 00:00:00"))
    assert named(verdict) == "2026-06:met 2026-W27:met 2026-W28:running"
    assert verdict.clocks[1].started_at == at("2026-07-01 00:00:00")
    assert verdict.clocks[1].stopped_at == at("2026-07-02 09:00:00")


def test_a_number_set_midway_is_owed_from_then_on() -> None:
    settings = duty(REGULARLY).evolve(
        policy(50, "number.set", "2026-06-20T00:00:00+08:00", clause="D-1", value="1 month")
    )
    verdict = evaluate(settings, facts(assigned("2026-03-10 09:00:00")), at("2026-07-02 00:00:00"))
    assert named(verdict) == "2026-06:breached 2026-07:running"
    assert verdict.clocks[0].started_at == at("2026-06-20 00:00:00")


def test_without_its_calendar_a_working_day_s_duty_is_not_measured() -> None:
    settings = duty('every = "working-day"\ncalendar = "elsewhere"')
    verdict = evaluate(settings, facts(assigned("2026-06-10 09:00:00")), at("2026-06-12 00:00:00"))
    assert ([item.reason for item in verdict.unmeasured], verdict.clocks) == (["no-calendar"], ())


@pytest.mark.parametrize(
    ("lines", "owners"),
    [
        pytest.param([], [("gao", "breached"), ("gao", "running")], id="one"),
        pytest.param(
            [assigned("2026-06-20 09:00:00", "wu")], [("wu", "breached"), ("wu", "running")], id="handed-over"
        ),
        pytest.param(
            [done("2026-06-15 09:00:00"), assigned("2026-06-20 09:00:00", "wu")],
            [("gao", "met"), ("wu", "running")],
            id="done-before-the-handover",
        ),
        pytest.param(
            [assigned("2026-07-01 00:00:00", "wu")], [("gao", "breached"), ("wu", "running")], id="next-month"
        ),
        pytest.param(
            ["2026-06-12 09:00:00 duty.ended", assigned("2026-06-14 09:00:00", "wu")],
            [("wu", "breached"), ("wu", "running")],
            id="ended-and-assigned-again",
        ),
        pytest.param(
            ["2026-07-01 00:00:00 duty.ended"], [("gao", "breached")], id="ended-as-the-month-begins"
        ),
        pytest.param(["2026-06-12 09:00:00 duty.ended"], [("gao", "cancelled")], id="ended"),
        pytest.param(
            ["2026-06-12 09:00:00 duty.ended", done("2026-06-13 09:00:00")],
            [("gao", "cancelled")],
            id="done-after-it-ended",
        ),
        pytest.param(
            [done("2026-06-12 08:00:00"), "2026-06-12 09:00:00 duty.ended"],
            [("gao", "met")],
            id="done-and-ended",
        ),
    ],
)
def test_whoever_had_it_owes_it(lines: list[str], owners: list[tuple[str, str]]) -> None:
    events = facts(assigned("2026-06-10 09:00:00"), *lines, case="duty/1")
    clocks = evaluate(MONTHLY, events, at("2026-07-01 00:00:00")).clocks
    assert [(clock.owner, clock.state) for clock in clocks] == owners


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


def test_a_policy_in_force_midway_is_owed_from_the_next_period_on() -> None:
    settings = adopting((HEAD + DUTY + 'every = "month"\n' + EXAMPLE).replace("2020-01-01", "2026-06-15"))
    verdict = evaluate(settings, facts(assigned("2026-05-10 09:00:00")), at("2026-07-02 00:00:00"))
    assert named(verdict) == "2026-07:running"


def test_a_clause_switched_off_is_not_owed() -> None:
    text = 'every = "month"\nswitch = { reading = "r4.roll-over", value = "on" }'
    lines = facts(assigned("2026-05-10 09:00:00"))
    assert named(evaluate(duty(text), lines, at("2026-07-02 00:00:00"))) == ""
    since = policy(70, "reading.set", "2026-06-01T00:00:00+08:00", reading="r4.roll-over", value="on")
    verdict = evaluate(duty(text).evolve(since), lines, at("2026-07-02 00:00:00"))
    assert named(verdict) == "2026-06:breached 2026-07:running"


def test_past_the_published_holidays_a_working_day_is_provisional() -> None:
    (clock,) = evaluate(WORKING, facts(assigned("2031-06-10 09:00:00")), at("2031-06-10 10:00:00")).clocks
    assert (clock.state, clock.provisional) == ("running", True)


def test_a_withdrawn_policy_is_owed_no_more() -> None:
    settings = MONTHLY.evolve(policy(60, "rulebook.withdrawn", "2026-07-15T00:00:00+08:00", pack="test"))
    events = facts(assigned("2026-06-10 09:00:00"), done("2026-07-20 09:00:00"), case="duty/1")
    assert named(evaluate(settings, events, at("2026-07-14 23:59:59"))) == "2026-06:breached 2026-07:running"
    verdict = evaluate(settings, events, at("2026-12-01 00:00:00"))
    assert named(verdict) == "2026-06:breached 2026-07:cancelled"
    assert verdict.clocks[1].stopped_at == at("2026-07-15 00:00:00")


def test_a_period_is_judged_by_the_edition_in_which_it_began() -> None:
    first = HEAD + DUTY + 'every = "month"\n' + EXAMPLE
    second = first.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-06-15")
    events = facts(assigned("2026-05-10 09:00:00"), case="duty/1")
    clocks = evaluate(adopting(first, second), events, at("2026-07-02 00:00:00")).clocks
    assert [(clock.edition, clock.instance) for clock in clocks] == [
        (1, "2026-05"),
        (1, "2026-06"),
        (2, "2026-07"),
    ]


def test_a_daily_duty_wakes_at_each_midnight_and_none_that_ended_does() -> None:
    fold = CaseFold.open(WORKING, "duty/1")
    started, ended = facts(assigned("2026-06-18 09:00:00"), "2026-06-18 10:00:00 duty.ended", case="duty/1")
    fold.take(started)
    fold.at(at("2026-06-18 09:30:00"))
    assert fold.next_due == at("2026-06-19 00:00:00")
    fold.at(at("2026-06-19 00:00:00"))
    assert fold.next_due == at("2026-06-22 00:00:00")
    fold.take(ended)
    fold.at(at("2026-06-19 00:00:00"))
    assert fold.next_due is None


def test_a_look_ahead_leaves_nothing_behind() -> None:
    fold = CaseFold.open(MONTHLY, "duty/1")
    events = facts(assigned("2026-06-10 09:00:00"), done("2026-06-12 09:00:00"), case="duty/1")
    fold.take(events[0])
    assert named(fold.at(at("2026-08-02 00:00:00"))) == "2026-06:breached 2026-07:breached 2026-08:running"
    fold.take(events[1])
    assert named(fold.at(at("2026-06-12 09:00:00"))) == "2026-06:met"
    assert named(fold.at(at("2026-07-01 00:00:00"))) == "2026-06:met 2026-07:running"


def test_a_look_ahead_and_back_shows_what_was_then() -> None:
    fold = CaseFold.open(MONTHLY, "duty/1")
    fold.take(facts(assigned("2026-06-10 09:00:00"), case="duty/1")[0])
    assert named(fold.at(at("2026-07-02 00:00:00"))) == "2026-06:breached 2026-07:running"
    assert named(fold.at(at("2026-06-20 00:00:00"))) == "2026-06:running"


@pytest.mark.parametrize(
    ("line", "then"),
    [
        (assigned("2026-06-15 09:00:00", "wu"), [("wu", "running")]),
        ("2026-06-15 09:00:00 duty.ended", [("gao", "cancelled")]),
        (done("2026-06-15 09:00:00"), [("gao", "met")]),
    ],
)
def test_an_event_after_a_look_is_judged(line: str, then: list[tuple[str, str]]) -> None:
    fold = CaseFold.open(MONTHLY, "duty/1")
    first, second = facts(assigned("2026-06-10 09:00:00"), line, case="duty/1")
    fold.take(first)
    fold.at(at("2026-06-15 08:00:00"))
    fold.take(second)
    assert [(clock.owner, clock.state) for clock in fold.at(at("2026-06-15 09:00:00")).clocks] == then


def test_done_again_moves_nothing() -> None:
    lines = facts(assigned("2026-06-10 09:00:00"), done("2026-06-11 09:00:00"), done("2026-06-12 09:00:00"))
    (clock,) = evaluate(MONTHLY, lines, at("2026-06-13 00:00:00")).clocks
    assert (clock.stopped_at, clock.evidence) == (at("2026-06-11 09:00:00"), (1, 2))


def test_done_at_the_instant_its_policy_was_withdrawn_is_too_late() -> None:
    settings = MONTHLY.evolve(policy(60, "rulebook.withdrawn", "2026-06-15T00:00:00+08:00", pack="test"))
    lines = [assigned("2026-06-10 09:00:00"), done("2026-06-15 00:00:00")]
    assert seen(settings, lines, "2026-06-16 00:00:00") == "2026-06:cancelled"


def test_a_breach_is_a_finding_of_whoever_owed_it_a_second_after_it_was_due() -> None:
    verdict = evaluate(DAILY, facts(assigned("2026-06-10 09:00:00")), at("2026-06-11 08:00:00"))
    (finding,) = verdict.findings
    assert (finding.clause, finding.code, finding.instance) == ("D-1", "breach", "2026-06-10")
    assert (finding.person, finding.at, finding.due_at) == (
        "gao",
        at("2026-06-11 00:00:00"),
        at("2026-06-10 23:59:59"),
    )


# Golden scenarios of recurring duties, by hand


@pytest.mark.parametrize(
    ("line", "state", "late"),
    [
        pytest.param(done("2026-06-10 23:59:59", "period=2026-05"), "met", None, id="S19-a"),
        pytest.param(
            done("2026-07-11 00:00:00", "period=2026-06"), "breached", timedelta(seconds=1), id="S19-b"
        ),
        pytest.param(done("2026-10-10 20:00:00", "period=2026-09"), "met", None, id="S19-c"),
        pytest.param(done("2026-07-11 00:00:00"), "breached", timedelta(seconds=1), id="S19-b-unnamed"),
    ],
)
def test_s19_monthly_complaint_statistics_by_the_tenth(line: str, state: str, late: timedelta | None) -> None:
    events = facts(assigned("2026-05-01 00:00:00", "hr"), line, case="duty/1")
    clocks = evaluate(BY_THE_TENTH, events, at("2026-10-11 00:00:00")).clocks
    assert [(clock.state, clock.overrun) for clock in clocks if clock.stopped_at] == [(state, late)]


@pytest.mark.parametrize(
    ("day", "reading", "state"),
    [
        ("2026-06-30 23:59:59", "inclusive", "met"),
        ("2026-07-01 00:00:00", "inclusive", "breached"),
        ("2026-06-29 23:59:59", "before-last-day", "met"),
        ("2026-06-30 00:00:00", "before-last-day", "breached"),
    ],
)
def test_s30_the_monthly_analysis_form(day: str, reading: str, state: str) -> None:
    settings = duty('every = "month"\nmonth_end_reading = "2.6.month-end"', {"2.6.month-end": reading})
    events = facts(assigned("2026-06-01 09:00:00"), done(day, "period=2026-06"), case="duty/1")
    assert evaluate(settings, events, at("2026-07-02 00:00:00")).clocks[0].state == state


def test_s34_a_check_every_half_year() -> None:
    settings = duty('every = "half-year"')
    events = facts(assigned("2026-01-01 00:00:00"), done("2026-06-30 23:00:00"), case="duty/1")
    assert named(evaluate(settings, events, at("2026-12-31 23:59:59"))) == "2026-H1:met 2026-H2:running"
    verdict = evaluate(settings, events, at("2027-01-01 00:00:00"))
    assert named(verdict) == "2026-H1:met 2026-H2:breached 2027-H1:running"
    assert [finding.at for finding in verdict.findings] == [at("2027-01-01 00:00:00")]


@pytest.mark.parametrize(
    ("closed", "state", "late"),
    [
        ("2026-03-30 23:59:59", "met", None),
        ("2026-03-31 00:00:00", "breached", timedelta(seconds=1)),
    ],
)
def test_s80_the_yearly_grading_window(closed: str, state: str, late: timedelta | None) -> None:
    events = facts(assigned("2026-01-01 00:00:00"), done(closed), case="duty/1")
    (clock,) = evaluate(WINDOW, events, at("2026-03-31 00:00:00")).clocks
    assert (clock.instance, clock.started_at) == ("2026", at("2026-03-25 00:00:00"))
    assert (clock.state, clock.overrun) == (state, late)


def test_s92_a_quarterly_publication_and_a_yearly_survey() -> None:
    quarterly = facts(assigned("2026-04-01 00:00:00"), done("2026-06-30 23:59:59"), case="duty/1")
    verdict = evaluate(duty('every = "quarter"'), quarterly, at("2026-10-01 00:00:00"))
    assert named(verdict) == "2026-Q2:met 2026-Q3:breached 2026-Q4:running"
    assert [finding.at for finding in verdict.findings] == [at("2026-10-01 00:00:00")]
    yearly = facts(assigned("2026-01-01 00:00:00"), done("2026-12-31 23:59:59"), case="duty/2")
    assert (
        named(evaluate(duty('every = "year"'), yearly, at("2027-01-01 00:00:00"))) == "2026:met 2027:running"
    )
    late = facts(assigned("2026-01-01 00:00:00"), done("2027-01-01 00:00:00"), case="duty/2")
    assert (
        named(evaluate(duty('every = "year"'), late, at("2027-01-01 00:00:00"))) == "2026:breached 2027:met"
    )


def test_s98_patrols_on_twenty_nine_of_thirty_days() -> None:
    days = [done(f"2026-06-{day:02} 20:00:00") for day in range(1, 31) if day != 17]
    events = facts(assigned("2026-06-01 00:00:00"), *days, case="duty/1")
    verdict = evaluate(DAILY, events, at("2026-06-30 23:59:59"))
    states = [clock.state for clock in verdict.clocks]
    assert (states.count("met"), len(states)) == (29, 30)
    assert [finding.instance for finding in verdict.findings] == ["2026-06-17"]


def test_s98_daily_reports_on_twenty_of_twenty_one_working_days() -> None:
    off = {6, 7, 13, 14, 19, 20, 21, 27, 28}
    days = [done(f"2026-06-{day:02} 17:30:00") for day in range(1, 31) if day not in off and day != 24]
    verdict = evaluate(WORKING, facts(assigned("2026-06-01 00:00:00"), *days), at("2026-06-30 23:59:59"))
    states = [clock.state for clock in verdict.clocks]
    assert (states.count("met"), len(states)) == (20, 21)
    assert [finding.instance for finding in verdict.findings] == ["2026-06-24"]


@pytest.mark.parametrize(
    ("line", "then"),
    [
        (done("2026-06-30 23:59:59"), "2026-06:met 2026-07:running"),
        (done("2026-07-01 09:00:00"), "2026-06:breached 2026-07:met"),
        (done("2026-06-29 09:00:00"), "2026-06:met 2026-07:running"),
    ],
)
def test_s98_monthly_property_duties(line: str, then: str) -> None:
    assert seen(MONTHLY, [assigned("2026-06-01 00:00:00"), line], "2026-07-01 12:00:00") == then


def test_one_more_event_judges_only_what_it_changes() -> None:
    """After ten years one more event costs what it does after a month: all other clocks are the same."""
    days = [at("2016-01-01 20:00:00") + timedelta(days=n) for n in range(3650)]
    lines = [f"{day:%Y-%m-%d %H:%M:%S} duty.done duty=x" for day in days]
    events = facts(assigned("2016-01-01 00:00:00"), *lines, case="duty/1")
    fold = CaseFold.open(_of_old(), "duty/1")
    for event in events[:-1]:
        fold.take(event)
    before = fold.at(events[-1].occurred_at - timedelta(hours=1)).clocks
    fold.take(events[-1])
    after = fold.at(events[-1].occurred_at).clocks
    assert len(after) == 3650
    assert sum(1 for one, other in zip(before, after, strict=True) if one is not other) == 1


def _of_old() -> Settings:
    return adopting((HEAD + DUTY + 'every = "day"\n' + EXAMPLE).replace("2020-01-01", "2015-01-01"))


def test_disorder_and_redelivery_change_nothing() -> None:
    events: list[Recorded] = facts(
        assigned("2026-06-08 09:00:00"),
        done("2026-06-08 20:00:00"),
        done("2026-06-10 20:00:00"),
        "2026-06-11 09:00:00 duty.ended",
        assigned("2026-06-13 09:00:00", "wu"),
        case="duty/1",
    )
    straight = evaluate(DAILY, events, at("2026-06-14 00:00:00"))
    assert named(straight) == (
        "2026-06-08:met 2026-06-09:breached 2026-06-10:met 2026-06-11:cancelled"
        " 2026-06-13:breached 2026-06-14:running"
    )
    for order in ([4, 3, 2, 1, 0], [2, 0, 4, 2, 1, 3, 3]):
        fold = folded(DAILY, [events[nth] for nth in order])
        assert fold.at(at("2026-06-14 00:00:00")) == straight
    assert said(straight, "D-1").count("met") == 2
