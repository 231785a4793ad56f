"""Figures of events: what the events of one case add to which figures. Pure, in whatever order they came.

A figure is that of the edition in force when its event happened.
"""

from collections.abc import Iterable, Iterator

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.figures.fold import Fold
from onrecord_projections.judging.figures.folds import fold_of
from onrecord_projections.judging.figures.item import Item
from onrecord_projections.judging.figures.plan import Asked, plan_of
from onrecord_projections.judging.figures.story import tell
from onrecord_projections.judging.policy import Settings


def items_of_events(settings: Settings, events: Iterable[Recorded]) -> Iterator[Item]:
    """What these events of one case add to every figure that counts events."""
    plan = plan_of(settings)
    folds: dict[Asked, Fold] = {}
    for told in tell(settings, events, plan.types):
        for asked in plan.of_event.get(told.type, ()):
            if met := told.met(asked):
                if asked not in folds:
                    folds[asked] = fold_of(settings, asked)
                folds[asked].take(told, met)
    for fold in folds.values():
        yield from (item for item, _ in fold.moved())
