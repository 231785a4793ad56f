"""Violation: an act against a policy, seen by somebody. Stream: `violation/<id>`."""

from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.base import Code, Event, Ref


class Observed(Event):
    """Who, which act (a code of the rulebook), how many times. What it costs is for the clause to say."""

    TYPE: ClassVar[str] = "violation.observed"

    code: Code
    person: Ref
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    about: Ref | None = None


class Retracted(Event):
    """The observation was wrong; it counts no more from its first instant."""

    TYPE: ClassVar[str] = "violation.retracted"

    reason_code: Code
