"""How many, how much over, and who: what a check's finding says beside that it was found."""

from decimal import Decimal

import pytest

from judging_builders import HEAD, adopting, at, clause, facts
from onrecord_projections.judging import Finding, evaluate
from test_rule_checks import (
    BEFORE_NINE,
    CLAUSE,
    IN_A_ROW,
    MEAL,
    NO_EXAMPLE,
    NO_WEEKENDS,
    QUORUM,
    ROLES,
    USED,
)


def findings(kind: str, *lines: str) -> tuple[Finding, ...]:
    settings = adopting(HEAD + CLAUSE + kind + NO_EXAMPLE)
    return evaluate(settings, facts(*lines), at("2027-01-01 00:00:00")).findings


SMS = "client.followed-up by=li channel=sms"


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        pytest.param(QUORUM, [USED], id="approval"),
        pytest.param(
            ROLES, ["2026-06-16 09:00:00 act.attempted act=read-orders by=li role=clerk"], id="access"
        ),
        pytest.param(
            BEFORE_NINE, ["2026-06-16 12:00:00 attendance.marked what=left person=li"], id="time-of-day"
        ),
        pytest.param(
            NO_WEEKENDS, ["2026-06-24 09:00:00 leave.requested person=li day=2026-06-27"], id="weekday"
        ),
        pytest.param(IN_A_ROW, [f"2026-06-01 09:00:00 {SMS}", f"2026-06-02 09:00:00 {SMS}"], id="count"),
    ],
)
def test_an_act_is_found_as_one(kind: str, lines: list[str]) -> None:
    (one,) = findings(kind, *lines)
    assert one.quantity == 1


def test_only_the_one_concerned_stays_out_not_his_neighbours() -> None:
    accused = "2026-06-15 09:00:00 violation.observed code=rude person=m"
    asked = "2026-06-16 09:00:00 act.attempted act=read-orders role=leader by="
    assert [len(findings(ROLES, accused, asked + who)) for who in "lmn"] == [0, 1, 0]


def test_different_ones_are_counted_where_the_clause_says_so() -> None:
    kind = """
kind = "count"
counts = ["approval.refused"]
cap = 1
finding = "asked-around"
"""
    refused = [
        f"2026-06-0{nth} 09:00:00 approval.refused step=check by={by}" for nth, by in enumerate("aab", 1)
    ]
    seen = [[one.at for one in findings(kind + more, *refused)] for more in ("", 'distinct_field = "by"')]
    second, third = at("2026-06-02 09:00:00"), at("2026-06-03 09:00:00")
    assert seen == [[second, third], [third]]


CAP = """
kind = "limit"
event = ["expense.recorded"]
value_field = "amount"
finding = "out-of-bounds"
quantity = "excess"
tolerance_percent = 10
band = [{ %s = 200 }]
"""


@pytest.mark.parametrize(
    ("bound", "amount", "over"),
    [
        ("cap", "220.00", None),
        ("cap", "220.01", ("0.01", 1)),
        ("cap", "222.50", ("2.50", 3)),
        ("floor", "180.00", None),
        ("floor", "179.99", ("0.01", 1)),
        ("floor", "178.00", ("2.00", 2)),
    ],
)
def test_a_tolerance_is_a_share_of_the_bound(bound: str, amount: str, over: tuple[str, int] | None) -> None:
    found = findings(CAP % bound, f"{MEAL} amount={amount}")
    assert [(one.value, one.quantity) for one in found] == ([(Decimal(over[0]), over[1])] if over else [])


@pytest.mark.parametrize("said", ["escorts=2 guests=0", "escorts=2"])
def test_nothing_is_counted_a_head_where_nobody_came(said: str) -> None:
    kind = CAP.replace('"amount"', '"amount"\nper_field = "guests"') % "cap"
    assert findings(kind, f"{MEAL} amount=9000.00 {said}") == ()


@pytest.mark.parametrize(
    ("measure", "target", "used"),
    [
        ("working", "PT4H", "3:00:00"),
        ("working_days", "P2D", "2 days, 18:00:00"),
        ("elapsed", "PT99H", "2 days, 18:00:00"),
    ],
)
def test_only_a_clock_in_working_time_counts_working_time(measure: str, target: str, used: str) -> None:
    settings = adopting(HEAD + clause(measure=f'"{measure}"', target=f'"{target}"'))
    lines = [
        "2026-06-12 16:00:00 complaint.registered severity=minor",
        "2026-06-15 10:00:00 complaint.answered",
    ]
    (clock,) = evaluate(settings, facts(*lines), at("2026-06-16 00:00:00")).clocks
    assert str(clock.used) == used
