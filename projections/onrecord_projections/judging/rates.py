"""Rates: shares of clocks that fell due in a month. Counts only; a ratio is made by whoever shows it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from onrecord_projections.judging.clauses import (
    KpiClause,
)
from onrecord_projections.judging.effective import local_month
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Clock


class Rate(msgspec.Struct, frozen=True):
    """How many of the promises that fell due in a month were done at all, and in time."""

    pack: str
    edition: int
    kpi: str
    clause: str
    month: str
    due: int
    done: int
    in_time: int
    counts: str
    """Which of the two this figure asks for: `done` or `in-time`."""
    target: Decimal | None

    @property
    def counted(self) -> int:
        """What the figure counts."""
        return self.done if self.counts == "done" else self.in_time

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached; None if the policy sets none, or nothing fell due."""
        if self.target is None or not self.due:
            return None
        return Decimal(self.counted) >= self.target * self.due


def rates(settings: Settings, clocks: Iterable[Clock], as_of: datetime) -> tuple[Rate, ...]:
    """Every figure the policies name, of what had fallen due by `as_of`; an item belongs to its due month."""
    as_of = as_of.astimezone(UTC)
    sums: dict[tuple[str, int, str, str, str], tuple[KpiClause, int, int, int]] = {}
    for clock in clocks:
        if clock.due_at is None or clock.state in ("cancelled", "excused") or clock.due_at >= as_of:
            continue
        month = local_month(settings, clock.due_at)
        for kpi in _figures(settings, clock):
            key = (clock.pack, clock.edition, kpi.id, clock.clause, month)
            _, due, done, in_time = sums.get(key, (kpi, 0, 0, 0))
            stopped = clock.stopped_at is not None
            sums[key] = (kpi, due + 1, done + stopped, in_time + (clock.state == "met"))
    return tuple(
        Rate(*key, due, done, in_time, kpi.counts, kpi.target)
        for key, (kpi, due, done, in_time) in sorted(sums.items(), key=lambda item: item[0])
    )


def _figures(settings: Settings, clock: Clock) -> Iterator[KpiClause]:
    book = settings.edition(clock.pack, clock.edition)
    if book is not None:
        yield from (kpi for kpi in book.figures if kpi.formula == "clocks" and clock.clause in kpi.of)
