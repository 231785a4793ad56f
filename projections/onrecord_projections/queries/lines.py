"""Lines: which penalty lines followed at an instant, as known at another?

Assessed again from the findings that the journal held then, under the rules known then, with the decisions
taken by then. A line is never foreseen: a promise must be broken before anything follows from it.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from onrecord_projections import penalties
from onrecord_projections.judging import Finding
from onrecord_projections.penalties import Decision, Decisions
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

_DECIDED = (
    "SELECT line_id, decision, amount FROM penalty_decisions "
    "WHERE person = ANY(%s) AND position <= %s AND (%s::timestamptz IS NULL OR decided_at <= %s) "
    "ORDER BY decided_at, position"
)
_NEAR = timedelta(days=366)
"""A line may count in another month than the one it was found in, by the tenant's reading of R6."""
_NAMES = tuple(name for name, _ in penalties.SHAPE.columns)

Line = Mapping[str, Any]
"""A row of `penalties`, by its columns."""


async def as_known(view: View, person: str | None, month: str | None) -> list[Line]:
    """The lines of a person, a month, or all: the latest month first, person by person."""
    findings = await _findings(view, person, month)
    decided = await _decisions(view, list(findings))
    found = await asyncio.to_thread(_assessed, view, findings, decided)
    wanted = [line for line in found if month in (None, line["month"])]
    wanted.sort(key=lambda line: (line["person"], line["id"]))
    return sorted(wanted, key=lambda line: str(line["month"]), reverse=True)


def _assessed(view: View, findings: Mapping[str, Sequence[Finding]], decided: Decisions) -> list[Line]:
    return [
        dict(zip(_NAMES, penalties.row_of(line, decided.get(line.id, ())), strict=True))
        for of_one in findings.values()
        for line in penalties.lines_of(view.settings, of_one, decided)
    ]


async def _findings(view: View, person: str | None, month: str | None) -> dict[str, list[Finding]]:
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


async def _decisions(view: View, persons: Sequence[str]) -> Decisions:
    as_of = view.times.as_of
    rows = await view.fetch(_DECIDED, (list(persons), view.position, as_of, as_of))
    found: Decisions = {}
    for line, decision, amount in rows:
        found.setdefault(line, []).append(Decision(decision, amount))
    return found
