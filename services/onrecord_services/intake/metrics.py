"""What intake counts. What is turned away at the door is counted here and stored nowhere."""

from collections import Counter as Counts

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from onrecord_services.intake.outcome import Outcome

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One process's counts, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._events = Counter(
            "onrecord_intake_events", "Events by what became of them", ["outcome"], registry=self._registry
        )
        self._turned_away = Counter(
            "onrecord_intake_turned_away",
            "Bodies answered without being read, by edge and reason",
            ["edge", "reason"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "onrecord_intake_seconds",
            "From a body's arrival to its answer",
            ["edge"],
            buckets=_SECONDS,
            registry=self._registry,
        )

    def count(self, edge: str, outcomes: list[Outcome], seconds: float) -> None:
        """A body was taken."""
        self._seconds.labels(edge).observe(seconds)
        kinds = Counts("duplicate" if outcome.duplicate else outcome.kind for outcome in outcomes)
        for kind, events in kinds.items():
            self._events.labels(kind).inc(events)

    def turn_away(self, edge: str, reason: str) -> None:
        """A body was not taken."""
        self._turned_away.labels(edge, reason).inc()

    def render(self) -> bytes:
        """In Prometheus's own format."""
        return generate_latest(self._registry)
