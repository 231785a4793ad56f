"""Service counted: what figures of service are made of, from sums where they say it, else row by row.

Sums know no instants: walls of another time than UTC+8, days and weeks of somebody, months in which he
changed teams, and other times than now take the rows.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from onrecord_projections.judging.clauses import ClockClause
from onrecord_projections.matters import CALLED_BACK, THE_MATTER
from onrecord_projections.queries import service_kept, service_months, service_sources, service_sql
from onrecord_projections.queries.earlier import Stretch
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.service_sql import HELD, TAKEN, Asked, Columns, GroupBy, Wanted
from onrecord_projections.queries.view import View
from onrecord_projections.service_sums import ENDS
from onrecord_projections.survival import HALF, NINE_TENTHS, reached

_MATTER = f"i.item = '{THE_MATTER}'"
_TAKEN = {
    "complaints": _MATTER,
    "contacts": "i.kind = 'contact'",
    "repeated": f"{_MATTER} AND i.repeats > 0",
    "tasks": "i.kind = 'task'",
    "tasks-done": "i.kind = 'task' AND i.settled_at IS NOT NULL",
    "tasks-due": "i.kind = 'task' AND i.due_at < %s",
    "tasks-in-time": "i.kind = 'task' AND i.due_at < %s AND i.settled_at <= i.due_at",
}
_HELD = {
    "stayed": f"{_MATTER} AND i.ended_at IS NULL",
    "settled": f"{_MATTER} AND i.ended_at IS NULL AND i.settled_at IS NOT NULL",
    "ever-settled": f"{_MATTER} AND (i.settled_at IS NOT NULL OR i.reopened > 0)",
    "reopened": "i.reopened > 0",
}
_SIDES = (TAKEN, _TAKEN, ENDS[:1]), (HELD, _HELD, ENDS[1:])
_CLOCKS = ("due", "done", "met")
_PER_S = 1_000_000
Row = tuple[Any, ...]
Numbers = dict[str, float | None]
"""What was counted for one group in one stretch, by its name."""
Found = dict[tuple[int, str], Numbers]
"""By stretch and group."""


async def counted(view: View, stretches: Sequence[Stretch], wanted: Wanted, by: GroupBy | None) -> Found:
    """Everything that the figures of these stretches are made of. Raises BadQuestion."""
    asked = Asked(stretches, wanted, by, view.at, await service_sources.teams(view))
    if view.timed or not service_kept.holds_items(asked):
        return await of_rows(view, asked)
    if asked.by_team:
        asked = await service_months.by_month(view, asked)
    raw = _Raw(set(callbacks(view)))
    await raw.take_sums(view, asked)
    if asked.moved is not None and asked.moved.months:
        await raw.take_rows(view, asked._replace(moved=asked.moved._replace(only=True)))
    return raw.found()


async def of_rows(view: View, asked: Asked) -> Found:
    """The same, each row counted."""
    raw = _Raw(set(callbacks(view)))
    await raw.take_rows(view, asked)
    return raw.found()


class _Raw:
    """What was counted so far, wherever it was counted."""

    def __init__(self, called: Collection[str]) -> None:
        self._called = called
        """The clauses that a call-back keeps."""
        self._numbers: dict[tuple[int, str], Counter[str]] = {}
        self._lengths: dict[tuple[int, str, str], tuple[list[int], list[int]]] = {}

    async def take_sums(self, view: View, asked: Asked) -> None:
        """What is kept added up."""
        self._count(await service_kept.counts(view, asked), service_kept.COUNTED)
        self._last(await service_kept.lengths(view, asked))
        clocks = service_kept.clocks if service_kept.holds_clocks(asked) else _clocks_of_rows
        self._owe(await clocks(view, asked))

    async def take_rows(self, view: View, asked: Asked) -> None:
        """Row by row; at other times than now cases are told again, and clocks are not."""
        items = await service_sources.items(view, asked.stretches)
        kind = asked.wanted.kind
        kinds = (kind, "task") if asked.by_case else (kind, "task", "contact")
        for columns, counts, ends in _SIDES if asked.by_person else ((TAKEN, _TAKEN | _HELD, ENDS),):
            statement = service_sql.counts(asked, items, columns, kinds, counts)
            self._count(await view.fetch(*statement), counts)
            self._last(await _lengths_of_rows(view, asked, items, columns, ends))
        if not view.timed:
            self._owe(await _clocks_of_rows(view, asked))

    def found(self) -> Found:
        """By stretch and group: every number by its name."""
        found: Found = {key: {**numbers} for key, numbers in self._numbers.items()}
        for (nth, group, end), (came, left) in self._lengths.items():
            half, nine_tenths = reached(came, left, (HALF, NINE_TENTHS))
            found.setdefault((nth, group), {}).update(
                {
                    f"{end}-n": len(came) + len(left),
                    f"{end}-ends": len(came),
                    f"{end}-half": half and half / _PER_S,
                    f"{end}-nine-tenths": nine_tenths and nine_tenths / _PER_S,
                }
            )
        return found

    def _count(self, rows: Iterable[Row], names: Iterable[str]) -> None:
        for nth, group, *numbers in rows:
            self._numbers.setdefault((nth, group), Counter()).update(dict(zip(names, numbers, strict=True)))

    def _last(self, rows: Iterable[Row]) -> None:
        for nth, group, end, came, left in rows:
            all_came, all_left = self._lengths.setdefault((nth, group, end), ([], []))
            all_came += came
            all_left += left

    def _owe(self, rows: Iterable[Row]) -> None:
        """Promises, and apart from the others those that a call-back keeps."""
        for nth, group, clause, *numbers in rows:
            self._count([(nth, group, *numbers)], _CLOCKS)
            if clause in self._called:
                self._count([(nth, group, *numbers)], [f"callbacks-{name}" for name in _CLOCKS])


async def _lengths_of_rows(
    view: View, asked: Asked, items: Source, columns: Columns, ends: Sequence[str]
) -> list[Row]:
    """nth, group, end; the microseconds until it, and those waited where it has not come."""
    statement = service_sql.lengths(asked, items, columns, [f"i.{end}_at" for end in ends])
    return [
        (nth, group, end, *([round(length_s * _PER_S) for length_s in found] for found in (came, left)))
        for nth, group, *lengths in await service_sources.fetch_lists(view, *statement)
        for end, came, left in zip(ends, lengths[::2], lengths[1::2], strict=True)
    ]


async def _clocks_of_rows(view: View, asked: Asked) -> list[Row]:
    """nth, group, clause; how many promises were due, done at all, done in time."""
    return await view.fetch(*service_sql.clocks(asked))


def callbacks(view: View) -> Iterator[str]:
    """Clauses, of any edition ever in force, whose clock a call-back stops."""
    for pack in view.settings.packs.values():
        for book in filter(None, pack.values):
            for clause in book.clause:
                if isinstance(clause, ClockClause) and any(s.event == CALLED_BACK for s in clause.stops_on):
                    yield clause.id
