"""Spans: from claims, joins and decisions to who owned from when to when."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from onrecord_projections.judging.ownership.answer import CLIENT, Span, Why
from onrecord_projections.judging.ownership.claims import Standing
from onrecord_projections.judging.ownership.fold import Fold, Split


class _Owned(NamedTuple):
    """What would make a new span if it changed."""

    claim: Standing | None
    split: Split | None


def spans_of(fold: Fold, client: str, as_of: datetime) -> list[Span]:
    """Who owned this client, from the first owner up to `as_of`; the last span is open."""
    spans: list[Span] = []
    was = _Owned(None, None)
    for at in changes_of(fold, as_of):
        now = _owned(fold, client, at)
        if now == was or (not spans and now.claim is None):
            continue
        if spans:
            spans[-1] = _until(spans[-1], at)
        if fold.regimes.at(fold.pack, at) is None:
            was = _Owned(None, None)
            continue
        spans.append(_span(fold, client, at, was, now))
        was = now
    return spans


def changes_of(fold: Fold, as_of: datetime | None) -> list[datetime]:
    """Every instant, up to `as_of`, at which somebody's claim begins or ends, or counts differently."""
    found = {join.at for join in fold.joins} | {at for at, *_ in fold.splits}
    for claim in fold.claims:
        found |= {at for at in (claim.valid_at, claim.over_at) if at is not None}
    found |= set(fold.settings.packs[fold.pack].since)
    return sorted(at for at in found if as_of is None or at <= as_of)


def _owned(fold: Fold, client: str, at: datetime) -> _Owned:
    if fold.regimes.at(fold.pack, at) is None:
        return _Owned(None, None)
    alive = fold.alive(client, at)
    members = fold.family(client, at)
    decided = [split for split in fold.splits if split[0] <= at and split[1] in members]
    return _Owned(alive[0] if alive else None, decided[-1] if decided else None)


def _span(fold: Fold, client: str, at: datetime, was: _Owned, now: _Owned) -> Span:
    why, clause, causes = _reason(fold, client, at, was, now)
    split = now.split
    evidence = sorted({*causes, *(now.claim.evidence if now.claim else ()), *((split[4],) if split else ())})
    return Span(
        client, fold.pack, CLIENT, at, now.claim.holder if now.claim else None, None, why, clause,
        tuple(evidence), split[2] if split else (),
    )  # fmt: skip


def _reason(
    fold: Fold, client: str, at: datetime, was: _Owned, now: _Owned
) -> tuple[Why, str, Iterable[int]]:
    """Why it changed: what the new owner has, what the old one lost, or what was found out."""
    before, after = was.claim, now.claim
    if after is None:
        assert before is not None, "a pool follows an owner"
        end: Why = "voided" if before.end == "voided" else "lapsed"
        return end, before.cause(at) or before.rule.id, _last(before)
    if after.valid_at == at or before is None:
        return after.why, after.rule.id, ()
    if before is after:
        assert now.split is not None, "the same claim begins a new span only where shares were decided"
        return "decided", now.split[3], ()
    members = fold.family(client, at)
    joined = [join for join in fold.joins if join.at == at and join.client in members]
    if joined:
        return "related", joined[-1].clause, [join.position for join in joined]
    return "next-in-line", before.cause(at) or after.rule.id, _last(before)


def _last(claim: Standing) -> Iterable[int]:
    """The last sign of life of a claim that lapsed, or what ended it."""
    return (claim.evidence[-1],) if claim.ended_by else (claim.periods[-1].position,)


def _until(span: Span, at: datetime) -> Span:
    return Span(
        span.client, span.pack, span.line, span.since, span.owner, at, span.why, span.clause, span.evidence,
        span.shares,
    )  # fmt: skip
