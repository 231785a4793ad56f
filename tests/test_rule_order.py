"""Whatever order events arrive in, and however often, a case means the same."""

from datetime import datetime, timedelta
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from judging_builders import HEAD, adopting, at, clause, facts, folded, shipping
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, Verdict, evaluate

RENT = shipping("rent-crm")
PAUSES = """[
  { cause = "customer", begins_on = ["complaint.customer-asked"], ends_on = ["complaint.customer-answered"] },
  { cause = "parts", begins_on = ["complaint.forwarded"], ends_on = ["complaint.disposal-form-returned"] },
]"""
PAUSING = adopting(HEAD + clause(pause=PAUSES, measure='"working"', instances='"open"'))

BEGAN = at("2026-07-01 08:00:00")
BODIES: tuple[tuple[str, dict[str, object]], ...] = (
    ("complaint.registered", {"severity": "minor", "received_by": "chen", "area_manager": "gao"}),
    ("complaint.registered", {"severity": "major", "received_by": "wu", "area_manager": "gao"}),
    ("complaint.classified", {"severity": "major"}),
    ("complaint.classified", {"severity": "minor"}),
    ("complaint.repeated", {}),
    ("complaint.progress-shared", {}),
    ("complaint.answered", {}),
    ("complaint.customer-asked", {"question_code": "access"}),
    ("complaint.customer-answered", {}),
    ("complaint.forwarded", {"to": "store"}),
    ("complaint.disposal-form-received", {"department": "a"}),
    ("complaint.disposal-plan-signed", {"department": "a"}),
    ("complaint.disposal-form-returned", {"department": "a"}),
    ("complaint.major-reported", {"to": "head"}),
    ("complaint.obstacle-reported", {}),
    ("complaint.resolved", {}),
    ("complaint.resolved", {"accepted_by_customer": False}),
    ("complaint.closed", {"agreed": True}),
    (
        "callback.made",
        {"kind": "complaint", "channel": "phone", "by": "chen", "reached": True, "satisfied": False},
    ),
    ("complaint.withdrawn", {}),
    ("complaint.archived", {}),
    ("complaint.destruction-requested", {}),
    ("duty.assigned", {"duty": "complaint-analysis", "person": "gao"}),
    ("duty.ended", {}),
    ("report.submitted", {"form": "zc-qr-029", "period": "2026-07"}),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """Events of one case in the order of their positions; some recorded late, some told ahead of others."""
    events = []
    for position in range(1, draw(st.integers(1, 12)) + 1):
        kind, body = draw(st.sampled_from(BODIES))
        occurred = BEGAN + timedelta(minutes=draw(st.integers(0, 60 * 24 * 16)))
        late = timedelta(minutes=draw(st.sampled_from((0, 0, 5, 59, 61, 60 * 30))))
        events.append(
            Recorded(
                position=position,
                id=f"{position}",
                source="test",
                type=kind,
                stream="complaint/1",
                occurred_at=occurred,
                recorded_at=occurred + late,
                sequence=draw(st.sampled_from((None, 1, 2))),
                data=body,
            )
        )
    return events


INSTANTS = st.integers(0, 60 * 24 * 20).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
TENANTS = st.sampled_from((RENT, PAUSING))


@given(TENANTS, histories(), st.randoms(), INSTANTS)
@settings(max_examples=150, deadline=None)
def test_disorder_and_redelivery_change_nothing(
    tenant: Settings, history: list[Recorded], chance: Random, as_of: datetime
) -> None:
    straight = evaluate(tenant, history, as_of)
    arrived = [*history, *history]
    chance.shuffle(arrived)
    assert evaluate(tenant, arrived, as_of) == straight
    assert folded(tenant, arrived).at(as_of) == straight


@given(TENANTS, histories(), INSTANTS, INSTANTS)
@settings(max_examples=150, deadline=None)
def test_looking_in_between_changes_nothing(
    tenant: Settings, history: list[Recorded], first: datetime, second: datetime
) -> None:
    fold = CaseFold.open(tenant, "complaint/1")
    for event in history:
        fold.take(event)
        fold.at(first)
        _ = fold.next_due
        fold.at(second)
    assert (fold.at(first), fold.at(second)) == (
        evaluate(tenant, history, first),
        evaluate(tenant, history, second),
    )


@given(TENANTS, histories(), INSTANTS)
@settings(max_examples=150, deadline=None)
def test_nothing_changes_by_itself_before_next_due(
    tenant: Settings, history: list[Recorded], as_of: datetime
) -> None:
    fold = folded(tenant, history)
    now = fold.at(as_of)
    change = fold.next_due
    assert change is None or change > as_of
    last = as_of + timedelta(days=40) if change is None else change - timedelta(seconds=1)
    assert fold.at(last) == now == evaluate(tenant, history, last)


@given(TENANTS, histories())
@settings(max_examples=100, deadline=None)
def test_a_breach_instant_depends_on_nothing_that_comes_later(
    tenant: Settings, history: list[Recorded]
) -> None:
    """Polled every hour or never: the same breaches (a monitor that slept misses none)."""
    end = BEGAN + timedelta(days=20)
    polled = folded(tenant, history)
    for hour in range(0, 20 * 24, 7):
        polled.at(BEGAN + timedelta(hours=hour))
    assert polled.at(end) == evaluate(tenant, history, end)


def test_a_late_fact_takes_a_breach_back() -> None:
    registered = "2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen"
    shared = "2026-07-12 07:50:00 complaint.progress-shared @recorded=2026-07-12T08:20:00+08:00"
    fold = CaseFold.open(RENT, "complaint/1")
    first, late = facts(registered, shared)
    fold.take(first)
    assert _state(fold.at(at("2026-07-12 08:10:00"))) == "breached"
    fold.take(late)
    assert _state(fold.at(at("2026-07-12 08:20:00"))) == "met"


def test_a_late_fact_takes_an_escalation_and_its_clocks_back() -> None:
    registered = "2026-07-01 08:00:00 complaint.registered severity=minor received_by=chen area_manager=gao"
    solved = "2026-07-11 23:50:00 complaint.resolved @recorded=2026-07-12T00:20:00+08:00"
    fold = CaseFold.open(RENT, "complaint/1")
    first, late = facts(registered, solved)
    fold.take(first)
    before = {clock.clause for clock in fold.at(at("2026-07-12 00:15:00")).clocks}
    fold.take(late)
    after = {clock.clause for clock in fold.at(at("2026-07-12 00:20:00")).clocks}
    assert (before - after, after - before) == (
        {"RENT-CRM-1.2-5A", "RENT-CRM-1.2-5B", "RENT-CRM-1.2-5C"},
        {"RENT-CRM-1.3-1a", "RENT-CRM-2.1-1"},
    )


def test_a_copy_with_an_earlier_position_counts_in_its_place() -> None:
    first, copy = facts(
        "2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen",
        "2026-07-11 09:00:00 complaint.progress-shared",
    )
    again = msgspec.structs.replace(copy, position=9)
    fold = CaseFold.open(RENT, "complaint/1")
    for event in (first, again, copy):
        fold.take(event)
    assert fold.at(at("2026-07-12 00:00:00")) == evaluate(
        RENT, [first, copy, again], at("2026-07-12 00:00:00")
    )
    assert fold.at(at("2026-07-12 00:00:00")).clocks[1].evidence == (1, 2)


def test_the_sources_own_sequence_orders_events_of_one_instant() -> None:
    lines = (
        "2026-07-10 14:00:00 complaint.classified severity=minor @sequence=2",
        "2026-07-10 14:00:00 complaint.registered severity=major area_manager=gao @sequence=1",
    )
    clocks = {
        clock.clause: clock.state for clock in evaluate(RENT, facts(*lines), at("2026-07-10 14:05:00")).clocks
    }
    assert clocks["RENT-CRM-1.2-5A"] == "cancelled"
    assert clocks["RENT-CRM-1.2-4C"] == "running"


def _state(verdict: Verdict) -> str:
    return next(clock.state for clock in verdict.clocks if clock.clause == "RENT-CRM-1.2-4C")
