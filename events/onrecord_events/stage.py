"""Stage: a named point in the course of something, where a clock starts or stops. Stream: its case.

For points that have no event of their own: a test drive ended, an emergency was noticed, a car was moved.
"""

from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events.base import Code, Count, Event, Ref


class Reached(Event):
    """The case is at this point now; `due_at` is the instant it names, if it names one."""

    TYPE: ClassVar[str] = "stage.reached"

    stage: Code
    by: Ref | None = None
    due_at: AwareDatetime | None = None
    about: Ref | None = None
    count: Count = 1
