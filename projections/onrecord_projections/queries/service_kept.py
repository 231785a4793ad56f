"""Service kept: figures of service out of their sums; what is still ahead is found by row, and left out."""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from onrecord_projections import promise_sums, service_sums
from onrecord_projections.queries import service_sql
from onrecord_projections.queries.service_sources import fetch_lists
from onrecord_projections.queries.service_sql import TAKEN, Asked, Columns, Statement, filters_of, stretches
from onrecord_projections.queries.view import View
from onrecord_projections.service_sums import ALL, ENDS, LENGTHS, begins_on, since_epoch

_MATTER, _TASK = "s.kind NOT IN ('task', 'contact')", "s.kind = 'task'"
_TAKEN = f"{_MATTER} AND s.side <> '{service_sums.HELD}'"
_HELD = f"{_MATTER} AND s.side <> '{service_sums.TAKEN}'"
COUNTED: Mapping[str, tuple[str, str]] = {
    "complaints": ("items", _TAKEN),
    "contacts": ("items", "s.kind = 'contact'"),
    "repeated": ("repeated", _TAKEN),
    "tasks": ("items", _TASK),
    "tasks-done": ("done", _TASK),
    "stayed": ("stayed", _HELD),
    "settled": ("settled", _HELD),
    "ever-settled": ("once_settled", _HELD),
    "reopened": ("reopened", _HELD),
    "tasks-due": ("due", _TASK),
    "tasks-in-time": ("in_time", _TASK),
}
"""What is counted, by its name: which column, of which cells."""
_SUMMED = Columns("s.person", "", "s.channel", "s.building")

PER_S = 1_000_000
"""Lengths of time are kept in microseconds."""

Row = tuple[Any, ...]
Lengths = Iterator[tuple[str, list[int], list[int]]]
"""An end; the microseconds until it; those waited where it has not come."""


def holds_items(asked: Asked) -> bool:
    """Whether sums can tell of matters: in all of whole days, by whom of whole months, but never by team."""
    return holds_clocks(asked) or (not _apart(asked) and None not in _ends(asked))


def holds_clocks(asked: Asked) -> bool:
    """Whether sums can tell of promises: of whole months, but never by team."""
    named = asked.by == "team" or asked.wanted.team is not None
    return not named and all(day is not None and day.day == 1 for day in _ends(asked))


def _ends(asked: Asked) -> list[date | None]:
    """The days that begin where the stretches begin and end, if such days do."""
    return [begins_on(at) for span in asked.spans for at in span]


async def counts(view: View, asked: Asked) -> list[Row]:
    """nth, group, then a number for each of `COUNTED`."""
    kinds = (asked.wanted.kind, "task") if asked.by_case else (asked.wanted.kind, "task", "contact")
    told, meant = _cells(asked, kinds)
    numbers = ", ".join(
        f"coalesce(sum(s.{column}) FILTER (WHERE {cells}), 0)" for column, cells in COUNTED.values()
    )
    found = await view.fetch(
        f"SELECT {told.text}, {numbers} FROM service_sums s WHERE {meant.text} GROUP BY 1, 2",
        (*told.values, *meant.values),
    )
    return _less(found, await _tasks_ahead(view, asked), 2)


async def lengths(view: View, asked: Asked) -> dict[tuple[int, str], Lengths]:
    """By stretch and group: how long it took until each end."""
    told, meant = _cells(asked, (asked.wanted.kind,))
    kept: dict[tuple[int, str], list[list[int]]] = {}
    for nth, group, *cell in await fetch_lists(
        view,
        f"SELECT {told.text}, {', '.join(LENGTHS)} FROM service_sums s WHERE {meant.text}",
        (*told.values, *meant.values),
    ):
        for sums, more in zip(kept.setdefault((nth, group), [[] for _ in LENGTHS]), cell, strict=True):
            sums.extend(more)
    return {key: _by_end(sums, asked.now) for key, sums in kept.items()}


async def clocks(view: View, asked: Asked) -> list[Row]:
    """nth, group, clause; how many promises were due, done at all, done in time."""
    told, meant = _cells(asked, (asked.wanted.kind,))
    numbers = ", ".join(f"sum(s.{name})" for name in promise_sums.COUNTS)
    found = await view.fetch(
        f"SELECT {told.text}, s.clause, {numbers} FROM promise_sums s WHERE {meant.text} GROUP BY 1, 2, 3",
        (*told.values, *meant.values),
    )
    going_on = [each for each in asked.stretches if each.span.end > asked.now]  # the latest come first
    if going_on:
        statement = service_sql.clocks(asked._replace(stretches=going_on), ahead=True)
        found = _less(found, await view.fetch(statement.text, statement.values), 3)
    return [row for row in found if row[3]]


async def _tasks_ahead(view: View, asked: Asked) -> list[Row]:
    """nth, group; how many tasks are due only later, and how many of them are done in time."""
    nth, within = stretches(asked.spans, "i.opened_at")
    filters = filters_of(asked.wanted, TAKEN)
    group = getattr(TAKEN, asked.by) if asked.by else "''"
    return await view.fetch(
        f"SELECT {nth.text}, {group}, count(*), count(*) FILTER (WHERE i.settled_at <= i.due_at) "
        f"FROM service i WHERE i.kind = 'task' AND i.due_at >= %s AND {within.text} {filters.more} "
        "GROUP BY 1, 2",
        (*nth.values, asked.now, *within.values, *filters.values),
    )


def _apart(asked: Asked) -> bool:
    """Whether it is asked of somebody, or of a part."""
    return asked.by is not None or asked.by_person or asked.by_case


def _cells(asked: Asked, kinds: Sequence[str]) -> tuple[Statement, Statement]:
    """Columns for stretch and group, and which cells are meant."""
    nth, within = stretches([(begins_on(begin), begins_on(end)) for begin, end in asked.spans], "s.begins_on")
    group = getattr(_SUMMED, asked.by) if asked.by else "''"
    sides = [service_sums.TAKEN, service_sums.HELD, promise_sums.OWED] if _apart(asked) else [ALL]
    filters = filters_of(asked.wanted, _SUMMED)
    return (
        Statement(f"{nth.text}, {group}", nth.values),
        Statement(
            f"s.kind = ANY(%s) AND s.side = ANY(%s) AND {within.text} {filters.more}",
            (list(kinds), sides, *within.values, *filters.values),
        ),
    )


def _by_end(kept: Sequence[list[int]], now: datetime) -> Lengths:
    since = since_epoch(now)
    for nth, end in enumerate(ENDS):
        came, left, opened = kept[3 * nth : 3 * nth + 3]
        yield end, came, left + [max(0, since - at) for at in opened]


def _less(rows: Iterable[Row], ahead: Iterable[Row], keys: int) -> list[Row]:
    """The last numbers of each row less those of the same key that are still to come."""
    less = {row[:keys]: row[keys:] for row in ahead}
    found = []
    for row in rows:
        numbers = less.get(row[:keys], ())
        first = len(row) - len(numbers)
        found.append((*row[:first], *(all_ - more for all_, more in zip(row[first:], numbers, strict=True))))
    return found
