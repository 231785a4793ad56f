"""Figures of clocks: what a promise that falls due adds to the figures that name its clause."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from onrecord_projections.judging.figures.fold import NOUGHT, ONE
from onrecord_projections.judging.figures.item import Item
from onrecord_projections.judging.figures.plan import OWNER, Asked, plan_of
from onrecord_projections.judging.figures.story import NOBODY, group_of, plain
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Clock

NOT_OWED = frozenset({"cancelled", "excused"})


class Promise(NamedTuple):
    """As much of a clock as figures look at."""

    pack: str
    edition: int
    clause: str
    case: str
    instance: str
    owner: str | None
    state: str
    due_at: datetime | None
    stopped_at: datetime | None
    used: timedelta
    evidence: tuple[int, ...]


def items_of_clocks(
    settings: Settings, clocks: Iterable[Clock | Promise], facts: Mapping[str, Any] | None = None
) -> Iterator[Item]:
    """What these clocks add. `facts`: what their case last said, where a figure is split by that."""
    of_clock = plan_of(settings).of_clock
    if not of_clock:
        return
    for clock in clocks:
        for asked in of_clock.get((clock.pack, clock.edition, clock.clause), ()):
            item = _item(settings, asked, clock, facts or {})
            if item is not None:
                yield item


def _item(settings: Settings, asked: Asked, clock: Clock | Promise, facts: Mapping[str, Any]) -> Item | None:
    """A clock that is paused has no due time; one that is not owed is in no figure."""
    clause, due, switch = asked.clause, clock.due_at, asked.rule.switch
    if due is None or clock.state in NOT_OWED:
        return None
    if switch is not None and settings.reading(switch.reading, due) != switch.value:
        return None
    value = None
    if clause.formula == "clocks":
        met = clock.stopped_at is not None if clause.counts == "done" else clock.state == "met"
        above = ONE if met else NOUGHT
    elif clock.stopped_at is None:
        return None
    else:
        above = Decimal(str(clock.used.total_seconds()))
        value = None if clause.formula == "mean" else plain(above)
    by_owner = clause.by == OWNER
    group = (clock.owner or NOBODY) if by_owner else group_of(asked, clock.case, {}, facts)
    part = "" if clause.together else clock.clause
    return Item(asked, part, clock.case, clock.instance, due, group, above, ONE, value, clock.evidence)
