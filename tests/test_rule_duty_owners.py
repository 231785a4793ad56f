"""Whose a duty is: whoever had it when it was done or fell due."""

import pytest

from duty_builders import MONTHLY, assigned, done
from judging_builders import at, facts
from onrecord_projections.judging import CaseFold, evaluate


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
            [assigned("2026-06-20 09:00:00", "wu"), done("2026-06-25 09:00:00")],
            [("wu", "met"), ("wu", "running")],
            id="done-after-the-handover",
        ),
        pytest.param(
            [done("2026-06-02 09:00:00"), assigned("2026-06-20 09:00:00", "wu")],
            [("gao", "met"), ("wu", "running")],
            id="done-before-anybody-had-it",
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
        pytest.param(
            [done("2026-06-12 09:00:00"), assigned("2026-06-12 09:00:00", "wu")],
            [("gao", "met"), ("wu", "running")],
            id="done-and-handed-over-in-one-second",
        ),
        pytest.param(
            [
                "2026-06-12 09:00:00 duty.ended",
                done("2026-06-13 09:00:00"),
                assigned("2026-06-14 09:00:00", "wu"),
            ],
            [("gao", "met"), ("wu", "running")],
            id="done-when-nobody-had-it-any-more",
        ),
    ],
)
def test_whoever_had_it_owes_it(lines: list[str], owners: list[tuple[str, str]]) -> None:
    events = facts(assigned("2026-06-10 09:00:00"), *lines, case="duty/1")
    clocks = evaluate(MONTHLY, events, at("2026-07-01 00:00:00")).clocks
    assert [(clock.owner, clock.state) for clock in clocks] == owners


def test_who_had_it_when_it_fell_due_owes_what_somebody_else_does_late() -> None:
    lines = [
        assigned("2026-06-10 09:00:00", "gao"),
        assigned("2026-07-03 09:00:00", "wu"),
        done("2026-07-05 09:00:00", "period=2026-06"),
    ]
    clocks = evaluate(MONTHLY, facts(*lines), at("2026-07-06 00:00:00")).clocks
    assert [(clock.owner, clock.state) for clock in clocks] == [("gao", "breached"), ("wu", "running")]


def test_handed_over_in_its_last_second_it_is_owed_by_whoever_gets_it() -> None:
    fold = CaseFold.open(MONTHLY, "duty/1")
    given, handed = facts(
        assigned("2026-06-10 09:00:00"), assigned("2026-06-30 23:59:59", "wu"), case="duty/1"
    )
    fold.take(given)
    assert [clock.owner for clock in fold.at(at("2026-06-30 23:59:59")).clocks] == ["gao"]
    fold.take(handed)
    assert [clock.owner for clock in fold.at(at("2026-06-30 23:59:59")).clocks] == ["wu"]


def test_a_handover_judges_only_what_is_not_yet_overdue() -> None:
    fold = CaseFold.open(MONTHLY, "duty/1")
    given, handed = facts(
        assigned("2026-01-10 09:00:00"), assigned("2026-06-15 09:00:00", "wu"), case="duty/1"
    )
    fold.take(given)
    before = fold.at(at("2026-06-15 08:00:00")).clocks
    fold.take(handed)
    after = fold.at(at("2026-06-15 09:00:00")).clocks
    assert [clock.owner for clock in after] == [*["gao"] * 5, "wu"]
    assert [one is other for one, other in zip(before, after, strict=True)] == [*[True] * 5, False]
