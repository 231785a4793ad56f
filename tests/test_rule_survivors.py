"""What mutants of the checks lived through until somebody looked: the tenant's own numbers, whole seconds."""

import pytest

from judging_builders import HEAD, ZONE, adopting, at, facts, policy
from onrecord_projections.judging import CaseFold, evaluate
from onrecord_projections.judging.examples import finding_said
from test_rule_checks import BEFORE_NINE, CLAUSE, EARLY, LIMIT, MEAL, NO_EXAMPLE, NOTICE, PAPERS

CAPPED = LIMIT.partition("band = [")[0]
LISTED = PAPERS.replace('all_of = ["card", "pen", "order-form"]\n', "")
FILED = "2026-06-16 09:00:00 record.filed form=tool-bag papers=card"


def found(kind: str, line: str, number: str | None = None) -> list[str]:
    settings = adopting(HEAD + CLAUSE + kind + NO_EXAMPLE)
    if number is not None:
        settings = settings.evolve(policy(50, "number.set", clause="T-1", value=number))
    verdict = evaluate(settings, facts(line), at("2027-01-01 00:00:00"))
    lacking = [one.reason for one in verdict.unmeasured]
    return [finding_said(one, ZONE) for one in verdict.findings] + lacking


@pytest.mark.parametrize(
    ("amount", "number", "expected"),
    [
        ("300.00", "100", []),
        ("300.03", "100", ["found over-cap at 2026-06-08 19:00:00"]),
        ("300.03", "month", ["no-number"]),
        ("300.03", None, ["no-number"]),
    ],
)
def test_without_bands_the_cap_is_the_tenants_number(
    amount: str, number: str | None, expected: list[str]
) -> None:
    assert found(CAPPED, f"{MEAL} amount={amount} guests=3", number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("card, pen", ["found item-missing at 2026-06-16 09:00:00"]),
        ("card, pen, map", ["found item-missing x 2 at 2026-06-16 09:00:00"]),
        (None, ["no-number"]),
    ],
)
def test_without_codes_the_papers_are_those_the_tenant_lists(number: str | None, expected: list[str]) -> None:
    assert found(LISTED, FILED, number) == expected


def test_an_instant_that_is_named_counts_by_whole_seconds() -> None:
    meeting = "attendance.marked what=meeting person=li starts_at=2026-06-16T10:00:00.900+08:00"
    line = f"2026-06-16 09:57:00 {meeting}"
    assert found(EARLY, line) == []
    settings = adopting(HEAD + CLAUSE + EARLY + NO_EXAMPLE)
    late = facts(line.replace("09:57:00", "09:57:01"))
    (one,) = evaluate(settings, late, at("2027-01-01 00:00:00")).findings
    assert one.due_at == at("2026-06-16 09:57:00")


KEYED = """
kind = "approval"
act = [{ event = "act.done", where = { act = "lend" } }]
keyed_by = "about"
any_of = [[{ on = "approval.given" }]]
resets_on = ["approval.refused"]
value_field = "value"
finding = "lent-without-approval"
"""
YES = "2026-06-16 09:00:00 approval.given step=approve by=wu about=K1"
NO = "2026-06-16 09:30:00 approval.refused step=approve by=wu about=K1"
LENT = "2026-06-16 10:00:00 act.done act=lend by=li value=80.00"


@pytest.mark.parametrize(
    ("lines", "fine"),
    [
        ((YES, f"{LENT} about=K1"), True),
        ((YES, f"{LENT} about=K2"), False),
        ((YES, LENT), False),
        ((YES, NO, f"{LENT} about=K1"), False),
    ],
    ids=["for-this-one", "for-another-one", "for-nothing-named", "taken-back"],
)
def test_a_yes_counts_for_what_it_names_until_it_is_taken_back(lines: tuple[str, ...], *, fine: bool) -> None:
    settings = adopting(HEAD + CLAUSE + KEYED + NO_EXAMPLE)
    findings = evaluate(settings, facts(*lines), at("2027-01-01 00:00:00")).findings
    assert [str(one.value) for one in findings] == ([] if fine else ["80.00"])


GRADED = """
kind = "grade"
event = ["expense.recorded"]
value_field = "amount"
sets = "grade"
"""
STEPS = """step = [
  { grade = "large", from = 500, where = { kind = "reception" } },
  { grade = "middle", from = 100 },
  { grade = "small" },
]
"""


def graded(text: str, line: str, number: str | None = None) -> tuple[object, list[str]]:
    settings = adopting(HEAD + CLAUSE + text + NO_EXAMPLE)
    if number is not None:
        settings = settings.evolve(policy(50, "number.set", clause="T-1", value=number))
    fold = CaseFold.open(settings, "complaint/1")
    fold.take(facts(line)[0])
    seen_at = at("2026-06-09 00:00:00")
    return fold.state_at(seen_at).facts.get("grade"), [one.reason for one in fold.at(seen_at).unmeasured]


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("kind=reception amount=500", "large"),
        ("kind=reception amount=499.99", "middle"),
        ("kind=travel amount=500", "middle"),
        ("kind=travel amount=100", "middle"),
        ("kind=travel amount=99.99", "small"),
        ("kind=travel", "small"),
    ],
)
def test_the_first_class_a_case_reaches_is_its_own(said: str, grade: str) -> None:
    assert graded(GRADED + STEPS, f"2026-06-08 19:00:00 expense.recorded {said}") == (grade, [])


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("a>=90, b>=60", ("b", [])),
        ("a>=89, b>=60", ("a", [])),
        ("a>=95, b>=90", (None, [])),
        ("300.00", (None, ["no-number"])),
        (None, (None, ["no-number"])),
    ],
)
def test_without_steps_the_classes_are_those_the_tenant_bounds(
    number: str | None, outcome: tuple[object, list[str]]
) -> None:
    assert graded(GRADED, "2026-06-08 19:00:00 expense.recorded kind=travel amount=89", number) == outcome


AFTERWARDS = EARLY.replace('offset = "-PT3M"', 'offset = "PT15M"')


@pytest.mark.parametrize(("when", "late"), [("10:14:59", False), ("10:15:00", False), ("10:15:01", True)])
def test_a_quarter_of_an_hour_later_is_still_in_time(when: str, *, late: bool) -> None:
    meeting = "attendance.marked what=meeting person=li starts_at=2026-06-16T10:00:00+08:00"
    assert bool(found(AFTERWARDS, f"2026-06-16 {when} {meeting}")) is late


@pytest.mark.parametrize(
    ("must_be", "when", "fine"),
    [
        ("before", "08:59:59", True),
        ("before", "09:00:00", False),
        ("before", "09:00:59", False),
        ("not-before", "08:59:59", False),
        ("not-before", "09:00:00", True),
        ("by", "09:00:59", True),
        ("by", "09:01:00", False),
    ],
)
def test_by_the_minute_a_bound_is_its_whole_minute(must_be: str, when: str, *, fine: bool) -> None:
    kind = BEFORE_NINE.replace('"before"', f'"{must_be}"')
    settings = adopting(HEAD + CLAUSE + kind + NO_EXAMPLE, readings={"r1.precision": "minute"})
    line = f"2026-06-16 {when} attendance.marked what=left person=li"
    assert bool(evaluate(settings, facts(line), at("2027-01-01 00:00:00")).findings) is not fine


@pytest.mark.parametrize(("when", "late"), [("2026-06-17 23:59:59", False), ("2026-06-18 00:00:00", True)])
def test_a_day_that_is_named_lasts_to_its_last_second(when: str, *, late: bool) -> None:
    same_day = NOTICE.replace('offset = "-P1D"\nmeasure = "calendar_days"\n', "")
    assert same_day != NOTICE
    assert bool(found(same_day, f"{when} leave.requested person=li day=2026-06-17")) is late
