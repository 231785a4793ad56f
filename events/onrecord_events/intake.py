"""Intake: what could not be read is a fact too. Stream: `intake/<publisher>`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from onrecord_events.base import Event, Ref

Reason = Literal[
    "not-json", "not-cloudevents", "unknown-type", "bad-body", "bad-subject", "too-large", "future-time"
]


class Refused(Event):
    """Something arrived that is no event: why, and where its sealed bytes are kept."""

    TYPE: ClassVar[str] = "intake.refused"

    publisher: Ref
    reason: Reason
    where: Annotated[str, StringConstraints(max_length=500)] = ""
    """Fields at fault; never what they said."""
    digest_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(ge=0)]
    kept: bool = False
    """Whether the bytes are kept, sealed, under their digest."""
