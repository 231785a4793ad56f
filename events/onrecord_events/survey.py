"""Survey: what customers said when asked. Stream: `survey/<id>`; `correlationid` may name a case."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from onrecord_events.base import Code, Event, Ref
from onrecord_events.sealed import Sealed

Kind = Literal["csat", "nps"]


class Sent(Event):
    """A customer was invited to answer."""

    TYPE: ClassVar[str] = "survey.sent"

    kind: Kind
    customer: Ref
    about: Code | None = None
    staff: Ref | None = None
    building: Ref | None = None
    channel: Code | None = None
    """How the customer was asked: `phone`, `wechat`, `paper`."""


class Delivered(Event):
    """The invitation arrived."""

    TYPE: ClassVar[str] = "survey.delivered"

    kind: Kind


class CsatAnswered(Event):
    """An answer on the 1-5 question; 4 and 5 count as satisfied."""

    TYPE: ClassVar[str] = "survey.csat-answered"

    customer: Ref
    score: Annotated[int, Field(ge=1, le=5)]
    about: Code | None = None
    staff: Ref | None = None
    building: Ref | None = None
    channel: Code | None = None
    asked_by: Ref | None = None
    """Who asked: answers collected by the handler himself are flagged."""
    comment: Sealed | None = None


class NpsAnswered(Event):
    """An answer on the 0-10 question; 9-10 promote, 0-6 detract."""

    TYPE: ClassVar[str] = "survey.nps-answered"

    customer: Ref
    score: Annotated[int, Field(ge=0, le=10)]
    about: Code | None = None
    staff: Ref | None = None
    building: Ref | None = None
    channel: Code | None = None
    asked_by: Ref | None = None
    comment: Sealed | None = None


class Declined(Event):
    """The customer would not answer."""

    TYPE: ClassVar[str] = "survey.declined"

    kind: Kind
