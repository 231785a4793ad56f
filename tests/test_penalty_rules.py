"""What findings are proposed to cost: CC02's fines and their doubling."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_builders import adopting, at, facts, policy, shipping
from onrecord_projections.judging import (
    Finding,
    PenaltyLine,
    Settings,
    assess,
    evaluate,
    line_id,
    penalty_month,
    shipped_rulebook,
)

CC02 = shipping("cc02-archive")
D1A, E2 = "CC02-D1a", "CC02-E2"


def late(case: str, when: str, person: str | None = "li", due: str | None = None) -> Finding:
    """A file whose three days passed."""
    due_at = at(due) if due else None
    return Finding("cc02-archive", 2, D1A, "breach", case, f"x#{case}", person, at(when), due_at, 1, (1,))


def unsigned(case: str, when: str, papers: int, person: str = "li") -> Finding:
    """An inspection that found papers without the user's signature."""
    return Finding("cc02-archive", 2, E2, "defect", case, f"y#{case}", person, at(when), None, papers, (2,))


def amounts(lines: Iterable[PenaltyLine]) -> list[tuple[str, str]]:
    return [(line.case, str(line.amount)) for line in lines]


def test_one_flat_line_however_late() -> None:
    (line,) = assess(CC02, [late("A", "2026-03-05 00:00:00")])
    assert (line.person, line.clause, line.clauses) == ("li", "CC02-E1", ("CC02-E1",))
    assert (line.amount, line.base, line.factor, line.currency) == (
        Decimal("50.00"),
        Decimal("50.00"),
        1,
        "CNY",
    )
    assert (line.month, line.counted_as, line.quantity, line.cause.case) == ("2026-03", 1, 1, "A")


def test_each_unsigned_paper_costs() -> None:
    (line,) = assess(CC02, [unsigned("B", "2026-03-05 15:00:00", 3)])
    assert (line.clause, line.quantity, line.amount) == ("CC02-E2", 3, Decimal("60.00"))


def test_a_late_and_unsigned_file_is_one_case() -> None:
    lines = assess(
        CC02,
        [
            late("A", "2026-03-05 00:00:00"),
            unsigned("A", "2026-03-06 15:00:00", 1),
            late("B", "2026-03-09 00:00:00"),
        ],
    )
    assert amounts(lines) == [("A", "50.00"), ("A", "20.00"), ("B", "100.00")]
    assert [line.counted_as for line in lines] == [1, 1, 2]


def test_a_tenant_may_count_lines_instead() -> None:
    settings = shipping("cc02-archive", readings={"cc02.count-unit": "line"})
    lines = assess(settings, [late("A", "2026-03-05 00:00:00"), unsigned("A", "2026-03-06 15:00:00", 1)])
    assert amounts(lines) == [("A", "50.00"), ("A", "40.00")]
    assert lines[1].clauses == ("CC02-E2", "CC02-E6a")


def test_twice_not_four_times() -> None:
    lines = assess(CC02, [late(case, f"2026-03-{5 + nth:02} 00:00:00") for nth, case in enumerate("ABCD")])
    assert amounts(lines) == [("A", "50.00"), ("B", "100.00"), ("C", "100.00"), ("D", "100.00")]
    assert [line.factor for line in lines] == [1, 2, 2, 2]


def test_each_person_has_a_ladder_of_its_own() -> None:
    lines = assess(CC02, [late("A", "2026-03-05 00:00:00"), late("B", "2026-03-06 00:00:00", "wang")])
    assert [(line.person, str(line.amount)) for line in lines] == [("li", "50.00"), ("wang", "50.00")]


@pytest.mark.parametrize(
    ("last", "amount"),
    [
        pytest.param("2026-03-31 23:59:59", "100.00", id="last-second-of-march"),
        pytest.param("2026-04-01 00:00:00", "50.00", id="first-second-of-april"),
    ],
)
def test_the_month_is_a_local_calendar_month(last: str, amount: str) -> None:
    lines = assess(CC02, [late("A", "2026-03-01 00:00:00"), late("B", last)])
    assert amounts(lines) == [("A", "50.00"), ("B", amount)]


def test_the_month_of_the_due_date_is_a_reading() -> None:
    settings = shipping("cc02-archive", readings={"r6.month": "due"})
    finding = late("A", "2026-04-01 00:00:00", due="2026-03-31 23:59:59")
    assert (penalty_month(CC02, finding), penalty_month(settings, finding)) == ("2026-04", "2026-03")


def test_an_inspection_has_no_due_date_to_count_by() -> None:
    settings = shipping("cc02-archive", readings={"r6.month": "due"})
    assert penalty_month(settings, unsigned("A", "2026-04-01 00:00:00", 1)) == "2026-04"


def test_a_waived_case_drops_out_and_the_next_counts_one_less() -> None:
    findings = [late("A", "2026-03-05 00:00:00"), late("B", "2026-03-06 00:00:00")]
    assert amounts(assess(CC02, findings)) == [("A", "50.00"), ("B", "100.00")]
    assert amounts(assess(CC02, findings, {"A"})) == [("B", "50.00")]


def test_nobody_known_nobody_fined() -> None:
    assert assess(CC02, [late("A", "2026-03-05 00:00:00", None)]) == ()


def test_a_late_fact_moves_the_doubling_but_no_id() -> None:
    second = late("B", "2026-03-06 00:00:00")
    (alone,) = assess(CC02, [second])
    _, doubled = assess(CC02, [second, late("A", "2026-03-05 00:00:00")])
    assert (alone.id, alone.amount) == (line_id("CC02-E1", "li", "B", "x#B"), Decimal("50.00"))
    assert (doubled.id, doubled.amount) == (alone.id, Decimal("100.00"))


def test_every_line_has_an_id_of_its_own() -> None:
    findings = [
        late("A", "2026-03-05 00:00:00"),
        unsigned("A", "2026-03-05 00:00:00", 1),
        late("B", "2026-03-05 00:00:00"),
    ]
    assert len({line.id for line in assess(CC02, findings)}) == 3


def test_other_clauses_breaches_cost_nothing_here() -> None:
    other = Finding(
        "rent-crm", 1, "RENT-CRM-1.2-4C", "breach", "c", "i", "li", at("2026-03-05 00:00:00"), None, 1, ()
    )
    assert assess(shipping("cc02-archive", "rent-crm"), [other]) == ()


def test_a_finding_is_charged_by_the_edition_it_was_found_under() -> None:
    dearer = (
        shipped_rulebook("cc02-archive")[1].replace("edition = 2", "edition = 3").replace("50.00", "70.00")
    )
    dearer = dearer.replace("effective_from = 2026-01-01", "effective_from = 2026-04-01").replace(
        "100.00", "140.00"
    )
    settings = adopting(shipped_rulebook("cc02-archive")[1], dearer)
    events = facts("2026-03-30 10:00:00 vehicle.delivered car=A consultant=li", case="archive/A")
    findings = evaluate(settings, events, at("2026-05-01 00:00:00")).findings
    assert amounts(assess(settings, findings)) == [("archive/A", "50.00")]
    events = facts("2026-04-01 10:00:00 vehicle.delivered car=B consultant=li", case="archive/B")
    findings = evaluate(settings, events, at("2026-05-01 00:00:00")).findings
    assert amounts(assess(settings, findings)) == [("archive/B", "70.00")]


def test_the_same_file_inspected_twice_is_charged_once() -> None:
    lines = (
        "2026-03-12 15:00:00 archive.inspected consultant=li defects=user-signature-missing:2",
        "2026-03-20 15:00:00 archive.inspected consultant=li defects=user-signature-missing:1",
    )
    findings = evaluate(CC02, facts(*lines, case="archive/A"), at("2026-04-01 00:00:00")).findings
    assert amounts(assess(CC02, findings)) == [("archive/A", "40.00")]


CASES = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), st.integers(1, 28), st.sampled_from(("li", "wang")), st.booleans()),
    max_size=8,
)


@given(CASES, st.randoms())
def test_the_order_in_which_findings_are_given_changes_nothing(
    told: list[tuple[str, int, str, bool]], chance: Random
) -> None:
    findings = [
        unsigned(f"{case}-{person}", f"2026-03-{day:02} 10:00:00", 1, person)
        if inspected
        else late(f"{case}-{person}", f"2026-03-{day:02} 00:00:00", person)
        for case, day, person, inspected in told
    ]
    straight = assess(CC02, findings)
    shuffled = [*findings, *findings]
    chance.shuffle(shuffled)
    assert assess(CC02, shuffled) == straight
    for person in ("li", "wang"):
        alone = assess(CC02, [finding for finding in findings if finding.person == person])
        assert alone == tuple(line for line in straight if line.person == person)


def test_settings_without_the_edition_fine_nobody() -> None:
    assert (
        assess(
            Settings().evolve(policy(1, "reading.set", reading="r6.month", value="due")),
            [late("A", "2026-03-05 00:00:00")],
        )
        == ()
    )
