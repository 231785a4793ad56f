"""Index: an event type leads straight to the clauses it can move, so an event costs what it triggers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import (
    AccessClause,
    ApprovalClause,
    ClockClause,
    RequiredClause,
)
from onrecord_projections.judging.parts import Selector
from onrecord_projections.judging.rule import Rule, Term
from onrecord_projections.judging.trigger import Plan, Trigger

KEYS: dict[str, dict[str, str]] = {
    "clock": {
        "starts_on": "start",
        "stops_on": "stop",
        "cancels_on": "cancel",
        "excuses_on": "excuse",
        "justified_by": "justify",
    },
    "recurring": {"starts_on": "assign", "ends_on": "release", "stops_on": "report"},
    "retention": {"starts_on": "start", "refuses": "refuse"},
    "required": {"needs": "need", "checked_on": "check"},
    "escalation": {"counts": "count", "resets_on": "reset"},
    "penalty": {"event": "defect"},
    "reward": {"event": "defect"},
    "limit": {"event": "limit"},
    "count": {"counts": "tally", "resets_on": "tally-anew"},
    "timing": {"event": "timing"},
    "checklist": {"event": "checklist"},
    "approval": {"act": "approved-act", "resets_on": "disagree"},
    "access": {"act": "access"},
    "grade": {"event": "grade"},
}
"""Which part of a clause gives an event which role."""

OF_ACTS = frozenset({"defect", "limit", "timing", "checklist", "approved-act", "access"})
"""Roles in which an event itself is what is found."""


OPENINGS = frozenset({"complaint.registered"})
ENDINGS = frozenset({"complaint.resolved", "complaint.closed"})
REOPENED = Selector(event="complaint.reopened")
"""What opens a case that can come back, what ends it, and what brings it back."""
TAKEN_BY = {
    "complaint.registered": "received_by",
    "repair.ordered": "received_by",
    "service.ordered": "received_by",
    "case.opened": "owner",
    "client.registered": "salesperson",
}
"""Who has a thing first: the field of what opens it."""
MOVING = frozenset({*TAKEN_BY, "handover.accepted", "task.set", "case.activity-done"})
"""Every event that can put a case into somebody's hands."""


@dataclass(frozen=True, slots=True)
class Index:
    """Plans by event type, and by the fact that changes."""

    plans: Mapping[str, Plan]
    becomes: Mapping[str, Plan]
    rules: Mapping[tuple[str, int, str], Rule]
    """By pack, edition and clause."""

    @classmethod
    def of(cls, terms: list[Term]) -> "Index":
        """The index of a set of editions."""
        rules = [Rule(term, clause) for term in terms for clause in term.book.clause]
        by_type: dict[str, list[Trigger]] = {}
        by_fact: dict[str, list[Trigger]] = {}
        wanted: set[str] = set()
        for rule in rules:
            triggers = list(_triggers(rule))
            wanted.update(_facts_wanted(rule, triggers))
            for trigger, selector in triggers:
                if selector.event:
                    by_type.setdefault(selector.event, []).append(trigger)
                for field in selector.becomes:
                    by_fact.setdefault(field, []).append(trigger)
        plans = {}
        for name, known in event_types().items():
            fields = tuple(sorted(wanted & set(known.model_fields)))
            if fields or name in by_type:
                plans[name] = Plan(fields, by_type.get(name, []))
        return cls(
            plans,
            {field: Plan((), triggers) for field, triggers in by_fact.items()},
            {(rule.pack, rule.edition, rule.id): rule for rule in rules},
        )


def _triggers(rule: Rule) -> Iterator[tuple[Trigger, Selector]]:
    for key, role in KEYS.get(rule.kind, {}).items():
        for nth, selector in enumerate(getattr(rule.clause, key)):
            yield Trigger(rule, role, selector, f"{nth}" if role == "stop" else ""), selector
            if role in OF_ACTS and (taken_back := _retraction_of(selector.event)) is not None:
                yield Trigger(rule, "retract", taken_back), taken_back
    yield from _pauses(rule)
    if _may_come_back(rule):
        yield Trigger(rule, "reopen", REOPENED), REOPENED
    for alternative, needs in enumerate(
        rule.clause.any_of if isinstance(rule.clause, ApprovalClause) else ()
    ):
        for nth, need in enumerate(needs):
            for selector in need.on:
                yield Trigger(rule, "agree", selector, f"{alternative}.{nth}"), selector


def _pauses(rule: Rule) -> Iterator[tuple[Trigger, Selector]]:
    for pause in rule.clause.pause if isinstance(rule.clause, ClockClause) else ():
        for selector in pause.begins_on:
            yield Trigger(rule, "pause", selector, pause.cause), selector
        for selector in pause.ends_on:
            yield Trigger(rule, "resume", selector, pause.cause), selector


def _may_come_back(rule: Rule) -> bool:
    """Whether the case's opening starts it, or its end stops it."""
    clause = rule.clause
    return isinstance(clause, ClockClause) and (
        any(one.event in OPENINGS or one.becomes for one in clause.starts_on)
        or any(one.event in ENDINGS for one in clause.stops_on)
    )


@cache
def _retraction_of(event: str) -> Selector | None:
    """What takes an act back: `violation.retracted` a violation, on the same stream."""
    name = f"{event.partition('.')[0]}.retracted"
    return Selector(event=name) if name in event_types() else None


def _facts_wanted(rule: Rule, triggers: Iterable[tuple[Trigger, Selector]]) -> Iterator[str]:
    """Fields whose last seen value somebody will ask for."""
    for _, selector in triggers:
        yield from selector.facts
        yield from selector.becomes
    for field, tests in rule.owners:
        yield field
        yield from (test[0] for test in tests)
    yield from (check.same_as for _, check in rule.form if check.same_as)
    if isinstance(rule.clause, RequiredClause) and rule.clause.number_fact:
        yield rule.clause.number_fact
    if isinstance(rule.clause, AccessClause):
        for test in (*rule.clause.allow, *rule.clause.deny):
            yield from (*test.facts, *test.same_as.values())
