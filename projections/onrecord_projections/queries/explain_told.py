"""Explain, told: an explanation with its events and editions, on the tenant's walls, under one digest."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from onrecord_events.envelope import Recorded, digest_of, from_bytes
from onrecord_projections import timeline
from onrecord_projections.judging import Settings
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.explaining import RuleTold
from onrecord_projections.queries.view import View

Kind = Literal["clock", "penalty", "penalty-sum", "owner", "kpi"]
_EVENTS = "SELECT position, recorded_at, raw FROM timeline WHERE position = ANY(%s) ORDER BY position"
_KEPT = "edition_digests"


class Explanation(msgspec.Struct, frozen=True):
    """What somebody needs to check one verdict by hand."""

    kind: Kind
    told: dict[str, Any]
    """Clauses, settings, stretches of time, days, arithmetic: by the kind of what is explained."""
    editions: list[dict[str, Any]]
    """Of each rulebook edition: the SHA-256 of its content, and the position it was adopted at."""
    events: list[dict[str, Any]]
    """Every event it rests on, with its position and the SHA-256 of its stored bytes."""
    digest: str
    """SHA-256 of all the above as JSON with sorted keys: what a decision on it names as seen."""


async def explained(
    view: View, kind: Kind, told: Any, rules: Iterable[RuleTold], positions: Collection[int]
) -> Explanation:
    """The whole of it."""
    body = plain(told, view.zone)
    editions = [plain(one, view.zone) for one in await _editions(view, rules)]
    events = [plain(one, view.zone) for one in await _events(view, positions)]
    content = {"kind": kind, "told": body, "editions": editions, "events": events}
    return Explanation(kind, body, editions, events, digest_told(content))


def digest_told(content: dict[str, Any]) -> str:
    """What anybody gets who sorts the keys and hashes the JSON."""
    return sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def plain(value: Any, zone: ZoneInfo) -> Any:
    """As JSON has it: instants on the tenant's walls, lengths of time in seconds, money as text."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name), zone) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(name): plain(each, zone) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, zone) for each in value]
    return _scalar(value, zone)


def _scalar(value: Any, zone: ZoneInfo) -> Any:
    match value:
        case datetime():
            return value.astimezone(zone).isoformat()
        case timedelta():
            return int(value.total_seconds())
        case Decimal():
            return f"{value:f}"
        case None | bool() | int() | str():
            return value
        case _:
            return value.isoformat()


async def _events(view: View, positions: Collection[int]) -> list[dict[str, Any]]:
    rows = await view.fetch(_EVENTS, (sorted(positions),))
    return [_event(view.settings, from_bytes(raw, position, at), raw) for position, at, raw in rows]


def _event(settings: Settings, event: Recorded, raw: bytes) -> dict[str, Any]:
    """One event, and which of its times counted (reading R9)."""
    effective = effective_at(settings, event)
    times = {"occurred": event.occurred_at, "recorded": event.recorded_at, "captured": event.captured_at}
    return {
        "id": f"{event.source}#{event.id}",
        "type": event.type,
        "stream": event.stream,
        "actor": event.actor,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "effective_at": effective,
        "counted": next(name for name, at in times.items() if at == effective),
        "position": event.position,
        "sha256": digest_of(raw).hex(),
    }


async def _editions(view: View, rules: Iterable[RuleTold]) -> Iterator[dict[str, Any]]:
    """The editions of these clauses, by the content that was adopted."""
    held: dict[tuple[str, int], dict[str, Any]] | None = view.settings.__dict__.get(_KEPT)
    if held is None:
        held = view.settings.__dict__[_KEPT] = {
            (event.data["pack"], event.data["edition"]): {
                "pack": event.data["pack"],
                "edition": event.data["edition"],
                "sha256": sha256(event.data["content"].encode()).hexdigest(),
                "position": event.position,
            }
            for event in reversed(await timeline.of_policies(view.rows, until=view.position))
            if event.type in ("rulebook.adopted", "rulebook.amended")
        }
    named = dict.fromkeys((rule.pack, rule.edition) for rule in rules)
    return (held[name] for name in named if name in held)
