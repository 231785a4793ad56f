"""Every golden scenario that the executed clauses decide, by evaluation alone."""

from datetime import datetime

import pytest

from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, Verdict, assess, pays_of, rates
from onrecord_projections.judging.figures import Figure, bottom_findings, figures_at, standings
from onrecord_projections.judging.ownership import evaluate_ownership
from scenario_files import (
    Scenario,
    clocks_said,
    excesses_said,
    figures_said,
    findings_said,
    fines_said,
    kpis_said,
    owners_said,
    scenarios,
    unmeasured_said,
)


def settings_of(scenario: Scenario) -> Settings:
    settings = Settings()
    for decision in scenario.policies():
        settings = settings.evolve(decision)
    assert settings.problems == ()
    return settings


def verdicts_of(settings: Settings, events: list[Recorded], scenario: Scenario) -> list[Verdict]:
    folds: dict[str, CaseFold] = {}
    for event in events:
        folds.setdefault(event.case, CaseFold.open(settings, event.case)).take(event)
    return [fold.at(scenario.as_of) for fold in folds.values()]


def figures_of(
    settings: Settings, events: list[Recorded], verdicts: list[Verdict], at: datetime
) -> list[Figure]:
    cases: dict[str, list[Recorded]] = {}
    for event in events:
        cases.setdefault(event.case, []).append(event)
    clocks = (verdict.clocks for verdict in verdicts)
    return figures_at(settings, zip(cases.values(), clocks, strict=True), at)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.id)
def test_scenario_comes_out_as_written(scenario: Scenario) -> None:
    settings = settings_of(scenario)
    verdicts = verdicts_of(settings, scenario.events(), scenario)
    clocks = [clock for verdict in verdicts for clock in verdict.clocks]
    found = figures_of(settings, scenario.events(), verdicts, scenario.as_of)
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    findings += [
        last for last in bottom_findings(settings, standings(settings, found)) if last.at <= scenario.as_of
    ]
    lacking = [item for verdict in verdicts for item in verdict.unmeasured]
    said = {
        "clocks": clocks_said(clocks, scenario.rules),
        "fines": fines_said(assess(settings, findings, scenario.waived, pays_of(scenario.events()))),
        "excesses": excesses_said(findings, scenario.rules),
        "figures": figures_said(rates(settings, clocks, scenario.as_of), scenario.rules),
        "findings": findings_said(findings, scenario.rules),
        "kpis": kpis_said(settings, found, scenario.rules),
        "owners": owners_said(evaluate_ownership(settings, scenario.events(), scenario.as_of).spans),
        "unmeasured": unmeasured_said(lacking, scenario.rules),
    }
    assert {part: said[part] for part in scenario.expect} == dict(scenario.expect)


def test_the_scenarios_the_issue_names_are_all_here() -> None:
    named = {"S01", "S02", "S03", "S06", "S07", "S11", "S24", "S27", "S29", "S30", "S83"}
    assert named <= {scenario.id for scenario in scenarios()}
