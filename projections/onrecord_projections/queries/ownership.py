"""Ownership: whose client is it, why, since when, and what does each claim rest on?

Evaluated from the events of the client's family, so any pair of times can be asked.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from onrecord_events.envelope import Recorded, digest_of, from_bytes
from onrecord_projections import ownership, timeline
from onrecord_projections.judging.ownership import (
    Claim,
    Ownership,
    Span,
    Turn,
    evaluate_ownership,
    family_of,
    turns_of,
)
from onrecord_projections.queries.view import View

_FAMILY = (
    "SELECT client FROM client_families WHERE family = "
    "(SELECT family FROM client_families WHERE client = %s) ORDER BY client"
)
_EVENTS = "SELECT position, recorded_at, raw FROM timeline WHERE position = ANY(%s) ORDER BY position"


class ShareRow(msgspec.Struct, frozen=True):
    """One person's part of a deal, in percent."""

    person: str
    percent: Decimal


class SpanRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who owned from when to when. `owner` null: the pool. `until` null: to the instant asked about."""

    client: str
    pack: str
    line: str
    owner: str | None
    since: datetime
    until: datetime | None
    why: str
    clause: str
    cites: str
    says: str
    shares: list[ShareRow]
    evidence: list[int]


class PeriodRow(msgspec.Struct, frozen=True):
    """One stretch a claim lived by: the event that began it, and by when the next sign was due."""

    clause: str
    since: datetime
    due_at: datetime | None
    position: int


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one person could put forward, and what became of it."""

    client: str
    pack: str
    edition: int
    holder: str
    clause: str
    state: str
    claimed_at: datetime
    valid_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    periods: list[PeriodRow]
    evidence: list[int]


class ProposalRow(msgspec.Struct, frozen=True):
    """What waits for a person's decision."""

    pack: str
    clause: str
    at: datetime
    to: str
    position: int


class RefusedRow(msgspec.Struct, frozen=True):
    """An event that claimed or passed something on, in vain."""

    pack: str
    clause: str
    why: str
    position: int


class EvidenceRow(msgspec.Struct, frozen=True):
    """An event the answer rests on, and the digest of its stored bytes."""

    position: int
    digest: str
    type: str
    stream: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str | None


class OwnerInFull(msgspec.Struct, frozen=True, kw_only=True):
    """One client: who owns it by each policy, how that came, and what was claimed."""

    client: str
    family: list[str]
    """Everything that counts as one with it at that instant, itself included."""
    owners: list[SpanRow]
    """As of the instant asked about, one a policy and line."""
    spans: list[SpanRow]
    claims: list[ClaimRow]
    proposals: list[ProposalRow]
    refused: list[RefusedRow]
    events: list[EvidenceRow]
    next_change_at: datetime | None
    """When it changes if nothing happens."""


async def one(view: View, client: str) -> OwnerInFull | None:
    """Everything about the owner of one client at `view.at`; None if nothing ever spoke of it."""
    known = await evaluated(view, client)
    return None if known is None else await _in_full(view, client, known)


async def evaluated(view: View, client: str) -> Ownership | None:
    """What the rules say of a client and all that counts as one with it; None if nothing ever spoke of it."""
    members = [member for (member,) in await view.fetch(_FAMILY, (client,))] or [client]
    histories = await timeline.of_cases(view.rows, members, until=view.position)
    members = ownership.related(client, [event for told in histories.values() for event in told])
    events = [event for member in members for event in histories[member]]
    turns = await _turns(view, members)
    found = await asyncio.to_thread(evaluate_ownership, view.settings, events, view.at, turns)
    known = _of_family(found, family_of(found.joins, client))
    if not (known.spans or known.claims or known.refused):
        return None
    return known


def _of_family(found: Ownership, family: frozenset[str]) -> Ownership:
    """What concerns those that count as one by then; others may join them only later."""
    return msgspec.structs.replace(
        found,
        spans=tuple(one for one in found.spans if one.client in family),
        claims=tuple(one for one in found.claims if one.client in family),
        proposals=tuple(one for one in found.proposals if one.client in family),
        refused=tuple(one for one in found.refused if one.client in family),
        joins=tuple(one for one in found.joins if one.client in family),
    )


async def _turns(view: View, members: Sequence[str]) -> list[Turn]:
    """What queues gave to this family; as known earlier, from the queues' own events up to then."""
    if view.times.known_at is None:
        return await ownership.turns_for(view.rows.cursor(), members)
    queues = await view.fetch("SELECT DISTINCT queue FROM client_turns WHERE client = ANY(%s)", (members,))
    histories = await timeline.of_cases(view.rows, [queue for (queue,) in queues], until=view.position)
    return [
        turn
        for history in histories.values()
        for turn in turns_of(view.settings, history)
        if turn.client in members
    ]


async def _in_full(view: View, client: str, found: Ownership) -> OwnerInFull:
    spans = [span for span in found.spans if span.client == client]
    rows = [_span(view, span, found.claims) for span in spans]
    named = {position for row in rows for position in row.evidence}
    named |= {position for claim in found.claims for position in claim.evidence}
    named |= {period.position for claim in found.claims for period in claim.periods}
    named |= {one.position for one in found.proposals} | {one.position for one in found.refused}
    raw = await view.fetch(_EVENTS, (sorted(named),))
    return OwnerInFull(
        client=client,
        family=sorted(family_of(found.joins, client)),
        owners=[row for row in rows if row.until is None],
        spans=rows,
        claims=[_claim(view, claim) for claim in found.claims],
        proposals=[
            ProposalRow(one.pack, one.clause, one.at.astimezone(view.zone), one.to, one.position)
            for one in found.proposals
        ],
        refused=[RefusedRow(one.pack, one.clause, one.why, one.position) for one in found.refused],
        events=[_evidence(view, from_bytes(stored, position, at), stored) for position, at, stored in raw],
        next_change_at=found.next_change and found.next_change.astimezone(view.zone),
    )


def _span(view: View, span: Span, claims: Iterable[Claim]) -> SpanRow:
    editions = [book.edition for book in view.settings.packs[span.pack].values if book]
    held = [one.edition for one in claims if one.pack == span.pack and set(one.evidence) & set(span.evidence)]
    edition = held[0] if held else editions[-1]
    book = view.settings.edition(span.pack, edition)
    cites = next((one.cites for one in book.clause if one.id == span.clause), "") if book else ""
    return SpanRow(
        client=span.client,
        pack=span.pack,
        line=span.line,
        owner=span.owner,
        since=span.since.astimezone(view.zone),
        until=span.until and span.until.astimezone(view.zone),
        why=span.why,
        clause=span.clause,
        cites=cites,
        says=view.says(span.pack, edition, span.clause),
        shares=[ShareRow(person, percent) for person, percent in span.shares],
        evidence=list(span.evidence),
    )


def _claim(view: View, claim: Claim) -> ClaimRow:
    zone = view.zone
    return ClaimRow(
        client=claim.client,
        pack=claim.pack,
        edition=claim.edition,
        holder=claim.holder,
        clause=claim.clause,
        state=claim.state,
        claimed_at=claim.claimed_at.astimezone(zone),
        valid_at=claim.valid_at and claim.valid_at.astimezone(zone),
        ended_at=claim.ended_at and claim.ended_at.astimezone(zone),
        ended_by=claim.ended_by,
        periods=[
            PeriodRow(
                one.clause,
                one.since.astimezone(zone),
                one.due_at and one.due_at.astimezone(zone),
                one.position,
            )
            for one in claim.periods
        ],
        evidence=list(claim.evidence),
    )


def _evidence(view: View, event: Recorded, stored: bytes) -> EvidenceRow:
    zone = view.zone
    return EvidenceRow(
        event.position,
        digest_of(stored).hex(),
        event.type,
        event.stream,
        event.occurred_at.astimezone(zone),
        event.recorded_at.astimezone(zone),
        event.actor,
    )
