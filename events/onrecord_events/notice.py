"""Notice: we told somebody something we owed him. Stream: the case, or `notice/<id>`."""

from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events.base import Code, Event, Ref


class Sent(Event):
    """A customer, a department or a leader was told (LEASE-COMM-5.1b, CC05-2.5b, CC18-28)."""

    TYPE: ClassVar[str] = "notice.sent"

    notice: Code
    customer: Ref | None = None
    to: Ref | None = None
    about: Ref | None = None
    issued_at: AwareDatetime | None = None
    """When the notice itself was issued, where that is not when it was passed on."""
