"""Duties looked at: ahead of time and back, and in whatever order the events came."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duty_builders import DAILY, DUTY, MONDAYS, MONTHLY, WORKING, assigned, done, duty, named, reading
from judging_builders import EXAMPLE, HEAD, adopting, at, facts, folded, policy, said
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, evaluate


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


@pytest.mark.parametrize("tenant", [MONTHLY, DAILY], ids=["monthly", "daily"])
@pytest.mark.parametrize("more", [[], [done("2026-06-10 09:00:00")]], ids=["not-done", "done"])
def test_what_is_taken_back_in_the_second_it_was_given_is_owed_by_nobody(
    tenant: Settings, more: list[str]
) -> None:
    lines = [assigned("2026-06-10 09:00:00"), *more, "2026-06-10 09:00:00 duty.ended"]
    assert named(evaluate(tenant, facts(*lines), at("2026-08-01 00:00:00"))) == ""


def test_a_weekday_that_has_passed_is_waited_for_until_next_week() -> None:
    fold = CaseFold.open(MONDAYS, "duty/1")
    fold.take(facts(assigned("2026-06-10 09:00:00"), case="duty/1")[0])
    assert named(fold.at(at("2026-06-10 10:00:00"))) == ""
    assert fold.next_due == at("2026-06-15 00:00:00")


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


REGULARLY = duty('every = "tenant_number"')
ON = 'every = "month"\nswitch = { reading = "r4.roll-over", value = "on" }'
TENANTS = [
    DAILY,
    MONDAYS,
    duty('every = "month"\ntimes = 2'),
    reading(
        reading(duty(ON), "r4.roll-over", "on", "2026-03-10T09:00:00+08:00"),
        "r4.roll-over",
        "off",
        "2026-04-20T09:00:00+08:00",
        71,
    ),
    REGULARLY,
    REGULARLY.evolve(policy(50, "number.set", "2026-03-10T00:00:00+08:00", clause="D-1", value="month"))
    .evolve(policy(51, "number.set", "2026-04-10T00:00:00+08:00", clause="D-1", value="week"))
    .evolve(policy(52, "number.set", "2026-05-10T00:00:00+08:00", clause="D-1", value="4 months")),
    MONTHLY.evolve(policy(60, "rulebook.withdrawn", "2026-04-15T00:00:00+08:00", pack="test")),
]
"""Duties that change while they are looked at."""
STEPS = [timedelta(0), timedelta(seconds=1), timedelta(hours=7), timedelta(days=1), timedelta(days=25)]
HAPPENS = st.tuples(
    st.sampled_from(STEPS),
    st.sampled_from(
        [
            "duty.assigned duty=x person=gao",
            "duty.assigned duty=x person=wu",
            "duty.ended",
            "duty.done duty=x",
            "duty.done duty=x period=2026-03",
        ]
    ),
    st.lists(st.sampled_from([0, 1, 40, 100]), max_size=2),
)


@given(st.sampled_from(TENANTS), st.lists(HAPPENS, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_however_often_and_far_ahead_it_was_looked_at_a_duty_comes_to_the_same(
    tenant: Settings, history: list[tuple[timedelta, str, list[int]]]
) -> None:
    now, lines = at("2026-02-20 00:00:00"), []
    for step, what, _ in history:
        now += step
        lines.append(f"{now:%Y-%m-%d %H:%M:%S} {what}")
    events = facts(*lines, case="duty/1")
    fold = CaseFold.open(tenant, "duty/1")
    for event, (_, _, days_ahead) in zip(events, history, strict=True):
        fold.take(event)
        for days in days_ahead:
            fold.at(event.occurred_at + timedelta(days=days))
    straight = evaluate(tenant, events, now + timedelta(days=50))
    assert fold.at(now + timedelta(days=50)) == straight
