"""KPI: what do the figures that the policies ask for come to, by period and group?

Sums of items (`judging.figures`): a batch takes away what its cases added before and adds what they add now,
so a late fact or a correction moves an item, and a rebuild comes to equal rows. Medians, percentiles and
counts of different values stay exact: `kpi_values` is the multiset itself, one row a different value.
A promise counts here in the period it will fall due in; whoever asks leaves out what is still ahead.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Clock, Settings
from onrecord_projections.judging.clauses.kpi import Every
from onrecord_projections.judging.effective import local_day
from onrecord_projections.judging.figures import (
    Asked,
    Cell,
    Item,
    Sums,
    cells_of,
    items_of,
    items_of_clocks,
    last_said,
    plan_of,
    stories_of,
)
from onrecord_projections.judging.figures.story import plain

CELL = (
    ("pack", "text"),
    ("edition", "int4"),
    ("kpi", "text"),
    ("part", "text"),
    ("period", "text"),
    ("grp", "text"),
)
SUMS = (("above", "numeric"), ("below", "numeric"), ("items", "int8"))
SHAPE = Shape("kpi_counts", (*CELL, *SUMS), keys=6)
VALUES = Shape("kpi_values", (*CELL, ("value", "text"), ("items", "int8")), keys=7)
CASES = Shape("kpi_cases", (*CELL, ("case_id", "text"), ("items", "int8")), keys=7)
SHAPES = (SHAPE, VALUES, CASES)
_KEY = "pack, edition, kpi, part, period, grp"
TABLES = (("kpi_counts", _KEY), ("kpi_values", f"{_KEY}, value"), ("kpi_cases", f"{_KEY}, case_id"))
_CELL = """
    pack text NOT NULL,
    edition integer NOT NULL,
    kpi text NOT NULL,
    part text NOT NULL,
    period text NOT NULL,
    grp text NOT NULL,
"""
DDL = f"""
CREATE TABLE kpi_counts ({_CELL}
    above numeric(38, 6) NOT NULL,
    below numeric(38, 6) NOT NULL,
    items bigint NOT NULL,
    PRIMARY KEY ({_KEY})
) WITH (fillfactor = 70);
CREATE INDEX kpi_counts_period ON kpi_counts (period);
CREATE INDEX kpi_counts_empty ON kpi_counts (kpi) WHERE items = 0;
CREATE TABLE kpi_values ({_CELL}
    value text NOT NULL,
    items bigint NOT NULL,
    PRIMARY KEY ({_KEY}, value)
);
CREATE INDEX kpi_values_empty ON kpi_values (kpi) WHERE items = 0;
CREATE TABLE kpi_cases ({_CELL}
    case_id text NOT NULL,
    items bigint NOT NULL,
    PRIMARY KEY ({_KEY}, case_id)
);
CREATE INDEX kpi_cases_empty ON kpi_cases (kpi) WHERE items = 0;
"""
"""`kpi_cases`: in which cases the items lie, for figures whose cases `sla` cannot name; by the finest of the
periods a figure is asked for, as the others are made up of it."""


class Delta(NamedTuple):
    """An item that came (1) or went (-1), and the settings that say in which cells."""

    settings: Settings
    item: Item
    sign: int


class _Slot:
    """What a batch adds to one cell."""

    __slots__ = ("cases", "cell", "sums")

    def __init__(self, asked: Asked, cell: Cell, every: Every) -> None:
        self.cell, self.sums = cell, Sums()
        self.cases: dict[str, int] | None = {} if in_cases(asked) and every in asked.finest else None

    def add(self, item: Item, sign: int) -> None:
        self.sums.add(item, sign)
        if self.cases is not None:
            self.cases[item.case] = self.cases.get(item.case, 0) + sign


async def write(
    cursor: AsyncCursor[Any], changes: Iterable[Change], was: Settings, settings: Settings
) -> set[Cell]:
    """Take away what the cases added before, add what they add now; the cells that moved."""
    if not (plan_of(was).asked or plan_of(settings).asked):
        return set()
    slots = _slots(changes, was, settings)
    moved = [slot for slot in slots if slot.sums.moved]
    rows = [(*slot.cell, slot.sums.above, slot.sums.below, slot.sums.items) for slot in moved]
    values = [(*slot.cell, value, times) for slot in moved for value, times in slot.sums.values.items()]
    cases = [(*slot.cell, case, n) for slot in slots for case, n in (slot.cases or {}).items() if n]
    await _merge(cursor, SHAPE, rows, add=len(SUMS))
    await _merge(cursor, VALUES, values, add=1)
    await _merge(cursor, CASES, cases, add=1)
    return {slot.cell for slot in moved}


def _slots(changes: Iterable[Change], was: Settings, settings: Settings) -> list[_Slot]:
    """What the changes come to, cell by cell."""
    found: dict[Cell, _Slot] = {}
    known: dict[tuple[Asked, str, str, date], list[_Slot]] = {}
    for change in changes:
        for rules, item, sign in _deltas(change, was, settings):
            key = item.asked, item.part, item.group, local_day(rules, item.at)
            slots = known.get(key)
            if slots is None:
                slots = known[key] = [
                    found.setdefault(cell, _Slot(item.asked, cell, every))
                    for cell, every in zip(cells_of(rules, item), item.asked.clause.every, strict=True)
                ]
            for slot in slots:
                slot.add(item, sign)
    return list(found.values())


def in_cases(asked: Asked) -> bool:
    """Whether its cases are kept apart: a clock's is found by clause, due time and owner."""
    return not asked.of_clocks or asked.by_fact is not None


def _deltas(change: Change, was: Settings, settings: Settings) -> Iterator[Delta]:
    """What one case's change takes away and adds; nothing for events that no figure asks for."""
    if was is not settings:
        yield from _all(was, earlier(change), change.old.clocks, -1)
        yield from _all(settings, change.history, change.new.clocks, 1)
        return
    plan = plan_of(settings)
    types = {event.type for event in change.events}
    if not plan.types.isdisjoint(types):
        moved = stories_of(settings).moved(change.case_id, change.history, len(change.events))
        yield from (Delta(settings, item, sign) for item, sign in moved)
    if not plan.clocks_by_fact.isdisjoint(types):
        yield from _of_clocks(settings, earlier(change), change.old.clocks, -1)
        yield from _of_clocks(settings, change.history, change.new.clocks, 1)
    elif plan.of_clock and change.old.clocks is not change.new.clocks:
        yield from _moved_clocks(settings, change)


def _moved_clocks(settings: Settings, change: Change) -> Iterator[Delta]:
    """Clocks that came, went or changed, of clauses that a figure is of; what their case said stands."""
    asked = plan_of(settings).of_clock
    was, now = set(map(id, change.old.clocks)), set(map(id, change.new.clocks))
    gone = [clock for clock in change.old.clocks if id(clock) not in now and _clause(clock) in asked]
    come = [clock for clock in change.new.clocks if id(clock) not in was and _clause(clock) in asked]
    yield from _of_clocks(settings, change.history, gone, -1)
    yield from _of_clocks(settings, change.history, come, 1)


def _clause(clock: Clock) -> tuple[str, int, str]:
    return clock.pack, clock.edition, clock.clause


def _all(
    settings: Settings, events: Sequence[Recorded], clocks: Iterable[Clock], sign: int
) -> Iterator[Delta]:
    return (Delta(settings, item, sign) for item in items_of(settings, events, clocks))


def _of_clocks(
    settings: Settings, events: Sequence[Recorded], clocks: Iterable[Clock], sign: int
) -> Iterator[Delta]:
    facts = last_said(settings, events)
    yield from (Delta(settings, item, sign) for item in items_of_clocks(settings, clocks, facts))


def earlier(change: Change) -> Sequence[Recorded]:
    """The case's history before this change."""
    return change.history[: len(change.history) - len(change.events)]


async def _merge(
    cursor: AsyncCursor[Any], shape: Shape, rows: Sequence[tuple[Any, ...]], *, add: int
) -> None:
    """Add to what stands there; what comes to nothing is as if it had never been."""
    await merge(cursor, shape, rows, add=add)
    if any(row[-1] < 0 for row in rows):
        await cursor.execute(f"DELETE FROM {shape.table} WHERE items = 0".encode())


async def sums_of(
    cursor: AsyncCursor[Any], period: str, kpis: Sequence[str] | None = None
) -> dict[Cell, Sums]:
    """What stands for a period, of all figures or of some."""
    condition, values = "period = %s", [period]
    if kpis is not None:
        condition, values = f"{condition} AND kpi = ANY(%s)", [period, list(kpis)]  # type: ignore[list-item]
    found: dict[Cell, Sums] = {}
    await cursor.execute(
        f"SELECT {_KEY}, above, below, items FROM kpi_counts WHERE {condition}".encode(), values
    )
    for *cell, above, below, items in await cursor.fetchall():
        sums = found.setdefault(Cell(*cell), Sums())
        sums.above, sums.below, sums.items = Decimal(plain(above)), Decimal(plain(below)), items
    await cursor.execute(f"SELECT {_KEY}, value, items FROM kpi_values WHERE {condition}".encode(), values)
    for *cell, value, items in await cursor.fetchall():
        found.setdefault(Cell(*cell), Sums()).put(value, items)
    return found
