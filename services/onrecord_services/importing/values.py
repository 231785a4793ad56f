"""Values: one field of a record as one value of an event, by the map's word, never by a guess."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from onrecord_services.importing.mapping import TimeFrom, ValueFrom

_SLOT = re.compile(r"\{([^{}]+)\}")
_SPACE = re.compile(r"\s+")
_NO_CODE = re.compile(r"[^a-z0-9._-]+")


class BadValue(ValueError):
    """A field that cannot become what the map says. `reason` is a code, `where` the field's name."""

    def __init__(self, reason: str, where: str) -> None:
        super().__init__(f"{reason}: {where}")
        self.reason = reason
        self.where = where


def field(fields: Mapping[str, Any], name: str) -> Any:
    """What stands in a field; None where it is absent or empty."""
    value = fields.get(name)
    if isinstance(value, str):
        value = value.strip()
    return None if value == "" else value


def fill(template: str, fields: Mapping[str, Any]) -> str | None:
    """The template with each `{field}` filled in; None if one of them is missing."""
    absent = False

    def put(slot: re.Match[str]) -> str:
        nonlocal absent
        value = field(fields, slot[1])
        absent = absent or value is None
        return "" if value is None else _text(value, slot[1])

    filled = _SLOT.sub(put, template)
    return None if absent else filled


def ref(text: str) -> str:
    """An id may hold no white space; each run of it becomes one hyphen."""
    return _SPACE.sub("-", text)


def instant(spec: TimeFrom, fields: Mapping[str, Any], zone: ZoneInfo | None) -> datetime | None:
    """The field as an aware time in UTC, not before the field that the map may name as its floor."""
    value = field(fields, spec.field)
    if value is None:
        return None
    at = _instant(value, spec.field, spec.format, ZoneInfo(spec.zone) if spec.zone else zone)
    if spec.not_before is None:
        return at
    floor = instant(TimeFrom(field=spec.not_before, format=spec.format, zone=spec.zone), fields, zone)
    return at if floor is None else max(at, floor)


def value_of(
    spec: ValueFrom, fields: Mapping[str, Any], codes: Mapping[str, Mapping[str, Any]], zone: ZoneInfo | None
) -> Any:
    """The body's value as JSON, or None where the record has nothing for it."""
    if spec.constant is not None:
        return spec.constant
    if spec.template is not None:
        found: Any = fill(spec.template, fields)
        where = spec.template
    else:
        assert spec.field is not None, "the map's check left one of three"
        found, where = field(fields, spec.field), spec.field
    if found is None:
        return None
    if spec.codes is not None:
        return _looked_up(codes[spec.codes], found, where, spec.otherwise)
    if spec.as_ == "time":
        return rfc3339(_instant(found, where, spec.format, ZoneInfo(spec.zone) if spec.zone else zone))
    return _PLAIN[spec.as_](found, where)


def rfc3339(at: datetime) -> str:
    """An aware time as intake takes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(value: Any, where: str, form: str, zone: ZoneInfo | None) -> datetime:
    try:
        at = _parsed(value, form)
    except (ValueError, OverflowError, OSError, TypeError):
        raise BadValue("bad-time", where) from None
    if at.tzinfo is None:
        if zone is None:
            raise BadValue("time-without-zone", where)
        at = at.replace(tzinfo=zone)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise BadValue("bad-time", where) from None


def _parsed(value: Any, form: str) -> datetime:
    match value, form:
        case datetime(), _:
            return value
        case date(), _:
            return datetime.combine(value, time())
        case _, "unix":
            return datetime.fromtimestamp(float(value), UTC)
        case _, "unix-milliseconds":
            return datetime.fromtimestamp(float(value) / 1000, UTC)
        case _, "iso":
            return datetime.fromisoformat(str(value))
        case _:
            return datetime.strptime(str(value), form)  # noqa: DTZ007 - the zone is put on by the caller


def _looked_up(table: Mapping[str, Any], found: Any, where: str, otherwise: Any) -> Any:
    value = table.get(_text(found, where), otherwise)
    if value is None:
        raise BadValue("unknown-code", where)
    return value


def _text(value: Any, where: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))  # a spreadsheet keeps 7 as 7.0
        case str() | int() | float():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            raise BadValue("bad-value", where)


def _integer(value: Any, where: str) -> int:
    try:
        return int(_text(value, where))
    except ValueError:
        raise BadValue("bad-value", where) from None


def _ref(value: Any, where: str) -> str:
    return ref(_text(value, where))


def _code(value: Any, where: str) -> str:
    code = _NO_CODE.sub("-", _text(value, where).casefold()).strip("-._")
    if not code:
        raise BadValue("bad-value", where)  # nothing of it fits a code: a table must name it
    return code[:64]


_PLAIN: dict[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "ref": _ref,
    "code": _code,
}
