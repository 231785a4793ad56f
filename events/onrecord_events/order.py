"""Order: a repair or a paid service, from the order to its end. Streams: `repair/<id>`, `service/<id>`."""

from typing import ClassVar

from onrecord_events.base import Code, Event, Ref


class RepairOrdered(Event):
    """A repair was ordered (work order ZC-QR-009/010)."""

    TYPE: ClassVar[str] = "repair.ordered"

    customer: Ref
    received_by: Ref
    building: Ref | None = None
    about: Code | None = None


class RepairDone(Event):
    """The repair is finished: the call-back's 24 hours begin (RENT-CRM 2.1-2)."""

    TYPE: ClassVar[str] = "repair.done"

    by: Ref | None = None
    received_by: Ref | None = None
    """Who took the order, where the order itself is not on record."""


class RepairDefectFound(Event):
    """The call-back found something unfinished or unsatisfying (RENT-CRM 2.4-1)."""

    TYPE: ClassVar[str] = "repair.defect-found"


class ServiceOrdered(Event):
    """A paid service was ordered."""

    TYPE: ClassVar[str] = "service.ordered"

    customer: Ref
    received_by: Ref
    building: Ref | None = None
    about: Code | None = None


class ServiceDone(Event):
    """The paid service is finished."""

    TYPE: ClassVar[str] = "service.done"

    by: Ref | None = None
    received_by: Ref | None = None
