"""Attendance: coming, going and being away, one working day of one person (CC10-G, CC13-B).

Stream: `day/<person>.<YYYY-MM-DD>`, so that what counts per person and day lies together.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from onrecord_events.base import Code, Event, Ref

What = Literal[
    "signed-in",
    "signed-out",
    "left",
    "returned",
    "absent",
    "break",
    "lunch",
    "meeting",
    "roll-call",
    "late",
    "left-early",
]


class Marked(Event):
    """One mark in the day of one person; `starts_at` is what he should have been in time for."""

    TYPE: ClassVar[str] = "attendance.marked"

    what: What
    person: Ref
    duration_seconds: Annotated[int, Field(ge=0, le=2_678_400)] | None = None
    """How long he was late, away or absent, where whoever marks it measured it (CC13-B5a, CC13-B17b)."""
    place: Code | None = None
    """Which post, show or room it was (CC13-B14)."""
    starts_at: AwareDatetime | None = None
    session: Code | None = None
    """Which meeting, roll-call or shift of the day (CC13-B16, CC13-E6)."""
