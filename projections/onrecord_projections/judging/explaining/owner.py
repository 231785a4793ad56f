"""Owner: whose client it was when, out of claims, the signs of life they lived by, and decisions."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from onrecord_projections.judging.clauses import ClockClause, OwnershipClause
from onrecord_projections.judging.explaining.days import LimitTold, limit_told
from onrecord_projections.judging.explaining.parts import (
    RuleTold,
    SettingTold,
    Sum,
    clause_in,
    number_told,
    rules_told,
)
from onrecord_projections.judging.ownership import Claim, Join, Ownership, Period, Span
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule, Term
from onrecord_projections.judging.rulebook import Rulebook


class PeriodTold(msgspec.Struct, frozen=True):
    """One stretch a claim lived by, and how its last second was found."""

    clause: str
    since: datetime
    due_at: datetime | None
    position: int
    limit: LimitTold | None


class ClaimTold(msgspec.Struct, frozen=True):
    """What one person could put forward."""

    client: str
    pack: str
    edition: int
    holder: str
    clause: str
    decided: bool
    """A person decided it: it goes before every claim that only came first."""
    claimed_at: datetime
    valid_at: datetime | None
    state: str
    ended_at: datetime | None
    ended_by: str | None
    periods: tuple[PeriodTold, ...]
    evidence: tuple[int, ...]


class OwnerTold(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person needs to check by hand whose client it was when."""

    client: str
    as_of: datetime
    spans: tuple[Span, ...]
    claims: tuple[ClaimTold, ...]
    joins: tuple[Join, ...]
    rules: tuple[RuleTold, ...]
    settings: tuple[SettingTold, ...]
    arithmetic: tuple[Sum, ...]


def explain_owner(settings: Settings, found: Ownership, client: str, as_of: datetime) -> OwnerTold:
    """The story of one client, from what evaluating its family said."""
    claims = tuple(_claim(settings, claim) for claim in found.claims)
    spans = tuple(span for span in found.spans if span.client == client)
    return OwnerTold(
        client=client,
        as_of=as_of,
        spans=spans,
        claims=claims,
        joins=found.joins,
        rules=rules_told(settings, _named(settings, spans, claims, found)),
        settings=tuple(_settings(settings, claims)),
        arithmetic=tuple(_sums(spans, claims)),
    )


def _claim(settings: Settings, claim: Claim) -> ClaimTold:
    book = settings.edition(claim.pack, claim.edition)
    assert book is not None
    made_by = clause_in(book, claim.clause)
    decided = isinstance(made_by, OwnershipClause) and made_by.rule == "override"
    return ClaimTold(
        claim.client,
        claim.pack,
        claim.edition,
        claim.holder,
        claim.clause,
        decided,
        claim.claimed_at,
        claim.valid_at,
        claim.state,
        claim.ended_at,
        claim.ended_by,
        tuple(_period(settings, book, one) for one in claim.periods),
        claim.evidence,
    )


def _period(settings: Settings, book: Rulebook, period: Period) -> PeriodTold:
    limit = None
    rule = _rule(book, period.clause)
    if rule is not None and period.due_at is not None:
        limit = limit_told(rule, settings, period.since, {}, period.due_at)
    return PeriodTold(period.clause, period.since, period.due_at, period.position, limit)


def _rule(book: Rulebook, name: str) -> Rule | None:
    """The limit a lapse runs by: that of a clock clause, or its own calendar days."""
    clause = clause_in(book, name)
    if not isinstance(clause, OwnershipClause):
        return None
    if clause.as_clock is not None:
        clock = clause_in(book, clause.as_clock)
    elif clause.after is not None:
        clock = ClockClause(
            kind="clock", id=clause.id, cites=clause.cites, says_en=clause.says_en, says_zh=clause.says_zh,
            starts_on=clause.on, stops_on=clause.on, measure="calendar_days", target=clause.after,
            example=clause.example,
        )  # fmt: skip
    else:
        return None
    return Rule(Term(book, (), ()), clock)


def _named(
    settings: Settings, spans: tuple[Span, ...], claims: tuple[ClaimTold, ...], found: Ownership
) -> Iterator[tuple[str, int, str]]:
    for claim in claims:
        ended = (claim.ended_by,) if claim.ended_by else ()
        for name in (claim.clause, *(period.clause for period in claim.periods), *ended):
            yield claim.pack, claim.edition, name
    places = [(span.pack, span.since, span.clause) for span in spans]
    places += [(join.pack, join.at, join.clause) for join in found.joins]
    for pack, at, name in places:
        book = settings.in_force(pack, at)
        if book is not None:
            yield pack, book.edition, name


def _settings(settings: Settings, claims: tuple[ClaimTold, ...]) -> Iterator[SettingTold]:
    told: dict[tuple[str, str], SettingTold] = {}
    for claim in claims:
        for period in claim.periods:
            for one in (
                *(period.limit.settings if period.limit else ()),
                *number_told(settings, period.clause, period.since),
            ):
                told[one.name, one.value] = one
    yield from told.values()


def _sums(spans: tuple[Span, ...], claims: tuple[ClaimTold, ...]) -> Iterator[Sum]:
    for claim in claims:
        if claim.ended_at is not None:
            yield Sum("ended", {"holder": claim.holder, "clause": claim.ended_by}, claim.ended_at)
    for span in spans:
        yield Sum("owner", {"line": span.line, "since": span.since, "until": span.until}, span.owner)
