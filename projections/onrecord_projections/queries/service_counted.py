"""Service counted: what figures of service are made of, from sums where they say it, else row by row.

Sums know no instants: teams as of the event, walls of another time than UTC+8, days and weeks of a person,
and other times than now take the rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from onrecord_projections.judging.clauses import ClockClause
from onrecord_projections.matters import CALLED_BACK, THE_MATTER
from onrecord_projections.queries import service_kept, service_sources, service_sql
from onrecord_projections.queries.earlier import Stretch
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.service_sql import HELD, TAKEN, Asked, GroupBy, Wanted
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
_CLOCKS = ("due", "done", "met")
Numbers = dict[str, float | None]
"""What was counted for one group in one stretch, by its name."""
Found = dict[tuple[int, str], Numbers]
"""By stretch and group."""


async def counted(view: View, stretches: Sequence[Stretch], wanted: Wanted, by: GroupBy | None) -> Found:
    """Everything that the figures of these stretches are made of. Raises BadQuestion."""
    asked = Asked(stretches, wanted, by, view.at, await service_sources.teams(view))
    if view.timed:
        return await items_of_rows(view, asked)
    found = await (items_of_sums if service_kept.holds_items(asked) else items_of_rows)(view, asked)
    clocks = service_kept.clocks if service_kept.holds_clocks(asked) else clocks_of_rows
    add_clocks(view, found, await clocks(view, asked))
    return found


async def items_of_sums(view: View, asked: Asked) -> Found:
    """Of matters, tasks and contacts: what is kept added up."""
    found: Found = {}
    _put(found, await service_kept.counts(view, asked), service_kept.COUNTED)
    for (nth, group), lengths in (await service_kept.lengths(view, asked)).items():
        for end, came, left in lengths:
            _add_time(found.setdefault((nth, group), {}), end, came, left, service_kept.PER_S)
    return found


async def items_of_rows(view: View, asked: Asked) -> Found:
    """The same, each row counted."""
    found: Found = {}
    items = await service_sources.items(view, asked.stretches)
    kind = asked.wanted.kind
    kinds = (kind, "task") if asked.by_case else (kind, "task", "contact")
    for columns, counts in (
        ((TAKEN, _TAKEN), (HELD, _HELD)) if asked.by_person else ((TAKEN, _TAKEN | _HELD),)
    ):
        statement = service_sql.counts(asked, items, columns, kinds, counts)
        _put(found, await view.fetch(*statement), counts)
    await _add_times(view, found, asked, items)
    return found


async def clocks_of_rows(view: View, asked: Asked) -> list[tuple[Any, ...]]:
    """nth, group, clause; how many promises were due, done at all, done in time; each row counted."""
    return await view.fetch(*service_sql.clocks(asked))


async def _add_times(view: View, found: Found, asked: Asked, items: Source) -> None:
    for columns, ends in ((TAKEN, ENDS[:1]), (HELD, ENDS[1:])) if asked.by_person else ((TAKEN, ENDS),):
        statement = service_sql.lengths(asked, items, columns, [f"i.{end}_at" for end in ends])
        for nth, group, *lengths in await service_sources.fetch_lists(view, *statement):
            for end, came, left in zip(ends, lengths[::2], lengths[1::2], strict=True):
                _add_time(found.setdefault((nth, group), {}), end, came, left)


def _add_time(
    numbers: Numbers, end: str, came: Sequence[float], left: Sequence[float], per_s: int = 1
) -> None:
    """For how many an end came, and after how long for half of them and for nine tenths."""
    half, nine_tenths = reached(came, left, (HALF, NINE_TENTHS))
    numbers[f"{end}-n"], numbers[f"{end}-ends"] = len(came) + len(left), len(came)
    numbers[f"{end}-half"] = None if half is None else half / per_s
    numbers[f"{end}-nine-tenths"] = None if nine_tenths is None else nine_tenths / per_s


def _put(found: Found, rows: Iterable[tuple[Any, ...]], names: Iterable[str]) -> None:
    for nth, group, *numbers in rows:
        found.setdefault((nth, group), {}).update(zip(names, numbers, strict=True))


def add_clocks(view: View, found: Found, rows: Iterable[tuple[Any, ...]]) -> None:
    """Promises, and apart from the others those that a call-back keeps."""
    called = set(callbacks(view))
    for nth, group, clause, *numbers in rows:
        sums = found.setdefault((nth, group), {})
        for prefix in ("", "callbacks-") if clause in called else ("",):
            for name, number in zip(_CLOCKS, numbers, strict=True):
                sums[f"{prefix}{name}"] = (sums.get(f"{prefix}{name}") or 0) + number


def callbacks(view: View) -> Iterator[str]:
    """Clauses, of any edition ever in force, whose clock a call-back stops."""
    for pack in view.settings.packs.values():
        for book in filter(None, pack.values):
            for clause in book.clause:
                if isinstance(clause, ClockClause) and any(s.event == CALLED_BACK for s in clause.stops_on):
                    yield clause.id
