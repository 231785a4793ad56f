"""Service sums: what do matters, tasks and contacts come to, in all by day, and by whom month by month?

What rows of `service` say one by one is added up here, and how long each took is kept in order, so that
medians stay exact. A batch takes away what its items were and adds what they are: a late fact moves a sum as
it moves a row. Days and months are those of UTC+8; whoever keeps other time is answered from the rows.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from operator import add, sub
from typing import Any

from psycopg import AsyncCursor

from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.matters import OPENED, Item

ALL, TAKEN, HELD = "all", "taken", "held"
"""Sides: a day's in all; a month's by whoever took it, and by whoever had it in the end."""
COUNTS = (
    "items", "repeated", "done", "due", "in_time", "stayed", "settled", "once_settled", "reopened",
)  # fmt: skip
ENDS = ("answered", "settled")
LENGTHS = (
    "answered_us", "unanswered_us", "unanswered_since_us",
    "settled_us", "unsettled_us", "unsettled_since_us",
)  # fmt: skip
"""For each of `ENDS`, sorted: how long it took; how long until it was withdrawn; since when it is open."""
KEY = (
    ("kind", "text"), ("side", "text"), ("begins_on", "date"),
    ("person", "text"), ("since_on", "date"), ("channel", "text"), ("building", "text"),
)  # fmt: skip
"""`since_on`: the month in which it came into the person's hands, for whoever asks by team."""
SHAPE = Shape(
    "service_sums",
    (*KEY, *((name, "int4") for name in COUNTS), *((name, "int8[]") for name in LENGTHS)),
    keys=len(KEY),
)
_NAMED = ", ".join(name for name, _ in KEY)
TABLES = (("service_sums", _NAMED),)
DDL = f"""
CREATE TABLE service_sums (
    {", ".join(f"{name} {type_} NOT NULL" for name, type_ in SHAPE.columns)},
    PRIMARY KEY ({_NAMED})
) WITH (fillfactor = 70);
"""
_FIRST_ON, _DAY = date(1970, 1, 1), timedelta(days=1)
_FIRST = datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=8)))
"""Where a day begins: one time for all of China."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STAND = (
    f"SELECT {_NAMED}, {', '.join((*COUNTS, *LENGTHS))} FROM service_sums "
    f"JOIN unnest({', '.join(f'%s::{type_}[]' for _, type_ in KEY)}) AS k ({_NAMED}) USING ({_NAMED})"
)
_NOTHING: Sequence[Any] = (*[0] * len(COUNTS), *[()] * len(LENGTHS))
_MATTERS = frozenset(OPENED.values())
_SETTLED = len(LENGTHS) // len(ENDS)
_BOTH, _ANSWERS, _SETTLEMENTS = range(len(LENGTHS)), range(_SETTLED), range(_SETTLED, len(LENGTHS))


Cell = tuple[str, str, date, str, date, str, str]
"""Under what an item is counted, as in `KEY`."""
_Alike = tuple[str, int, str, str, int, str, str]
"""Kind, day, who took it, who had it in the end, since which day, channel, building."""


class _Moved:
    """What a batch adds to a cell and takes away."""

    __slots__ = ("counts", "lengths")

    def __init__(self) -> None:
        self.counts = [0] * len(COUNTS)
        self.lengths: dict[tuple[int, int], int] = {}
        """So many more or fewer of a length, under its place in `LENGTHS`."""

    def count(self, counts: Iterable[int], sign: int) -> None:
        """What one item counts as; a sign of -1 takes it away."""
        self.counts = list(map(add if sign > 0 else sub, self.counts, counts))

    def add(self, other: "_Moved", places: range) -> None:
        """What alike items come to, with lengths of some places only."""
        self.counts = list(map(add, self.counts, other.counts))
        for length, ways in other.lengths.items():
            if ways and length[0] in places:
                self.put(length, ways)

    def put(self, length: tuple[int, int], sign: int) -> None:
        """How long one item took."""
        self.lengths[length] = self.lengths.get(length, 0) + sign


def nth_day(at: datetime) -> int:
    """The day an instant lies in, as a number."""
    return (at - _FIRST).days


def date_of(day: int) -> date:
    """The date of a day by its number."""
    return _FIRST_ON + timedelta(days=day)


@lru_cache(maxsize=4096)
def month_of(day: int) -> date:
    """The first day of the month of a day by its number."""
    return date_of(day).replace(day=1)


def begins_on(at: datetime) -> date | None:
    """The day that begins at this instant; None if none does."""
    day, rest = divmod(at - _FIRST, _DAY)
    return None if rest else date_of(day)


def microseconds(length: timedelta) -> int:
    """A length of time as it is kept; never less than nothing."""
    return max(0, length // _MICROSECOND)


def since_epoch(at: datetime) -> int:
    """An instant as it is kept."""
    return (at - _EPOCH) // _MICROSECOND


async def write(cursor: AsyncCursor[Any], moved: Iterable[tuple[Item | None, Item | None]]) -> None:
    """Items as they were and as they are; None where there was none, or is none any more."""
    found = _cells_of(_netted(moved))
    stood = await _standing(cursor, found)
    rows = {cell: _summed(stood.get(cell, _NOTHING), more) for cell, more in found.items()}
    await delete(cursor, SHAPE, [cell for cell, (items, *_) in rows.items() if not items and cell in stood])
    await merge(cursor, SHAPE, [(*cell, *row) for cell, row in rows.items() if row[0]])


def _netted(moved: Iterable[tuple[Item | None, Item | None]]) -> dict[_Alike, _Moved]:
    """What is left when what went is held against what came; most items that move stay where they count."""
    found: dict[_Alike, _Moved] = defaultdict(_Moved)
    for pair in moved:
        for item, sign in zip(pair, (-1, 1), strict=True):
            if item is None:
                continue
            kind, day = item.kind, nth_day(item.opened_at)
            held = day if item.held_at is item.opened_at else nth_day(item.held_at)
            more = found[kind, day, item.person, item.held_by, held, item.channel, item.building]
            more.count(counts_of(item), sign)
            if kind in _MATTERS:
                more.put(_length(item, item.answered_at, 0), sign)
                more.put(_length(item, item.settled_at, _SETTLED), sign)
    return found


def _cells_of(found: Mapping[_Alike, _Moved]) -> dict[Cell, _Moved]:
    """The same by cell: a day in all, a month by who took it; of matters, by who had it in the end."""
    cells: dict[Cell, _Moved] = defaultdict(_Moved)
    for (kind, day, person, held_by, held, channel, building), more in found.items():
        on, month = date_of(day), month_of(day)
        cells[kind, ALL, on, "", on, "", ""].add(more, _BOTH)
        cells[kind, TAKEN, month, person, month, channel, building].add(more, _ANSWERS)
        if kind in _MATTERS:
            cells[kind, HELD, month, held_by, month_of(held), channel, building].add(more, _SETTLEMENTS)
    return {cell: more for cell, more in cells.items() if any(more.counts) or any(more.lengths.values())}


def counts_of(item: Item) -> tuple[int, ...]:
    """What an item counts as, in the order of `COUNTS`."""
    settled = item.settled_at is not None
    if item.kind not in _MATTERS:
        due = item.due_at is not None
        in_time = item.settled_at is not None and item.due_at is not None and item.settled_at <= item.due_at
        return 1, 0, settled, due, in_time, 0, 0, 0, 0
    stayed, came_back = item.ended_at is None, item.reopened > 0
    return 1, item.repeats > 0, 0, 0, 0, stayed, stayed and settled, settled or came_back, came_back


def _length(item: Item, end: datetime | None, first: int) -> tuple[int, int]:
    """How long it took; how long it was waited for, if it was withdrawn; else since when it is waited for."""
    if end is not None:
        return first, microseconds(end - item.opened_at)
    if item.ended_at is not None:
        return first + 1, microseconds(item.ended_at - item.opened_at)
    return first + 2, since_epoch(item.opened_at)


async def _standing(cursor: AsyncCursor[Any], cells: Collection[Cell]) -> dict[Cell, Sequence[Any]]:
    """What these cells hold so far."""
    if not cells:
        return {}
    columns = [list(column) for column in zip(*cells, strict=True)]
    await cursor.execute(_STAND.encode(), columns, binary=True)  # long arrays are read four times as fast
    return {row[: len(KEY)]: row[len(KEY) :] for row in await cursor.fetchall()}


def _summed(stood: Sequence[Any], more: _Moved) -> list[Any]:
    """The columns after the key."""
    counts = [old + new for old, new in zip(stood[: len(COUNTS)], more.counts, strict=True)]
    lengths = [list(kept) for kept in stood[len(COUNTS) :]]
    for (nth, length), ways in more.lengths.items():
        for _ in range(ways):
            insort(lengths[nth], length)
        for _ in range(-ways):
            lengths[nth].remove(length)
    return [*counts, *lengths]
