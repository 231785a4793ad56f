"""Interaction: a call, a visit, a message, a chat or a letter, as it was.

Stream: `interaction/<id>`; `correlationid` names the case it belongs to, if any.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from onrecord_events.base import Code, Event, Label, Ref
from onrecord_events.sealed import Sealed


class Logged(Event):
    """One contact between us and a customer, either way."""

    TYPE: ClassVar[str] = "interaction.logged"

    kind: Literal["call", "visit", "message", "chat", "letter"]
    direction: Literal["in", "out"]
    customer: Ref
    staff: Ref | None = None
    about: Code | None = None
    duration_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    phone: Sealed | None = None
    summary: Sealed | None = None


class CaseOpened(Event):
    """A case of another system began; `due_at` is the day that system promised. Stream: `case/<id>`."""

    TYPE: ClassVar[str] = "case.opened"

    due_at: AwareDatetime | None = None
    customer: Ref | None = None
    owner: Ref | None = None
    about: Label | None = None
    """What kind of case it is."""


class ActivityDone(Event):
    """One step of work on a case of another system, and who did it."""

    TYPE: ClassVar[str] = "case.activity-done"

    activity: Label
    by: Ref | None = None


class CaseClosed(Event):
    """The case of the other system ended."""

    TYPE: ClassVar[str] = "case.closed"


class LetterSent(Event):
    """A Work Contact Letter asks another department, by a day it names (RENT-CRM 1.2-2, 2.5)."""

    TYPE: ClassVar[str] = "work-letter.sent"

    to: Ref
    due_at: AwareDatetime | None = None


class LetterAnswered(Event):
    """The department answered the letter."""

    TYPE: ClassVar[str] = "work-letter.answered"
