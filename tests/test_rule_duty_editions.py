"""What editions, switches, calendars and a withdrawal of its policy make of a duty."""

import pytest

from duty_builders import DUTY, MONTHLY, WORKING, assigned, done, duty, named, reading, resting, seen
from judging_builders import EXAMPLE, HEAD, adopting, at, facts, policy
from onrecord_projections.judging import CaseFold, evaluate


def test_without_its_calendar_a_working_day_s_duty_is_not_measured() -> None:
    settings = duty('every = "working-day"\ncalendar = "elsewhere"')
    verdict = evaluate(settings, facts(assigned("2026-06-10 09:00:00")), at("2026-06-12 00:00:00"))
    assert ([item.reason for item in verdict.unmeasured], verdict.clocks) == (["no-calendar"], ())


def test_a_calendar_that_rests_for_years_ends_a_working_day_s_duty() -> None:
    closed = resting(WORKING, "{ from = 2026-07-01, to = 2028-12-31 }")
    verdict = evaluate(closed, facts(assigned("2026-06-29 09:00:00")), at("2026-08-01 00:00:00"))
    assert (named(verdict), verdict.unmeasured) == ("2026-06-29:breached 2026-06-30:breached", ())


def test_past_the_published_holidays_a_working_day_is_provisional() -> None:
    (clock,) = evaluate(WORKING, facts(assigned("2031-06-10 09:00:00")), at("2031-06-10 10:00:00")).clocks
    assert (clock.state, clock.provisional) == ("running", True)


def test_a_policy_in_force_midway_is_owed_from_the_next_period_on() -> None:
    settings = adopting((HEAD + DUTY + 'every = "month"\n' + EXAMPLE).replace("2020-01-01", "2026-06-15"))
    verdict = evaluate(settings, facts(assigned("2026-05-10 09:00:00")), at("2026-07-02 00:00:00"))
    assert named(verdict) == "2026-07:running"


@pytest.mark.parametrize(
    ("wanted", "word", "then"),
    [
        ("on", "on", "2026-05:running"),
        ("on", "off", ""),
        ("off", "off", "2026-05:running"),
        ("off", "on", ""),
    ],
)
def test_a_clause_is_owed_under_the_one_word_its_switch_names(wanted: str, word: str, then: str) -> None:
    text = f'every = "month"\nswitch = {{ reading = "r4.roll-over", value = "{wanted}" }}'
    settings = duty(text, {"r4.roll-over": word})
    assert seen(settings, [assigned("2026-05-10 09:00:00")], "2026-05-11 00:00:00") == then


@pytest.mark.parametrize(
    ("since", "wakes"), [("2026-08-01T00:00:00+08:00", "2026-08-01 00:00:00"), (None, None)]
)
def test_a_clause_switched_off_wakes_when_it_is_switched_on(since: str | None, wakes: str | None) -> None:
    """That the tenant says again that it is off changes nothing."""
    settings = duty('every = "month"\nswitch = { reading = "r4.roll-over", value = "on" }')
    for nth, day in enumerate(("06-01", "06-15")):
        settings = reading(settings, "r4.roll-over", "off", f"2026-{day}T00:00:00+08:00", 80 + nth)
    if since is not None:
        settings = reading(settings, "r4.roll-over", "on", since)
    fold = CaseFold.open(settings, "duty/1")
    fold.take(facts(assigned("2026-05-10 09:00:00"), case="duty/1")[0])
    assert named(fold.at(at("2026-05-11 00:00:00"))) == ""
    assert fold.next_due == (at(wakes) if wakes is not None else None)


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


@pytest.mark.parametrize(
    ("withdrawn_at", "ended_at", "by"),
    [
        ("2026-06-12T08:59:59+08:00", "2026-06-12 08:59:59", "test+withdrawn"),
        ("2026-06-12T09:00:00+08:00", "2026-06-12 09:00:00", "test+withdrawn"),
        ("2026-06-12T09:00:01+08:00", "2026-06-12 09:00:00", "example#2"),
    ],
)
def test_a_turn_is_over_by_whatever_came_first(withdrawn_at: str, ended_at: str, by: str) -> None:
    settings = MONTHLY.evolve(policy(60, "rulebook.withdrawn", withdrawn_at, pack="test"))
    lines = [assigned("2026-06-10 09:00:00"), "2026-06-12 09:00:00 duty.ended"]
    (clock,) = evaluate(settings, facts(*lines), at("2026-06-13 00:00:00")).clocks
    assert (clock.state, clock.stopped_at, clock.stopped_by) == ("cancelled", at(ended_at), by)


def test_done_at_the_instant_its_policy_was_withdrawn_is_too_late() -> None:
    settings = MONTHLY.evolve(policy(60, "rulebook.withdrawn", "2026-06-15T00:00:00+08:00", pack="test"))
    lines = [assigned("2026-06-10 09:00:00"), done("2026-06-15 00:00:00")]
    assert seen(settings, lines, "2026-06-16 00:00:00") == "2026-06:cancelled"
