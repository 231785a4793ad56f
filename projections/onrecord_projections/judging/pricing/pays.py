"""Pays: whose pay was how much in which month, as payroll put it on record (`pay.set`)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import attrgetter

from onrecord_events.envelope import Recorded

Pays = Mapping[tuple[str, str, str], Decimal]
"""By person, kind of pay, and month."""
NO_PAYS: Pays = {}


def pays_of(events: Iterable[Recorded]) -> Pays:
    """What these events put on record; the last one recorded holds."""
    said = sorted((event for event in events if event.type == "pay.set"), key=attrgetter("position"))
    return {
        (event.data["person"], event.data["pay"], event.data["month"]): Decimal(str(event.data["amount"]))
        for event in said
    }
