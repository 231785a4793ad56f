"""Months: a month that went to payroll is locked; what is decided later counts in one that is still open."""

from collections.abc import Sequence

from onrecord_events.envelope import Recorded
from onrecord_services.desk.decision import Held, Refused


def stream_of(month: str) -> str:
    """Where a month's export is."""
    return f"payroll/{month}"


def next_month(month: str) -> str:
    """The one after."""
    year, nth = int(month[:4]), int(month[5:])
    return f"{year + nth // 12:04}-{nth % 12 + 1:02}"


def locked_at(events: Sequence[Recorded]) -> int | None:
    """The position at which a month's export began; None while it is open."""
    return next((event.position for event in events if event.type == "payroll.begun"), None)


def check_open(held: Held, month: str) -> None:
    """Raises Refused with the position of the export and the month to ask for instead."""
    position = locked_at(held.events(stream_of(month)))
    if position is not None:
        raise Refused("period-locked", month=month, position=str(position), next=next_month(month))
