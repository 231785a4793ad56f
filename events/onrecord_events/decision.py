"""Decision: what the desk says besides what was decided. Stream: that of what it was about."""

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


class Relied(Event):
    """What was decided with this holds only as long as another stream had not moved, and it had not.

    The log stored both under that condition: a penalty is decided for a month that is still open.
    """

    TYPE: ClassVar[str] = "decision.relied"

    other: Ref
    """The stream that had not moved."""
    position: Annotated[int, Field(ge=0)]
    """Of its last event; 0 if it had none."""
