"""KPI ranks: who came last in a ranking that is over? A finding that proposes; a person decides (CC13-B28).

A ranking is looked at when its period ends, and again whenever one of its figures moves after that: a late
fact can take the finding back, or pass it on to somebody else.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from psycopg import AsyncCursor

from onrecord_projections import kpi
from onrecord_projections.change import Change
from onrecord_projections.judging import Finding, Settings, Verdict
from onrecord_projections.judging.clauses.kpi import Every
from onrecord_projections.judging.effective import local_day
from onrecord_projections.judging.figures import (
    Asked,
    Cell,
    bottom_findings,
    days_of,
    end_of,
    figures,
    period_of,
    plan_of,
    standings,
)

_HELD = (
    "SELECT pack, edition, clause, code, case_id, instance, person, at FROM findings "
    "WHERE case_id = %s AND clause = %s AND starts_with(instance, %s)"
)


async def changes(
    cursor: AsyncCursor[Any],
    moved: Iterable[Cell],
    was: datetime | None,
    now: datetime,
    settings: Settings,
) -> list[Change]:
    """What became of the rankings whose figures moved, or whose period ended in `(was, now]`."""
    cells = list(moved)
    looked_at = [
        (asked, period)
        for asked in plan_of(settings).asked
        if asked.clause.formula == "ranks"
        for period in sorted(_periods(settings, asked, cells, was, now))
    ]
    found = [await _change(cursor, asked, period, settings) for asked, period in looked_at]
    return [change for change in found if change.old != change.new]


def _periods(
    settings: Settings, asked: Asked, moved: Iterable[Cell], was: datetime | None, now: datetime
) -> set[str]:
    """The periods that are over and were not, or whose figures moved."""
    wanted = {(asked.pack, asked.edition, name) for name in asked.clause.of}
    touched = {cell.period for cell in moved if (cell.pack, cell.edition, cell.kpi) in wanted}
    kinds = asked.clause.every
    over = {period for period in touched if days_of(period)[2] in kinds and end_of(settings, period) <= now}
    if was is None:
        return over
    first, last = local_day(settings, was), local_day(settings, now)
    return over.union(*(_ended(first, last, every) for every in kinds))


def _ended(first: date, last: date, every: Every) -> Iterator[str]:
    """Periods of a kind that a day of `[first, last)` is the last day of."""
    period = period_of(first, every)
    while (after := days_of(period)[1]) <= last:
        if after > first:
            yield period
        period = period_of(after, every)


async def _change(cursor: AsyncCursor[Any], asked: Asked, period: str, settings: Settings) -> Change:
    """The finding as it stood and as it must stand."""
    sums = await kpi.sums_of(cursor, period, asked.clause.of)
    own = {
        cell: each for cell, each in sums.items() if (cell.pack, cell.edition) == (asked.pack, asked.edition)
    }
    ranked = [each for each in standings(settings, figures(settings, own)) if each.kpi == asked.id]
    new = tuple(bottom_findings(settings, ranked))
    case = f"figure/{asked.id}"
    await cursor.execute(_HELD, (case, asked.id, f"{period}+"))
    held = sorted(await cursor.fetchall(), key=lambda row: row[5])
    old = tuple(_held(*row) for row in held if row[1] == asked.edition)
    return Change(case, (), Verdict(findings=old), Verdict(findings=new), (), (), None)


def _held(*row: Any) -> Finding:
    pack, edition, clause, code, case, instance, person, at = row
    return Finding(pack, edition, clause, code, case, instance, person, at, None, 1, ())
