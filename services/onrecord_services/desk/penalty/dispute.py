"""Dispute: everything about one penalty line for whoever has to judge it: is it right, was it done right?

Its timeline, its explanation with the clauses in our words and their articles, what people decided, and for
every event its position and the SHA-256 of its stored bytes. The same line at the same position is one pack.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from onrecord_events.decision import Relied
from onrecord_events.envelope import Recorded, digest_of, from_bytes
from onrecord_projections.queries import explain_penalty
from onrecord_projections.queries.explain_told import plain
from onrecord_projections.queries.timeline import shown
from onrecord_projections.queries.view import View

_LINE = (
    "SELECT id, person, month, pack, edition, clause, case_id, at, amount, currency, state, decided_amount, "
    "adjustment, line, sanction FROM penalties WHERE id = %s"
)
_NAMES = (
    "id", "person", "month", "pack", "edition", "clause", "case", "at", "amount", "currency", "state",
    "decided_amount", "adjustment", "kind", "sanction",
)  # fmt: skip
_EVENTS = (
    "SELECT position, recorded_at, raw FROM timeline "
    "WHERE (case_id = %s OR position = ANY(%s)) AND position <= %s ORDER BY position"
)
_EPOCH = "SELECT epoch FROM checkpoint"


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One line with all that bears on it. All of it is plain JSON."""

    tenant: str
    line: dict[str, Any]
    """As the read models have it now; nothing but its id if nothing bears it any more."""
    explanation: dict[str, Any] | None
    """Clauses with article and words, what was counted, clock, arithmetic; None if its facts are gone."""
    editions: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    """What was decided about it or refused, by whom, in which role."""
    timeline: list[dict[str, Any]]
    """Every event it rests on, and every decision, with position and SHA-256."""
    epoch: str
    position: int
    known_at: str | None
    digest: str
    """SHA-256 of all the above as JSON with sorted keys."""


async def pack(view: View, line_id: str) -> Pack | None:
    """The pack of one line; None if nobody ever heard of it."""
    rows = await view.fetch(_LINE, (line_id,))
    told = await explain_penalty.one(view, line_id) if rows else None
    events = await _events(view, line_id, told.events if told else ())
    if not rows and not events:
        return None
    line = dict(zip(_NAMES, rows[0], strict=True)) if rows else {"id": line_id}
    said: dict[str, Any] = {
        "tenant": view.tenant,
        "line": plain(line, view.zone),
        "explanation": told and {"told": told.told, "digest": told.digest},
        "editions": told.editions if told else [],
        "decisions": [
            plain(_decision(event), view.zone)
            for event, _ in events
            if event.stream == f"penalty/{line_id}" and event.type != Relied.TYPE
        ],
        "timeline": [plain(_told(event, digest, view), view.zone) for event, digest in events],
        "epoch": str((await view.fetch(_EPOCH))[0][0]),
        "position": view.position,
        "known_at": plain(view.times.known_at or view.watermark, view.zone) if view.watermark else None,
    }
    return Pack(**said, digest=sha256(msgspec.json.encode(said, order="sorted")).hexdigest())


def as_json(found: Pack) -> bytes:
    """For whoever checks it by program."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


async def _events(
    view: View, line_id: str, named: Iterable[dict[str, Any]]
) -> Sequence[tuple[Recorded, str]]:
    positions = sorted(event["position"] for event in named)
    rows = await view.fetch(_EVENTS, (f"penalty/{line_id}", positions, view.position))
    return [(from_bytes(raw, position, at), digest_of(raw).hex()) for position, at, raw in rows]


def _told(event: Recorded, digest: str, view: View) -> dict[str, Any]:
    row = shown(event, view)
    told = {name: getattr(row, name) for name in row.__struct_fields__}
    return told | {"sha256": digest}


def _decision(event: Recorded) -> dict[str, Any]:
    """In the words of whoever reads it first: what, who, when, how much, why."""
    at: datetime = event.occurred_at
    wanted = ("role", "amount", "currency", "month", "appeal_until", "upheld", "shares", "bearer", "taken")
    more = ("carried", "lapsed", "reason_code", "explanation_digest", "reason", "command", "clause", "facts")
    said = {name: event.data[name] for name in (*wanted, *more) if name in event.data}
    return {"what": event.type, "by": event.actor, "at": at, "position": event.position, **said}
