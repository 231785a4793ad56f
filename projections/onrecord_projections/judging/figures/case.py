"""Figures of a case: all its items, of events and of clocks; and of many cases, added up at once.

Incremental read models must come to what `figures_at` says: it is the definition.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.figures.clocks import items_of_clocks
from onrecord_projections.judging.figures.events import items_of_events
from onrecord_projections.judging.figures.item import Item, summed
from onrecord_projections.judging.figures.plan import plan_of
from onrecord_projections.judging.figures.story import tell
from onrecord_projections.judging.figures.tally import Figure, figures
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.verdict import Clock


def items_of(settings: Settings, events: Sequence[Recorded], clocks: Iterable[Clock]) -> Iterator[Item]:
    """What one case adds to all figures, ahead of time too: a clock counts in the period it will fall due."""
    yield from items_of_events(settings, events)
    yield from items_of_clocks(settings, clocks, last_said(settings, events))


def last_said(settings: Settings, events: Iterable[Recorded]) -> dict[str, Any]:
    """What the case last said, where clocks are split by it."""
    plan = plan_of(settings)
    if not plan.clocks_by_fact:
        return {}
    story = tell(settings, events, plan.types)
    return dict(story[-1].facts) if story else {}


def is_due(item: Item, as_of: datetime) -> bool:
    """Whether it counts by then: a promise only once it has fallen due."""
    return not item.asked.of_clocks or item.at < as_of


def figures_at(
    settings: Settings, cases: Iterable[tuple[Sequence[Recorded], Iterable[Clock]]], as_of: datetime
) -> list[Figure]:
    """Every figure of these cases, of what had fallen due or happened by `as_of`."""
    items: list[Item] = []
    for events, clocks in cases:
        happened = [event for event in events if effective_at(settings, event) <= as_of]
        items += [item for item in items_of(settings, happened, clocks) if is_due(item, as_of)]
    return figures(settings, summed(settings, items))
