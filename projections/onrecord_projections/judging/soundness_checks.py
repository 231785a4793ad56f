"""Soundness of checks: the fields they look at exist, and no number falls under two bands."""

from collections.abc import Callable, Iterator
from typing import Any

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import (
    AccessClause,
    ApprovalClause,
    ChecklistClause,
    Clause,
    CountClause,
    GradeClause,
    LimitClause,
    RequiredClause,
    TimingClause,
)
from onrecord_projections.judging.clauses.limit import Band
from onrecord_projections.judging.durations import DurationError, iso_target
from onrecord_projections.judging.parts import Selector

Said = Iterator[tuple[str, str]]


def check_faults(clause: Clause) -> Said:
    """What is wrong with a limit, count, timing, checklist, approval, access, grade or required clause."""
    faults: Callable[[Any], Said] | None = _FAULTS.get(type(clause))
    if faults is not None:
        yield from faults(clause)


def _of_limit(clause: LimitClause) -> Said:
    for key in ("value_field", "per_field", "band_field"):
        yield from _has(key, clause.event, getattr(clause, key))
    yield from _bands(clause)


def _of_count(clause: CountClause) -> Said:
    yield from _has("distinct_field", clause.counts, clause.distinct_field)


def _of_timing(clause: TimingClause) -> Said:
    yield from _has("field", clause.event, clause.field)
    yield from _offset(clause)


def _of_checklist(clause: ChecklistClause) -> Said:
    for field in (clause.list_field, *clause.filled):
        yield from _has("list_field" if clause.list_field else "filled", clause.event, field)


def _of_approval(clause: ApprovalClause) -> Said:
    yield from _has("keyed_by", clause.act, clause.keyed_by)
    yield from _has("value_field", clause.act, clause.value_field)
    for need in (need for needs in clause.any_of for need in needs):
        yield from _has("any_of", need.on, need.distinct_field)
        yield from _has("any_of", need.on, clause.keyed_by)


def _of_required(clause: RequiredClause) -> Said:
    yield from _has("distinct_field", clause.needs, clause.distinct_field)


def _of_access(clause: AccessClause) -> Said:
    for key, test in (*(("allow", t) for t in clause.allow), *(("deny", t) for t in clause.deny)):
        for field in (*test.where, *test.same_as):
            yield from _has(key, clause.act, field)


def _of_grade(clause: GradeClause) -> Said:
    yield from _has("value_field", clause.event, clause.value_field)
    for field in {field for step in clause.step for field in step.where}:
        yield from _has("step", clause.event, field)


_FAULTS: dict[type[Clause], Callable[[Any], Said]] = {
    LimitClause: _of_limit,
    CountClause: _of_count,
    TimingClause: _of_timing,
    ChecklistClause: _of_checklist,
    ApprovalClause: _of_approval,
    AccessClause: _of_access,
    GradeClause: _of_grade,
    RequiredClause: _of_required,
}


def _has(key: str, selectors: tuple[Selector, ...], field: str | None) -> Said:
    """Every event the clause looks at has the field."""
    if field is None:
        return
    for selector in selectors:
        known = event_types().get(selector.event)
        if known is not None and field not in known.model_fields:
            names = ", ".join(sorted(known.model_fields)) or "none"
            yield key, f"{selector.event} has no field {field!r}; it has {names}"


def _bands(clause: LimitClause) -> Said:
    for field in {field for band in clause.band for field in band.where}:
        yield from _has("band", clause.event, field)
    if clause.band_field is None and any(
        band.from_ is not None or band.to is not None for band in clause.band
    ):
        yield "band", "`from` and `to` need the `band_field` whose number they speak of"
    for nth, band in enumerate(clause.band):
        if band.from_ is not None and band.to is not None and band.from_ > band.to:
            yield "band", f"a band from {band.from_} to {band.to} holds nothing"
        for other in clause.band[:nth]:
            if _overlap(band, other):
                yield (
                    "band",
                    f"bands overlap: {_said(other)} and {_said(band)}; a number may fall under one only",
                )


def _overlap(one: Band, other: Band) -> bool:
    for field in one.where.keys() & other.where.keys():
        if not set(one.where[field]) & set(other.where[field]):
            return False
    begins = max(_low(one), _low(other))
    ends = min(_high(one), _high(other))
    return begins <= ends


def _low(band: Band) -> float:
    return float("-inf") if band.from_ is None else band.from_


def _high(band: Band) -> float:
    return float("inf") if band.to is None else band.to


def _said(band: Band) -> str:
    codes = " ".join(f"{field}={'/'.join(map(str, wanted))}" for field, wanted in band.where.items())
    reach = f"{'' if band.from_ is None else band.from_}..{'' if band.to is None else band.to}"
    return " ".join(part for part in (codes, reach if reach != ".." else "") if part) or "everything"


def _offset(clause: TimingClause) -> Said:
    if clause.offset is None:
        return
    if clause.time_of_day is not None:
        yield "offset", "an offset belongs to a `field`, not to a time of day"
    if clause.measure not in ("elapsed", "calendar_days"):
        yield "measure", "an offset is measured in elapsed time or calendar days"
        return
    try:
        iso_target(clause.offset.removeprefix("-"), clause.measure)
    except DurationError as error:
        yield "offset", str(error)
