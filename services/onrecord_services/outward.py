"""Outward: an event as others may have it: CloudEvents 1.0, personal fields closed, its place in the log."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_events.vocabulary import event_types

SEALED = {"sealed": True}
"""Stands where a personal field is: what is sealed does not leave, not even as ciphertext."""
MEDIA_TYPE = "application/cloudevents+json"
_encode = msgspec.json.Encoder().encode


def unknown_among(names: Iterable[str]) -> str | None:
    """The first of these that is neither an event type nor `area.*` of one; None if all are."""
    known = event_types()
    areas = {f"{name.partition('.')[0]}.*" for name in known}
    return next((name for name in names if name not in known and name not in areas), None)


def as_cloudevent(event: Recorded, tenant: str) -> bytes:
    """One event in structured mode. `position` is text: an extension's integers have 32 bits only."""
    return _encode(attributes_of(event, tenant))


def attributes_of(event: Recorded, tenant: str) -> dict[str, Any]:
    """Attribute by attribute, absent ones left out."""
    said = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.stream,
        "time": event.occurred_at,
        "datacontenttype": "application/json",
        "tenant": tenant,
        "actor": event.actor,
        "correlationid": event.correlation,
        "causationid": event.causation,
        "position": str(event.position),
        "recordedtime": event.recorded_at,
        "data": _open_fields(event.type, event.data),
    }
    return {name: value for name, value in said.items() if value is not None}


def _open_fields(type_name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    known = event_types().get(type_name)
    sealed = known.SEALED_FIELDS if known else frozenset[str]()
    return {name: SEALED if name in sealed or _looks_sealed(value) else value for name, value in data.items()}


def _looks_sealed(value: Any) -> bool:
    """Also of a type this release does not know."""
    return isinstance(value, Mapping) and "ciphertext" in value
