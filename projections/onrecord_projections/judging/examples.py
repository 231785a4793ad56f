"""Examples: the worked examples of a rulebook, run as its author wrote them.

What comes out is said in the author's own short form, so that the two texts can be compared:
    met, due 2026-07-12 08:00:00
    breached, due 2026-07-12 08:00:00, late 0:00:01, wrong-channel
    not measured: no-number
    50.00 CNY + 80.00 CNY
    20.00 CNY, resignation-urged + reward 200.00 CNY + deduction 300.00 to 900.00 CNY
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import Calendar, shipped, shipped_ids
from onrecord_projections.judging.case import CaseFold
from onrecord_projections.judging.clauses import (
    Clause,
    EscalationClause,
    GradeClause,
    KpiClause,
    LadderClause,
    OwnershipClause,
    PenaltyClause,
)
from onrecord_projections.judging.facts import read_fact, read_instant
from onrecord_projections.judging.figures import example_said
from onrecord_projections.judging.ownership.said import ownership_said
from onrecord_projections.judging.parts import (
    Example,
)
from onrecord_projections.judging.penalty_rules import assess, line_said, pays_of
from onrecord_projections.judging.policy import Number, Settings, Timed
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.judging.verdict import Clock, Finding, Unmeasured, Verdict

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

Verdicts = Mapping[str, Verdict]


def examples_of(clause: Clause) -> tuple[Example, ...]:
    """The worked examples a clause shows; those that a machine cannot judge show none."""
    return getattr(clause, "example", ())


def settings_for(book: Rulebook, example: Example) -> Settings:
    """A tenant that adopted just this edition, with the example's readings and numbers."""
    return Settings(
        packs={book.pack: Timed((book.effective_at,), (book,))},
        calendars={name: Timed((ALWAYS,), (_calendar(name),)) for name in shipped_ids()},
        readings={name: Timed((ALWAYS,), (value,)) for name, value in example.readings.items()},
        numbers={name: Timed((ALWAYS,), (Number(value, None),)) for name, value in example.numbers.items()},
    )


def outcome(book: Rulebook, clause: Clause, example: Example) -> str:
    """What evaluation makes of an example, in the short form of `expect`. Raises FactError."""
    zone = ZoneInfo(book.zone)
    settings = settings_for(book, example)
    as_of = read_instant(example.as_of, zone)
    folds: dict[str, CaseFold] = {}
    events: dict[str, list[Recorded]] = {}
    for nth, line in enumerate(example.log, 1):
        event: Recorded = read_fact(line, nth, zone, f"example/{book.pack}")
        folds.setdefault(event.case, CaseFold(settings, event.case)).take(event)
        events.setdefault(event.case, []).append(event)
    verdicts = {case: fold.at(as_of) for case, fold in sorted(folds.items())}
    if isinstance(clause, EscalationClause | GradeClause):
        return " | ".join(_fact(clause, fold, as_of, zone) for fold in folds.values())
    if isinstance(clause, OwnershipClause):
        told = [event for listed in events.values() for event in listed]
        return ownership_said(settings, clause, told, as_of, zone)
    if isinstance(clause, KpiClause):
        cases = [(events[case], verdict.clocks) for case, verdict in verdicts.items()]
        return example_said(settings, clause, cases, as_of)
    if isinstance(clause, PenaltyClause | LadderClause):
        known = [event for listed in events.values() for event in listed if event.recorded_at <= as_of]
        return _lines(settings, verdicts, pays_of(known))
    return _SAY.get(clause.kind, _clocks)(settings, clause, verdicts, as_of, zone)


def _clocks(_: Settings, clause: Clause, verdicts: Verdicts, __: datetime, zone: ZoneInfo) -> str:
    clocks = (clock for verdict in verdicts.values() for clock in verdict.clocks)
    lacking = (item for verdict in verdicts.values() for item in verdict.unmeasured)
    said = [clock_said(clock, zone) for clock in clocks if clock.clause == clause.id]
    said += [_unmeasured(item) for item in lacking if item.clause == clause.id]
    return " | ".join(said) or "no clock"


def _found(_: Settings, clause: Clause, verdicts: Verdicts, __: datetime, zone: ZoneInfo) -> str:
    findings = (finding for verdict in verdicts.values() for finding in verdict.findings)
    lacking = (item for verdict in verdicts.values() for item in verdict.unmeasured)
    said = [finding_said(finding, zone) for finding in findings if finding.clause == clause.id]
    said += [_unmeasured(item) for item in lacking if item.clause == clause.id]
    return " | ".join(said) or "nothing found"


def _lines(settings: Settings, verdicts: Verdicts, pays: Pays) -> str:
    findings = [finding for verdict in verdicts.values() for finding in verdict.findings]
    return " + ".join(line_said(line) for line in assess(settings, findings, pays=pays)) or "no fine"


_SAY: dict[str, Callable[[Settings, Clause, Verdicts, datetime, ZoneInfo], str]] = {
    **dict.fromkeys(
        ("required", "form", "checklist", "limit", "count", "timing", "approval", "access"), _found
    ),
}


def clock_said(clock: Clock, zone: ZoneInfo) -> str:
    """A clock in the short form."""
    parts: list[str] = [clock.state]
    if clock.due_at is not None:
        parts.append(f"due {_local(clock.due_at, zone)}")
    if clock.overrun is not None:
        parts.append(f"late {clock.overrun}")
    if clock.justified:
        parts.append("justified")
    if clock.provisional:
        parts.append("provisional")
    return ", ".join((*parts, *clock.findings))


def finding_said(finding: Finding, zone: ZoneInfo) -> str:
    """A finding in the short form."""
    times = f" x {finding.quantity}" if finding.quantity > 1 else ""
    return f"found {finding.code}{times} at {_local(finding.at, zone)}"


def _unmeasured(item: Unmeasured) -> str:
    return f"not measured: {item.reason}" + (f", {item.elapsed}" if item.elapsed is not None else "")


def _fact(clause: EscalationClause | GradeClause, fold: CaseFold, as_of: datetime, zone: ZoneInfo) -> str:
    state = fold.state_at(as_of)
    return " | ".join(
        f"{field} = {state.facts.get(field)} since {_local(state.changed_at.get(field, ALWAYS), zone)}"
        for field in (clause.becomes if isinstance(clause, EscalationClause) else (clause.sets,))
    )


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


@lru_cache(maxsize=16)
def _calendar(name: str) -> Calendar:
    return Calendar.parse(shipped(name), shipped)
