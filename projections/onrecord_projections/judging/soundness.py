"""Soundness: what a rulebook names must exist, and nothing in it may chase its own tail."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import (
    Clause,
    ClockClause,
    EscalationClause,
    FormClause,
    GradeClause,
    KpiClause,
    LadderClause,
    PenaltyClause,
    RecurringClause,
    RequiredClause,
    RetentionClause,
)
from onrecord_projections.judging.faults import Fault, Places
from onrecord_projections.judging.field_values import takes
from onrecord_projections.judging.parts import (
    OwnedBy,
    Selector,
)
from onrecord_projections.judging.readings import READINGS
from onrecord_projections.judging.soundness_checks import check_faults
from onrecord_projections.judging.soundness_kpis import kpi_faults
from onrecord_projections.judging.soundness_ownership import ownership_faults
from onrecord_projections.judging.soundness_penalties import penalty_faults

Said = Iterator[tuple[str, str]]
"""(key, what to do)"""


def faults_of(listed: tuple[Clause, ...], places: Places) -> Iterator[Fault]:
    """Every name that means nothing, every reference that leads nowhere, every circle."""
    clauses = {clause.id: clause for clause in listed}
    made = {clause.sets for clause in listed if isinstance(clause, GradeClause)}
    seen: set[str] = set()
    for nth, clause in enumerate(listed):
        said = [*_repeated(clause, seen), *_selectors(clause, made), *_names(clause)]
        said += _references(clause, clauses)
        said += _circle(clause, clauses)
        said += check_faults(clause)
        said += ownership_faults(clause, clauses)
        for key, message in said:
            yield Fault(places.file, places.line(nth, key), clause.id, f"{key}: {message}")


def selectors_of(clause: Clause) -> Iterator[tuple[str, Selector]]:
    """Every selector of a clause, with the key it stands under."""
    for key in ("starts_on", "stops_on", "ends_on", "cancels_on", "excuses_on", "justified_by", "signed_on"):
        yield from ((key, selector) for selector in getattr(clause, key, ()))
    for key in (
        "refuses",
        "needs",
        "checked_on",
        "counts",
        "event",
        "resets_on",
        "act",
        "on",
        "events",
        "numerator",
        "denominator",
    ):
        found = getattr(clause, key, ())
        if isinstance(found, tuple):
            yield from ((key, selector) for selector in found)
    for alternative in getattr(clause, "any_of", ()):
        for need in alternative:
            yield from (("any_of", selector) for selector in need.on)
    for pause in getattr(clause, "pause", ()):
        yield from (("pause", selector) for selector in (*pause.begins_on, *pause.ends_on))


def _repeated(clause: Clause, seen: set[str]) -> Said:
    if clause.id in seen:
        yield "id", f"{clause.id} is used twice; every clause has its own id"
    seen.add(clause.id)


def _selectors(clause: Clause, made: AbstractSet[str]) -> Said:
    for key, selector in selectors_of(clause):
        if selector.event:
            yield from _event_faults(key, selector)
        for values in (selector.facts, selector.becomes):
            for field, wanted in values.items():
                if field not in made:  # a class that a grade clause gives
                    yield from _fact_faults(key, field, wanted)


def _event_faults(key: str, selector: Selector) -> Said:
    known = event_types().get(selector.event)
    if known is None:
        yield key, f"no event type {selector.event!r}; `onrecord schema` lists the known ones"
        return
    for field, wanted in (*selector.where.items(), *selector.unless.items()):
        if field not in known.model_fields:
            names = ", ".join(sorted(known.model_fields)) or "none"
            yield key, f"{selector.event} has no field {field!r}; it has {names}"
        elif not takes(known.model_fields[field], wanted):
            yield key, f"{selector.event}.{field} can never be {_listed(wanted)}"


def _fact_faults(key: str, field: str, wanted: tuple[object, ...]) -> Said:
    kinds = [known.model_fields[field] for known in event_types().values() if field in known.model_fields]
    if not kinds:
        yield key, f"no event has a field {field!r}, so no case can have this fact"
    elif not any(takes(kind, wanted) for kind in kinds):
        yield key, f"{field} can never be {_listed(wanted)}"


def _listed(wanted: tuple[object, ...]) -> str:
    return " or ".join(repr(value) for value in wanted)


def _names(clause: Clause) -> Said:
    """Fields that owners, forms, keys and dates are taken from."""
    for key in ("owner", "person"):
        owners: tuple[OwnedBy, ...] = getattr(clause, key, ())
        for owner in owners:
            yield from _known_field(key, owner.field)
            for field, wanted in owner.facts.items():
                yield from _fact_faults(key, field, wanted)
    for check in getattr(clause, "form", ()):
        yield from _known_field("form", check.field)
        if check.same_as:
            yield from _known_field("form", check.same_as)
    for key in ("keyed_by", "due_field", "period_field", "number_fact"):
        named: str | None = getattr(clause, key, None)
        if named:
            yield from _known_field(key, named)


def _known_field(key: str, field: str) -> Said:
    if not any(field in known.model_fields for known in event_types().values()):
        yield key, f"no event has a field {field!r}"


def _references(clause: Clause, clauses: Mapping[str, Clause]) -> Said:
    """Other clauses and readings that this one names."""
    match clause:
        case PenaltyClause(breach_of=str(wanted)):
            yield from _points_at(clauses, "breach_of", (wanted,), (ClockClause, RecurringClause))
        case FormClause():
            yield from _points_at(clauses, "of", clause.of, (ClockClause,))
        case KpiClause():
            yield from kpi_faults(clause, clauses)
        case EscalationClause():
            yield from _set_faults("becomes", clause.becomes)
        case ClockClause(on_breach=change) if change is not None:
            yield from _set_faults("on_breach", change.becomes)
        case _:
            pass
    if isinstance(clause, PenaltyClause | LadderClause):
        yield from penalty_faults(clause, clauses)
    for key in (
        "times_reading",
        "count_reading",
        "month_end_reading",
        "rolling_reading",
        "first_day_reading",
        "reading",
    ):
        named: str | None = getattr(clause, key, None)
        if named:
            yield from _known_reading(key, named)
    switch = getattr(clause, "switch", None)
    if switch is not None:
        yield from _known_reading("switch", switch.reading, switch.value)


def _points_at(
    clauses: Mapping[str, Clause], key: str, wanted: tuple[str, ...], kinds: tuple[type[Clause], ...]
) -> Said:
    for name in wanted:
        if not isinstance(clauses.get(name), kinds):
            yield key, f"{name!r} is no clause of this rulebook that it could mean"


def _known_reading(key: str, name: str, value: str | None = None) -> Said:
    if name not in READINGS:
        yield key, f"no reading {name!r}; there are {', '.join(sorted(READINGS))}"
    elif value is not None and not READINGS[name].takes(value):
        yield key, f"{name} cannot be {value!r}"


def _set_faults(key: str, becomes: Mapping[str, object]) -> Said:
    for field, value in becomes.items():
        yield from _fact_faults(key, field, (value,))


def _circle(clause: Clause, clauses: Mapping[str, Clause]) -> Said:
    """Breach by breach from this clause back to itself."""
    path = [clause.id]
    ahead = list(_opened_by(clause, clauses))
    seen: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name == clause.id:
            yield (
                "on_breach",
                f"its breach opens clocks whose breach opens it again, by way of {sorted({*path, *seen})}",
            )
            return
        if name not in seen:
            seen.add(name)
            ahead += _opened_by(clauses[name], clauses)


def _opened_by(clause: Clause, clauses: Mapping[str, Clause]) -> Iterator[str]:
    if not isinstance(clause, ClockClause) or clause.on_breach is None:
        return
    for field, value in clause.on_breach.becomes.items():
        for other in clauses.values():
            if not isinstance(other, ClockClause | RetentionClause | RequiredClause):
                continue
            starts = getattr(other, "starts_on", ())
            if any(value in selector.becomes.get(field, ()) for selector in starts):
                yield other.id
