"""Service kept: figures of service out of their sums; what is still ahead is found by row, and left out."""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from onrecord_projections import promise_sums, service_sums
from onrecord_projections.queries import service_sql
from onrecord_projections.queries.service_sources import fetch_lists
from onrecord_projections.queries.service_sql import (
    SUMMED,
    TAKEN,
    Asked,
    Statement,
    filters_of,
    people,
    stretches,
)
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

Row = tuple[Any, ...]


def holds_items(asked: Asked) -> bool:
    """Whether sums can tell of matters: in all of whole days, by whom of whole months."""
    return holds_clocks(asked) or not (_apart(asked) or any(None in days for days in days_of(asked)))


def holds_clocks(asked: Asked) -> bool:
    """Whether sums can tell of promises: of whole months."""
    return all(day is not None and day.day == 1 for days in days_of(asked) for day in days)


def days_of(asked: Asked) -> list[tuple[date | None, date | None]]:
    """The days that begin where the stretches begin and end, if such days do."""
    return [(begins_on(begin), begins_on(end)) for begin, end in asked.spans]


async def counts(view: View, asked: Asked) -> list[Row]:
    """nth, group, then a number for each of `COUNTED`."""
    kinds = (asked.wanted.kind, "task") if asked.by_case else (asked.wanted.kind, "task", "contact")
    numbers = ", ".join(
        f"coalesce(sum(s.{column}) FILTER (WHERE {cells}), 0)" for column, cells in COUNTED.values()
    )
    told, meant = _cells("service_sums", asked, kinds)
    found = await view.fetch(
        f"SELECT {told.text}, {numbers} {meant.text} GROUP BY 1, 2", (*told.values, *meant.values)
    )
    return _less(found, await _tasks_ahead(view, asked), 2)


async def lengths(view: View, asked: Asked) -> list[Row]:
    """nth, group, end; the microseconds until it, and those waited where it has not come; cell by cell."""
    told, meant = _cells("service_sums", asked, (asked.wanted.kind,))
    statement = f"SELECT {told.text}, {', '.join(f's.{name}' for name in LENGTHS)} {meant.text}"
    now = since_epoch(asked.now)
    found: list[Row] = []
    for nth, group, *kept in await fetch_lists(view, statement, (*told.values, *meant.values)):
        for first, end in zip(range(0, len(LENGTHS), 3), ENDS, strict=True):
            came, left, opened = kept[first : first + 3]
            if came or left or opened:
                found.append((nth, group, end, came, left + [max(0, now - at) for at in opened]))
    return found


async def clocks(view: View, asked: Asked) -> list[Row]:
    """nth, group, clause; how many promises were due, done at all, done in time."""
    told, meant = _cells("promise_sums", asked, (asked.wanted.kind,))
    numbers = ", ".join(f"sum(s.{name})" for name in promise_sums.COUNTS)
    found = await view.fetch(
        f"SELECT {told.text}, s.clause, {numbers} {meant.text} GROUP BY 1, 2, 3",
        (*told.values, *meant.values),
    )
    going_on = [each for each in asked.stretches if each.span.end > asked.now]  # the latest come first
    if going_on:
        statement = service_sql.clocks(asked._replace(stretches=going_on), ahead=True)
        found = _less(found, await view.fetch(*statement), 3)
    return [row for row in found if row[3]]


async def _tasks_ahead(view: View, asked: Asked) -> list[Row]:
    """nth, group; how many tasks are due only later, and how many of them are done in time."""
    nth, within = stretches(asked.spans, "i.opened_at")
    joined, group = people(asked, TAKEN)
    filters = filters_of(asked, TAKEN)
    return await view.fetch(
        f"SELECT {nth.text}, {group}, count(*), count(*) FILTER (WHERE i.settled_at <= i.due_at) "
        f"FROM service i {joined.text} "
        f"WHERE i.kind = 'task' AND i.due_at >= %s AND {within.text} {filters.more} GROUP BY 1, 2",
        (*nth.values, *joined.values, asked.now, *within.values, *filters.values),
    )


def _apart(asked: Asked) -> bool:
    """Whether it is asked of somebody, or of a part."""
    return asked.by is not None or asked.by_person or asked.by_case


def _cells(table: str, asked: Asked, kinds: Sequence[str]) -> tuple[Statement, Statement]:
    """Columns for stretch and group; and from which cells."""
    nth, within = stretches(days_of(asked), "s.begins_on")
    sides = [service_sums.TAKEN, service_sums.HELD, promise_sums.OWED] if _apart(asked) else [ALL]
    joined, group = people(asked, SUMMED)
    filters = filters_of(asked, SUMMED)
    return (
        Statement(f"{nth.text}, {group}", nth.values),
        Statement(
            f"FROM {table} s {joined.text} "
            f"WHERE s.kind = ANY(%s) AND s.side = ANY(%s) AND {within.text} {filters.more}",
            (*joined.values, list(kinds), sides, *within.values, *filters.values),
        ),
    )


def _less(rows: Iterable[Row], ahead: Iterable[Row], keys: int) -> list[Row]:
    """The last numbers of each row less those of the same key that are still to come."""
    less = {row[:keys]: row[keys:] for row in ahead}
    found = []
    for row in rows:
        numbers = less.get(row[:keys], ())
        first = len(row) - len(numbers)
        found.append((*row[:first], *(all_ - more for all_, more in zip(row[first:], numbers, strict=True))))
    return found
