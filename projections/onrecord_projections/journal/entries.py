"""Entries: what a batch did to the figures, each change at the very position that made it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from onrecord_events.envelope import Recorded
from onrecord_projections.journal.figures import OF_VERDICTS, Key, of_event
from onrecord_projections.journal.steps import Step
from onrecord_projections.judging import Finding, Settings, Verdict

NOTHING = Verdict()
_FINDINGS = attrgetter("findings")


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
        self.counts: Counter[tuple[int, Key, datetime]] = Counter()
        self.findings: Counter[tuple[int, Finding, datetime]] = Counter()

    def happened(self, settings: Settings, events: Iterable[Recorded]) -> None:
        """What events count as by themselves."""
        for event in events:
            for key, since, delta in of_event(settings, event):
                self.counts[event.position, key, since] += delta

    def turned(
        self, settings: Settings, position: int, at: datetime, before: Verdict, after: Verdict, sign: int = 1
    ) -> None:
        """From `at` on a case means something else."""
        if before is after:
            return
        for items, counts in OF_VERDICTS:
            for item, ways in _differing(items(before), items(after), sign):
                for key, since, delta in counts(settings, item, at):
                    self.counts[position, key, since] += ways * delta
        for finding, ways in _differing(_FINDINGS(before), _FINDINGS(after), sign):
            self.findings[position, finding, at] += ways

    def retold(self, settings: Settings, position: int, told: Sequence[Step], sign: int) -> None:
        """A whole stretch of a case is added, or taken away."""
        before = NOTHING
        for at, verdict in told:
            self.turned(settings, position, at, before, verdict, sign)
            before = verdict

    def aged(self, settings: Settings, before: Verdict, told: Sequence[Step]) -> None:
        """Time alone made these steps, each when the watermark reached it."""
        for at, verdict in told:
            self.turned(settings, self.passed.reached(at), at, before, verdict)
            before = verdict


def _differing(before: Sequence[Any], after: Sequence[Any], sign: int) -> Iterable[tuple[Any, int]]:
    """What went and what came; what is the very same object did neither."""
    if before is after:
        return
    was, now = {id(item) for item in before}, {id(item) for item in after}
    yield from ((item, -sign) for item in before if id(item) not in now)
    yield from ((item, sign) for item in after if id(item) not in was)
