"""Index: an event type leads straight to the clauses it can move, so an event costs what it triggers.

Rules are clauses made ready to run: selectors become tuples, defaults of event fields are looked up once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import (
    AccessClause,
    ApprovalClause,
    Clause,
    ClockClause,
    RequiredClause,
)
from onrecord_projections.judging.parts import (
    OwnedBy,
    Selector,
    Switch,
)
from onrecord_projections.judging.rulebook import Rulebook

Tests = tuple[tuple[str, Any, frozenset[object]], ...]
"""(field, what its absence means, values that will do)"""

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

ORDER = (
    "stop",
    "report",
    "release",
    "cancel",
    "justify",
    "excuse",
    "resume",
    "reset",
    "tally-anew",
    "disagree",
    "agree",
    "need",
    "refuse",
    "grade",
)
"""What one event ends comes before what it begins: answered and set to waiting in one save does both."""


@dataclass(frozen=True, slots=True)
class Term:
    """One edition, when clocks may start under it, and when its policy was withdrawn."""

    book: Rulebook
    spans: tuple[tuple[datetime, datetime | None], ...]
    withdrawn: tuple[datetime, ...]
    migrated: tuple[tuple[datetime, int], ...] = ()
    """When running clocks moved to another edition, and to which."""


class Rule:
    """A clause of one edition, ready to run: what a clock asks for again and again is looked up once."""

    __slots__ = (
        "calendar",
        "clause",
        "due_field",
        "edition",
        "escalates",
        "form",
        "id",
        "instances",
        "keyed_by",
        "kind",
        "migrated",
        "note",
        "owners",
        "pack",
        "repeats",
        "retroactive",
        "spans",
        "stops",
        "switch",
        "target",
        "withdrawn",
    )

    def __init__(self, term: Term, clause: Clause) -> None:
        self.pack, self.edition, self.id = term.book.pack, term.book.edition, clause.id
        self.clause, self.kind, self.note = clause, clause.kind, clause.note
        self.spans, self.withdrawn = term.spans, tuple(sorted(term.withdrawn))
        self.migrated = tuple(sorted(term.migrated))
        self.calendar: str = getattr(clause, "calendar", None) or term.book.calendar
        self.switch: Switch | None = getattr(clause, "switch", None)
        named: tuple[OwnedBy, ...] = getattr(clause, "owner", ()) or getattr(clause, "person", ())
        self.owners = tuple((owner.field, equality_of(owner.facts)) for owner in named)
        own = clause.form if isinstance(clause, ClockClause) else ()
        self.form = (*((clause.id, check) for check in own), *term.book.forms.get(clause.id, ()))
        timed = clause if isinstance(clause, ClockClause) else None
        self.target = timed.span if timed else None
        self.due_field = timed.due_field if timed else None
        self.instances = timed.instances if timed else "once"
        self.keyed_by = timed.keyed_by if timed else None
        self.repeats = timed.repeats if timed else None
        self.stops = len(timed.stops_on) if timed and timed.all_stops else 1
        self.retroactive = (
            timed is not None
            and timed.on_change == "from-original-start"
            and any(selector.becomes for selector in timed.starts_on)
        )
        self.escalates = timed.on_breach.becomes if timed and timed.on_breach else None

    def holds_at(self, at: datetime) -> bool:
        """Whether a clock may start under it at this instant."""
        for since, until in self.spans:  # noqa: SIM110 - a generator costs three times as much here
            if since <= at and (until is None or at < until):
                return True
        return False

    def withdrawn_after(self, at: datetime) -> datetime | None:
        """When the policy was next withdrawn."""
        for end in self.withdrawn:
            if end > at:
                return end
        return None

    def migrated_after(self, at: datetime) -> tuple[datetime, int] | None:
        """When its running clocks next move to another edition, and to which."""
        for moved in self.migrated:
            if moved[0] > at:
                return moved
        return None


class Trigger:
    """One way in which an event, or a change of a fact, acts on a rule."""

    __slots__ = ("always", "becomes", "cause", "facts", "role", "rule", "unless", "where")

    def __init__(self, rule: Rule, role: str, selector: Selector, cause: str = "") -> None:
        self.rule, self.role, self.cause = rule, role, cause
        self.where = equality_of(selector.where, selector.event)
        self.unless = equality_of(selector.unless, selector.event)
        self.facts = equality_of(selector.facts)
        self.becomes = next(((field, frozenset(values)) for field, values in selector.becomes.items()), None)
        self.always = not (self.where or self.unless or self.facts)
        """Whether its type alone says that it is meant; most are, and need no look at the event."""

    def meets(self, data: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
        """Whether an event of its type, in a case with these facts, is meant."""
        for field, default, wanted in self.where:
            if data.get(field, default) not in wanted:
                return False
        for field, default, wanted in self.unless:
            if data.get(field, default) in wanted:
                return False
        return holds(self.facts, facts)


class Plan:
    """All that one event type, or one fact, can set off: what to remember, what ends, what begins."""

    __slots__ = ("begins", "ends", "fields")

    def __init__(self, fields: tuple[str, ...], triggers: list[Trigger]) -> None:
        self.fields = fields
        rank = {role: nth for nth, role in enumerate(ORDER)}
        self.ends = tuple(sorted((t for t in triggers if t.role in rank), key=lambda t: rank[t.role]))
        self.begins = tuple(t for t in triggers if t.role not in rank)


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


def equality_of(wanted: Mapping[str, tuple[Any, ...]], event: str = "") -> Tests:
    """Equality tests, each knowing what an absent field stands for."""
    known = event_types().get(event)
    tests = []
    for field, values in wanted.items():
        info = known.model_fields.get(field) if known else None
        default = None if info is None or info.is_required() else info.default
        tests.append((field, default, frozenset(values)))
    return tuple(tests)


def holds(tests: Tests, facts: Mapping[str, Any]) -> bool:
    """Whether the facts of a case pass all tests."""
    for field, default, wanted in tests:  # noqa: SIM110 - a generator costs three times as much here
        if facts.get(field, default) not in wanted:
            return False
    return True


def _triggers(rule: Rule) -> Iterator[tuple[Trigger, Selector]]:
    for key, role in KEYS.get(rule.kind, {}).items():
        for nth, selector in enumerate(getattr(rule.clause, key)):
            yield Trigger(rule, role, selector, f"{nth}" if role == "stop" else ""), selector
            if role in OF_ACTS and (taken_back := _retraction_of(selector.event)) is not None:
                yield Trigger(rule, "retract", taken_back), taken_back
    for pause in rule.clause.pause if isinstance(rule.clause, ClockClause) else ():
        for selector in pause.begins_on:
            yield Trigger(rule, "pause", selector, pause.cause), selector
        for selector in pause.ends_on:
            yield Trigger(rule, "resume", selector, pause.cause), selector
    for alternative, needs in enumerate(
        rule.clause.any_of if isinstance(rule.clause, ApprovalClause) else ()
    ):
        for nth, need in enumerate(needs):
            for selector in need.on:
                yield Trigger(rule, "agree", selector, f"{alternative}.{nth}"), selector


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
