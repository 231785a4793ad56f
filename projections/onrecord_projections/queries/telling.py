"""Telling: what cases add to figures, told again from their events: for other times than now, and to show."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections import timeline
from onrecord_projections.judging import evaluate
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.figures import Asked, Item, days_of, is_due, items_of, plan_of, span_of
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.view import View

CASES_MAX = 2_000
"""About a second of evaluation."""
_AT_ONCE = 50
_TOLD = (
    "SELECT DISTINCT case_id FROM timeline WHERE position <= %s AND (%s::text[] IS NULL OR type = ANY(%s)) "
    "ORDER BY case_id LIMIT %s"
)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which figures of a period; None asks for nothing in particular."""

    period: str
    kpi: str | None = None
    pack: str | None = None
    group: str | None = None


class Span(NamedTuple):
    """`[begin, end)` of a period."""

    begin: datetime
    end: datetime


def span_of_period(view: View, period: str) -> Span:
    """The instants of a period on the tenant's walls. Raises BadQuestion."""
    try:
        return Span(*span_of(period, view.zone))
    except ValueError as error:
        raise BadQuestion(f"period: {error}") from None


def asked_for(view: View, wanted: Wanted) -> list[Asked]:
    """The figures meant; with a ranking those that it is of."""
    asked = [
        each
        for each in plan_of(view.settings).asked
        if days_of(wanted.period)[2] in each.clause.every and wanted.pack in (None, each.pack)
    ]
    if wanted.kpi is None:
        return asked
    named = [each for each in asked if each.id == wanted.kpi]
    ranked = {name for each in named if each.clause.formula == "ranks" for name in each.clause.of}
    return named + [each for each in asked if each.id in ranked]


async def cases_told(view: View, asked: Iterable[Asked]) -> list[str]:
    """Every case in which such a figure could have counted something. Raises BadQuestion if too many."""
    types: set[str] | None = set()
    for each in asked:
        of = {clause.id: clause for clause in book_of(view, each).clause}
        starts = [s for name in each.clause.of if each.of_clocks for s in getattr(of[name], "starts_on", ())]
        if any(selector.becomes for selector in starts):
            types = None
        if types is not None:
            types |= each.types | {selector.event for selector in starts}
    listed = None if types is None else sorted(types)
    rows = await view.fetch(_TOLD, (view.position, listed, listed, CASES_MAX + 1))
    if len(rows) > CASES_MAX:
        raise BadQuestion(
            f"as_of, known_at: more than {CASES_MAX} cases would have to be told again; name a `kpi` of fewer"
        )
    return [case for (case,) in rows]


async def items_told(view: View, cases: Sequence[str]) -> AsyncIterator[tuple[str, list[Item]]]:
    """What each case adds, as far as it counts by then."""
    for nth in range(0, len(cases), _AT_ONCE):
        histories = await timeline.of_cases(view.rows, cases[nth : nth + _AT_ONCE], until=view.position)
        for case, history in histories.items():
            found = await asyncio.to_thread(_told, view, history)
            yield case, [item for item in found if is_due(item, view.at)]


def _told(view: View, history: Sequence[Recorded]) -> list[Item]:
    happened = history
    if view.timed:
        happened = [event for event in history if effective_at(view.settings, event) <= view.at]
    return list(items_of(view.settings, happened, evaluate(view.settings, history, view.at).clocks))


def book_of(view: View, asked: Asked) -> Rulebook:
    """The edition that asks for a figure."""
    book = view.settings.edition(asked.pack, asked.edition)
    assert book is not None, "figures are asked for by adopted editions"
    return book
