"""Hands: in whose hands was a thing, since when? An offer moves nothing; its acceptance does, at once."""

from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.policy import Settings

TAKEN_BY = {
    "complaint.registered": "received_by",
    "repair.ordered": "received_by",
    "service.ordered": "received_by",
    "case.opened": "owner",
    "client.registered": "salesperson",
}
"""Who has a thing first: the field of what opens it."""
HANDLING = "complaint-handling"
"""The task that gives a complaint to somebody (CC05-2.2, CC03-07a)."""


class Hand(msgspec.Struct, frozen=True):
    """Somebody has it from here on; nobody, if the one it is about took it down."""

    person: str | None
    since: datetime


def hands_of(settings: Settings, events: Iterable[Recorded]) -> tuple[Hand, ...]:
    """Everybody who had the case, in order, whatever order its events arrived in."""
    told = [(effective_at(settings, event), event.sequence or 0, event.position, event) for event in events]
    hands: list[Hand] = []
    for at, _, _, event in sorted(told, key=itemgetter(0, 1, 2)):
        person, named = _taker(event, first=not hands)
        if named and (not hands or hands[-1].person != person):
            hands.append(Hand(person, at))
    return tuple(hands)


def holder_of(hands: tuple[Hand, ...], at: datetime) -> str | None:
    """Who had it at this instant."""
    return next((hand.person for hand in reversed(hands) if hand.since <= at), None)


def _taker(event: Recorded, *, first: bool) -> tuple[str | None, bool]:
    """Who has it from this event on, and whether it says so at all."""
    data = event.data
    if event.type in TAKEN_BY:
        person = data.get(TAKEN_BY[event.type])
        return (None if person == data.get("accused") else person), first
    if event.type == "handover.accepted":
        return data["taker"], True
    if event.type == "task.set":
        return data["person"], data["task"] == HANDLING
    if event.type == "case.activity-done":
        return data.get("by"), data.get("by") is not None
    return None, False
