"""Complaint: what became of one, read off its events: who took it, what was said of it, how far it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from onrecord_events.envelope import Recorded
from onrecord_services.reports.histories import at, first, last, said
from onrecord_services.reports.sheet import Cell

CLOSERS = ("complaint.closed", "complaint.archived")
ANSWERS = ("complaint.progress-shared", "complaint.answered", "complaint.discussed")


class Complaint(NamedTuple):
    """One complaint as it stands."""

    case: str
    registered_at: datetime
    channel: Cell
    level: Cell
    severity: Cell
    about: Cell
    building: Cell
    customer: Cell
    received_by: Cell
    area_manager: Cell
    accused: Cell
    valid: Cell
    department: Cell
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    called_back_at: datetime | None
    satisfied: Cell
    standing: str

    @property
    def took(self) -> timedelta | None:
        """From the first word to the solution."""
        return self.resolved_at - self.registered_at if self.resolved_at else None


def complaint_of(case: str, history: Sequence[Recorded]) -> Complaint | None:
    """What became of it; None if nobody registered a complaint there."""
    registered = first(history, "complaint.registered")
    if registered is None:
        return None
    classified = last(history, "complaint.classified") or registered
    reached = last(history, "callback.made", reached=True)
    forms = ("complaint.disposal-form-issued", "complaint.disposal-form-received")
    closed = first(history, *CLOSERS)
    resolved = last(history, "complaint.resolved")
    return Complaint(
        case=case,
        registered_at=registered.occurred_at,
        channel=said(registered, "channel"),
        level=said(registered, "level") or "station",
        severity=said(classified, "severity"),
        about=said(registered, "about"),
        building=said(registered, "building"),
        customer=said(registered, "customer"),
        received_by=said(registered, "received_by"),
        area_manager=said(registered, "area_manager"),
        accused=said(registered, "accused"),
        valid=said(last(history, "complaint.validity-judged"), "valid"),
        department=said(last(history, *forms), "department")
        or said(last(history, "complaint.forwarded"), "to"),
        answered_at=at(first(history, *ANSWERS)),
        resolved_at=at(resolved),
        closed_at=at(closed),
        called_back_at=at(reached),
        satisfied=said(reached, "satisfied"),
        standing=_standing(history, closed, resolved),
    )


def _standing(history: Sequence[Recorded], closed: Recorded | None, resolved: Recorded | None) -> str:
    if first(history, "complaint.withdrawn"):
        return "withdrawn"
    if closed:
        return "closed"
    return "settled" if resolved else "open"
