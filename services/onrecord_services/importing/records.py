"""Records: what a file holds, one by one, whatever its format."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Place = Literal["record", "trace-start", "event", "trace-end"]
"""Where in its file a record stands; all but `record` are places in a trace of an XES log."""


class Record(NamedTuple):
    """One row, object or XES element as a flat mapping of its own field names to what stands there."""

    number: int
    """From 1, in file order; for XES the number of its trace."""
    step: int
    """Its place within its trace (0 is the trace's start); for other formats its number."""
    place: Place
    fields: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How a report names it: `17`, or `17.3` for the third event of trace 17."""
        return f"{self.number}.{self.step}" if self.place == "event" else str(self.number)


class BadRecord(NamedTuple):
    """A record or one of its events that cannot be taken: where and why, never what it said."""

    name: str
    reason: str
    where: str = ""
