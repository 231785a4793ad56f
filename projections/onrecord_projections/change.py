"""Change: what a batch did to one case, for every read model to write down."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Verdict


class Stamped(NamedTuple):
    """An event and the watermark that stood before it: the only "now" a projection has."""

    event: Recorded
    watermark: datetime


class Retraction(NamedTuple):
    """A breach that could be seen, until this event said otherwise."""

    clause: str
    instance: str
    position: int


class Change(NamedTuple):
    """What a batch did to one case."""

    case_id: str
    events: Sequence[Recorded]
    old: Verdict
    new: Verdict
    retractions: Sequence[Retraction]
    history: Sequence[Recorded]
    next_due_at: datetime | None


def one_each(changes: Iterable[Change]) -> list[Change]:
    """What several changes of one case come to, one change a case."""
    merged: dict[str, Change] = {}
    for change in changes:
        before = merged.get(change.case_id)
        if before is not None:
            events = (*before.events, *change.events)
            retractions = (*before.retractions, *change.retractions)
            change = change._replace(events=events, old=before.old, retractions=retractions)  # noqa: PLW2901
        merged[change.case_id] = change
    return list(merged.values())
