"""Call-back: we asked the customer afterwards. Stream: the case it is about, such as `complaint/<id>`."""

from typing import ClassVar, Literal

from onrecord_events.base import Event, Ref
from onrecord_events.sealed import Sealed

Kind = Literal["complaint", "repair", "paid-service", "survey"]


class Assigned(Event):
    """Who is to call back."""

    TYPE: ClassVar[str] = "callback.assigned"

    to: Ref


class Made(Event):
    """A call-back, or the attempt at one: an attempt that reached nobody does not count (RENT-CRM 1.3-1a)."""

    TYPE: ClassVar[str] = "callback.made"

    kind: Kind
    channel: Literal["letter", "phone", "wechat", "visit"]
    by: Ref
    reached: bool = True
    satisfied: bool | None = None
    customer: Ref | None = None
    remarks: Sealed | None = None
