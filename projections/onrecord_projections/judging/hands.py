"""Hands: in whose hands was a thing, since when? An offer moves nothing; its acceptance does, at once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter

import msgspec
from msgspec.structs import replace

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.index import MOVING, TAKEN_BY
from onrecord_projections.judging.policy import Settings

HANDLING = "complaint-handling"
"""The task that gives a complaint to somebody (CC05-2.2, CC03-07a)."""


EVER_SINCE = datetime.min.replace(tzinfo=UTC)


class Hand(msgspec.Struct, frozen=True):
    """Somebody has it from here on; nobody, if the one it is about took it down."""

    person: str | None
    since: datetime
    """In whole seconds."""
    position: int = 0
    """Of the event that says so."""


def hands_of(settings: Settings, events: Iterable[Recorded]) -> tuple[Hand, ...]:
    """Everybody who had the case, in order, whatever order its events arrived in.

    Where nothing says who had it first, whoever handed it over first did.
    """
    told = [
        (effective_at(settings, event), event.sequence or 0, event.position, event)
        for event in events
        if event.type in MOVING
    ]
    hands: list[Hand] = []
    for at, _, _, event in sorted(told, key=itemgetter(0, 1, 2)):
        person, named = _taker(event, first=not hands)
        if named and not hands and event.type == "handover.accepted":
            hands.append(Hand(event.data["giver"], EVER_SINCE, event.position))
        if named and (not hands or hands[-1].person != person):
            hands.append(Hand(person, at.replace(microsecond=0), event.position))
    return tuple(hands)


def hands_by(settings: Settings, events: Iterable[Recorded], at: datetime) -> tuple[Hand, ...]:
    """The same as far as it had come by this instant."""
    return tuple(hand for hand in hands_of(settings, events) if hand.since <= at)


def hands_told(hands: Sequence[Hand], begin: datetime, end: datetime) -> Iterator[Hand]:
    """Everybody who had it by the end of a clock; of whom nobody knows since when, from its beginning."""
    for hand in hands:
        if hand.since <= end:
            yield replace(hand, since=begin) if hand.since == EVER_SINCE else hand


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
