"""Story: the events of one case as they are told, each with the instant it was entered."""

from typing import Any

from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.times import DAY, HOUR, MINUTE, iso

Arrival = tuple[int, dict[str, Any]]
"""When the log records an event, and the event as its publisher sends it."""

SOURCE = "urn:onrecord:simulator"
LATE_SHARE = 0.02
SLOW_SHARE = 0.06
DUPLICATE_SHARE = 0.005


class Story:
    """Collects what happened to one subject. Arrivals need no order: who merges stories sorts them."""

    def __init__(self, chance: Chance, source: str, subject: str, arrivals: list[Arrival]) -> None:
        self.subject = subject
        self._chance = chance
        self._source = f"{SOURCE}/{source}"
        self._id = subject.partition("/")[2]
        self._told = 0
        self.arrivals = arrivals

    def tell(
        self,
        at: int,
        type_name: str,
        data: dict[str, Any],
        *,
        actor: str | None = None,
        case: str | None = None,
        cause: str | None = None,
        entered_at: int | None = None,
    ) -> str:
        """One event at an instant; its id. It is entered soon after, some much later, a few sent twice."""
        self._told += 1
        event_id = f"{self._id}/{self._told:02d}"
        recorded_at = self._entered(at) if entered_at is None else entered_at
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": event_id,
            "source": self._source,
            "type": type_name,
            "subject": self.subject,
            "time": iso(at),
            "sequence": self._told,
            "recordedtime": iso(recorded_at),
            "data": data,
        }
        if actor is not None:
            event["actor"] = actor
        if case is not None:
            event["correlationid"] = case
        if cause is not None:
            event["causationid"] = cause
        self.arrivals.append((recorded_at, event))
        if entered_at is None and self._chance.draw() < DUPLICATE_SHARE:
            self.arrivals.append((recorded_at, event))  # its answer was lost: the same bytes again
        return event_id

    def _entered(self, at: int) -> int:
        share = self._chance.draw()
        if share < LATE_SHARE:  # written up the next day or the day after
            return at + 6 * HOUR + int(share / LATE_SHARE * 1.5 * DAY)
        if share < LATE_SHARE + SLOW_SHARE:
            return at + int((share - LATE_SHARE) / SLOW_SHARE * 45 * MINUTE)
        return at + int(share * 20)
