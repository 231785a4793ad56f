"""Every golden scenario through the public path: events into a carried log, rows out of PostgreSQL."""

from decimal import Decimal
from typing import Any

import pytest

from onrecord_events.envelope import New
from onrecord_projections import findings, kpi, sla, timeline
from onrecord_projections.judging import (
    Clock,
    Finding,
    PenaltyLine,
    Settings,
    Unmeasured,
    evaluate,
    rates,
)
from onrecord_projections.judging.figures import Figure, figures
from onrecord_projections.judging.ownership import Span
from onrecord_services.engines import Engines
from projecting import Bench, bench, said
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


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.id)
async def test_scenario_comes_out_of_the_rows_as_written(scenario: Scenario, engines: Engines) -> None:
    async with bench(engines) as tenant:
        await tenant.project(
            *scenario.news(), said("clock.ticked", "clock/tick", scenario.as_of), atomic=True
        )
        for case in sorted(scenario.waived):
            await tenant.project(*[waiver(row, scenario) for row in await tenant.rows(LINES_OF_CASE, case)])
        clocks = await clocks_of(tenant)
        settings = await settings_of(tenant)
        told = {
            "clocks": clocks_said(clocks, scenario.rules),
            "fines": fines_said(await lines_of(tenant)),
            "excesses": excesses_said(await findings_of(tenant), scenario.rules),
            "figures": figures_said(rates(settings, clocks, scenario.as_of), scenario.rules),
            "findings": findings_said(await findings_of(tenant), scenario.rules),
            "kpis": kpis_said(settings, await kpis_of(tenant, settings), scenario.rules),
            "owners": owners_said(await spans_of(tenant)),
            "unmeasured": unmeasured_said(await unmeasured_of(tenant, settings, scenario), scenario.rules),
        }
    assert {part: told[part] for part in scenario.expect} == dict(scenario.expect)


OWNED = "SELECT client, pack, line, since, owner, until, why, clause, evidence, shares FROM ownership"
LINES_OF_CASE = "SELECT id, person, clause, edition, amount FROM penalties WHERE case_id = %s ORDER BY id"


def waiver(row: tuple[Any, ...], scenario: Scenario) -> New:
    line, person, clause, edition, amount = row
    body = {"person": person, "clause": clause, "edition": edition, "amount": str(amount)}
    return said("penalty.waived", f"penalty/{line}", scenario.as_of, **body)


async def clocks_of(tenant: Bench) -> list[Clock]:
    columns = [name for name, _ in sla.SHAPE.columns]
    rows = await tenant.rows(f"SELECT {', '.join(columns)} FROM sla ORDER BY case_id, clause, instance")
    return [as_struct(Clock, dict(zip(columns, row, strict=True))) for row in rows]


async def findings_of(tenant: Bench) -> list[Finding]:
    columns = [name for name, _ in findings.SHAPE.columns if name not in ("month", "unit")]
    rows = await tenant.rows(
        f"SELECT {', '.join(columns)} FROM findings ORDER BY case_id, clause, instance, code"
    )
    return [as_struct(Finding, dict(zip(columns, row, strict=True))) for row in rows]


async def lines_of(tenant: Bench) -> list[PenaltyLine]:
    causes = {(f.case, f.clause, f.instance, f.code): f for f in await findings_of(tenant)}
    rows = await tenant.rows(
        "SELECT id, person, pack, edition, clause, clauses, case_id, month, at, counted_as, quantity, base, "
        "factor, amount, currency, cause_clause, cause_instance, cause_code, line, sanction, days, value, "
        "low, high, shares, lacks FROM penalties WHERE state = 'proposed' "
        'ORDER BY person, month, at, clause COLLATE "C", id'
    )
    return [
        as_row(
            PenaltyLine,
            (*row[:5], tuple(row[5]), *row[6:15], causes[row[6], row[15], row[16], row[17]], *row[18:]),
        )
        for row in rows
    ]


async def kpis_of(tenant: Bench, settings: Settings) -> list[Figure]:
    """Of events; a promise stands here before it falls due, so `figures` tells those."""
    found: list[Figure] = []
    for (period,) in await tenant.rows("SELECT DISTINCT period FROM kpi_counts ORDER BY period"):
        async with tenant.owner.cursor() as cursor:
            found += figures(settings, await kpi.sums_of(cursor, period))
    return found


async def unmeasured_of(tenant: Bench, settings: Settings, scenario: Scenario) -> list[Unmeasured]:
    cases = [case for (case,) in await tenant.rows("SELECT case_id FROM cases ORDER BY case_id")]
    histories = await timeline.of_cases(tenant.owner, cases)
    return [item for case in cases for item in evaluate(settings, histories[case], scenario.as_of).unmeasured]


async def spans_of(tenant: Bench) -> list[Span]:
    rows = await tenant.rows(f"{OWNED} ORDER BY pack, client, line, since")
    return [as_row(Span, (*row[:9], [_share(part) for part in row[9]])) for row in rows]


def _share(part: str) -> tuple[str, Decimal]:
    person, percent = part.split()
    return person, Decimal(percent)


async def settings_of(tenant: Bench) -> Settings:
    settings = Settings()
    for event in await timeline.of_policies(tenant.owner):
        settings = settings.evolve(event)
    assert settings.problems == ()
    return settings


def as_row(kind: Any, values: tuple[Any, ...]) -> Any:
    """Values in the struct's own order; its last fields may keep their defaults."""
    return kind(*values)


def as_struct(kind: Any, row: dict[str, Any]) -> Any:
    """A row as the struct it was written from."""
    row["case"] = row.pop("case_id")
    named = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return kind(**{name: named[name] for name in kind.__struct_fields__})


def test_rows_hold_everything_a_verdict_says() -> None:
    assert {name.replace("case_id", "case") for name, _ in sla.SHAPE.columns} == set(Clock.__struct_fields__)
