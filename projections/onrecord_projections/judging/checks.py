"""Checks: what an event shows by itself, or together with what its case saw before it.

Each is one act of a trigger on a case. They only find; what a finding costs is for penalty clauses to say.
"""

from datetime import datetime
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from onrecord_projections.judging.bounds import instant_of, weekday_of
from onrecord_projections.judging.clauses import (
    AccessClause,
    ApprovalClause,
    ChecklistClause,
    CountClause,
    GradeClause,
    LimitClause,
    TimingClause,
)
from onrecord_projections.judging.clauses.approval import Need, Test
from onrecord_projections.judging.clauses.grade import Step
from onrecord_projections.judging.clauses.limit import Band
from onrecord_projections.judging.effective import local_day
from onrecord_projections.judging.memory import CaseMemory
from onrecord_projections.judging.run import Seen
from onrecord_projections.judging.trigger import Trigger

_NOTHING: tuple[object, ...] = (None, "", False, [], ())


def limit(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """A number over its cap or under its floor."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, LimitClause)
    number = _number(seen.data.get(clause.value_field))
    if number is None or not memory.holds(rule, seen.at):
        return
    if clause.per_field:
        heads = _number(seen.data.get(clause.per_field))
        if not heads:
            return
        number /= heads
    band = _band(memory, trigger, clause, seen)
    if band is None:
        return
    excess = _excess(band, number, clause.tolerance_percent)
    if clause.added_up:
        earlier = memory.tallies.setdefault(rule, [])
        already = sum((Decimal(str(each)) for each in earlier), Decimal(0))
        earlier.append(number)
        excess = round(min(number, excess + already), 9)  # thirds of money add up to a hair too much
    if excess > 0:
        whole = int(excess.to_integral_value(ROUND_CEILING)) if clause.quantity == "excess" else 1
        memory.find(rule, clause.finding, seen, whole, value=excess)


def tally(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """One more of what may happen so many times."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, CountClause)
    if not memory.holds(rule, seen.at):
        return
    counted = memory.tallies.setdefault(rule, [])
    counted.append(seen.data.get(clause.distinct_field) if clause.distinct_field else seen.id)
    number = len(set(counted)) if clause.distinct_field else len(counted)
    if number > clause.cap:
        memory.find(rule, clause.finding, seen, 1)


def tally_anew(memory: CaseMemory, trigger: Trigger, _: Seen) -> None:
    """Counted from nought again."""
    memory.tallies.pop(trigger.rule, None)


def timing(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Too late, or too early, by the event's own time."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, TimingClause)
    if not memory.holds(rule, seen.at):
        return
    if clause.never_on:
        if weekday_of(clause, memory.settings, seen) in clause.never_on:
            memory.find(rule, clause.finding, seen, 1)
        return
    bound = instant_of(clause, memory.settings, seen)
    if bound is None:
        return
    at = seen.at
    if memory.settings.reading("r1.precision", at) == "minute":
        at, bound = at.replace(second=0), bound.replace(second=0)
    if not _in_time(clause, at, bound):
        memory.find(rule, clause.finding, seen, 1, due_at=bound)


def checklist(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Papers not listed, fields not filled in."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, ChecklistClause)
    if not memory.holds(rule, seen.at):
        return
    if clause.filled:
        lacking = sum(seen.data.get(field) in _NOTHING for field in clause.filled)
    else:
        wanted = clause.all_of or _listed_by_tenant(memory, trigger, seen)
        there = seen.data.get(clause.list_field or "") or ()
        lacking = sum(code not in there for code in wanted)
    if lacking:
        memory.find(rule, clause.finding, seen, lacking)


def agree(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Something an act will need is there."""
    memory.agreed.setdefault(trigger.rule, []).append((trigger.cause, seen))


def disagree(memory: CaseMemory, trigger: Trigger, _: Seen) -> None:
    """What was agreed holds no more."""
    memory.agreed.pop(trigger.rule, None)


def approved_act(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """An act, and whether everything one of the alternatives asks for came before it."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, ApprovalClause)
    if not memory.holds(rule, seen.at):
        return
    there = [
        (cause, given) for cause, given in memory.agreed.get(rule, ()) if _counts(memory, clause, given, seen)
    ]
    if not any(_all_met(clause, nth, needs, there) for nth, needs in enumerate(clause.any_of)):
        value = _number(seen.data.get(clause.value_field)) if clause.value_field else None
        memory.find(rule, clause.finding, seen, 1, value=value)


def access(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Whether this person may do this."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, AccessClause)
    if not memory.holds(rule, seen.at):
        return
    allowed = not clause.allow or any(_passes(memory, test, seen) for test in clause.allow)
    if not allowed or any(_passes(memory, test, seen) for test in clause.deny):
        memory.find(rule, clause.finding, seen, 1)


def grade_of(memory: CaseMemory, trigger: Trigger, seen: Seen) -> str | None:
    """The class an event puts its case into; None if it says nothing, or the tenant has set no bounds."""
    rule, clause = trigger.rule, trigger.rule.clause
    assert isinstance(clause, GradeClause)
    if not memory.holds(rule, seen.at):
        return None
    steps = clause.step or _steps_of_tenant(memory, trigger, seen)
    number = _number(seen.data.get(clause.value_field)) if clause.value_field else None
    return next((step.grade for step in steps if _reaches(step, number, seen)), None)


def _number(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:  # a code, yes or no
        return None


def _band(memory: CaseMemory, trigger: Trigger, clause: LimitClause, seen: Seen) -> Band | None:
    if clause.band:
        at = _number(seen.data.get(clause.band_field)) if clause.band_field else None
        return next((band for band in clause.band if _falls_in(band, at, seen)), None)
    own = memory.settings.number(trigger.rule.id, seen.at)
    cap = _number(own.value) if own else None
    if cap is None:
        memory.lacks(trigger.rule, "no-number", seen)
        return None
    return Band(cap=cap)


def _falls_in(band: Band, at: Decimal | None, seen: Seen) -> bool:
    if any(seen.data.get(field) not in wanted for field, wanted in band.where.items()):
        return False
    if band.from_ is not None and (at is None or at < band.from_):
        return False
    return band.to is None or (at is not None and at <= band.to)


def _excess(band: Band, number: Decimal, tolerance_percent: Decimal) -> Decimal:
    if band.cap is not None:
        return number - band.cap * (100 + tolerance_percent) / 100
    assert band.floor is not None
    return band.floor * (100 - tolerance_percent) / 100 - number


def _in_time(clause: TimingClause, at: datetime, bound: datetime) -> bool:
    match clause.must_be:
        case "by":
            return at <= bound
        case "before":
            return at < bound
        case _:
            return at >= bound


def _listed_by_tenant(memory: CaseMemory, trigger: Trigger, seen: Seen) -> tuple[str, ...]:
    own = memory.settings.number(trigger.rule.id, seen.at)
    if own is None:
        memory.lacks(trigger.rule, "no-number", seen)
        return ()
    return tuple(code.strip() for code in own.value.split(",") if code.strip())


def _counts(memory: CaseMemory, clause: ApprovalClause, given: Seen, act: Seen) -> bool:
    """Whether an approval is meant for this act."""
    if clause.keyed_by and given.data.get(clause.keyed_by) != act.data.get(clause.keyed_by):
        return False
    return not clause.same_day or local_day(memory.settings, given.at) == local_day(memory.settings, act.at)


def _all_met(
    clause: ApprovalClause, alternative: int, needs: tuple[Need, ...], there: list[tuple[str, Seen]]
) -> bool:
    """Whether all needs of one alternative are met; where the order counts, each after the one before it."""
    after = 0
    for nth, need in enumerate(needs):
        mine = [
            (place, given) for place, (cause, given) in enumerate(there) if cause == f"{alternative}.{nth}"
        ]
        met_at = _met_at(need, [item for item in mine if not clause.ordered or item[0] >= after])
        if met_at is None:
            return False
        after = met_at
    return True


def _met_at(need: Need, given: list[tuple[int, Seen]]) -> int | None:
    """The place of the event that met the need."""
    different: set[object] = set()
    for place, seen in given:
        different.add(seen.data.get(need.distinct_field) if need.distinct_field else place)
        if len(different) >= need.times:
            return place
    return None


def _passes(memory: CaseMemory, test: Test, seen: Seen) -> bool:
    return (
        all(seen.data.get(field) in wanted for field, wanted in test.where.items())
        and all(memory.facts.get(field) in wanted for field, wanted in test.facts.items())
        and all(
            memory.facts.get(fact) is not None and seen.data.get(field) == memory.facts[fact]
            for field, fact in test.same_as.items()
        )
    )


def _reaches(step: Step, number: Decimal | None, seen: Seen) -> bool:
    if any(seen.data.get(field) not in wanted for field, wanted in step.where.items()):
        return False
    return step.from_ is None or (number is not None and number >= step.from_)


def _steps_of_tenant(memory: CaseMemory, trigger: Trigger, seen: Seen) -> tuple[Step, ...]:
    """`a>=90, b>=60` as the tenant set it."""
    own = memory.settings.number(trigger.rule.id, seen.at)
    if own is None or ">=" not in own.value:
        memory.lacks(trigger.rule, "no-number", seen)
        return ()
    parts = (part.partition(">=") for part in own.value.split(","))
    return tuple(
        Step.model_validate({"grade": name.strip(), "from": bound.strip()}) for name, _, bound in parts
    )
