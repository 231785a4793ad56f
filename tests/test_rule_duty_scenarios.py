"""Golden scenarios of recurring duties, by hand."""

from datetime import timedelta

import pytest

from duty_builders import BY_THE_TENTH, DAILY, MONTHLY, WINDOW, WORKING, assigned, done, duty, named, seen
from judging_builders import at, facts
from onrecord_projections.judging import evaluate


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
