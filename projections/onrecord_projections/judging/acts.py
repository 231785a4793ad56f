"""Acts: what each role of an event does to a case. Total: what does not apply changes nothing."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from onrecord_projections.judging import checks
from onrecord_projections.judging.clauses import EscalationClause, GradeClause, PenaltyClause, RequiredClause
from onrecord_projections.judging.memory import CaseMemory
from onrecord_projections.judging.quantities import people_of, quantity_of, value_of
from onrecord_projections.judging.reopening import reopen
from onrecord_projections.judging.rule import Rule, holds
from onrecord_projections.judging.run import Mark, Seen
from onrecord_projections.judging.starts import start
from onrecord_projections.judging.trigger import Trigger


def act(memory: CaseMemory, triggers: Iterable[Trigger], seen: Seen, *, becoming: bool = False) -> None:
    """Let each trigger that is meant do its part; `becoming`: because a fact changed, not by an event."""
    for trigger in triggers:
        if becoming:
            assert trigger.becomes is not None
            field, wanted = trigger.becomes
            if memory.facts.get(field) in wanted and holds(trigger.facts, memory.facts):
                _ROLES[trigger.role](memory, trigger, seen)
        elif trigger.always or trigger.meets(seen.data, memory.facts):
            _ROLES[trigger.role](memory, trigger, seen)


def become(memory: CaseMemory, field: str, value: object, seen: Seen) -> None:
    """A fact of the case changes, and whatever waits for that begins or ends."""
    if memory.facts.get(field) == value:
        return
    memory.facts[field] = value
    memory.changed_at[field] = seen.at
    memory.known_since.setdefault(field, seen.at)
    waiting = memory.settings.index.becomes.get(field)
    if waiting is not None:
        act(memory, waiting.ends, seen, becoming=True)
        act(memory, waiting.begins, seen, becoming=True)


def _stop(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """The first stop wins; where all are asked for, the last of them."""
    rule = trigger.rule
    if rule.retroactive:
        memory.stops.setdefault(rule, []).append(seen)
    for run in memory.open_for(rule, seen):
        run.done.add(trigger.cause)
        if len(run.done) >= rule.stops:
            memory.stopped(run, seen)
    for one in memory.lacking:
        if one.rule is rule and one.ended is None:
            one.end(seen)


def _cancel(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Owed no more; what was broken before stays broken."""
    for run in memory.open_for(trigger.rule, seen):
        if not (seen.by_time and run.fired):  # the breach that changed the fact ends nothing but itself
            memory.finish(run, "cancel", seen)


def _excuse(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Forgiven, and shown as such."""
    for run in memory.runs:
        if run.rule is trigger.rule and run.end != "cancel":
            run.excuse(seen)
    memory.arm()


def _justify(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """The reason is on record while the clock is open."""
    for run in memory.open.get(trigger.rule, ()):
        run.justify(seen)


def _pause(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """A cause begins; two causes at once, or the same twice, pause once."""
    rule = trigger.rule
    causes = memory.causes.setdefault(rule, {})
    if trigger.cause in causes:
        return
    if not causes:
        memory.pauses.setdefault(rule, []).append((seen, None))
    causes[trigger.cause] = seen
    for run in memory.open.get(rule, ()):
        run.pause(seen, seen.at, trigger.cause)
    memory.arm()


def _resume(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """A cause ends; time counts again when it was the last."""
    rule = trigger.rule
    causes = memory.causes.get(rule, {})
    if causes.pop(trigger.cause, None) is None:
        return
    if not causes:
        spans = memory.pauses[rule]
        spans[-1] = (spans[-1][0], seen)
    for run in memory.open.get(rule, ()):
        run.resume(seen, seen.at, trigger.cause, last=not causes)
    memory.arm()


def _need(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """What was required is there, or one of so many."""
    clause = trigger.rule.clause
    assert isinstance(clause, RequiredClause)
    if clause.number_fact is None:
        memory.needs.add(trigger.rule)
        return
    counted = seen.data.get(clause.distinct_field) if clause.distinct_field else seen.id
    memory.tallies.setdefault(trigger.rule, []).append(counted)


def _check(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Found once, at the first instant it had to be there and was not."""
    rule = trigger.rule
    if rule in memory.needs or not rule.holds_at(seen.at):
        return
    assert isinstance(rule.clause, RequiredClause)
    lacking = _lacking(memory, rule, rule.clause)
    if lacking > 0:
        memory.needs.add(rule)
        memory.find(rule, rule.clause.finding, seen, lacking)


def _lacking(memory: CaseMemory, rule: Rule, clause: RequiredClause) -> int:
    """How many are missing: the one, or of as many as the case says."""
    if clause.number_fact is None:
        return 1
    return int(memory.facts.get(clause.number_fact, 0)) - len(set(memory.tallies.get(rule, ())))


def _count(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """So many of one event change a fact."""
    rule = trigger.rule
    clause = rule.clause
    assert isinstance(clause, EscalationClause)
    if not rule.holds_at(seen.at):
        return
    counted = memory.tallies.setdefault(rule, [])
    counted.append(seen.data.get(clause.distinct_field) if clause.distinct_field else seen.id)
    if len(set(counted) if clause.distinct_field else counted) >= _times(memory, clause, seen):
        for field, value in clause.becomes.items():
            become(memory, field, value, seen)


def _times(memory: CaseMemory, clause: EscalationClause, seen: Seen) -> int:
    if clause.times is not None:
        return clause.times
    assert clause.times_reading is not None
    return int(memory.settings.reading(clause.times_reading, seen.at))


def _reset(memory: CaseMemory, trigger: Trigger, _: Seen) -> None:
    """Counted from nought again."""
    memory.tallies.pop(trigger.rule, None)


def _defect(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """What an event itself shows; everybody it concerns is found, each for himself."""
    rule = trigger.rule
    clause = rule.clause
    assert isinstance(clause, PenaltyClause)
    if rule in memory.needs or not memory.holds(rule, seen.at):
        return
    if clause.charges == "case":
        memory.needs.add(rule)
    quantity = quantity_of(clause, seen.data)
    if quantity <= 0:
        return
    person = memory.owner_of(rule)
    people = people_of(clause, person, seen.data)
    memory.find(rule, "defect", seen, quantity, value=value_of(clause, seen.data), among=people)
    if people:
        found = memory.found.pop()
        memory.found += [
            replace(found, person=name, instance=seen.id if name == person else f"{seen.id}@{name}")
            for name in people
        ]


def _retract(memory: CaseMemory, trigger: Trigger, _: Seen) -> None:
    """The act was none: what it showed counts no more, from its first instant."""
    rule = trigger.rule
    memory.needs.discard(rule)
    gone = (rule.pack, rule.edition, rule.id)
    memory.found = [found for found in memory.found if (found.pack, found.edition, found.clause) != gone]


def _refuse(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """Asked to destroy what must still be kept."""
    for run in memory.open.get(trigger.rule, ()):
        if not run.late_at(seen.at):
            run.found(trigger.rule.id, "destruction-refused", seen)
            run.marks.append(Mark("refuse", seen, seen.at))


def _assign(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """A duty is owed from here on."""
    memory.duties_of(trigger.rule).assign(seen, memory.owner_of(trigger.rule))


def _release(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """A duty is owed no more."""
    duties = memory.duties.get(trigger.rule)
    if duties is not None:
        duties.release(seen)


def _report(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """What a duty asks for in one period was done; it waits if nobody has the duty yet."""
    duties = memory.duties.get(trigger.rule)
    if duties is not None:
        duties.report(seen)
    else:
        memory.reported.setdefault(trigger.rule, []).append(seen)


def _grade(memory: CaseMemory, trigger: Trigger, seen: Seen) -> None:
    """The case belongs to another class from here on."""
    clause = trigger.rule.clause
    assert isinstance(clause, GradeClause)
    grade = checks.grade_of(memory, trigger, seen)
    if grade is not None:
        become(memory, clause.sets, grade, seen)


_ROLES: dict[str, Callable[[CaseMemory, Trigger, Seen], None]] = {
    "start": start,
    "stop": _stop,
    "cancel": _cancel,
    "excuse": _excuse,
    "justify": _justify,
    "pause": _pause,
    "resume": _resume,
    "need": _need,
    "check": _check,
    "count": _count,
    "reset": _reset,
    "defect": _defect,
    "retract": _retract,
    "refuse": _refuse,
    "reopen": reopen,
    "assign": _assign,
    "release": _release,
    "report": _report,
    "limit": checks.limit,
    "tally": checks.tally,
    "tally-anew": checks.tally_anew,
    "timing": checks.timing,
    "checklist": checks.checklist,
    "agree": checks.agree,
    "disagree": checks.disagree,
    "approved-act": checks.approved_act,
    "access": checks.access,
    "grade": _grade,
}
