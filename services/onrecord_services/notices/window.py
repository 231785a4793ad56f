"""Window: may people be told now, and if not, when next? Pure."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from onrecord_events.alert import Window
from onrecord_projections.calendar import Calendar, CalendarError

DAYS_AHEAD_MAX = 400


def is_open(window: Window | None, at: datetime, calendar: Calendar | None = None) -> bool:
    """Whether a mail may go out at this instant."""
    if window is None:
        return True
    wall = at.astimezone(ZoneInfo(window.zone))
    return window.opens <= wall.time() < window.closes and _counts(window, wall.date(), calendar)


def next_open(window: Window | None, at: datetime, calendar: Calendar | None = None) -> datetime | None:
    """The instant itself while open, else the next opening; None if there is none in sight."""
    if window is None or is_open(window, at, calendar):
        return at
    zone = ZoneInfo(window.zone)
    today = at.astimezone(zone).date()
    for ahead in range(DAYS_AHEAD_MAX):
        day = today + timedelta(ahead)
        opens_at = datetime.combine(day, window.opens, zone).astimezone(UTC)
        if opens_at >= at and _counts(window, day, calendar):
            return opens_at
    return None


def _counts(window: Window, day: date, calendar: Calendar | None) -> bool:
    """Whether this is a day to tell on; a calendar that knows nothing of it does not stand in the way."""
    if day.isoweekday() not in window.weekdays:
        return False
    try:
        return calendar is None or calendar.is_working_day(day)
    except CalendarError:
        return True
