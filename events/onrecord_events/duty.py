"""Duty: something owed again and again, such as a monthly report. Stream: `duty/<id>`."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from onrecord_events.base import Code, Event, Ref

Period = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""A calendar month, `2026-06`."""


class Assigned(Event):
    """From now on `person` owes this duty, every period, until it is ended."""

    TYPE: ClassVar[str] = "duty.assigned"

    duty: Code
    person: Ref
    area: Ref | None = None


class Ended(Event):
    """The duty is owed no more."""

    TYPE: ClassVar[str] = "duty.ended"


class ReportSubmitted(Event):
    """The report of one period was handed in."""

    TYPE: ClassVar[str] = "report.submitted"

    form: Code
    period: Period
    by: Ref | None = None
