"""Promise sums: how many clocks fall due, month by month, in all and by whom; how many were kept?

What rows of `sla` say one by one is added up here, with how the clock's matter came, and where. A clock
counts where it will fall due, even before that: whoever asks leaves out what is still ahead.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import add
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Settings
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.matters import OPENED
from onrecord_projections.service_sums import ALL, date_of, nth_day

OWED = "owed"
"""The side of a month's clocks by whoever owes them; `ALL` is the month in all."""
COUNTS = ("due", "done", "met")
KEY = (
    ("kind", "text"), ("side", "text"), ("begins_on", "date"), ("clause", "text"),
    ("person", "text"), ("channel", "text"), ("building", "text"),
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


_Clocks = tuple[str, int, str, str, str, str]
"""Kind, day, clause, owner, channel, building."""


class Place(NamedTuple):
    """How a case's matter came, and where; empty: it does not say."""

    channel: str
    building: str


async def write(
    cursor: AsyncCursor[Any], changes: Iterable[Change], was: Settings, settings: Settings
) -> None:
    """Take away what clocks counted as before, add what they count as now."""
    found: dict[_Clocks, list[int]] = defaultdict(_nothing)
    for change in changes:
        for clocks, counts, sign in _moves(change, was, settings):
            sums = found[clocks]
            for nth, count in enumerate(counts):
                sums[nth] += sign * count
    cells = _cells_of(found)
    await merge(cursor, SHAPE, [(*cell, *sums) for cell, sums in cells.items() if any(sums)], add=len(COUNTS))
    if fewer := [cell for cell, (due, *_) in cells.items() if due < 0]:
        await cursor.execute(_EMPTY.encode(), [list(column) for column in zip(*fewer, strict=True)])


def _moves(change: Change, was: Settings, settings: Settings) -> Iterator[tuple[_Clocks, Sequence[int], int]]:
    """What one case takes away (-1) and adds (1); what is the same as before is left out."""
    kind = change.case_id.partition("/")[0]
    old, new = change.old.clocks, change.new.clocks
    opened = was is not settings or not OPENED.keys().isdisjoint([event.type for event in change.events])
    if kind not in _KINDS or (old is new and not opened):
        return
    before = now = place_of(settings, change.history)
    if opened:
        before = place_of(was, change.history[: len(change.history) - len(change.events)])
    same = set(map(id, old)).intersection(map(id, new)) if before == now else ()
    for clocks, place, sign in ((old, before, -1), (new, now, 1)):
        for clock in clocks:
            due_at = clock.due_at
            if id(clock) in same or due_at is None or clock.kind != "clock" or clock.state in _NOT_OWED:
                continue
            counts = 1, clock.stopped_at is not None, clock.state == "met"
            yield (kind, nth_day(due_at), clock.clause, clock.owner or "", *place), counts, sign


def _cells_of(found: Mapping[_Clocks, Sequence[int]]) -> dict[tuple[Any, ...], list[int]]:
    """The same by cell."""
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(_nothing)
    for (kind, day, clause, *whose), sums in found.items():
        month = date_of(day).replace(day=1)
        for cell in ((kind, ALL, month, clause, "", "", ""), (kind, OWED, month, clause, *whose)):
            cells[cell] = list(map(add, cells[cell], sums))
    return cells


def _nothing() -> list[int]:
    return [0] * len(COUNTS)


def place_of(settings: Settings, history: Iterable[Recorded]) -> Place:
    """How a case's matter came, and where, as its row of `service` says."""
    opened = [event for event in history if event.type in OPENED]
    if not opened:
        return Place("", "")
    first = opened[0]
    if len(opened) > 1:
        first = min(opened, key=lambda one: (effective_at(settings, one), one.sequence or 0, one.position))
    return Place(first.data.get("channel") or "", first.data.get("building") or "")
