"""Duties whose number a tenant gives: not measured before, and from then on like any other."""

from datetime import timedelta

import pytest

from duty_builders import assigned, done, duty, named
from judging_builders import at, facts, policy
from onrecord_projections.judging import CaseFold, evaluate

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
    ("lines", "told"),
    [
        pytest.param(
            ["2026-06-12 10:00:00 duty.ended", assigned("2026-06-20 09:00:00", "wu")],
            [("2026-06-10 09:00:00", (1, 2)), ("2026-06-20 09:00:00", (3,))],
            id="ended-and-taken-up-again",
        ),
        pytest.param(
            [assigned("2026-06-12 10:00:00", "wu"), "2026-06-20 09:00:00 duty.ended"],
            [("2026-06-10 09:00:00", (1, 3))],
            id="handed-over",
        ),
        pytest.param(
            [assigned("2026-06-10 09:00:00", "wu")],
            [("2026-06-10 09:00:00", (1,))],
            id="handed-over-in-the-same-second",
        ),
    ],
)
def test_who_takes_up_a_duty_without_a_number_is_told_so_once(
    lines: list[str], told: list[tuple[str, tuple[int, ...]]]
) -> None:
    fold = CaseFold.open(duty(REGULARLY), "duty/1")
    for event in facts(assigned("2026-06-10 09:00:00"), *lines, case="duty/1"):
        fold.take(event)
    for look in ("2026-08-01 00:00:00", "2026-06-21 00:00:00", "2026-09-01 00:00:00"):
        found = [(item.started_at, item.evidence) for item in fold.at(at(look)).unmeasured]
        assert found == [(at(since), evidence) for since, evidence in told]


def test_from_when_a_number_is_no_period_the_duty_is_not_measured() -> None:
    settings = duty(REGULARLY).evolve(policy(50, "number.set", clause="D-1", value="month"))
    settings = settings.evolve(
        policy(51, "number.set", "2026-08-01T00:00:00+08:00", clause="D-1", value="4 months")
    )
    fold = CaseFold.open(settings, "duty/1")
    fold.take(facts(assigned("2026-07-10 09:00:00"), case="duty/1")[0])
    for look, then, lacking in (
        ("2026-08-02 00:00:00", "2026-07:breached", ["no-number"]),
        ("2026-07-20 00:00:00", "2026-07:running", []),
        ("2026-08-01 00:00:00", "2026-07:breached", ["no-number"]),
    ):
        verdict = fold.at(at(look))
        assert (named(verdict), [item.reason for item in verdict.unmeasured]) == (then, lacking)


def test_a_duty_that_is_done_wakes_when_it_is_no_longer_measured() -> None:
    settings = duty(REGULARLY).evolve(policy(50, "number.set", clause="D-1", value="month"))
    settings = settings.evolve(
        policy(51, "number.set", "2026-08-01T00:00:00+08:00", clause="D-1", value="4 months")
    )
    fold = CaseFold.open(settings, "duty/1")
    for event in facts(assigned("2026-07-10 09:00:00"), done("2026-07-11 09:00:00"), case="duty/1"):
        fold.take(event)
    fold.at(at("2026-07-12 00:00:00"))
    assert fold.next_due == at("2026-08-01 00:00:00")


def test_a_number_set_when_the_month_s_last_day_is_over_is_owed_from_the_next_month_on() -> None:
    settings = duty(REGULARLY + '\nmonth_end_reading = "2.6.month-end"', {"2.6.month-end": "before-last-day"})
    settings = settings.evolve(
        policy(50, "number.set", "2026-06-30T09:00:00+08:00", clause="D-1", value="month")
    )
    fold = CaseFold.open(settings, "duty/1")
    fold.take(facts(assigned("2026-06-10 09:00:00"), case="duty/1")[0])
    assert named(fold.at(at("2026-06-12 00:00:00"))) == ""
    assert fold.next_due == at("2026-07-01 00:00:00")
    assert named(fold.at(at("2026-07-01 00:00:00"))) == "2026-07:running"


def test_a_number_set_in_the_last_second_of_a_month_is_owed_in_that_second() -> None:
    last = "2026-06-30T23:59:59+08:00"
    fold = CaseFold.open(
        duty(REGULARLY).evolve(policy(50, "number.set", last, clause="D-1", value="month")), "duty/1"
    )
    fold.take(facts(assigned("2026-06-10 09:00:00"), case="duty/1")[0])
    assert named(fold.at(at("2026-06-30 23:59:58"))) == ""
    assert fold.next_due == at("2026-06-30 23:59:59")
    assert named(fold.at(at("2026-06-30 23:59:59"))) == "2026-06:running"
    assert named(fold.at(at("2026-07-01 00:00:00"))) == "2026-06:breached 2026-07:running"


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


def test_of_two_periods_that_share_a_day_the_earlier_gets_what_was_done_for_it() -> None:
    settings = (
        duty(REGULARLY)
        .evolve(policy(50, "number.set", clause="D-1", value="month"))
        .evolve(policy(51, "number.set", "2026-06-20T00:00:00+08:00", clause="D-1", value="week"))
    )
    for line in (done("2026-07-02 09:00:00", "period=2026-06-30"), done("2026-06-30 09:00:00")):
        events = facts(assigned("2026-05-10 09:00:00"), line)
        clocks = evaluate(settings, events, at("2026-07-06 00:00:00")).clocks
        assert [(clock.instance, clock.stopped_at) for clock in clocks] == [
            ("2026-05", None),
            ("2026-06", events[1].occurred_at),
            ("2026-W27", None),
            ("2026-W28", None),
        ]


def test_a_number_set_midway_is_owed_from_then_on() -> None:
    settings = duty(REGULARLY).evolve(
        policy(50, "number.set", "2026-06-20T00:00:00+08:00", clause="D-1", value="1 month")
    )
    verdict = evaluate(settings, facts(assigned("2026-03-10 09:00:00")), at("2026-07-02 00:00:00"))
    assert named(verdict) == "2026-06:breached 2026-07:running"
    assert verdict.clocks[0].started_at == at("2026-06-20 00:00:00")
