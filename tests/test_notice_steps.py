"""Steps: what a clock asks to be told, when and to whom; pure, so every boundary is written out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord_events.alert import Escalation, PolicySet
from onrecord_projections.calendar import Calendar, shipped
from onrecord_services.notices.steps import DEFAULT, LONG_AGO, Promise, Regime, due_steps, steps

NINE = datetime(2026, 7, 10, 1, tzinfo=UTC)
"""Friday, nine in the morning in Shanghai."""
CHEN, BOSS, HEAD = ("person/chen",), ("role/supervisor",), ("role/department-head",)
CHAIN = PolicySet(
    chain=(
        Escalation(after_minutes=60, to="role/supervisor"),
        Escalation(after_minutes=120, to="role/department-head"),
    )
)


def promise(**over: Any) -> Promise:
    """Ten hours that Chen has, from nine."""
    said: dict[str, Any] = {
        "case": "complaint/A",
        "clause": "DAY",
        "instance": "/test\x1f1",
        "pack": "one-day",
        "edition": 1,
        "owner": "chen",
        "state": "running",
        "started_at": NINE,
        "due_at": NINE + timedelta(hours=10),
        "stopped_at": None,
        "paused": timedelta(),
    }
    return Promise(**said | over)


def hours(count: float) -> datetime:
    return NINE + timedelta(hours=count)


def by_name(found: list[Any]) -> list[tuple[str, datetime, tuple[str, ...]]]:
    return [tuple(step) for step in found]


SOON_50 = ("soon-50", hours(5), CHEN)
SOON_80 = ("soon-80", hours(8), CHEN)
BREACH = ("breach", hours(10) + timedelta(seconds=1), CHEN)


@pytest.mark.parametrize(
    ("as_of", "then"),
    [
        pytest.param(hours(5) - timedelta(microseconds=1), [], id="not-yet-half"),
        pytest.param(hours(5), [SOON_50], id="half-is-told-at-once"),
        pytest.param(hours(8), [SOON_50, SOON_80], id="four-fifths"),
        pytest.param(hours(10), [SOON_50, SOON_80], id="due-now-is-not-broken"),
        pytest.param(hours(10) + timedelta(seconds=1), [SOON_50, SOON_80, BREACH], id="broken"),
    ],
)
def test_a_clock_is_told_half_way_near_its_end_and_when_it_broke(as_of: datetime, then: list[Any]) -> None:
    assert by_name(due_steps(promise(), DEFAULT, None, as_of)) == then


def test_the_chain_goes_up_step_by_step_unless_somebody_takes_note() -> None:
    regimes = (Regime(LONG_AGO, CHAIN),)
    broken = hours(10) + timedelta(seconds=1)
    first = ("escalation-1", broken + timedelta(hours=1), BOSS)
    second = ("escalation-2", broken + timedelta(hours=3), HEAD)
    assert by_name(steps(promise(), regimes)) == [SOON_50, SOON_80, BREACH, first, second]
    noted = steps(promise(), regimes, broken + timedelta(hours=2))
    assert by_name(noted) == [SOON_50, SOON_80, BREACH, first]
    at_that_instant = steps(promise(), regimes, broken + timedelta(hours=1))
    assert by_name(at_that_instant) == [SOON_50, SOON_80, BREACH]


@pytest.mark.parametrize(
    ("over", "then"),
    [
        pytest.param({"due_at": None, "state": "paused"}, [], id="paused-falls-due-never"),
        pytest.param({"stopped_at": hours(8), "state": "met"}, [SOON_50], id="kept-at-four-fifths"),
        pytest.param({"stopped_at": hours(9), "state": "met"}, [SOON_50, SOON_80], id="kept"),
        pytest.param(
            {"stopped_at": hours(12), "state": "breached"}, [SOON_50, SOON_80, BREACH], id="kept-too-late"
        ),
        pytest.param({"stopped_at": hours(6), "state": "cancelled"}, [SOON_50], id="cancelled"),
        pytest.param({"state": "excused"}, [SOON_50, SOON_80], id="excused-is-no-breach"),
    ],
)
def test_what_became_of_the_clock_decides_what_is_told(over: dict[str, Any], then: list[Any]) -> None:
    assert by_name(steps(promise(**over), DEFAULT)) == then


def test_time_that_was_paused_does_not_bring_the_end_nearer() -> None:
    waited = promise(due_at=hours(14), paused=timedelta(hours=4))
    assert by_name(steps(waited, DEFAULT))[:2] == [("soon-50", hours(9), CHEN), ("soon-80", hours(12), CHEN)]


def test_where_working_time_counts_its_shares_count() -> None:
    """Fifteen hours of Friday and five of Monday: half of them is Friday at seven, not Saturday."""
    calendar = Calendar.parse(shipped("cn-state-council"))
    due_at = datetime(2026, 7, 12, 21, tzinfo=UTC)
    half = (Regime(LONG_AGO, PolicySet(soon_percents=(50,))),)
    found = steps(promise(due_at=due_at), half, None, calendar)
    assert found[0].at == datetime(2026, 7, 10, 11, tzinfo=UTC)


def test_whoever_has_no_owner_tells_the_role_that_was_named() -> None:
    assert {step.recipients for step in steps(promise(owner=None), DEFAULT)} == {BOSS}


def test_switched_off_or_mute_nothing_is_told() -> None:
    for policy in (PolicySet(on=False), PolicySet(mute=("DAY",))):
        assert steps(promise(), (Regime(LONG_AGO, policy),)) == []


def test_what_was_reached_under_another_policy_is_told_as_that_one_said() -> None:
    switched_on = (Regime(LONG_AGO, PolicySet(on=False)), Regime(hours(6), PolicySet()))
    assert by_name(steps(promise(), switched_on)) == [SOON_80, BREACH]
    other_shares = (*DEFAULT, Regime(hours(6), PolicySet(soon_percents=(10, 90))))
    assert by_name(steps(promise(), other_shares)) == [SOON_50, ("soon-90", hours(9), CHEN), BREACH]


@dataclass(frozen=True)
class Life:
    """Any clock of up to a year under any two policies."""

    promise: Promise
    regimes: tuple[Regime, ...]


POLICIES = st.builds(
    PolicySet,
    on=st.booleans(),
    soon_percents=st.lists(st.integers(1, 99), max_size=4, unique=True).map(tuple),
    chain=st.lists(
        st.builds(Escalation, after_minutes=st.integers(1, 5000), to=st.just("role/supervisor")), max_size=3
    ).map(tuple),
)
INSTANTS = st.integers(0, 500_000).map(lambda minutes: NINE + timedelta(minutes=minutes))
LIVES = st.builds(
    lambda due, stop, state, switch, first, second: Life(
        promise(due_at=due, stopped_at=stop, state=state),
        (Regime(LONG_AGO, first), Regime(switch, second)),
    ),
    st.none() | INSTANTS,
    st.none() | INSTANTS,
    st.sampled_from(["running", "breached", "met", "excused"]),
    INSTANTS,
    POLICIES,
    POLICIES,
)


@given(LIVES, INSTANTS, INSTANTS)
def test_what_was_due_stays_due_and_nothing_is_due_before_its_time(
    life: Life, one: datetime, other: datetime
) -> None:
    early, late = min(one, other), max(one, other)
    before = due_steps(life.promise, life.regimes, None, early)
    after = due_steps(life.promise, life.regimes, None, late)
    assert after[: len(before)] == before
    assert all(early < step.at <= late for step in after[len(before) :])


@given(LIVES, st.none() | INSTANTS)
def test_no_step_has_two_instants_under_one_policy_and_none_follows_the_stop(
    life: Life, noted: datetime | None
) -> None:
    found = steps(life.promise, life.regimes[:1], noted)
    assert len({step.name for step in found}) == len(found)
    stopped_at = life.promise.stopped_at
    assert all(stopped_at is None or step.at < stopped_at for step in found)
    assert [step.at for step in found] == sorted(step.at for step in found)
    if noted is not None:
        assert all(step.at < noted for step in found if step.name.startswith("escalation"))
