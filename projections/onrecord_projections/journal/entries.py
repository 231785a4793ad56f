"""Entries: what a batch did to the figures, each change at the very position that made it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, NamedTuple

from onrecord_events.envelope import Recorded
from onrecord_projections.journal.figures import OF_VERDICTS, Ground, Key, Numbered, id_of, of_event
from onrecord_projections.judging import Finding, Verdict

NOTHING = Verdict()


class Step(NamedTuple):
    """What a case means from `at` until the next step."""

    at: datetime
    verdict: Verdict


class Passed:
    """At which positions of a batch the watermark moved, and how far."""

    def __init__(self, events: Sequence[Recorded], was: datetime | None) -> None:
        self.watermarks: list[datetime] = []
        self.positions: list[int] = []
        self.first = events[0].position
        for event in events:
            if was is None or event.recorded_at > was:
                was = event.recorded_at
                self.watermarks.append(was)
                self.positions.append(event.position)

    def reached(self, at: datetime) -> int:
        """The first position whose watermark reaches this instant."""
        nth = bisect_left(self.watermarks, at)
        return self.positions[nth] if nth < len(self.positions) else self.first


class Tally:
    """What a batch adds to the journal. Entries that cancel each other out leave no trace."""

    def __init__(self, passed: Passed) -> None:
        self.passed = passed
        self.counts: dict[tuple[int, int, datetime], int] = {}
        self.keys: dict[int, Key] = {}
        """What the numbers in `counts` stand for."""
        self.findings: Counter[tuple[int, Finding, datetime]] = Counter()

    def happened(self, ground: Ground, events: Iterable[Recorded]) -> None:
        """What events count as by themselves."""
        for event in events:
            for key, delta in of_event(ground, event):
                number = id_of(key)
                self.keys[number] = key
                entry = event.position, number, event.occurred_at
                self.counts[entry] = self.counts.get(entry, 0) + delta

    def turned(
        self, ground: Ground, position: int, at: datetime, before: Verdict, after: Verdict, sign: int = 1
    ) -> None:
        """From `at` on a case means something else."""
        if before is after:
            return
        for items, figures in OF_VERDICTS:
            # place by place: items rarely move, and what goes here and comes there adds up to nothing
            for gone, come in zip_longest(items(before), items(after)):
                if gone is come:
                    continue
                if gone is not None:
                    self._count(ground.counted(figures, gone), position, at, -sign)
                if come is not None:
                    self._count(ground.counted(figures, come), position, at, sign)
        for finding, ways in _differing(before.findings, after.findings, sign):
            self.findings[position, finding, at] += ways

    def _count(self, counts: Numbered, position: int, at: datetime, ways: int) -> None:
        entries, keys = self.counts, self.keys
        for number, key, floor, delta in counts:
            keys[number] = key
            entry = position, number, at if floor is None or floor < at else floor
            entries[entry] = entries.get(entry, 0) + ways * delta

    def retold(self, ground: Ground, position: int, was: Sequence[Step], now: Sequence[Step]) -> None:
        """From some instant on a case was told one way, and is told another way from `position` on."""
        if was and now and was[0].at == now[0].at:  # what is the same in both need not be counted twice
            self.turned(ground, position, now[0].at, was[0].verdict, now[0].verdict)
            self._told(ground, position, was[1:], was[0].verdict, -1)
            self._told(ground, position, now[1:], now[0].verdict, 1)
        else:
            self.untold(ground, position, was)
            self.told(ground, position, now)

    def told(self, ground: Ground, position: int, now: Sequence[Step]) -> None:
        """A whole stretch of a case is added."""
        self._told(ground, position, now, NOTHING, 1)

    def untold(self, ground: Ground, position: int, was: Sequence[Step]) -> None:
        """A whole stretch of a case is taken away."""
        self._told(ground, position, was, NOTHING, -1)

    def aged(self, ground: Ground, before: Verdict, told: Sequence[Step]) -> None:
        """Time alone made these steps, each when the watermark reached it."""
        for at, verdict in told:
            self.turned(ground, self.passed.reached(at), at, before, verdict)
            before = verdict

    def _told(self, ground: Ground, position: int, told: Sequence[Step], before: Verdict, sign: int) -> None:
        for at, verdict in told:
            self.turned(ground, position, at, before, verdict, sign)
            before = verdict


def _differing(before: Sequence[Any], after: Sequence[Any], sign: int) -> list[tuple[Any, int]]:
    """What went and what came; what is the very same object did neither."""
    if before is after:
        return []
    if not before:
        return [(item, sign) for item in after]
    was, now = set(map(id, before)), set(map(id, after))
    gone = [(item, -sign) for item in before if id(item) not in now]
    return gone + [(item, sign) for item in after if id(item) not in was]
