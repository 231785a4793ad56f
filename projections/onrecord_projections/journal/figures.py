"""Figures: what each read model adds to the journal. To join, write a function and name it in `OF_VERDICTS`.

A function is given one item of a verdict, and says what it counts as from the instant on from which it holds,
and from later instants that are certain unless something happens.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections import satisfaction
from onrecord_projections.judging import Clock, Settings, Verdict
from onrecord_projections.judging.case import whole_second
from onrecord_projections.judging.effective import local_month
from onrecord_projections.judging.run import SECOND

Key = tuple[str, ...]
"""The figure's name, then what it is counted by; text only, so that one table holds them all."""


Count = tuple[Key, datetime | None, int]
"""So many more of this, from the instant on from which the item holds, but not before another one."""

Figure = Callable[["Ground", Any], Iterator[Count]]
"""What one item of a verdict counts as."""

Numbered = tuple[tuple[int, Key, datetime | None, int], ...]
"""Counts, each with the number of its figure."""

ITEMS_REMEMBERED_MAX = 10_000


class OfVerdict(NamedTuple):
    """Items of a verdict, and what one of them counts as, figure by figure."""

    items: Callable[[Verdict], Sequence[Any]]
    figures: tuple[Figure, ...]


class Ground:
    """The rules that figures are counted by, with what is asked of them again and again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._figured: dict[tuple[str, int], frozenset[str]] = {}
        self._counted: dict[int, tuple[Any, Numbered]] = {}

    def figured(self, pack: str, edition: int) -> frozenset[str]:
        """The clauses that some figure of this edition counts."""
        found = self._figured.get((pack, edition))
        if found is None:
            book = self.settings.edition(pack, edition)
            found = frozenset(clause for kpi in book.figures for clause in kpi.of) if book else frozenset()
            self._figured[pack, edition] = found
        return found

    def counted(self, figures: Sequence[Figure], item: Any) -> Numbered:
        """What an item counts as. Remembered, as most items that come go again (judging: 11 % less CPU)."""
        held = self._counted.get(id(item))
        if held is not None:
            return held[1]
        if len(self._counted) >= ITEMS_REMEMBERED_MAX:
            self._counted.clear()
        counts = tuple(
            [(id_of(key), key, floor, n) for figure in figures for key, floor, n in figure(self, item)]
        )
        self._counted[id(item)] = item, counts  # the item too: while it lives, no other has its id
        return counts


@lru_cache(maxsize=100_000)
def id_of(key: Key) -> int:
    """A number that is the same in every replay."""
    return int.from_bytes(blake2b(msgspec.json.encode(key), digest_size=8).digest(), signed=True)


CLOCKS, DUE, SATISFACTION = "clocks", "due", "satisfaction"
OPEN, ENDED = "open", "ended"
_NEVER_DUE = frozenset({"cancelled", "excused"})


def of_clock(_: Ground, clock: Clock) -> Iterator[Count]:
    """clocks: pack, edition, clause, kind, owner, state, open or ended."""
    what = (CLOCKS, clock.pack, str(clock.edition), clock.clause, clock.kind, clock.owner or "")
    now = (*what, clock.state, OPEN if clock.stopped_at is None else ENDED)
    yield now, None, 1
    if clock.state == "running" and clock.due_at is not None:
        passed = _passed(clock.due_at)
        yield now, passed, -1
        yield (*what, "met" if clock.kind == "retention" else "breached", OPEN), passed, 1


def of_due(ground: Ground, clock: Clock) -> Iterator[Count]:
    """due: pack, edition, clause, kind of case, month; then `due`, `done`, `in_time`. KPIs are made of it."""
    if clock.due_at is None or clock.state in _NEVER_DUE:
        return
    if clock.clause not in ground.figured(clock.pack, clock.edition):
        return
    month, passed = local_month(ground.settings, clock.due_at), _passed(clock.due_at)
    kind = clock.case.partition("/")[0]
    what = (DUE, clock.pack, str(clock.edition), clock.clause, kind, month)
    yield (*what, "due"), passed, 1
    if clock.stopped_at is not None:
        yield (*what, "done"), passed, 1
    if clock.state == "met":
        yield (*what, "in_time"), passed, 1


OF_VERDICTS: tuple[OfVerdict, ...] = (OfVerdict(attrgetter("clocks"), (of_clock, of_due)),)
"""Every figure that follows from what cases mean."""


def of_event(ground: Ground, event: Recorded) -> Iterator[tuple[Key, int]]:
    """satisfaction: kind, day, about, staff, building, channel; then what is counted."""
    if event.type.startswith("survey."):
        key = satisfaction.key_of(event, ground.settings)
        said = tuple(str(part) for part in key)
        for name, count in satisfaction.contribution(event).items():
            yield (SATISFACTION, *said, name), count


def _passed(due_at: datetime) -> datetime:
    """The first whole second that is late."""
    return whole_second(due_at + SECOND)
