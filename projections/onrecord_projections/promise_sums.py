"""Promise sums: how many clocks fall due, month by month, in all and by whom; how many were kept?

What rows of `sla` say one by one is added up here, with how the clock's matter came, and where. A clock
counts where it will fall due, even before that: whoever asks leaves out what is still ahead.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, zip_longest
from operator import add
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_projections.bulk import Shape, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Clock
from onrecord_projections.matters import OPENED, Item
from onrecord_projections.service_sums import ALL, month_of, nth_day

OWED = "owed"
"""The side of a month's clocks by whoever owes them; `ALL` is the month in all."""
COUNTS = ("due", "done", "met")
KEY = (
    ("kind", "text"), ("side", "text"), ("begins_on", "date"), ("clause", "text"),
    ("person", "text"), ("since_on", "date"), ("channel", "text"), ("building", "text"),
)  # fmt: skip
SHAPE = Shape("promise_sums", (*KEY, *((name, "int4") for name in COUNTS)), keys=len(KEY))
_NAMED = ", ".join(name for name, _ in KEY)
TABLES = (("promise_sums", _NAMED),)
DDL = f"""
CREATE TABLE promise_sums (
    {", ".join(f"{name} {type_} NOT NULL" for name, type_ in SHAPE.columns)},
    PRIMARY KEY ({_NAMED})
) WITH (fillfactor = 70);
"""
_EMPTY = (
    f"DELETE FROM promise_sums t USING unnest({', '.join(f'%s::{type_}[]' for _, type_ in KEY)}) "
    f"AS k ({_NAMED}) WHERE t.due = 0 AND ({', '.join(f't.{name}' for name, _ in KEY)}) "
    f"= ({', '.join(f'k.{name}' for name, _ in KEY)})"
)
_KINDS = frozenset(OPENED.values())
_NOT_OWED = frozenset({"cancelled", "excused"})


_Clocks = tuple[str, date, str, str, date, str, str]
"""Kind, month, clause, owner, the month it started in, channel, building."""


class Placed(NamedTuple):
    """A case that changed, with the matter it is about, as it was and as it is."""

    change: Change
    before: Item | None
    now: Item | None


async def write(cursor: AsyncCursor[Any], placed: Iterable[Placed]) -> None:
    """Take away what clocks counted as before, add what they count as now."""
    found: dict[_Clocks, list[int]] = defaultdict(_nothing)
    for clocks, counts, sign in chain.from_iterable(map(_moves, placed)):
        sums = found[clocks]
        for nth, count in enumerate(counts):
            if count:
                sums[nth] += sign
    cells = _cells_of(found)
    await merge(cursor, SHAPE, [(*cell, *sums) for cell, sums in cells.items() if any(sums)], add=len(COUNTS))
    if fewer := [cell for cell, (due, *_) in cells.items() if due < 0]:
        await cursor.execute(_EMPTY.encode(), [list(column) for column in zip(*fewer, strict=True)])


def _moves(placed: Placed) -> Iterator[tuple[_Clocks, Sequence[bool], int]]:
    """What one case takes away (-1) and adds (1); what is the same as before is left out."""
    change = placed.change
    kind = change.case_id.partition("/")[0]
    if kind not in _KINDS:
        return
    before, now = _place(placed.before), _place(placed.now)
    moved = before != now
    for gone, come in zip_longest(change.old.clocks, change.new.clocks):  # they rarely change their place
        if gone is come and not moved:
            continue
        for clock, place, sign in ((gone, before, -1), (come, now, 1)):
            told = _told(clock)
            if told is not None:
                due_at, clause, owner, started_at, *counts = told
                month, since_on = month_of(nth_day(due_at)), month_of(nth_day(started_at))
                yield (kind, month, clause, owner, since_on, *place), (True, *counts), sign


def _place(matter: Item | None) -> tuple[str, str]:
    """How a matter came, and where; empty: it does not say."""
    return (matter.channel, matter.building) if matter else ("", "")


def _told(clock: Clock | None) -> tuple[datetime, str, str, datetime, bool, bool] | None:
    """What sums know of a clock: when it is due, of which clause, whose since when, done at all, in time."""
    if clock is None or clock.kind != "clock":
        return None
    due_at, state = clock.due_at, clock.state
    if due_at is None or state in _NOT_OWED:
        return None
    owner = clock.owner or ""
    return due_at, clock.clause, owner, clock.started_at, clock.stopped_at is not None, state == "met"


def _cells_of(found: Mapping[_Clocks, Sequence[int]]) -> dict[tuple[Any, ...], list[int]]:
    """The same by cell."""
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(_nothing)
    for (kind, month, clause, *whose), sums in found.items():
        if any(sums):
            all_ = kind, ALL, month, clause, "", month, "", ""
            cells[all_] = list(map(add, cells[all_], sums))
            cells[kind, OWED, month, clause, *whose] = list(sums)
    return cells


def _nothing() -> list[int]:
    return [0] * len(COUNTS)
