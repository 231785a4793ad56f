"""Soundness of ownership clauses: what they name must exist, and their events must say what is asked."""

from collections.abc import Iterable, Iterator, Mapping

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import Clause, ClockClause, OwnershipClause
from onrecord_projections.judging.durations import DurationError, iso_target
from onrecord_projections.judging.parts import Selector

_NAMES_SOMEBODY = frozenset({"claim", "lapse", "transfer", "referral", "override", "holder"})
_SAYS = {"relatives": "relative", "split": "shares"}
"""The field without which an event of such a rule means nothing."""


def ownership_faults(clause: Clause, clauses: Mapping[str, Clause]) -> Iterator[tuple[str, str]]:
    """(key, what to do) for each name that leads nowhere, and each event that cannot be meant."""
    if not isinstance(clause, OwnershipClause):
        return
    for key, named in (("as_clock", clause.as_clock), ("signed_within", clause.signed_within)):
        if named is not None and not isinstance(clauses.get(named), ClockClause):
            yield key, f"{named!r} is no clock of this rulebook"
    if clause.after is not None:
        try:
            iso_target(clause.after, "calendar_days")
        except DurationError as error:
            yield "after", str(error)
    wanted = clause.holder if clause.rule in _NAMES_SOMEBODY else ()
    if clause.rule == "validity" and clause.filled:
        wanted = clause.holder
    yield from _lacking("on", clause.on, wanted)
    yield from _lacking("on", clause.on, _SAYS.get(clause.rule, "").split())
    if clause.rule == "queue":
        yield from _lacking("resets_on", clause.resets_on, ("members",))
    fields = [*(("filled", field) for field in clause.filled), ("rank_field", clause.rank_field)]
    for key, asked in fields:
        if asked is not None and not any(_has(one, (asked,)) for one in clause.on):
            yield key, f"none of these events has a field {asked!r}"


def _lacking(key: str, selectors: Iterable[Selector], fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = tuple(fields)
    for one in selectors:
        if wanted and one.event in event_types() and not _has(one, wanted):
            yield key, f"{one.event} has none of the fields {', '.join(wanted)}, which this rule asks for"


def _has(selector: Selector, fields: Iterable[str]) -> bool:
    known = event_types().get(selector.event)
    return known is not None and any(field in known.model_fields for field in fields)
