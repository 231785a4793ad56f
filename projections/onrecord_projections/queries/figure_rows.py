"""Figure rows: what is behind one figure, page by page: rows name it, and only a page of cases is told again.

Promises are read from their clocks (`sla`); what happened, from the cases that `kpi_cases` names. At other
times than now rows know nothing, so the cases are told again, as many as `CASES_MAX`.
"""

from asyncio import to_thread
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections.judging import Settings
from onrecord_projections.judging.effective import local_day
from onrecord_projections.judging.figures import (
    Asked,
    Item,
    Promise,
    cells_of,
    days_of,
    is_due,
    items_of_clocks,
    items_of_events,
    last_said,
    parts_of,
    period_of,
    plan_of,
)
from onrecord_projections.judging.figures.clocks import NOT_OWED
from onrecord_projections.judging.figures.plan import OWNER
from onrecord_projections.kpi import in_cases
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.telling import Span, cases_told, items_told, span_of_period
from onrecord_projections.queries.view import View

_DAY = timedelta(days=1)
_CLOCKS = (
    "SELECT pack, edition, clause, case_id, instance, owner, state, due_at, stopped_at, used, evidence "
    "FROM sla WHERE pack = %s AND edition = %s AND clause = ANY(%s) AND state <> ALL(%s) "
)
_DUE = (
    _CLOCKS + "AND due_at >= %s AND due_at < %s AND (%s::text IS NULL OR coalesce(owner, '') = %s) "
    "AND (due_at, case_id, clause, instance) > (%s, %s, %s, %s) "
    "ORDER BY due_at, case_id, clause, instance LIMIT %s"
)
_AHEAD = _CLOCKS + "AND due_at >= %s AND due_at < %s"
_OF_CASES = _CLOCKS + "AND case_id = ANY(%s) ORDER BY case_id, clause, instance"
_CASES = (
    "SELECT part, period, grp, case_id, items FROM kpi_cases WHERE pack = %s AND edition = %s AND kpi = %s "
    "AND part = ANY(%s) AND period = ANY(%s) AND (%s::text IS NULL OR grp = %s) "
    "AND (part, period, grp, case_id) > (%s, %s, %s, %s) ORDER BY part, period, grp, case_id LIMIT %s"
)
_EVENTS = (
    "SELECT case_id, position, recorded_at, raw FROM timeline "
    "WHERE case_id = ANY(%s) AND type = ANY(%s) ORDER BY position"
)

Key = list[Any]
"""Where a chunk ended."""


class Meant(NamedTuple):
    """Which items: those of one figure in a period, perhaps of one part or group only."""

    asked: Asked
    period: str
    part: str | None = None
    group: str | None = None

    @property
    def parts(self) -> list[str]:
        """The clauses of clocks that are told apart."""
        if self.part is not None:
            return [self.part]
        apart = self.asked.of_clocks and not self.asked.clause.together
        return sorted(self.asked.clause.of) if apart else [""]

    def picks(self, view: View, items: Iterable[Item]) -> Iterator[Item]:
        """Those of them that are meant."""
        for item in items:
            if item.asked is not self.asked or self.part not in (None, item.part):
                continue
            periods = (cell.period for cell in cells_of(view.settings, item))
            if self.group in (None, item.group) and self.period in periods:
                yield item


class Chunk(NamedTuple):
    """Some items; the key to go on after, None at the end."""

    items: list[Item]
    after: Key | None


class Told:
    """Items that were told again from their cases."""

    def __init__(self, view: View, items: list[Item]) -> None:
        self._view, self.items = view, items

    async def chunk(self, meant: Meant, after: Key | None, limit: int) -> Chunk:
        """The next of them."""
        begin = int(after[0]) if after else 0
        found = list(meant.picks(self._view, self.items))
        end = begin + limit
        return Chunk(found[begin:end], [end] if end < len(found) else None)


class Rows:
    """Items as of now, found by rows."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def chunk(self, meant: Meant, after: Key | None, limit: int) -> Chunk:
        """The next of them."""
        try:
            if in_cases(meant.asked):
                return await self._of_cases(meant, after or [""] * 4, limit)
            return await self._of_clocks(meant, after, limit)
        except (TypeError, ValueError):
            raise BadQuestion("cursor: not one that this question's answer gave; begin without it") from None

    async def _of_clocks(self, meant: Meant, after: Key | None, limit: int) -> Chunk:
        view, asked = self._view, meant.asked
        begin, end = _span(view, meant.period)
        due_at, *names = after or (begin.isoformat(), "", "", "")
        owner = meant.group if asked.clause.by == OWNER else None
        of = list(asked.clause.of) if meant.part is None or asked.clause.together else [meant.part]
        key = datetime.fromisoformat(due_at), *names
        values = *_named(asked, of), begin, min(end, view.now), owner, owner, *key, limit + 1
        promises = await self._promises(_DUE, values)
        found = list(meant.picks(view, items_of_clocks(view.settings, promises[:limit])))
        if len(promises) <= limit:
            return Chunk(found, None)
        last = promises[limit - 1]
        assert last.due_at is not None, "only what falls due was asked for"
        return Chunk(found, [last.due_at.isoformat(), last.case, last.clause, last.instance])

    async def _of_cases(self, meant: Meant, after: Key, limit: int) -> Chunk:
        asked, group = meant.asked, meant.group
        periods = parts_of(meant.period, asked.finest)
        named = asked.pack, asked.edition, asked.id, meant.parts, periods, group, group
        rows = await self._view.fetch(_CASES, (*named, *after, limit + 1))
        until = bisect_left(list(accumulate(items for *_, items in rows)), limit) + 1
        taken = [tuple(cell) for *cell, _ in rows[:until]]
        placed: dict[tuple[str, ...], list[Item]] = {cell: [] for cell in taken}
        every = days_of(periods[0])[2]
        for item in await self._items(asked, sorted({case for *_, case in taken})):
            period = period_of(local_day(self._view.settings, item.at), every)
            cell = item.part, period, item.group, item.case
            if cell in placed and is_due(item, self._view.at):
                placed[cell].append(item)
        found = [item for items in placed.values() for item in items]
        return Chunk(found, list(taken[-1]) if until < len(rows) else None)

    async def _items(self, asked: Asked, cases: Sequence[str]) -> list[Item]:
        """What these cases add to one figure, ahead of time too."""
        view, plan = self._view, plan_of(self._view.settings)
        telling = {name for name, fields in plan.facts_of.items() if asked.facts.intersection(fields)}
        histories: dict[str, list[Recorded]] = {case: [] for case in cases}
        for case, position, at, raw in await view.fetch(_EVENTS, (cases, sorted(asked.types | telling))):
            histories[case].append(from_bytes(raw, position, at))
        promises: dict[str, list[Promise]] = {case: [] for case in cases}
        if asked.of_clocks:
            for promise in await self._promises(_OF_CASES, (*_named(asked, asked.clause.of), cases)):
                promises[promise.case].append(promise)
        return await to_thread(_told, view.settings, asked, histories, promises)

    async def _promises(self, statement: str, values: Sequence[Any]) -> list[Promise]:
        rows = await self._view.fetch(statement, values)
        return [Promise(*row)._replace(evidence=tuple(row[-1])) for row in rows]

    async def ahead(self, asked: Asked, period: str) -> list[Item]:
        """What a figure of clocks holds in a period already, although it falls due only later."""
        view = self._view
        begin, end = _span(view, period)
        values = *_named(asked, asked.clause.of), max(view.now, begin), end
        promises = await self._promises(_AHEAD, values)
        if asked.by_fact is None:
            items = list(items_of_clocks(view.settings, promises))
        else:
            items = await self._items(asked, sorted({promise.case for promise in promises}))
        return [item for item in Meant(asked, period).picks(view, items) if not is_due(item, view.at)]


Source = Rows | Told
"""Where items come from."""


async def source(view: View, asked: Sequence[Asked]) -> Source:
    """The rows; at another time than now the cases, told again. Raises BadQuestion if they are too many."""
    if not view.timed:
        return Rows(view)
    cases = await cases_told(view, asked)
    return Told(view, [item async for _, found in items_told(view, cases) for item in found])


def _span(view: View, period: str) -> Span:
    """The instants of a period; about them too where the tenant's zone was once another."""
    begin, end = span_of_period(view, period)
    about = _DAY if "r1.zone" in view.settings.readings else timedelta()
    return Span(begin - about, end + about)


def _named(asked: Asked, clauses: Sequence[str]) -> tuple[Any, ...]:
    return asked.pack, asked.edition, list(clauses), sorted(NOT_OWED)


def _told(
    settings: Settings,
    asked: Asked,
    histories: Mapping[str, Sequence[Recorded]],
    promises: Mapping[str, Sequence[Promise]],
) -> list[Item]:
    items: list[Item] = []
    for case, history in histories.items():
        if asked.of_clocks:
            found = items_of_clocks(settings, promises[case], last_said(settings, history))
        else:
            found = items_of_events(settings, history)
        items += (item for item in found if item.asked is asked)
    return items
