"""Who answers for an overrun: by hand to the second, and always the whole of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_builders import at, facts, shipping
from onrecord_projections.judging import Clock, Settings, evaluate, explain
from onrecord_projections.judging.hands import Hand, hands_of, holder_of
from onrecord_projections.judging.sharing import Policy, Share, policy_at, share
from onrecord_projections.judging.verdict import State
from onrecord_services.api.page.sum_words import sentence

START = datetime(2026, 7, 11, tzinfo=UTC)
POLICIES: tuple[Policy, ...] = ("at-breach", "proportional", "first-delayer")


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def clock(due: int, stop: int | None, *, owner: str | None = "chen", state: State = "breached") -> Clock:
    """Started at nought, due and stopped so many seconds later."""
    stopped = None if stop is None else after(stop)
    return Clock(
        pack="test", edition=1, clause="T-1", case="complaint/1", instance="i", kind="clock", owner=owner,
        state=state, started_at=START, due_at=after(due), stopped_at=stopped, used=timedelta(),
        paused=timedelta(), overrun=None, provisional=False, note="", findings=(), evidence=(),
        started_by="i", stopped_by=None,
    )  # fmt: skip


def hands(*told: tuple[str | None, int]) -> tuple[Hand, ...]:
    return tuple(Hand(person, after(seconds)) for person, seconds in told)


CHEN_THEN_WANG = hands(("chen", 0), ("wang", 60))
THREE = hands(("chen", 0), ("wang", 30), ("li", 90))


@pytest.mark.parametrize(
    ("due", "stop", "who", "policy", "then"),
    [
        pytest.param(100, 130, CHEN_THEN_WANG, "at-breach", {"wang": 30}, id="had-it-at-the-limit"),
        pytest.param(60, 130, CHEN_THEN_WANG, "at-breach", {"wang": 70}, id="accepted-at-that-very-second"),
        pytest.param(59, 130, CHEN_THEN_WANG, "at-breach", {"chen": 71}, id="accepted-a-second-after"),
        pytest.param(100, 120, CHEN_THEN_WANG, "proportional", {"chen": 10, "wang": 10}, id="half-and-half"),
        pytest.param(100, 130, CHEN_THEN_WANG, "proportional", {"chen": 14, "wang": 16}, id="60-and-70"),
        pytest.param(119, 120, THREE, "proportional", {"wang": 1}, id="one-second-goes-to-the-largest-part"),
        pytest.param(
            110, 120, hands(("chen", 0), ("wang", 40), ("li", 80)), "proportional",
            {"chen": 4, "wang": 3, "li": 3}, id="equal-remainders-the-earlier-first",
        ),
        pytest.param(100, 130, CHEN_THEN_WANG, "first-delayer", {"chen": 30}, id="60-of-100-is-over-half"),
        pytest.param(120, 130, CHEN_THEN_WANG, "first-delayer", {"wang": 10}, id="60-of-120-is-just-half"),
        pytest.param(90, 130, THREE, "first-delayer", {"wang": 40}, id="30-of-90-is-just-a-third"),
        pytest.param(
            90, 130, hands(("chen", 0), ("wang", 20), ("chen", 30)), "first-delayer", {"chen": 40},
            id="what-came-back-adds-up",
        ),
        pytest.param(100, 130, hands(("chen", 0)), "proportional", {"chen": 30}, id="one-hand-has-it-all"),
        pytest.param(100, 130, hands(("chen", -50), ("wang", 200)), "proportional", {"chen": 30}, id="later"),
        pytest.param(100, 100, CHEN_THEN_WANG, "proportional", {}, id="on-the-last-second-is-not-late"),
        pytest.param(
            100, 130, hands((None, 0), ("chen", 40)), "proportional", {"chen": 30}, id="time-in-nobodys-hands"
        ),
        pytest.param(20, 130, hands((None, 0), ("chen", 40)), "at-breach", {"chen": 110}, id="not-yet"),
    ],
)  # fmt: skip
def test_an_overrun_is_shared_to_the_second(
    due: int, stop: int, who: tuple[Hand, ...], policy: Policy, then: dict[str, int]
) -> None:
    found = share(clock(due, stop), who, policy, after(10_000))
    assert found == tuple(Share(person, seconds) for person, seconds in then.items())


@pytest.mark.parametrize("policy", POLICIES)
def test_somebody_elses_clock_is_not_shared(policy: Policy) -> None:
    """The department's hour is the department's, whoever had the complaint."""
    engineering = clock(100, 130, owner="engineering")
    assert share(engineering, CHEN_THEN_WANG, policy, after(10_000)) == (Share("engineering", 30),)
    assert share(clock(100, 130, owner=None), CHEN_THEN_WANG, policy, after(10_000)) == ()


@pytest.mark.parametrize("state", ["running", "paused", "met", "cancelled"])
def test_what_is_not_broken_is_nobodys(state: State) -> None:
    assert share(clock(100, 130, state=state), CHEN_THEN_WANG, "proportional", after(10_000)) == ()


def test_an_open_breach_grows_with_the_look() -> None:
    still = clock(100, None)
    assert share(still, CHEN_THEN_WANG, "proportional", after(120)) == (Share("chen", 10), Share("wang", 10))
    assert share(still, CHEN_THEN_WANG, "proportional", after(100)) == ()


@given(
    due=st.integers(0, 5_000),
    late=st.integers(1, 5_000),
    moves=st.lists(st.tuples(st.sampled_from(["chen", "wang", "li"]), st.integers(-500, 11_000)), max_size=6),
    policy=st.sampled_from(POLICIES),
)
def test_shares_are_the_whole_overrun(
    due: int, late: int, moves: list[tuple[str, int]], policy: Policy
) -> None:
    who = hands(("chen", -1_000), *sorted(moves, key=lambda move: move[1]))
    found = share(clock(due, due + late), who, policy, after(100_000))
    assert sum(part.seconds for part in found) == late
    assert len({part.person for part in found}) == len(found)
    assert all(part.seconds > 0 for part in found)


def test_whose_hands_it_was_in_follows_acceptance_in_any_order_of_arrival() -> None:
    told = facts(
        "2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen",
        "2026-07-11 09:00:00 handover.offered giver=chen taker=wang",
        "2026-07-11 09:30:00 handover.accepted giver=chen taker=wang",
        "2026-07-11 10:00:00 handover.offered giver=wang taker=li",
        "2026-07-11 10:10:00 handover.declined giver=wang taker=li",
        "2026-07-11 11:00:00 task.set task=complaint-handling person=sun",
        "2026-07-11 12:00:00 task.set task=cleaning person=zhao",
    )
    expected = (
        Hand("chen", at("2026-07-11 08:00:00"), 1),
        Hand("wang", at("2026-07-11 09:30:00"), 3),
        Hand("sun", at("2026-07-11 11:00:00"), 6),
    )
    assert hands_of(Settings(), told) == expected
    assert hands_of(Settings(), reversed(told)) == expected
    assert holder_of(expected, at("2026-07-11 09:29:59")) == "chen"
    assert holder_of(expected, at("2026-07-11 09:30:00")) == "wang"
    assert holder_of(expected, at("2026-07-11 07:59:59")) is None


def test_the_accused_who_took_it_down_never_has_it() -> None:
    told = facts("2026-07-11 08:00:00 complaint.registered severity=minor received_by=zhao accused=zhao")
    assert hands_of(Settings(), told) == (Hand(None, at("2026-07-11 08:00:00"), 1),)


def test_a_real_clock_is_shared_as_the_tenant_reads_it() -> None:
    """RENT-CRM 1.2-4C: 24 hours; Wang accepted after 18 of them, and the customer heard after 27."""
    told = facts(
        "2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen",
        "2026-07-12 02:00:00 handover.accepted giver=chen taker=wang",
        "2026-07-12 11:00:00 complaint.progress-shared",
    )
    now = at("2026-07-12 12:00:00")
    found = {}
    for policy in POLICIES:
        settings = shipping("rent-crm", readings={"handover.overrun": policy})
        assert policy_at(settings, now) == policy
        (late,) = [one for one in evaluate(settings, told, now).clocks if one.clause == "RENT-CRM-1.2-4C"]
        found[policy] = share(late, hands_of(settings, told), policy, now)
    assert found == {
        "at-breach": (Share("wang", 10_800),),
        "proportional": (Share("chen", 7_200), Share("wang", 3_600)),
        "first-delayer": (Share("chen", 10_800),),
    }
    assert policy_at(Settings(), now) == "at-breach"


def test_the_explanation_of_a_late_clock_says_who_answers_for_how_much() -> None:
    told = facts(
        "2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen",
        "2026-07-12 02:00:00 handover.accepted giver=chen taker=wang",
        "2026-07-12 11:00:00 complaint.progress-shared",
    )
    settings = shipping("rent-crm", readings={"handover.overrun": "proportional"})
    found = explain(settings, told, "RENT-CRM-1.2-4C", "example#1", at("2026-07-12 12:00:00"))
    assert found is not None
    parts = [one for one in found.arithmetic if one.op == "hand"]
    assert [(one.of["person"], one.gives) for one in parts] == [("chen", 7_200), ("wang", 3_600)]
    assert [(one.name, one.value, one.decided) for one in found.settings if one.kind == "reading"] == [
        ("handover.overrun", "proportional", True)
    ]
    said = {"op": "hand", "of": dict(parts[0].of), "gives": 7_200}
    assert sentence("en", said) == (
        "For 2 h of it chen answers, by the tenant's reading (by the time everybody had it)."
    )
    assert sentence("zh", said) == "其中 2 小时 由 chen 承担（按本单位解释：按各人持有时间分摊）。"


def test_where_nothing_was_handed_over_nothing_is_said_of_sharing() -> None:
    told = facts("2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen")
    settings = shipping("rent-crm")
    found = explain(settings, told, "RENT-CRM-1.2-4C", "example#1", at("2026-07-20 12:00:00"))
    assert found is not None
    assert found.clock.state == "breached"
    assert [one.op for one in found.arithmetic][-1] == "state"
