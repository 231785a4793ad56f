"""Mapper: a record in, the events that the map makes of it out. Pure, and the same record the same events."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from onrecord_services.importing.mapping import EventRule, Map
from onrecord_services.importing.records import BadRecord, Record
from onrecord_services.importing.values import BadValue, field, fill, instant, ref, rfc3339, value_of


class Mapped(NamedTuple):
    """An event as a publisher would send it, and which record made it."""

    name: str
    recorded_at: datetime
    event: dict[str, Any]


class Mapper:
    """Applies one map."""

    def __init__(self, how: Map) -> None:
        self._map = how
        self._zone = ZoneInfo(how.zone) if how.zone else None
        self._places = frozenset(rule.on for rule in how.event)

    def is_about(self, record: Record) -> bool:
        """Whether any rule looks at records of its place; nobody asks a trace's end where no rule does."""
        return record.place in self._places

    def events_of(self, record: Record) -> Iterator[Mapped | BadRecord]:
        """Each event of a record, or why there is none. A record that no rule is about makes nothing."""
        fields = {**record.fields, "#record": record.number, "#step": record.step}
        for index, rule in enumerate(self._map.event):
            if rule.on != record.place or not _holds(rule.when, fields):
                continue
            try:
                mapped = self._mapped(rule, index, record, fields)
            except BadValue as error:
                yield BadRecord(record.name, error.reason, f"{rule.type}: {error.where}")
                continue
            if mapped is not None:
                yield mapped

    def _mapped(
        self, rule: EventRule, index: int, record: Record, fields: Mapping[str, Any]
    ) -> Mapped | None:
        at = instant(rule.time, fields, self._zone)
        if at is None:
            if rule.time.missing == "skip":
                return None
            raise BadValue("missing-field", rule.time.field)
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": _content_id(rule, fields) if rule.id == "content" else _needed(rule.id, fields),
            "source": self._map.source,
            "type": rule.type,
            "subject": ref(_needed(rule.subject, fields)),
            "time": rfc3339(at),
        }
        for name, template in (("actor", rule.actor), ("correlationid", rule.correlationid)):
            if template is not None and (filled := fill(template, fields)) is not None:
                event[name] = ref(filled)
        if rule.sequence == "file":
            # Events of one record follow the map's order; a trace's start and end frame its events.
            event["sequence"] = record.step * len(self._map.event) + index
        event["data"] = self._body(rule, fields)
        recorded_at = at if rule.recorded is None else instant(rule.recorded, fields, self._zone) or at
        return Mapped(record.name, recorded_at, event)

    def _body(self, rule: EventRule, fields: Mapping[str, Any]) -> dict[str, Any]:
        codes, zone = self._map.codes, self._zone
        found = {name: value_of(how, fields, codes, zone) for name, how in rule.body.items()}
        return {name: value for name, value in found.items() if value is not None}


def _holds(when: Mapping[str, str], fields: Mapping[str, Any]) -> bool:
    return all(fill(f"{{{name}}}", fields) == text for name, text in when.items())


def _needed(template: str, fields: Mapping[str, Any]) -> str:
    filled = fill(template, fields)
    if filled is None:
        raise BadValue("missing-field", template)
    return filled


def _content_id(rule: EventRule, fields: Mapping[str, Any]) -> str:
    """Equal records, equal id: a digest of the type and of all that the record says, but not of its place."""
    said = sorted((name, field(fields, name)) for name in fields if not name.startswith("#"))
    told = msgspec.json.encode([rule.type, rule.subject, said], enc_hook=str)
    return hashlib.blake2b(told, digest_size=16).hexdigest()
