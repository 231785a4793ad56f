"""Holders: who has a thing that is no client, such as a reserved car or a newcomer's mentor.

One clause, one line of spans: the latest event that names somebody, the first until it ends, or whoever
stands first among those who wait.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from onrecord_projections.judging.ownership.answer import Span, Why
from onrecord_projections.judging.ownership.heard import Heard
from onrecord_projections.judging.ownership.regime import OwnershipRule, Regimes
from onrecord_projections.judging.policy import Settings

Rank = tuple[int, Decimal, datetime, int]


def held_spans(
    settings: Settings, regimes: Regimes, pack: str, line: str, events: Iterable[Heard]
) -> list[Span]:
    """Who held each of the things these events are about, under one clause."""
    spans: dict[str, list[Span]] = {}
    waiting: dict[str, dict[str, Rank]] = {}
    for event in events:
        regime = regimes.at(pack, event.at)
        rule = next((one for one in regime.rules if one.id == line), None) if regime else None
        if rule is None or not rule.holds(settings, event.at):
            continue
        found = spans.setdefault(event.case, [])
        holder = found[-1].owner if found else None
        if rule.clause.wins == "ranked":
            _next(rule, event, waiting.setdefault(event.case, {}), found)
        elif rule.ends.meets(event.kind, event.data):
            if holder is not None:
                _begin(found, _span(rule, event, None, "released"))
        elif rule.on.meets(event.kind, event.data):
            named = rule.holder_in(event.data)
            if named not in (None, holder) and (holder is None or rule.clause.wins == "latest"):
                _begin(found, _span(rule, event, named, "held"))
    return [span for found in spans.values() for span in found]


def _next(rule: OwnershipRule, event: Heard, waiting: dict[str, Rank], found: list[Span]) -> None:
    """Who stands first once this event has been heard."""
    holder = found[-1].owner if found else None
    named = rule.holder_in(event.data) or holder
    place = rule.on.place(event.kind, event.data)
    if rule.ends.meets(event.kind, event.data):
        waiting.pop(named or "", None)
    elif place is not None and named is not None:
        said = event.data.get(rule.clause.rank_field or "")
        rank = (place, -Decimal(str(said or 0)), event.at, event.position)
        waiting[named] = min(rank, waiting.get(named, rank))
    first = min(waiting, key=waiting.__getitem__, default=None)
    if first != holder:
        _begin(found, _span(rule, event, first, "held" if first else "released"))


def _begin(found: list[Span], span: Span) -> None:
    """The one before ends; two changes in one second leave the later one."""
    if found:
        last = found.pop()
        if last.since < span.since:
            found.append(
                Span(last.client, last.pack, last.line, last.since, last.owner, span.since, last.why,
                     last.clause, last.evidence)
            )  # fmt: skip
    found.append(span)


def _span(rule: OwnershipRule, event: Heard, holder: str | None, why: Why) -> Span:
    return Span(
        event.case,
        rule.book.pack,
        rule.id,
        event.at,
        holder,
        None,
        why,
        rule.id,
        (event.position,),
    )
