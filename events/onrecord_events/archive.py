"""Archive file: the papers of one car, from delivery to the cabinet (CC02). Stream: `archive/<car>`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from onrecord_events.base import Event, Ref


class VehicleDelivered(Event):
    """The customer has the car: the sales consultant's three working days begin (CC02-D1a)."""

    TYPE: ClassVar[str] = "vehicle.delivered"

    car: Ref
    consultant: Ref
    customer: Ref | None = None


class HandedOver(Event):
    """The file was handed to the archive; it counts only with both signatures (CC02-D1b)."""

    TYPE: ClassVar[str] = "archive.handed-over"

    by: Ref
    received_by: Ref | None = None
    both_signed: bool = True
    complete: bool = True
    """Whether the whole file was handed over; what lacks is noted (CC02-D1b, CC02-E4)."""


class Defect(Event):
    """One kind of defect and how many papers show it. Part of `archive.inspected`, never alone."""

    kind: Literal["user-signature-missing", "internal-signature-missing", "paper-missing", "paper-faulty"]
    papers: Annotated[int, Field(ge=1, le=100)]


class Inspected(Event):
    """The archive looked the file through. An empty list: without defect."""

    TYPE: ClassVar[str] = "archive.inspected"

    consultant: Ref
    defects: tuple[Defect, ...] = ()


class Registered(Event):
    """The file is in the book of received files."""

    TYPE: ClassVar[str] = "archive.registered"


class DestructionRequested(Event):
    """Somebody asks that the file be destroyed; somebody else does it, or does not (CC04-25)."""

    TYPE: ClassVar[str] = "archive.destruction-requested"

    by: Ref
