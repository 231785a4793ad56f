"""Translate: bytes to events. Every body becomes an event or a refusal, and the same body the same.

Pure and total. The time of day comes as an argument. A refusal names fields, never what they said.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, get_args

import msgspec
from pydantic import AwareDatetime, ValidationError

from onrecord_events.base import Event, upcast
from onrecord_events.envelope import identity_of
from onrecord_events.errors import UnreadableEvent
from onrecord_events.sealed import CLEAR_CHARS_MAX
from onrecord_events.subjects import stream_subject
from onrecord_events.vocabulary import event_types
from onrecord_services.intake.cloudevents import (
    Attributes,
    Unfit,
    as_evidence,
    mode_of,
    read_binary,
    read_structured,
    split_batch,
)
from onrecord_services.intake.parsed import Heard, Parsed, Refusal

AHEAD_MAX = timedelta(minutes=5)
"""How far a sender's clock may run ahead of ours."""

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_OURS = frozenset({"intake.refused", "clock.ticked", "alert.raised", "webhook.disabled"})
"""What no publisher may say: time passes by the clock service, refusals come from here, notices from us."""

_INTEGER_MAX = 2**53
_PLAIN_STREAM = re.compile(r"[A-Za-z0-9-]{1,180}/[A-Za-z0-9-]{1,180}")
"""Streams whose names need no escaping: nearly all, and known to be good without building the subject."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_TYPES = event_types()
_encode = msgspec.json.Encoder(order="deterministic").encode


class _Shape(NamedTuple):
    """What is asked of one type again and again."""

    event: type[Event]
    personal: frozenset[str]
    ranged: tuple[str, ...]
    """Fields that may hold a time or a number."""


class _Times(NamedTuple):
    occurred_at: datetime
    recorded_at: datetime | None
    captured_at: datetime | None


@cache
def _shape_of_known(event: type[Event]) -> _Shape:
    ranged = (name for name, field in event.model_fields.items() if _may_hold(field.annotation))
    return _Shape(event, event.SEALED_FIELDS, tuple(ranged))


def _shape_of(type_name: str) -> _Shape | None:
    known = _TYPES.get(type_name)
    return None if known is None else _shape_of_known(known)


def _may_hold(annotation: Any) -> bool:
    kinds = (annotation, *get_args(annotation))
    return any(kind in {int, datetime, AwareDatetime} for kind in kinds)


def translate(
    raw: bytes,
    content_type: str,
    headers: Mapping[str, str],
    *,
    tenant: str,
    publisher: str,
    now: datetime,
    carried: bool = False,
) -> list[Parsed]:
    """The events of one body, in their order; refusals stand where their event stood.

    `carried`: the tenant's log takes the recorded time from its events. Header names are lower-case.
    """

    def heard(part: bytes) -> Parsed:
        try:
            return _understand(read_structured(part), tenant, now, carried=carried)
        except Unfit as unfit:
            return Refusal.of(part, publisher, unfit.reason, unfit.where)

    mode = mode_of(content_type, headers)
    if mode == "structured":
        return [heard(raw)]
    try:
        if mode == "batch":
            return [heard(part) for part in split_batch(raw)]
        return [_understand(read_binary(raw, content_type, headers), tenant, now, carried=carried)]
    except Unfit as unfit:
        evidence = raw if mode == "batch" else as_evidence(raw, content_type, headers)
        return [Refusal.of(evidence, publisher, unfit.reason, unfit.where)]


def _understand(said: Attributes, tenant: str, now: datetime, *, carried: bool) -> Heard:
    """The event of a well-formed envelope. Raises Unfit."""
    if said.tenant is not None and said.tenant != tenant:
        raise Unfit("not-cloudevents", "tenant: not the one of your credential")
    _check_streams(said, tenant)
    times = _times(said, now, carried=carried)
    shape = _shape_of(said.type)
    if shape is None or (said.type in _OURS and not (carried and said.type == "clock.ticked")):
        raise Unfit("unknown-type", "type: `onrecord schema` lists the known ones")
    sequence = None if said.sequence is None else int(said.sequence)
    canonical = _canonical(said, times, sequence, shape)
    body, clear = _body(shape, said)
    return Heard(
        id=said.id,
        source=said.source,
        type=said.type,
        stream=said.subject,
        occurred_at=times.occurred_at,
        version=shape.event.VERSION,
        data=body.model_dump(mode="json", exclude_none=True),
        clear=clear,
        person=getattr(body, shape.event.PERSON_FIELD) if clear else None,
        canonical=canonical,
        actor=said.actor,
        correlation=said.correlationid,
        causation=said.causationid,
        sequence=sequence,
        recorded_at=times.recorded_at,
        captured_at=times.captured_at,
        identity=identity_of(said.source, said.id),
    )


def _check_streams(said: Attributes, tenant: str) -> None:
    """A correlation names the case, which is a stream too: anything else would file the event nowhere."""
    for name, stream in (("subject", said.subject), ("correlationid", said.correlationid)):
        if stream is None or _PLAIN_STREAM.fullmatch(stream):
            continue
        try:
            stream_subject(tenant, stream)
        except UnreadableEvent:
            raise Unfit("bad-subject", f"{name}: <kind>/<id>, at most 180 bytes each") from None


def _times(said: Attributes, now: datetime, *, carried: bool) -> _Times:
    """All three in UTC, none ahead of what the log calls now."""
    if (said.recordedtime is not None) != carried:
        words = "needed by" if carried else "only for"
        raise Unfit("not-cloudevents", f"recordedtime: {words} a log whose clock is carried")
    latest = now if said.recordedtime is None else _instant("recordedtime", said.recordedtime, _LATEST)
    latest += AHEAD_MAX
    return _Times(
        _instant("time", said.time, latest),
        said.recordedtime and said.recordedtime.astimezone(UTC),
        said.capturedat and _instant("capturedat", said.capturedat, latest),
    )


def _instant(name: str, instant: datetime, latest: datetime) -> datetime:
    if not _EARLIEST <= instant < _LATEST:
        raise Unfit("not-cloudevents", f"{name}: not a year we know")
    if instant > latest:
        raise Unfit("future-time", f"{name}: more than 5 minutes ahead")
    return instant.astimezone(UTC)


def _canonical(said: Attributes, times: _Times, sequence: int | None, shape: _Shape) -> bytes:
    """All that was said but the personal fields, in one spelling. Raises Unfit.

    Without the recorded time: who sends the same thing days later says the same thing.
    """
    data = said.data
    if not shape.personal.isdisjoint(data):
        data = {name: value for name, value in data.items() if name not in shape.personal}
    names = (said.type, said.subject, said.actor, said.correlationid, said.causationid, sequence)
    try:
        canonical = _encode((names, times.occurred_at, times.captured_at, data))
    except (OverflowError, ValueError, TypeError, RecursionError):
        raise Unfit("bad-body", "data: a number beyond 64 bits") from None
    if b"\\u0000" in canonical and _NUL.search(canonical):
        raise Unfit("bad-body", "data: holds the character NUL")  # PostgreSQL's text cannot
    return canonical


def _body(shape: _Shape, said: Attributes) -> tuple[Event, dict[str, str]]:
    """The typed body without its personal fields, and those. Raises Unfit."""
    event = shape.event
    try:
        public = upcast(said.type, said.dataversion or event.VERSION, dict(said.data))
        clear = {name: public.pop(name) for name in shape.personal & public.keys()}
    except UnreadableEvent:
        raise Unfit("bad-body", "dataversion: not a shape this release reads") from None
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Unfit("bad-body", "data: not of the shape it claims") from None
    for name, words in list(clear.items()):
        if words is None or words == "":
            del clear[name]
        elif not isinstance(words, str) or len(words) > CLEAR_CHARS_MAX:
            raise Unfit("bad-body", f"{name}: a text of at most {CLEAR_CHARS_MAX} characters")
    try:
        body = event.model_validate(public)
    except ValidationError as error:
        raise Unfit("bad-body", _faults(error)) from None
    _check_range(body, shape.ranged)
    if clear and getattr(body, event.PERSON_FIELD) is None:
        raise Unfit("bad-body", f"{event.PERSON_FIELD}: missing, and personal fields are sealed for somebody")
    return body, clear


def _faults(error: ValidationError) -> str:
    """Fields and kinds of fault. A field we do not know is not named: its name may be somebody's."""
    found = error.errors(include_input=False, include_url=False, include_context=False)[:8]
    said = []
    for fault in found:
        steps = [str(step) for step in fault["loc"]]
        if fault["type"] == "extra_forbidden":
            steps[-1] = "?"
        said.append(f"{'.'.join(steps) or 'body'}: {fault['type']}")
    return "; ".join(said)


def _check_range(body: Event, names: tuple[str, ...]) -> None:
    """What every reader can hold: years that survive a change of zone, numbers of 53 bits."""
    for name in names:
        value = getattr(body, name)
        if isinstance(value, datetime) and not _EARLIEST <= value <= _LATEST:
            raise Unfit("bad-body", f"{name}: not a year we know")
        if type(value) is int and abs(value) > _INTEGER_MAX:
            raise Unfit("bad-body", f"{name}: a number beyond 53 bits")
