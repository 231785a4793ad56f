"""How facts reach a log: late, twice, in any order. When each of them counts (reading R9), told plainly."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from random import Random

from msgspec.structs import replace

from onrecord_events.envelope import Recorded

LOCAL = timezone(timedelta(hours=8))
LATE_MINUTES = (0, 0, 0, 0, 0, 1, 59, 60, 61, 300, 1500, 5000)


def recorded_late(chance: Random, events: Iterable[Recorded]) -> list[Recorded]:
    """The same facts, some of them told late; positions in the order of recording."""
    late = [
        replace(event, recorded_at=event.occurred_at + timedelta(minutes=chance.choice(LATE_MINUTES)))
        for event in events
    ]
    chance.shuffle(late)
    late.sort(key=lambda event: event.recorded_at)
    return [replace(event, position=nth) for nth, event in enumerate(late, 1)]


def arriving(chance: Random, events: Sequence[Recorded]) -> list[Recorded]:
    """In any order, some of them again at a later position."""
    again = chance.sample(events, chance.randint(0, len(events)))
    arrived = [*events, *(replace(event, position=event.position + 10_000) for event in again)]
    chance.shuffle(arrived)
    return arrived


def counts_at(event: Recorded) -> datetime:
    """The claim if it was told within the hour or on the same day, else when it was told."""
    claimed, told = event.occurred_at.astimezone(LOCAL), event.recorded_at.astimezone(LOCAL)
    believed = told - claimed <= timedelta(hours=1) or told.date() == claimed.date()
    return claimed if believed else told


def as_counted(events: Iterable[Recorded]) -> list[Recorded]:
    """The facts as if each had happened, and been told, when it counts; in that order."""
    moved = [replace(event, occurred_at=counts_at(event), recorded_at=counts_at(event)) for event in events]
    return sorted(moved, key=lambda event: (event.occurred_at, event.position))
