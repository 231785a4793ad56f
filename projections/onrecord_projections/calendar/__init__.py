"""Calendars: when work is done, and when a promise that counts it falls due."""

from onrecord_projections.calendar.calendar import Calendar, Due
from onrecord_projections.calendar.shipped import shipped, shipped_ids
from onrecord_projections.calendar.spans import (
    CalendarError,
    Span,
    elapsed_between,
    started_days,
    union_of,
)

__all__ = [
    "Calendar",
    "CalendarError",
    "Due",
    "Span",
    "elapsed_between",
    "shipped",
    "shipped_ids",
    "started_days",
    "union_of",
]
