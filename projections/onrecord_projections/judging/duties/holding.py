"""Holding: who has a duty, from when, until when. Calls come in the order in which the events count."""

from bisect import bisect_left, bisect_right
from datetime import datetime
from itertools import islice
from operator import attrgetter

import msgspec

from onrecord_projections.judging.run import Seen


class Held(msgspec.Struct, frozen=True):
    """From this event on somebody has the duty, or nobody."""

    seen: Seen
    nth: int
    """The how-manieth event of the duty it was: events of one second still have an order."""
    person: str | None
    held: bool


class Holding:
    """The assignments and endings of one duty."""

    __slots__ = ("_instants", "_turns")

    def __init__(self) -> None:
        self._turns: list[Held] = []
        self._instants: list[datetime] = []

    @property
    def held(self) -> bool:
        """Whether somebody has it by now."""
        return bool(self._turns) and self._turns[-1].held

    def assign(self, seen: Seen, nth: int, person: str | None) -> None:
        """Whoever is assigned last owes what falls due from then on."""
        self._add(Held(seen, nth, person, held=True))

    def release(self, seen: Seen, nth: int) -> None:
        """Owed no more; a second ending changes nothing."""
        if self.held:
            self._add(Held(seen, nth, None, held=False))

    def by(self, at: datetime) -> Held | None:
        """Who has it at this instant, or the ending since which nobody does."""
        nth = bisect_right(self._instants, at)
        return self._turns[nth - 1] if nth else None

    def holder(self, at: datetime, before: int | None = None) -> Held:
        """Who had it last at this instant, or before the so-manieth event; else whoever had it first."""
        for turn in reversed(range(bisect_right(self._instants, at))):
            held = self._turns[turn]
            if held.held and (before is None or held.nth < before):
                return held
        return self._turns[0]

    def ended(self, held: Held) -> Held | None:
        """What ended this holding, or the one it was handed over to."""
        first = bisect_left(self._turns, held.nth, key=attrgetter("nth"))
        return next((turn for turn in islice(self._turns, first, None) if not turn.held), None)

    def _add(self, turn: Held) -> None:
        self._turns.append(turn)
        self._instants.append(turn.seen.at)
