"""Soundness of penalties and ladders: what they price is found, and what counts together counts alike."""

from collections.abc import Iterator, Mapping

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import (
    Clause,
    ClockClause,
    LadderClause,
    PenaltyClause,
    RecurringClause,
    RetentionClause,
)

Said = Iterator[tuple[str, str]]
"""(key, what to do)"""

_CLOCKS = (ClockClause, RecurringClause, RetentionClause)
_FIXED = {"required": "missing", "access": "access-denied"}
"""The code of kinds that need not name one."""
_FIND_NOTHING = frozenset({"kpi", "prose", "supported", "escalation", "grade", "ladder"})


def penalty_faults(clause: PenaltyClause | LadderClause, clauses: Mapping[str, Clause]) -> Said:
    """Everything a penalty or a ladder names that is not there, or does not go together."""
    if isinstance(clause, LadderClause):
        yield from _of_ladder(clause, clauses)
        return
    for name in clause.finding_of:
        other = clauses.get(name)
        if (
            other is None
            or other.kind in _FIND_NOTHING
            or (isinstance(other, PenaltyClause) and not other.event)
        ):
            yield "finding_of", f"{name!r} is no clause of this rulebook that finds anything"
    yield from _codes(clause, clauses)
    yield from _fields(clause)
    yield from _counted_alike(clause, clauses)
    yield from _valued(clause, clauses)


def codes_of(clause: Clause, clauses: Mapping[str, Clause]) -> frozenset[str]:
    """The codes under which a clause's findings come."""
    if isinstance(clause, PenaltyClause):
        return frozenset({"defect"}) if clause.event else frozenset()
    codes = {str(getattr(clause, "finding", "") or _FIXED.get(clause.kind, ""))} - {""}
    if isinstance(clause, _CLOCKS):
        codes.add("breach")
    if isinstance(clause, RetentionClause):
        codes.add("destruction-refused")
    codes |= {check.finding for check in getattr(clause, "form", ())}
    for other in clauses.values():
        if other.kind == "form" and clause.id in other.of:
            codes |= {check.finding for check in other.form}
    return frozenset(codes)


def _codes(clause: PenaltyClause, clauses: Mapping[str, Clause]) -> Said:
    known = [codes_of(clauses[name], clauses) for name in clause.finding_of if name in clauses]
    if not all(known):
        return
    found = frozenset().union(*known)
    for code in clause.codes:
        if code not in found:
            yield "codes", f"nothing there is found as {code!r}; there are {', '.join(sorted(found))}"


def _fields(clause: PenaltyClause) -> Said:
    for key in ("quantity_field", "value_field", "among_field"):
        field = getattr(clause, key)
        for selector in clause.event:
            known = event_types().get(selector.event)
            if field and known is not None and field not in known.model_fields:
                yield key, f"{selector.event} has no field {field!r}"


def _counted_alike(clause: PenaltyClause, clauses: Mapping[str, Clause]) -> Said:
    """One counter counts one thing within one window."""
    if clause.counter is None:
        return
    for other in clauses.values():
        if isinstance(other, PenaltyClause) and other.counter == clause.counter:
            for key in ("window", "count_by"):
                if getattr(other, key) != getattr(clause, key):
                    yield key, f"{other.id} counts under {clause.counter!r} too, but another way"


def _valued(clause: PenaltyClause, clauses: Mapping[str, Clause]) -> Said:
    """A multiple of a value needs a clock that names one."""
    if clause.breach_of is None or not any(price.by_value for price in clause.prices):
        return
    clock = clauses.get(clause.breach_of)
    if not getattr(clock, "value_field", None):
        yield "breach_of", f"{clause.breach_of} names no `value_field`, so its breach has no value"


def _of_ladder(ladder: LadderClause, clauses: Mapping[str, Clause]) -> Said:
    for key in ("of", "counts_too"):
        for name in getattr(ladder, key):
            other = clauses.get(name)
            if not isinstance(other, PenaltyClause):
                yield key, f"{name!r} is no clause of this rulebook that it could mean"
            elif other.kind == "reward" and ladder.factor > 1:
                yield key, f"{name} is a reward; fines are multiplied"
    for name in sorted(set(ladder.own_cases) - {*ladder.of, *ladder.counts_too}):
        yield "own_cases", f"{name!r} does not count here; name it under `of` or `counts_too` too"
    for other in clauses.values():
        if isinstance(other, LadderClause) and other.id < ladder.id and min(other.factor, ladder.factor) > 1:
            for name in sorted(set(other.of) & set(ladder.of)):
                if other.switch is None and ladder.switch is None:
                    yield "of", f"{name} is multiplied by {other.id} already"
