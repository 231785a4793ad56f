"""What is owed ahead of a day that an event names, and what must be there so many times."""

import pytest

from judging_builders import EXAMPLE, HEAD, ZONE, adopting, at, clause, facts, policy, said, story
from onrecord_projections.judging import RulebookError, evaluate, load
from onrecord_projections.judging.examples import finding_said

REMINDER = clause(
    starts_on='["stage.reached"]',
    stops_on='["notice.sent"]',
    measure='"until_field"',
    due_field='"due_at"',
    ahead='"P1D"',
    drop="target",
)
EACH_TOLD = """
[[clause]]
id = "T-1"
cites = "1"
says_en = "Everybody affected is told."
says_zh = "逐一告知。"
kind = "required"
needs = ["emergency.notified"]
checked_on = ["emergency.closed"]
number_fact = "affected"
distinct_field = "customer"
finding = "not-told"
""" + EXAMPLE.replace("no clock", "nothing found")
RENT = "2026-06-01 09:00:00 stage.reached stage=rent-due-set due_at=2026-06-20T12:00:00+08:00"


@pytest.mark.parametrize(
    ("told_at", "outcome"),
    [
        ("2026-06-19 23:59:59", "met, due 2026-06-19 23:59:59"),
        ("2026-06-20 00:00:00", "breached, due 2026-06-19 23:59:59, late 0:00:01"),
    ],
)
def test_a_day_ahead_ends_with_the_day_before(told_at: str, outcome: str) -> None:
    settings = adopting(HEAD + REMINDER)
    assert story(settings, [RENT, f"{told_at} notice.sent notice=rent"], "2026-06-30 00:00:00") == outcome


@pytest.mark.parametrize("number", ["3 days", "P3D"])
def test_the_tenant_may_say_how_many_days_ahead(number: str) -> None:
    settings = adopting(HEAD + REMINDER.replace('"P1D"', '"tenant_number"'))
    verdict = evaluate(settings, facts(RENT), at("2026-06-30 00:00:00"))
    assert [item.reason for item in verdict.unmeasured] == ["no-number"]
    own = settings.evolve(policy(40, "number.set", clause="T-1", value=number))
    clocks = evaluate(own, facts(RENT), at("2026-06-17 23:59:59"))
    assert said(clocks) == "running, due 2026-06-17 23:59:59"
    assert clocks.clocks[0].note == "number from tenant, not from policy"


def test_without_the_day_there_is_no_clock() -> None:
    settings = adopting(HEAD + REMINDER)
    lines = ["2026-06-01 09:00:00 stage.reached stage=rent-due-set"]
    assert story(settings, lines, "2026-06-30 00:00:00") == "no clock"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"ahead": '"PT5H"'}, "whole days"),
        ({"ahead": '"P1D"', "measure": '"elapsed"', "target": '"PT1H"', "drop": "due_field"}, "due_field"),
    ],
)
def test_ahead_of_nothing_or_by_hours_is_refused(changes: dict[str, str], complaint: str) -> None:
    keys = {"measure": '"until_field"', "due_field": '"due_at"', "drop": "target", **changes}
    if "target" in keys:
        keys = {key: value for key, value in keys.items() if key not in ("due_field", "drop")}
    with pytest.raises(RulebookError, match=complaint):
        load(HEAD + clause(**keys))


@pytest.mark.parametrize(
    ("customers", "found"),
    [
        (["a", "b", "c"], []),
        (["a", "b", "b"], ["found not-told at 2026-06-16 12:00:00"]),
        ([], ["found not-told x 3 at 2026-06-16 12:00:00"]),
    ],
)
def test_each_of_so_many_is_needed_once(customers: list[str], found: list[str]) -> None:
    lines = ["2026-06-16 09:00:00 emergency.opened affected=3"]
    lines += [f"2026-06-16 10:00:00 emergency.notified customer={name}" for name in customers]
    lines += ["2026-06-16 12:00:00 emergency.closed"]
    verdict = evaluate(adopting(HEAD + EACH_TOLD), facts(*lines), at("2026-06-30 00:00:00"))
    assert [finding_said(finding, ZONE) for finding in verdict.findings] == found


def test_different_values_of_what_is_refused() -> None:
    with pytest.raises(RulebookError, match="number_fact"):
        load(HEAD + EACH_TOLD.replace('number_fact = "affected"\n', ""))
