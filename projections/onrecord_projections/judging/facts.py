"""Facts: events as one-line texts a policy's author can read and write.

    2026-07-11 08:00:00 complaint.registered severity=minor received_by=chen
    2026-07-11 08:10:00 complaint/CP-2 complaint.answered @recorded=2026-07-12T09:00+08:00

First the time (local, unless it names an offset), perhaps the stream, the type, then fields of the body.
What begins with @ belongs to the envelope: recorded, captured, actor, sequence, case, id, source. A field
may be left out where an example does not need it.
"""

from datetime import datetime
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, TypeAdapter, ValidationError

from onrecord_events.envelope import Recorded
from onrecord_events.vocabulary import event_types

ENVELOPE = frozenset({"recorded", "captured", "actor", "sequence", "case", "id", "source"})


class FactError(ValueError):
    """A line that is no event."""


def read_fact(line: str, nth: int, zone: ZoneInfo, stream: str) -> Recorded:
    """The n-th line as an event of `stream`, unless it names its own. Raises FactError."""
    words = line.split()
    at, words = _time(words, zone, line)
    if words and "/" in words[0]:
        stream, words = words[0], words[1:]
    if not words:
        raise FactError(f"{line!r}: no event type")
    kind, pairs = words[0], [_pair(word, line) for word in words[1:]]
    known = event_types().get(kind)
    if known is None:
        raise FactError(f"no event type {kind!r}; `onrecord schema` lists the known ones")
    envelope = {key[1:]: value for key, value in pairs if key.startswith("@")}
    if not envelope.keys() <= ENVELOPE:
        raise FactError(f"{line!r}: after @ come only {', '.join(sorted(ENVELOPE))}")
    body = {key: _value(known, key, value) for key, value in pairs if not key.startswith("@")}
    return Recorded(
        position=nth,
        id=envelope.get("id", f"{nth}"),
        source=envelope.get("source", "example"),
        type=kind,
        stream=stream,
        occurred_at=at,
        recorded_at=_instant(envelope["recorded"], zone) if "recorded" in envelope else at,
        captured_at=_instant(envelope["captured"], zone) if "captured" in envelope else None,
        sequence=int(envelope["sequence"]) if "sequence" in envelope else None,
        correlation=envelope.get("case"),
        actor=envelope.get("actor"),
        data=body,
    )


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant as a policy's author writes it. Raises FactError."""
    return _instant(text, zone)


def _time(words: list[str], zone: ZoneInfo, line: str) -> tuple[datetime, list[str]]:
    if not words:
        raise FactError("an empty line is no event")
    if "T" in words[0]:
        return _instant(words[0], zone), words[1:]
    if len(words) == 1:
        raise FactError(f"{line!r}: a date and a time, then the event")
    return _instant(" ".join(words[:2]), zone), words[2:]


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FactError(f"{text!r} is no time such as 2026-07-11 08:00:00") from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _pair(word: str, line: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not equals:
        raise FactError(f"{line!r}: {word!r} is no field=value")
    return key, value


def _value(known: type[BaseModel], field: str, text: str) -> Any:
    info = known.model_fields.get(field)
    if info is None:
        names = ", ".join(sorted(known.model_fields)) or "none"
        raise FactError(f"{known.__name__} has no field {field!r}; it has {names}")
    annotation: Any = info.annotation
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    try:
        return adapter.dump_python(adapter.validate_python(_listed(annotation, text)), mode="json")
    except ValidationError as error:
        raise FactError(f"{field} cannot be {text!r}: {error.errors()[0]['msg']}") from None


def _listed(annotation: Any, text: str) -> Any:
    """`kind:2,other:1` where a body holds a list of small things, else the text itself."""
    inner = get_args(annotation)
    if get_origin(annotation) is not tuple:
        return text
    if not (isinstance(inner[0], type) and issubclass(inner[0], BaseModel)):
        return [part for part in text.split(",") if part]
    names = list(inner[0].model_fields)
    return [dict(zip(names, part.split(":"), strict=False)) for part in text.split(",") if part]
