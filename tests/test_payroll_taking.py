"""What goes off a month's wage: within cap and floor, and in the end neither more nor less."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord_events.envelope import Recorded
from onrecord_events.payroll import Row
from onrecord_events.penalty import (
    Approved,
    Decision,
    Exported,
    Notified,
    Reversed,
    Share,
    Split,
    Waived,
)
from onrecord_projections.judging import Settings
from onrecord_services.desk.payroll.taking import Terms, Took, take
from onrecord_services.desk.payroll.through import Part, opened, part
from onrecord_services.desk.payroll.wages import wages_of
from onrecord_services.desk.penalty.state import Line, evolve, folded, parts

D = Decimal
NONE = Settings()
T0 = datetime(2026, 4, 8, 1, tzinfo=UTC)
MONTHS = ("2026-03", "2026-04", "2026-05", "2026-06")
SAID = {"person": "li", "clause": "CC02-E1", "edition": 2}


@pytest.mark.parametrize(
    ("terms", "wage", "room"),
    [
        pytest.param(Terms(), D("5000.00"), D("1000.00"), id="a-fifth-of-the-months-wage"),
        pytest.param(Terms(), D("33.33"), D("6.66"), id="cents-are-cut-not-rounded-up"),
        pytest.param(Terms(floor=D("2360.00")), D("2500.00"), D("140.00"), id="the-floor-is-nearer"),
        pytest.param(Terms(floor=D("2360.00")), D("2360.00"), D(0), id="nothing-below-the-minimum-wage"),
        pytest.param(Terms(floor=D("2360.00")), D("2000.00"), D(0), id="never-less-than-nothing"),
        pytest.param(Terms(cap_percent=None, floor=D("2360.00")), D("5000.00"), D("2640.00"), id="cap-off"),
        pytest.param(Terms(cap_percent=None), D("5000.00"), None, id="both-off-no-end-to-it"),
        pytest.param(Terms(), None, D(0), id="nothing-without-a-wage-on-record"),
        pytest.param(Terms(cap_percent=None), None, None, id="both-off-need-no-wage"),
    ],
)
def test_room(terms: Terms, wage: Decimal | None, room: Decimal | None) -> None:
    assert terms.room(wage) == room


def test_the_oldest_goes_first_and_the_rest_is_carried() -> None:
    took = list(take([D(50), D(100), D(30)], D(120), carry_over=True))
    assert took == [Took(D(50), D(0), D(0)), Took(D(70), D(30), D(0)), Took(D(0), D(30), D(0))]


def test_without_carry_over_the_rest_lapses() -> None:
    assert list(take([D(50), D(100)], D(120), carry_over=False)) == [
        Took(D(50), D(0), D(0)),
        Took(D(70), D(0), D(30)),
    ]


def test_what_is_given_back_goes_whole_and_makes_no_room() -> None:
    took = list(take([D(-80), D(100)], D(10), carry_over=True))
    assert took == [Took(D(-80), D(0), D(0)), Took(D(10), D(90), D(0))]


def test_a_wage_is_known_whole_or_by_its_parts() -> None:
    paid = [
        ("li", "base-pay", "CNY", D(3000)),
        ("li", "performance-pay", "CNY", D(500)),
        ("wang", "month-wage", "CNY", D(6000)),
        ("wang", "base-pay", "CNY", D(4000)),
    ]
    assert wages_of(paid) == {("li", "CNY"): D(3500), ("wang", "CNY"): D(6000)}


def line_of(*bodies: Decision, by: str = "zhao") -> Line:
    line = Line()
    for nth, body in enumerate(bodies):
        line = evolve(line, body, by, T0 + timedelta(minutes=nth))
    return line


def said(kind: type[Decision], amount: str, **more: object) -> Decision:
    return kind.model_validate(SAID | {"amount": amount, **more})


def test_a_reward_is_given_and_a_reversed_one_taken_again() -> None:
    reward = [said(Notified, "100.00", line="reward"), said(Approved, "100.00", line="reward")]
    assert line_of(*reward).open == {"li": D("-100.00")}
    given_ = said(Exported, "100.00", taken="-100.00")
    assert line_of(*reward, given_, said(Reversed, "100.00")).open == {"li": D("100.00")}


def test_events_from_elsewhere_that_name_no_sum_took_what_was_owed() -> None:
    assert line_of(said(Approved, "50.00"), said(Exported, "50.00")).open == {}
    assert line_of(said(Exported, "50.00"), said(Reversed, "50.00")).open == {"li": D("-50.00")}


def test_a_waived_line_owes_nothing() -> None:
    assert line_of(said(Approved, "50.00"), said(Waived, "50.00")).open == {}


def test_what_lapsed_is_owed_no_more() -> None:
    line = line_of(
        said(Approved, "50.00"), said(Exported, "50.00", taken="20.00", carried="0", lapsed="30.00")
    )
    assert line.open == {}
    assert evolve(line, said(Reversed, "50.00"), "zhao", T0).open == {"li": D("-20.00")}


def test_parts_of_a_split_are_the_amount_to_the_cent_also_when_it_is_another_by_now() -> None:
    split = said(Split, "100.00", shares=[Share(person=who, amount=D("33.33")) for who in "abc"])
    line = line_of(split)
    assert parts(line, D("100.00")) == [("a", D("33.34")), ("b", D("33.33")), ("c", D("33.33"))]
    assert parts(line, D("0.02")) == [("a", D("0.01")), ("b", D("0.01")), ("c", D("0.00"))]


def test_each_bearer_pays_from_his_own_wage() -> None:
    shares = [Share(person="li", amount=D("30.00")), Share(person="wang", amount=D("20.00"))]
    line = line_of(said(Split, "50.00", shares=shares), said(Approved, "50.00", month="2026-03"))
    wages = {("li", "CNY"): D(100), ("wang", "CNY"): D(1000)}
    went = part(NONE, "2026-03", Terms(), wages, opened({"L1": line}, "2026-03", ()), ())
    rows = [(row.person, row.amount, row.taken, row.carried) for row in went.rows]
    assert rows == [("li", D("30.00"), D("20.00"), D("10.00")), ("wang", D("20.00"), D("20.00"), D("0.00"))]
    bodies = [fact.body for fact in went.facts]
    assert [(body.bearer, body.taken, body.whole) for body in bodies if isinstance(body, Exported)] == [
        (None, D("20.00"), False),
        ("wang", D("20.00"), False),
    ]


def test_an_earlier_part_of_the_month_has_used_up_the_room() -> None:
    first, second = (line_of(said(Approved, "60.00", month="2026-03")) for _ in "ab")
    wages = {("li", "CNY"): D(500)}
    done = part(NONE, "2026-03", Terms(), wages, opened({"A": first}, "2026-03", ()), ()).rows
    went = part(NONE, "2026-03", Terms(), wages, opened({"B": second}, "2026-03", done), done)
    assert [(row.taken, row.carried) for row in (*done, *went.rows)] == [(D(60), D(0)), (D(40), D(20))]
    assert opened({"A": first}, "2026-03", done) == []


def test_what_was_confirmed_first_goes_first_whatever_its_id() -> None:
    older = line_of(said(Approved, "60.00"))
    newer = line_of(said(Notified, "60.00"), said(Approved, "60.00"))
    found = opened({"A": newer, "B": older}, "2026-03", ())
    assert [one.name for one in found] == ["B", "A"]


def test_what_comes_of_a_reversed_line_is_no_export_of_it() -> None:
    line = line_of(said(Approved, "60.00"), said(Exported, "60.00", taken="60.00"), said(Reversed, "60.00"))
    went = part(NONE, "2026-03", Terms(), {("li", "CNY"): D(500)}, opened({"A": line}, "2026-03", ()), ())
    assert [(fact.body.TYPE, row.taken) for fact, row in zip(went.facts, went.rows, strict=True)] == [
        ("penalty.settled", D(-60))
    ]


def test_a_line_decided_for_a_later_month_waits_for_it() -> None:
    line = line_of(said(Approved, "60.00", month="2026-05"))
    assert opened({"A": line}, "2026-04", ()) == []
    assert len(opened({"A": line}, "2026-05", ())) == 1


def test_without_a_wage_all_is_carried_and_the_row_says_why() -> None:
    line = line_of(said(Approved, "60.00"))
    went = part(NONE, "2026-03", Terms(), {}, opened({"A": line}, "2026-03", ()), ())
    assert [(row.taken, row.carried, row.lacks) for row in went.rows] == [(D(0), D(60), "month-wage")]
    assert went.facts == ()


def carried_out(lines: dict[str, Line], went: Part) -> dict[str, Line]:
    """The lines after what payroll did."""
    after = dict(lines)
    for fact in went.facts:
        name = fact.stream.partition("/")[2]
        after[name] = evolve(after[name], fact.body, "qian", T0)
    return after


amounts = st.decimals(min_value="0.01", max_value=900, places=2)
persons = st.sampled_from(["li", "wang"])


@settings(max_examples=150, deadline=None)
@given(
    owed=st.lists(st.tuples(persons, amounts), max_size=6),
    wages=st.lists(st.tuples(amounts, amounts), min_size=4, max_size=4),
    floor=st.none() | st.decimals(min_value=0, max_value=500, places=2),
    cap=st.none() | st.sampled_from([D(20), D("12.5"), D(100)]),
    reversed_=st.lists(st.integers(0, 5), max_size=2),
    split_at=st.integers(1, 3),
)
def test_no_month_takes_too_much_and_all_months_together_take_what_was_confirmed(
    owed: list[tuple[str, Decimal]],
    wages: Sequence[tuple[Decimal, Decimal]],
    floor: Decimal | None,
    cap: Decimal | None,
    reversed_: list[int],
    split_at: int,
) -> None:
    """Four months, the last with all switched off; some lines are taken back after the second."""
    lines = {
        f"L{nth}": line_of(Approved(person=who, clause="CC02-E1", edition=2, amount=amount, month="2026-03"))
        for nth, (who, amount) in enumerate(owed)
    }
    taken: dict[str, Decimal] = {}
    for month, (li, wang) in zip(MONTHS, wages, strict=True):
        terms = Terms(cap, floor) if month != MONTHS[-1] else Terms(None, None)
        wage = {("li", "CNY"): li, ("wang", "CNY"): wang}
        rows: tuple[Row, ...] = ()
        for names in (list(lines)[:split_at], list(lines)[split_at:]):
            some = {name: lines[name] for name in names}
            went = part(NONE, month, terms, wage, opened(some, month, rows), rows)
            rows, lines = (*rows, *went.rows), lines | carried_out(some, went)
        for (who, _), has in wage.items():
            off = sum((row.taken for row in rows if row.person == who and row.taken > 0), D(0))
            assert terms.cap_percent is None or off <= has * terms.cap_percent / 100
            assert terms.floor is None or off == 0 or has - off >= terms.floor
        for row in rows:
            taken[row.line] = taken.get(row.line, D(0)) + row.taken
            assert taken[row.line] + row.carried == row.amount
        if month == MONTHS[1]:
            for nth in {nth for nth in reversed_ if nth < len(owed)}:
                body = lines[f"L{nth}"].amount
                back = Reversed(person=owed[nth][0], clause="CC02-E1", edition=2, amount=body or D(0))
                lines[f"L{nth}"] = evolve(lines[f"L{nth}"], back, "zhao", T0)
    for nth, (_, amount) in enumerate(owed):
        assert taken.get(f"L{nth}", D(0)) == (D(0) if nth in reversed_ else amount)
        assert lines[f"L{nth}"].open == {}


def recorded(nth: int, kind: str, data: dict[str, Any]) -> Recorded:
    told: dict[str, Any] = {"recorded_at": T0, "occurred_at": T0, "source": "/t", "stream": "penalty/A"}
    return Recorded(position=nth, id=str(nth), type=kind, data=data, **told)


def test_a_stream_with_refusals_folds_to_the_decisions_alone() -> None:
    refused = {"command": "penalty.waive", "by": "x", "reason": "role-missing"}
    events = [
        recorded(1, "penalty.approved", SAID | {"amount": "50.00"}),
        recorded(2, "decision.refused", refused),
        recorded(3, "penalty.reversed", SAID | {"amount": "50.00"}),
        recorded(4, "penalty.settled", SAID | {"amount": "0.00", "taken": "0.00"}),
    ]
    assert (folded(events).state, folded(events).open) == ("reversed", {})
