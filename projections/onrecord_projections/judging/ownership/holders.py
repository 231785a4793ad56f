"""Holders: who has a thing that is no client, such as a reserved car or a newcomer's mentor.

One clause, one line of spans: the latest event that names somebody, or the first until it ends.
"""

from collections.abc import Iterable
from datetime import datetime

from onrecord_projections.judging.ownership.answer import Span, Why
from onrecord_projections.judging.ownership.heard import Heard
from onrecord_projections.judging.ownership.regime import OwnershipRule, Regimes
from onrecord_projections.judging.policy import Settings


def held_spans(
    settings: Settings, regimes: Regimes, pack: str, line: str, events: Iterable[Heard], as_of: datetime
) -> list[Span]:
    """Who held each of the things these events are about, under one clause, up to `as_of`."""
    spans: dict[str, list[Span]] = {}
    for event in events:
        regime = regimes.at(pack, event.at)
        rule = next((one for one in regime.rules if one.id == line), None) if regime else None
        if rule is None or event.at > as_of or not rule.holds(settings, event.at):
            continue
        found = spans.setdefault(event.case, [])
        holder = found[-1].owner if found else None
        if rule.ends.meets(event.kind, event.data):
            if holder is not None:
                _begin(found, _span(rule, event, None, "released"))
        elif rule.on.meets(event.kind, event.data):
            named = rule.holder_in(event.data)
            if named not in (None, holder) and (holder is None or rule.clause.wins == "latest"):
                _begin(found, _span(rule, event, named, "held"))
    return [span for found in spans.values() for span in found]


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
