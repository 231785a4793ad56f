"""Soundness of KPI clauses: a figure is of clocks, or of figures, or of fields that its events have."""

from collections.abc import Iterator, Mapping

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import Clause, ClockClause, KpiClause, RecurringClause
from onrecord_projections.judging.parts import Selectors

Said = Iterator[tuple[str, str]]
"""(key, what to do)"""


def kpi_faults(clause: KpiClause, clauses: Mapping[str, Clause]) -> Said:
    """What a figure names and nothing has."""
    yield from _of(clause, clauses)
    yield from _fields("value_field", clause.value_field, clause.numerator)
    yield from _fields("distinct", clause.distinct, clause.numerator)
    yield from _fields("denominator_field", clause.denominator_field, clause.denominator)
    named = [event_types().get(selector.event) for selector in (*clause.numerator, *clause.denominator)]
    if clause.period_field and not any(
        known and clause.period_field in known.model_fields for known in named
    ):
        yield "period_field", f"none of its events has a field {clause.period_field!r}"
    for field in clause.without:
        yield from _fields("without", field, clause.numerator)
    for key in ("numerator", "denominator", "starts_on", "stops_on"):
        if any(selector.becomes for selector in getattr(clause, key)):
            yield key, "a figure counts events; name an `event`, not what `becomes` so"
    if clause.by not in (None, "owner", "case") and not any(
        clause.by in known.model_fields for known in event_types().values()
    ):
        yield "by", f"no event has a field {clause.by!r}"


def _of(clause: KpiClause, clauses: Mapping[str, Clause]) -> Said:
    for name in clause.of:
        other = clauses.get(name)
        if clause.formula == "ranks":
            if not isinstance(other, KpiClause) or other.formula == "ranks":
                yield "of", f"{name!r} is no figure of this rulebook that could be ranked"
            elif other.by != clause.by or not set(clause.every) <= set(other.every):
                yield "of", f"{name!r} is not split `by` {clause.by} for {' and '.join(clause.every)}"
        elif not isinstance(other, ClockClause | RecurringClause):
            yield "of", f"{name!r} is no clause of this rulebook that it could mean"


def _fields(key: str, field: str | None, selectors: Selectors) -> Said:
    """A field that some event a selector names has not."""
    for selector in selectors:
        known = event_types().get(selector.event)
        if field is not None and known is not None and field not in known.model_fields:
            yield key, f"{selector.event} has no field {field!r}"
