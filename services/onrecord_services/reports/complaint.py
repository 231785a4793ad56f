"""Complaint: what became of one, read off its events: who took it, what was said of it, how far it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from onrecord_events.envelope import Recorded
from onrecord_services.reports.histories import at, said
from onrecord_services.reports.sheet import Cell

CLOSERS = ("complaint.closed", "complaint.archived")
REOPENED = "complaint.reopened"
ANSWERS = ("complaint.progress-shared", "complaint.answered", "complaint.discussed")
FORMS = ("complaint.disposal-form-issued", "complaint.disposal-form-received")


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
    first = {event.type: event for event in reversed(history)}
    registered = first.get("complaint.registered")
    if registered is None:
        return None
    last = {event.type: event for event in history}
    reached = _reached(history) if "callback.made" in last else None
    resolved, closed = _still(last, ("complaint.resolved",)), _still(last, CLOSERS)
    return Complaint(
        case=case,
        registered_at=registered.occurred_at,
        channel=said(registered, "channel"),
        level=said(registered, "level") or "station",
        severity=said(last.get("complaint.classified", registered), "severity"),
        about=said(registered, "about"),
        building=said(registered, "building"),
        customer=said(registered, "customer"),
        received_by=said(registered, "received_by"),
        area_manager=said(registered, "area_manager"),
        accused=said(registered, "accused"),
        valid=said(last.get("complaint.validity-judged"), "valid"),
        department=said(_latest(last, FORMS), "department") or said(last.get("complaint.forwarded"), "to"),
        answered_at=min((first[name].occurred_at for name in ANSWERS if name in first), default=None),
        resolved_at=at(resolved),
        closed_at=at(closed),
        called_back_at=at(reached),
        satisfied=said(reached, "satisfied"),
        standing=_standing(last, closed, resolved),
    )


def _reached(history: Sequence[Recorded]) -> Recorded | None:
    """The last call-back that reached somebody."""
    made = (each for each in reversed(history) if each.type == "callback.made")
    return next((each for each in made if each.data.get("reached", True)), None)


def _latest(last: Mapping[str, Recorded], types: Sequence[str]) -> Recorded | None:
    found = [last[name] for name in types if name in last]
    return max(found, key=_order, default=None)


def _order(event: Recorded) -> tuple[datetime, int]:
    return event.occurred_at, event.position


def _still(last: Mapping[str, Recorded], types: Sequence[str]) -> Recorded | None:
    """The latest of these, unless it was opened again since; a new episode leaves the old one ended."""
    found, reopened = _latest(last, types), last.get(REOPENED)
    if found is None or reopened is None or reopened.data.get("mode") == "new-episode":
        return found
    return found if _order(found) > _order(reopened) else None


def _standing(last: Mapping[str, Recorded], closed: Recorded | None, resolved: Recorded | None) -> str:
    if _still(last, ("complaint.withdrawn",)):
        return "withdrawn"
    if closed:
        return "closed"
    return "settled" if resolved else "open"
