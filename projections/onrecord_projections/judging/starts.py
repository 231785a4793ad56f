"""Starts: when a clock begins, from when it is measured, and what it finds already done."""

from datetime import UTC, datetime
from decimal import Decimal

from onrecord_projections.judging.clauses import ClockClause, RetentionClause
from onrecord_projections.judging.lacking import Lacking
from onrecord_projections.judging.limit import Limit, Missing, limit_of
from onrecord_projections.judging.memory import CaseMemory
from onrecord_projections.judging.rule import Rule
from onrecord_projections.judging.run import SECOND, Run, Seen
from onrecord_projections.judging.trigger import Trigger


def start(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """A clock begins, unless the clause has one for this already."""
    rule = trigger.rule
    if not rule.holds_at(seen.at) or (
        rule.switch is not None and not memory.switched_on(rule.switch, seen.at)
    ):
        return
    if rule.kind == "retention":
        _keep(memory, rule, seen)
        return
    key = seen.data.get(rule.keyed_by) if rule.keyed_by else None
    if not _may_start(memory, rule, key, seen):
        return
    began = seen.at
    if trigger.becomes is not None and rule.retroactive:
        began = memory.known_since[trigger.becomes[0]]
    elif seen.by_time:
        began = _opening(memory, rule, began)
    limit = limit_of(rule, memory.settings, began, seen.data)
    if isinstance(limit, Missing):
        _report_only(memory, rule, limit.what, seen)
        return
    run = Run(rule, memory.case, limit, seen, began)
    run.key = key
    equip(memory, run, seen)
    memory.enter(run)
    if rule in memory.pauses:
        _catch_up_pauses(memory, run)
    if began < seen.at:
        _catch_up_stops(memory, run)


def equip(memory: CaseMemory, run: Run, seen: Seen) -> None:
    """What only some clauses ask for: days on which a breach repeats, money the start names."""
    clause = run.rule.clause
    if run.rule.repeats is not None:
        settings = memory.settings
        name = settings.reading("r3.calendar", seen.at) or run.rule.calendar
        run.repeats_on = settings.calendar(name, seen.at)
    if isinstance(clause, ClockClause) and clause.value_field:
        named = seen.data.get(clause.value_field)
        run.value = None if named is None else Decimal(str(named))


def _report_only(memory: CaseMemory, rule: Rule, why: str, seen: Seen) -> None:
    """A promise without a number or a calendar: as many of them as there would be clocks."""
    same = () if rule.instances == "each" else [one.ended for one in memory.lacking if one.rule is rule]
    if not same or (rule.instances != "once" and None not in same):
        memory.lacking.append(Lacking(memory.case, rule, why, seen))


def _keep(memory: CaseMemory, rule: Rule, seen: Seen) -> None:
    if memory.open.get(rule):
        return
    clause = rule.clause
    assert isinstance(clause, RetentionClause)
    calendar = memory.settings.calendar(rule.calendar, seen.at)
    if calendar is None:
        memory.lacking.append(Lacking(memory.case, rule, "no-calendar", seen))
        return
    span = clause.span
    months = span.count * (12 if span.measure == "years" else 1)
    due = calendar.add_months(seen.at, months)
    memory.enter(Run(rule, memory.case, Limit(due.at.astimezone(UTC)), seen, seen.at))


def _may_start(memory: CaseMemory, rule: Rule, key: object, seen: Seen) -> bool:
    if rule.instances == "each":
        return True
    if rule.instances == "once":
        same = [run for run in memory.runs if run.rule is rule and run.key == key]
        return all(run.state_at(seen.at) == "cancelled" for run in same)
    still = [run for run in memory.open.get(rule, ()) if run.key == key]
    if rule.instances == "restart":
        for run in still:
            memory.finish(run, "cancel", seen)
        return True
    return not still


def _catch_up_pauses(memory: CaseMemory, run: Run) -> None:
    """Pauses that a clock starts into, or that lie behind one that starts in the past."""
    for began, ended in memory.pauses[run.rule]:
        if ended is None or ended.at > run.started_at:
            run.pause(began, max(began.at, run.started_at), "earlier")
            if ended is not None:
                run.resume(ended, ended.at, "earlier", last=True)
    memory.arm()


def _catch_up_stops(memory: CaseMemory, run: Run) -> None:
    """What a clock that starts in the past asks for may have been done already."""
    done = next((seen for seen in memory.stops.get(run.rule, ()) if seen.at >= run.started_at), None)
    if done is not None:
        memory.stopped(run, done)


def _opening(memory: CaseMemory, rule: Rule, began: datetime) -> datetime:
    """Clocks that an escalation opens may wait for the doors to open (switch)."""
    if memory.settings.reading("rent-crm.escalated-start", began) == "instant":
        return began
    calendar = memory.settings.calendar(rule.calendar, began)
    if calendar is None:
        return began
    return (calendar.add_working(began, SECOND).at - SECOND).astimezone(UTC)
