"""Reopening: an ended case comes back, and its clocks go on where they stood, or begin anew.

`continue`: what its end had stopped goes on, and the time between does not count. `restart`: what its opening
had started starts again, from now. A breach that lies behind stays what it is; a new episode is another case.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from onrecord_projections.judging.clauses import ClockClause
from onrecord_projections.judging.index import ENDINGS, OPENINGS
from onrecord_projections.judging.limit import Missing, limit_of
from onrecord_projections.judging.memory import CaseMemory
from onrecord_projections.judging.rule import Rule, equality_of, holds
from onrecord_projections.judging.run import Run, Seen
from onrecord_projections.judging.starts import equip
from onrecord_projections.judging.trigger import Trigger


def reopen(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """What the event says of this clause's clocks."""
    rule, mode = trigger.rule, seen.data["mode"]
    if mode == "continue":
        zone = ZoneInfo(memory.settings.reading("r1.zone", seen.at))
        for run in [run for run in _last(memory, rule) if run.rule is rule and _was_ended(run, seen)]:
            run.go_on(seen, zone)
            memory.reenter(run)
    elif mode == "restart" and memory.holds(rule, seen.at) and _would_start(memory, rule):
        for run in [run for run in _last(memory, rule) if not run.open]:
            _anew(memory, rule, run, seen)


def _last(memory: CaseMemory, rule: Rule) -> Iterator[Run]:
    """The last clock of each key, under whichever edition it ran."""
    by_key = {run.key: run for run in memory.runs if (run.rule.pack, run.rule.id) == (rule.pack, rule.id)}
    yield from by_key.values()


def _was_ended(run: Run, seen: Seen) -> bool:
    """In time, by the end of the case. What an event wanted by a day is not asked for after that day."""
    clause = run.rule.clause
    if run.end != "stop" or run.stopped_at is None or run.late_at(run.stopped_at):
        return False
    if run.limit.target is None and run.late_at(seen.at):
        return False
    assert isinstance(clause, ClockClause)
    return any(clause.stops_on[int(cause)].event in ENDINGS for cause in run.done)


def _would_start(memory: CaseMemory, rule: Rule) -> bool:
    """Whether the case's opening starts it, as the case is now."""
    clause = rule.clause
    assert isinstance(clause, ClockClause)
    if rule.due_field is not None:
        return False
    for selector in clause.starts_on:
        if not holds(equality_of(selector.facts), memory.facts):
            continue
        if selector.event in OPENINGS:
            return True
        if any(memory.facts.get(field) in wanted for field, wanted in selector.becomes.items()):
            return True
    return False


def _anew(memory: CaseMemory, rule: Rule, last: Run, seen: Seen) -> None:
    limit = limit_of(rule, memory.settings, seen.at, last.marks[0].seen.data)
    if isinstance(limit, Missing):
        return
    run = Run(rule, memory.case, limit, seen, seen.at)
    run.key = last.key
    equip(memory, run, seen)
    memory.enter(run)
