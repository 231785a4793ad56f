"""A ladder counts cases; of some penalties every line is a case of its own (CC02-E10)."""

from judging_builders import at, facts, shipping
from onrecord_projections.judging import Settings, assess, evaluate, line_said
from onrecord_projections.judging.check import check
from onrecord_projections.judging.shipped import shipped_rulebook

WANG = (
    "2026-03-10 15:00:00 record.checked form=service-file person=wang defects=paper-missing:1",
    "2026-03-10 16:00:00 correction.ordered person=wang clause=CC02-E5a amount=20.00",
)


def lines_of(settings: Settings, *lines: str) -> list[str]:
    findings = evaluate(settings, facts(*lines, case="archive/V1"), at("2026-04-01 00:00:00")).findings
    return [f"{line.clause} as {line.counted_as}: {line_said(line)}" for line in assess(settings, findings)]


def test_each_day_uncorrected_is_a_case_and_the_third_case_opens_the_range() -> None:
    settings = shipping("cc02-archive")
    one_day = (*WANG, "2026-03-12 10:00:00 correction.completed")
    assert lines_of(settings, *one_day) == [
        "CC02-E5a as 1: 20.00 CNY",
        "CC02-E10-advisor as 2: 20.00 CNY",
    ]
    two_days = (*WANG, "2026-03-13 10:00:00 correction.completed")
    assert sorted(lines_of(settings, *two_days)) == [
        "CC02-E10-advisor as 2: 20.00 CNY",
        "CC02-E10-advisor as 3: 20.00 CNY",
        "CC02-E5a as 1: 20.00 CNY",
        "CC02-E6c as 3: deduction lacks performance-pay 2026-03",
    ]


def test_a_repeat_is_doubled_only_where_the_tenant_reads_it_so() -> None:
    settings = shipping("cc02-archive", readings={"cc02.repeat-doubles": "on"})
    two_days = (*WANG, "2026-03-13 10:00:00 correction.completed")
    assert "CC02-E10-advisor as 3: 40.00 CNY" in lines_of(settings, *two_days)


def test_what_does_not_count_cannot_be_a_case_of_its_own() -> None:
    _, text = shipped_rulebook("cc02-archive")
    wrong = text.replace('own_cases = ["CC02-E10-advisor"]', 'own_cases = ["CC02-E1"]', 1)
    assert any("'CC02-E1' does not count here" in fault.message for fault in check(wrong, "test.toml"))
