"""Penalties: what do the rules propose that broken promises cost, whom, why, and what was decided about it?

Lines are proposals. What people decide comes as events (`penalty/<line id>`) and stands beside the line; when
the facts change after a decision, the difference is an adjustment, never a changed decision.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections import findings, pays, penalty_decisions
from onrecord_projections.bulk import delete, merge
from onrecord_projections.change import Change
from onrecord_projections.findings import Unit
from onrecord_projections.judging import Finding, PenaltyLine, Settings, assess
from onrecord_projections.judging.pricing.pays import NO_PAYS, Pays
from onrecord_projections.penalty_decisions import (
    DROPPED,
    GONE,
    Decision,
    Decisions,
    binding_of,
    state_of,
)
from onrecord_projections.penalty_tables import DDL, DECISIONS, PAYS, SHAPE, TABLES

__all__ = [
    "DDL",
    "DECISIONS",
    "DROPPED",
    "PAYS",
    "SHAPE",
    "TABLES",
    "Decision",
    "Decisions",
    "lines_of",
    "row_of",
    "state_of",
    "write",
]


async def write(
    cursor: AsyncCursor[Any],
    changes: Sequence[Change],
    fresh: Sequence[Recorded],
    settings: Settings,
    *,
    rules_changed: bool,
) -> None:
    """Assess anew every unit that a finding, a decision or a pay touched."""
    units = await findings.write(cursor, changes, settings, rules_changed=rules_changed)
    decided, persons = await penalty_decisions.write(cursor, fresh)
    units |= decided | await pays.write(cursor, fresh)
    persons |= {unit.person for unit in units}
    if not persons:
        return
    ordered, known = sorted(units), sorted(persons)
    found = await findings.of_units(cursor, ordered)
    decisions = await penalty_decisions.of_persons(cursor, known)
    paid = await pays.of_persons(cursor, known)
    rows = [
        row_of(line, decisions.get(line.id, ()))
        for unit in ordered
        for line in lines_of(settings, found[unit], decisions, paid)
    ]
    rows += await penalty_decisions.gone(cursor, settings, decisions, ordered, {row[0] for row in rows})
    kept = {row[0] for row in rows}
    await delete(
        cursor, SHAPE, [(line,) for line in await _lines_of(cursor, ordered, known) if line not in kept]
    )
    await merge(cursor, SHAPE, rows)


def lines_of(
    settings: Settings, found: Iterable[Finding], decisions: Decisions, paid: Pays = NO_PAYS
) -> list[PenaltyLine]:
    """A unit's lines: a case all of whose lines were waived counts no more on any ladder."""
    found = list(found)
    proposed = assess(settings, found, pays=paid)
    charged = [line for line in proposed if not line.follows]
    dropped = {line.id for line in charged if state_of(decisions.get(line.id, ())) in DROPPED}
    still = {line.case for line in charged if line.id not in dropped}
    waived = {line.case for line in charged if line.id in dropped} - still
    if not waived:
        return list(proposed)
    lines = {line.id: line for line in charged if line.case in waived}
    lines |= {line.id: line for line in assess(settings, found, waived, paid)}
    return list(lines.values())


def row_of(line: PenaltyLine, decisions: Sequence[Decision]) -> tuple[Any, ...]:
    """A line with what was decided about it, in the order of the columns."""
    state, decided = state_of(decisions), binding_of(decisions)
    owed = Decimal(0) if state in DROPPED else line.amount
    settled = decided is None or owed is None or decided == owed
    return (
        line.id,
        line.person,
        line.month,
        line.pack,
        line.edition,
        line.clause,
        list(line.clauses),
        line.case,
        line.at,
        line.counted_as,
        line.quantity,
        line.base,
        line.factor,
        line.amount,
        line.currency,
        line.cause.clause,
        line.cause.code,
        line.cause.instance,
        list(line.cause.evidence),
        state,
        decided,
        None if settled or owed is None or decided is None else owed - decided,
        line.line,
        line.sanction,
        line.days,
        line.value,
        line.low,
        line.high,
        line.shares,
        line.lacks,
        line.unit,
    )


async def _lines_of(cursor: AsyncCursor[Any], units: Sequence[Unit], persons: Sequence[str]) -> list[str]:
    """The lines that stand in these units now, and those of these persons that stand for nothing."""
    await cursor.execute(
        "SELECT p.id FROM penalties p JOIN unnest(%s::text[], %s::text[]) AS u (person, unit) "
        "ON p.person = u.person AND p.unit = u.unit "
        "UNION SELECT id FROM penalties WHERE person = ANY(%s) AND cause_code = %s",
        ([unit.person for unit in units], [unit.name for unit in units], list(persons), GONE),
    )
    return [line for (line,) in await cursor.fetchall()]
