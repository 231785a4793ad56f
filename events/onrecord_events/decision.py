"""Decision: somebody asked the desk for something and was told no. Stream: that of what it was about."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from onrecord_events.base import Code, Event, Ref

Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Refused(Event):
    """The desk said no: to which command, why, by which clause. Nothing else came of it."""

    TYPE: ClassVar[str] = "decision.refused"

    command: Code
    by: Ref
    reason: Code
    clause: Ref | None = None
    facts: Annotated[dict[Code, Word], Field(max_length=20)] = Field(default_factory=dict)
    """What the answer turned on: codes, ids and instants; never a person's words."""
