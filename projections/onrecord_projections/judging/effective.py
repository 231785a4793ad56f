"""Effective time: which of an event's two times a clause uses (reading R9).

The claim counts when it was recorded on the same local day or within the tolerance of it; otherwise the
record does, so that nobody can back-date himself out of a breach. A declared publisher that captures offline
is judged by when it captured.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.readings import READINGS

_DEFAULT_TOLERANCE = timedelta(minutes=int(READINGS["r9.tolerance-minutes"].default))


def effective_at(settings: Settings, event: Recorded) -> datetime:
    """When the event counts, in UTC."""
    stored = event.recorded_at
    if event.captured_at is not None and _declared(settings, event.source, stored):
        stored = event.captured_at
    claimed = event.occurred_at
    if claimed == stored:
        return claimed if claimed.tzinfo is UTC else claimed.astimezone(UTC)
    tolerance = _DEFAULT_TOLERANCE
    if settings.readings:
        tolerance = timedelta(minutes=int(settings.reading("r9.tolerance-minutes", stored)))
    if abs(stored - claimed) <= tolerance or _same_day(settings, claimed, stored):
        return claimed.astimezone(UTC)
    return stored.astimezone(UTC)


def local_month(settings: Settings, at: datetime) -> str:
    """The calendar month an instant lies in, `2026-03`."""
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    return _month_of(quarter, settings.reading("r1.zone", at))


def local_day(settings: Settings, at: datetime) -> date:
    """The calendar day an instant lies in."""
    return at.astimezone(_zone(settings.reading("r1.zone", at))).date()


def _same_day(settings: Settings, claimed: datetime, stored: datetime) -> bool:
    zone = _zone(settings.reading("r1.zone", stored))
    return claimed.astimezone(zone).date() == stored.astimezone(zone).date()


def _declared(settings: Settings, source: str, stored: datetime) -> bool:
    """Whether this source was declared by then, by its name or by a beginning of it, such as `pda/*`."""
    for publisher, since in settings.publishers.items():
        named = source.startswith(publisher[:-1]) if publisher.endswith("*") else source == publisher
        if named and since <= stored:
            return True
    return False


@lru_cache(maxsize=4096)
def _month_of(at: datetime, zone: str) -> str:
    """The month of a quarter of an hour: no zone's midnight lies within one (since 1972)."""
    return f"{at.astimezone(_zone(zone)):%Y-%m}"


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
