"""Ownership: whose client is it, since when, and why?

A family of clients is one unit: give the events of every stream that was ever related, in any order and
however often, and the answer is the same. Time alone ends a claim; `next_change` says when it next does.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.case import whole_second
from onrecord_projections.judging.ownership.answer import (
    CLIENT,
    Claim,
    Join,
    Ownership,
    Period,
    Proposal,
    Refused,
    Span,
)
from onrecord_projections.judging.ownership.family import family_of
from onrecord_projections.judging.ownership.fold import Fold, precedence
from onrecord_projections.judging.ownership.heard import Heard, heard
from onrecord_projections.judging.ownership.holders import held_spans
from onrecord_projections.judging.ownership.queue import Turn, turns_among, turns_of
from onrecord_projections.judging.ownership.regime import Regimes, regimes_of
from onrecord_projections.judging.ownership.spans import changes_of, spans_of
from onrecord_projections.judging.policy import Settings

__all__ = [
    "CLIENT",
    "Claim",
    "Join",
    "Ownership",
    "Period",
    "Proposal",
    "Refused",
    "Span",
    "Turn",
    "evaluate_ownership",
    "family_of",
    "regimes_of",
    "turns_of",
]


def evaluate_ownership(
    settings: Settings, events: Iterable[Recorded], as_of: datetime, turns: Sequence[Turn] = ()
) -> Ownership:
    """Who owns the clients these events are about, and everything that was claimed, as of an instant.

    `turns`: what queues gave to these clients, where the queues' own events are not among `events`.
    """
    as_of = whole_second(as_of)
    regimes = regimes_of(settings)
    told = heard(settings, events, regimes.types)
    listed = [event for event in told if event.at <= as_of]
    came = {*turns, *turns_among(settings, told)}
    taken = sorted((turn for turn in came if turn.at <= as_of), key=lambda turn: turn.key)
    parts = [_under(settings, regimes, pack, listed, taken, as_of) for pack in regimes.packs]
    return Ownership(
        tuple(span for part in parts for span in part.spans),
        tuple(claim for part in parts for claim in part.claims),
        tuple(proposal for part in parts for proposal in part.proposals),
        tuple(refused for part in parts for refused in part.refused),
        tuple(join for part in parts for join in part.joins),
        _next_change(told, parts, as_of),
    )


def _under(
    settings: Settings,
    regimes: Regimes,
    pack: str,
    listed: Sequence[Heard],
    turns: Sequence[Turn],
    as_of: datetime,
) -> Ownership:
    """What one policy says."""
    fold = Fold(settings, regimes, pack)
    ahead = [turn for turn in turns if turn.pack == pack]
    for event in listed:
        while ahead and ahead[0].key <= event.key:
            fold.give(ahead.pop(0))
        fold.take(event)
    for turn in ahead:
        fold.give(turn)
    clients = sorted({claim.client for claim in fold.claims} | _joined(fold))
    spans = [span for client in clients for span in spans_of(fold, client, as_of)]
    for line in regimes.lines(pack):
        spans += held_spans(settings, regimes, pack, line.id, listed)
    later = [at for at in changes_of(fold, None) if at > as_of]
    return Ownership(
        tuple(spans),
        _claims(fold, as_of),
        tuple(fold.proposals),
        tuple(fold.refused),
        tuple(fold.joins),
        min(later, default=None),
    )


def _claims(fold: Fold, as_of: datetime) -> tuple[Claim, ...]:
    """Every claim, by client and precedence."""
    found = []
    for claim in sorted(fold.claims, key=lambda one: (one.client, precedence(one))):
        alive = fold.alive(claim.client, as_of)
        found.append(claim.shown(as_of, owning=bool(alive) and alive[0] is claim))
    return tuple(found)


def _joined(fold: Fold) -> set[str]:
    return {name for join in fold.joins for name in (join.client, join.relative)}


def _next_change(told: Iterable[Heard], parts: Iterable[Ownership], as_of: datetime) -> datetime | None:
    """The next lapse, or the next event that happens only in the future."""
    ahead = [event.at for event in told if event.at > as_of]
    return min([*ahead, *(part.next_change for part in parts if part.next_change)], default=None)
