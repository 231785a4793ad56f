"""Duty: something owed again and again, such as a monthly report. Stream: `duty/<id>`."""

from typing import ClassVar

from onrecord_events.base import Code, Count, Event, Ref
from onrecord_events.period import Month, Period


class Assigned(Event):
    """From now on `person` owes this duty, every period, until it is ended."""

    TYPE: ClassVar[str] = "duty.assigned"

    duty: Code
    person: Ref
    area: Ref | None = None


class Ended(Event):
    """The duty is owed no more."""

    TYPE: ClassVar[str] = "duty.ended"


class Done(Event):
    """The duty was done, or part of it: a training, a count of the stock, two of the month's visits."""

    TYPE: ClassVar[str] = "duty.done"

    duty: Code
    period: Period | None = None
    """Which period it answers for, where that is not the one in which it was done."""
    by: Ref | None = None
    count: Count = 1
    complete: bool = True
    about: Ref | None = None


class ReportSubmitted(Event):
    """The report of one period was handed in."""

    TYPE: ClassVar[str] = "report.submitted"

    form: Code
    period: Month
    by: Ref | None = None
