"""Duties whose number a tenant gives, and what editions, switches and calendars make of a duty."""

from datetime import timedelta

import pytest

from duty_builders import DUTY, MONTHLY, WORKING, assigned, done, duty, named, seen
from judging_builders import EXAMPLE, HEAD, adopting, at, facts, policy
from onrecord_projections.judging import evaluate

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


def test_past_the_published_holidays_a_working_day_is_provisional() -> None:
    (clock,) = evaluate(WORKING, facts(assigned("2031-06-10 09:00:00")), at("2031-06-10 10:00:00")).clocks
    assert (clock.state, clock.provisional) == ("running", True)


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


def test_a_withdrawn_policy_is_owed_no_more() -> None:
    settings = MONTHLY.evolve(policy(60, "rulebook.withdrawn", "2026-07-15T00:00:00+08:00", pack="test"))
    events = facts(assigned("2026-06-10 09:00:00"), done("2026-07-20 09:00:00"), case="duty/1")
    assert named(evaluate(settings, events, at("2026-07-14 23:59:59"))) == "2026-06:breached 2026-07:running"
    verdict = evaluate(settings, events, at("2026-12-01 00:00:00"))
    assert named(verdict) == "2026-06:breached 2026-07:cancelled"
    assert verdict.clocks[1].stopped_at == at("2026-07-15 00:00:00")


def test_done_at_the_instant_its_policy_was_withdrawn_is_too_late() -> None:
    settings = MONTHLY.evolve(policy(60, "rulebook.withdrawn", "2026-06-15T00:00:00+08:00", pack="test"))
    lines = [assigned("2026-06-10 09:00:00"), done("2026-06-15 00:00:00")]
    assert seen(settings, lines, "2026-06-16 00:00:00") == "2026-06:cancelled"
