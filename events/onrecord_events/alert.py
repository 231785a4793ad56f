"""Alert: somebody was told that a promise is about to break, or broke. Told by the system, never judged.

Streams: `alert/<clock>`, one a clock; `alert/policy`, how the tenant wants to be told.
"""

from datetime import time
from typing import Annotated, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from onrecord_events.base import Code, Event, Ref

Naming = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A case or an instance: longer than a Ref, because it may hold the source and id of an event."""

RECIPIENT = r"^(person|role)/[^\s/\x00-\x1f\x7f]+$"
Recipient = Annotated[str, StringConstraints(max_length=120, pattern=RECIPIENT)]
"""`person/<id>` or `role/<code>`."""

Percent = Annotated[int, Field(ge=1, le=99)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Zone = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$")]


class Raised(Event):
    """One step of one clock was reached, and these are told. At most one a clock and step, for ever."""

    TYPE: ClassVar[str] = "alert.raised"

    case: Naming
    pack: Code
    edition: int
    clause: Ref
    instance: Naming
    step: Code
    """`soon-80` (80 % of the time is used), `breach`, `escalation-1` and so on."""
    step_at: AwareDatetime
    """When the step was reached."""
    due_at: AwareDatetime
    recipients: tuple[Recipient, ...]
    late: bool = False
    """It was told more than a minute after the step was reached, because nobody was there to tell."""


class Acknowledged(Event):
    """Somebody took note: nobody higher is told about this clock. The clock itself goes on."""

    TYPE: ClassVar[str] = "alert.acknowledged"

    by: Ref


class Escalation(BaseModel):
    """Who is told next, so long after the step before, unless somebody acknowledged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_minutes: Annotated[int, Field(ge=1, le=525_600)]
    to: Recipient


class Window(BaseModel):
    """When people may be told: from `opens` to before `closes` on these weekdays, on the zone's wall."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time = time(8)
    closes: time = time(20)
    zone: Zone = "Asia/Shanghai"
    weekdays: tuple[Weekday, ...] = (1, 2, 3, 4, 5, 6, 7)
    """Monday is 1."""
    calendar: Code | None = None
    """Only on working days of this adopted calendar."""

    @model_validator(mode="after")
    def _opens_at_all(self) -> Self:
        if not self.weekdays or self.opens >= self.closes:
            raise ValueError("the window opens before it closes, on one weekday at least")
        try:
            ZoneInfo(self.zone)
        except (OSError, ValueError, KeyError):
            raise ValueError("zone: no time zone, such as Asia/Shanghai") from None
        return self


class PolicySet(Event):
    """How the tenant wants to be told from now on. What was reached before is told as it was set then."""

    TYPE: ClassVar[str] = "alert.policy-set"

    on: bool = True
    soon_percents: Annotated[tuple[Percent, ...], Field(max_length=8)] = (50, 80)
    chain: Annotated[tuple[Escalation, ...], Field(max_length=8)] = ()
    otherwise: Recipient = "role/supervisor"
    """Who is told where a clock names no owner."""
    window: Window | None = None
    """At any hour, if there is none."""
    digest_minutes: Annotated[int, Field(ge=0, le=1440)] = 15
    """What comes up within so many minutes of a mail waits for the next one."""
    channels: tuple[Literal["mail"], ...] = ("mail",)
    mute: tuple[Ref, ...] = ()
    """Clauses nobody wants to hear of."""
