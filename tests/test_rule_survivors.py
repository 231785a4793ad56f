"""What mutants of the checks lived through until somebody looked: the tenant's own numbers, whole seconds."""

import pytest

from judging_builders import HEAD, ZONE, adopting, at, facts, policy
from onrecord_projections.judging import evaluate
from onrecord_projections.judging.examples import finding_said
from test_rule_checks import CLAUSE, EARLY, LIMIT, MEAL, NO_EXAMPLE, PAPERS

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
