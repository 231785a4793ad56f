"""KPI: of the promises that fell due in a month, how many were done at all, and how many in time?"""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from onrecord_projections import statistics
from onrecord_projections.judging.clauses import ClockClause, KpiClause
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.queries import journal
from onrecord_projections.queries.view import View

CALLED_BACK = "callback.made"
_DIGITS = 4
_COUNT = (
    "SELECT pack, edition, clause, split_part(case_id, '/', 1), count(*), "
    "count(*) FILTER (WHERE stopped_at IS NOT NULL), count(*) FILTER (WHERE state = 'met') "
    "FROM sla WHERE clause = ANY(%s) AND due_at >= %s AND due_at < %s "
    "AND state NOT IN ('cancelled', 'excused') GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)


_COUNT_AS_KNOWN = (
    "SELECT pack, edition, clause, kind, due, done, in_time FROM {} d "
    "WHERE clause = ANY(%s) AND month = %s AND due > 0 ORDER BY 1, 2, 3, 4"
)


class Fraction(msgspec.Struct, frozen=True):
    """So many of so many; `share` is None of nothing."""

    count: int
    of: int
    share: float | None


class _Counts(NamedTuple):
    kind: str | None
    due: int
    done: int
    in_time: int


class FigureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One clause's part in one figure."""

    kpi: str
    says: str
    pack: str
    edition: int
    clause: str
    kind: str | None
    """What was called back about: the kind of case. None where nothing fell due."""
    month: str
    rate: Fraction
    """Done, late or not."""
    in_time: Fraction
    target: Decimal | None
    reached: bool | None
    """Whether what the figure counts reaches the target; None where there is none, or nothing fell due."""


async def callbacks(view: View, month: date) -> list[FigureRow]:
    """Every figure about call-backs, of what had fallen due by then (RENT-CRM-2.2-1)."""
    figures = [(book, kpi, clause) for book, kpi, clause in _figures(view) if _is_callback(book, clause)]
    begin = datetime.combine(month, time(), view.zone)
    counted: dict[tuple[str, int, str], list[_Counts]] = {}
    for pack, edition, clause, *counts in await _counted(view, month, [clause for _, _, clause in figures]):
        counted.setdefault((pack, edition, clause), []).append(_Counts(*counts))
    found = []
    for book, kpi, clause in figures:
        fell_due = counted.get((book.pack, book.edition, clause), [])
        if not fell_due and view.settings.in_force(book.pack, begin) is book:
            fell_due = [_Counts(None, 0, 0, 0)]
        found += [_row(view, book, kpi, clause, f"{month:%Y-%m}", counts) for counts in fell_due]
    return found


async def _counted(view: View, month: date, clauses: list[str]) -> list[tuple[Any, ...]]:
    """Pack, edition, clause and kind of case, with what fell due, was done, and in time."""
    if view.timed:
        source = journal.due(view)
        values = (*source.values, clauses, f"{month:%Y-%m}")
        return await view.fetch(_COUNT_AS_KNOWN.format(source.text), values)
    begin, end = (datetime.combine(day, time(), view.zone) for day in (month, _next(month)))
    return await view.fetch(_COUNT, (clauses, begin, min(end, view.now)))


def _row(view: View, book: Rulebook, kpi: KpiClause, clause: str, month: str, counts: _Counts) -> FigureRow:
    counted = counts.done if kpi.counts == "done" else counts.in_time
    return FigureRow(
        kpi=kpi.id,
        says=view.says(book.pack, book.edition, kpi.id),
        pack=book.pack,
        edition=book.edition,
        clause=clause,
        kind=counts.kind,
        month=month,
        rate=_fraction(counts.done, counts.due),
        in_time=_fraction(counts.in_time, counts.due),
        target=kpi.target,
        reached=counted >= kpi.target * counts.due if kpi.target is not None and counts.due else None,
    )


def _figures(view: View) -> Iterator[tuple[Rulebook, KpiClause, str]]:
    """Every figure of every edition ever in force, clause by clause."""
    for pack in sorted(view.settings.packs):
        editions = {book.edition: book for book in view.settings.packs[pack].values if book}
        for _, book in sorted(editions.items()):
            for kpi in book.figures:
                for clause in kpi.of:
                    yield book, kpi, clause


def _is_callback(book: Rulebook, clause_id: str) -> bool:
    clause = next(clause for clause in book.clause if clause.id == clause_id)
    return isinstance(clause, ClockClause) and any(stop.event == CALLED_BACK for stop in clause.stops_on)


def _fraction(count: int, of: int) -> Fraction:
    found = statistics.share(count, of)
    return Fraction(count, of, found and round(found.value, _DIGITS))


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
