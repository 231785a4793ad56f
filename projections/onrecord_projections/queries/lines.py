"""Lines: which penalty lines followed at an instant, as known at another?

Assessed again from the findings that the journal held then, under the rules known then, with the pay on
record and the decisions taken by then. A line is never foreseen: a promise must be broken before anything
follows from it.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from onrecord_events.envelope import from_bytes
from onrecord_projections import penalties
from onrecord_projections.judging import Finding, pays_of
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.penalties import Decision, Decisions
from onrecord_projections.penalty_decisions import BINDING, DROPPED, binding_of, gone_row, state_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

_DECIDED = "line_id, decision, amount, person, currency, decided_at, clause, edition, position"
_PAID_LATER = "SELECT FROM pays WHERE person = ANY(%s) AND position > %s LIMIT 1"
_PAID = "SELECT person, pay, month, amount FROM pays WHERE person = ANY(%s)"
_PAID_BEFORE = (
    "SELECT DISTINCT t.position, t.recorded_at, t.raw FROM party p JOIN timeline t USING (position) "
    "WHERE p.party = ANY(%s) AND t.type = 'pay.set' AND t.position <= %s"
)
_NEAR = timedelta(days=366)
"""A line may count in another month than the one it was found in, by the tenant's reading of R6."""
_NAMES = tuple(name for name, _ in penalties.SHAPE.columns)

Line = Mapping[str, Any]
"""A row of `penalties`, by its columns."""


async def as_known(view: View, person: str | None, month: str | None) -> list[Line]:
    """The lines of a person, a month, or all: the latest month first, person by person."""
    findings = await findings_known(view, person, month)
    decided = await decided_known(view, person)
    paid = await paid_known(view, list(findings))
    found = await asyncio.to_thread(_assessed, view, findings, decided, paid)
    wanted = [line for line in found if month in (None, line["month"])]
    wanted.sort(key=lambda line: (line["person"], line["id"]))
    return sorted(wanted, key=lambda line: str(line["month"]), reverse=True)


def _assessed(
    view: View, findings: Mapping[str, Sequence[Finding]], decided: Sequence[tuple[Any, ...]], paid: Pays
) -> list[Line]:
    decisions: Decisions = {}
    for line, decision, amount, *_ in decided:
        decisions.setdefault(line, []).append(Decision(decision, amount))
    rows = [
        penalties.row_of(line, decisions.get(line.id, ()))
        for of_one in findings.values()
        for line in penalties.lines_of(view.settings, of_one, decisions, paid)
    ]
    last = {line: rest for line, decision, _, *rest in decided if decision in BINDING}
    for line in last.keys() - {row[0] for row in rows}:
        state, amount = state_of(decisions[line]), binding_of(decisions[line])
        if amount and state not in DROPPED:
            rows.append(gone_row(view.settings, (line, *last[line]), state, amount))
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]


async def findings_known(view: View, person: str | None, month: str | None) -> dict[str, list[Finding]]:
    """Person by person everything found, since ladders may count longer than a month."""
    filters = Filters()
    filters.add("position <= %s", view.position)
    filters.add("since <= %s", view.at)
    filters.add_if("person = %s", person)
    if month is not None:
        begin = datetime.combine(date.fromisoformat(f"{month}-01"), time(), view.zone)
        near = "SELECT person FROM journal_findings WHERE at >= %s AND at < %s"
        filters.add(f"person IN ({near})", begin - _NEAR, begin + _NEAR)
    rows = await view.fetch(
        f"SELECT person, finding FROM journal_findings {filters.where} "
        "GROUP BY person, finding HAVING sum(delta) > 0 ORDER BY person, finding",
        filters.values,
    )
    found: dict[str, list[Finding]] = {}
    for whose, finding in rows:
        found.setdefault(whose, []).append(msgspec.json.decode(finding, type=Finding))
    return found


async def decided_known(view: View, person: str | None) -> list[tuple[Any, ...]]:
    """What was decided, in the order in which it counts."""
    filters = Filters()
    filters.add("position <= %s", view.position)
    filters.add_if("decided_at <= %s", view.times.as_of)
    filters.add_if("person = %s", person)
    return await view.fetch(
        f"SELECT {_DECIDED} FROM penalty_decisions {filters.where} ORDER BY decided_at, position",
        filters.values,
    )


async def paid_known(view: View, persons: Sequence[str]) -> Pays:
    """The pay on record then: where it was put right since, from the events."""
    if await view.fetch(_PAID_LATER, (persons, view.position)):
        rows = await view.fetch(_PAID_BEFORE, ([f"person/{person}" for person in persons], view.position))
        return pays_of(from_bytes(raw, position, at) for position, at, raw in rows)
    rows = await view.fetch(_PAID, (persons,))
    return {(person, pay, month): amount for person, pay, month, amount in rows}
