"""Lawful: what is about to happen is judged first; what a rulebook in force would find against it is refused.

So a tenant's own edition holds at the desk without a line of code, and the refusal names its clause. Being
late is no reason to refuse: what is late must still be done.
"""

from collections.abc import Sequence

from onrecord_events.base import Event
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Finding
from onrecord_projections.judging.index import Index
from onrecord_projections.judging.rule import Rule
from onrecord_services.desk.decision import Held, Refused

HOLDING = frozenset({"access", "approval", "required", "checklist", "limit", "retention", "clock", "form"})
"""Kinds of clauses that hold a decision back. What others find is priced or counted once it happened."""
FINDS = frozenset({"access", "approved-act", "check", "checklist", "limit", "refuse"})
"""What an event does to such a clause when the clause may find something; so may a stop that has a form."""


def in_order(held: Held, stream: str, bodies: Sequence[Event]) -> Sequence[Event]:
    """The same bodies, if no clause in force would find a fault with them. Raises Refused."""
    if not _looked_at(held.settings.index, bodies):
        return bodies
    folded = folded_at(held, stream)
    before = {_key(finding) for finding in folded.at(held.at).findings}
    last = max((event.position for event in held.events(stream)), default=0)
    for nth, body in enumerate(bodies, 1):
        folded.take(_as_if(held, stream, body, last + nth))
    for finding in folded.at(held.at).findings:
        if _key(finding) not in before and _holds_back(held, finding):
            raise Refused(finding.code, clause=finding.clause, edition=f"{finding.pack} {finding.edition}")
    return bodies


def folded_at(held: Held, stream: str) -> CaseFold:
    """The case of a stream, as the rulebooks see it."""
    folded = CaseFold(held.settings, stream)
    for event in held.events(stream):
        folded.take(event)
    return folded


def severity_of(held: Held, stream: str, told: str | None) -> str | None:
    """Its severity now: time or repeats may have made it major without a word of anybody."""
    facts = folded_at(held, stream).state_at(held.at).facts
    severity = facts.get("severity")
    return told if severity is None else str(severity)


def rule_of(held: Held, *clauses: str) -> Rule | None:
    """The first of these clauses that is in force for the tenant now, as it reads it."""
    named = [rule for (_, _, name), rule in held.settings.index.rules.items() if name in clauses]
    rules = {rule.id: rule for rule in named if _in_force(held, rule)}
    return next((rules[clause] for clause in clauses if clause in rules), None)


def clause_of(held: Held, *clauses: str) -> str | None:
    """The id of the first of these that is in force; None if the tenant adopted none of them."""
    rule = rule_of(held, *clauses)
    return rule.id if rule else None


def _looked_at(index: Index, bodies: Sequence[Event]) -> bool:
    """Whether any clause could find anything: most decisions need not be judged at all."""
    plans = [index.plans[body.TYPE] for body in bodies if body.TYPE in index.plans]
    if not plans:
        return False
    plans += index.becomes.values()
    return any(
        trigger.role in FINDS or (trigger.role == "stop" and trigger.rule.form)
        for plan in plans
        for trigger in (*plan.ends, *plan.begins)
    )


def _in_force(held: Held, rule: Rule) -> bool:
    if not rule.holds_at(held.at):
        return False
    switch = rule.switch
    return switch is None or held.settings.reading(switch.reading, held.at) == switch.value


def _holds_back(held: Held, finding: Finding) -> bool:
    rule = held.settings.index.rules.get((finding.pack, finding.edition, finding.clause))
    return rule is not None and rule.kind in HOLDING and finding.code != "breach"


def _key(finding: Finding) -> tuple[str, str, str, str, object]:
    return finding.pack, finding.clause, finding.code, finding.instance, finding.at


def _as_if(held: Held, stream: str, body: Event, position: int) -> Recorded:
    return Recorded(
        position=position,
        recorded_at=held.at,
        id=f"as-if-{position}",
        source="/onrecord/desk",
        type=body.TYPE,
        stream=stream,
        occurred_at=held.at,
        data=body.model_dump(mode="json", exclude_none=True),
        actor=held.by,
    )
