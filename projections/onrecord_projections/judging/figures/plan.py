"""Plan: which figures an event type, or a clock of a clause, can move; so that all others cost nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.index import Rule, Term, Trigger
from onrecord_projections.judging.policy import Settings, terms_of

OWNER, CASE = "owner", "case"
"""Splits that need no field of an event: whoever owes the clock, and the case itself."""
_KEPT = "figure_plan"
SIDES = ("numerator", "denominator", "starts_on", "stops_on")


class Asked:
    """A KPI clause of one edition, ready to count."""

    __slots__ = ("clause", "edition", "facts", "id", "pack", "rule", "triggers", "types")

    def __init__(self, term: Term, clause: KpiClause) -> None:
        self.clause, self.rule = clause, Rule(term, clause)
        self.pack, self.edition, self.id = term.book.pack, term.book.edition, clause.id
        self.triggers = {side: _by_type(self.rule, side, clause) for side in SIDES}
        """What each side means, by event type."""
        self.types = frozenset(event for meant in self.triggers.values() for event in meant)
        self.facts = frozenset(_facts_of(self))

    @property
    def of_clocks(self) -> bool:
        """Whether clocks are what it counts."""
        return bool(self.clause.of) and self.clause.formula != "ranks"

    @property
    def local(self) -> bool:
        """Whether each event counts by itself, whatever else its case says."""
        clause = self.clause
        if not self.types:
            return False
        if clause.formula in ("cases", "coverage") or clause.starts_on or clause.latest:
            return False
        told = any(selector.facts for side in SIDES for selector in getattr(clause, side))
        return not told and (self.by_fact is None or all(_tells(event, self.by_fact) for event in self.types))

    @property
    def by_fact(self) -> str | None:
        """The fact of a case that may split it."""
        return None if self.clause.by in (None, CASE) or self._by_owner else self.clause.by

    @property
    def _by_owner(self) -> bool:
        return self.of_clocks and self.clause.by == OWNER


@dataclass(frozen=True, slots=True)
class FigurePlan:
    """All figures of a tenant's editions."""

    asked: tuple[Asked, ...]
    local: tuple[Asked, ...]
    """Figures of events that count one by one: a new event adds its own and moves no other."""
    storied: tuple[Asked, ...]
    """Figures of events that count by what their case has told."""
    of_clock: dict[tuple[str, int, str], tuple[Asked, ...]]
    facts: frozenset[str]
    """Fields whose last value in a case may matter to a figure."""
    local_types: frozenset[str]
    story_types: frozenset[str]
    """Event types that can move a storied figure: those it counts, and those that tell such a fact."""
    moves: Mapping[str, tuple[Asked, ...]]
    """Which storied figures an event type can move."""
    clocks_by_fact: frozenset[str]
    """Event types that can move a clock's item without moving the clock."""

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "FigurePlan":
        """The plan of a set of editions."""
        asked = tuple(Asked(term, clause) for term in terms for clause in term.book.figures)
        local = tuple(each for each in asked if each.types and each.local)
        storied = tuple(each for each in asked if each.types and not each.local)
        of_clock: dict[tuple[str, int, str], tuple[Asked, ...]] = {}
        for each in asked:
            for clause in each.clause.of if each.of_clocks else ():
                key = each.pack, each.edition, clause
                of_clock[key] = (*of_clock.get(key, ()), each)
        by_fact = frozenset(each.by_fact for each in asked if each.of_clocks and each.by_fact)
        facts = frozenset(field for each in asked if not each.local for field in each.facts)
        return cls(
            asked,
            local,
            storied,
            of_clock,
            facts,
            frozenset(event for each in local for event in each.types),
            frozenset(event for each in storied for event in each.types) | _telling(facts),
            _movable(storied),
            _telling(by_fact),
        )

    def moved_by(self, types: Iterable[str]) -> tuple[Asked, ...]:
        """The storied figures that events of these types can move, each once."""
        return tuple(dict.fromkeys(each for type_ in types for each in self.moves.get(type_, ())))


def plan_of(settings: Settings) -> FigurePlan:
    """The plan of a tenant's settings, made once and kept with them."""
    held: FigurePlan | None = settings.__dict__.get(_KEPT)
    if held is None:
        held = settings.__dict__[_KEPT] = FigurePlan.of(terms_of(settings.packs))
    return held


def _by_type(rule: Rule, side: str, clause: KpiClause) -> dict[str, tuple[Trigger, ...]]:
    found: dict[str, tuple[Trigger, ...]] = {}
    for selector in getattr(clause, side):
        found[selector.event] = (*found.get(selector.event, ()), Trigger(rule, side, selector))
    return found


def _movable(storied: Iterable[Asked]) -> dict[str, tuple[Asked, ...]]:
    """By event type: the figures that count it, and those that ask for a fact it may tell."""
    found: dict[str, tuple[Asked, ...]] = {}
    for each in storied:
        for event in each.types | _telling(each.facts):
            found[event] = (*found.get(event, ()), each)
    return found


def _telling(facts: frozenset[str]) -> frozenset[str]:
    """The event types that may tell one of these facts."""
    return frozenset(name for name, known in event_types().items() if facts & known.model_fields.keys())


def _facts_of(asked: Asked) -> Iterator[str]:
    if asked.by_fact is not None:
        yield asked.by_fact
    for side in SIDES:
        for selector in getattr(asked.clause, side):
            yield from selector.facts


def _tells(event: str, field: str) -> bool:
    """Whether every event of a type says so itself."""
    known = event_types()[event].model_fields.get(field)
    return known is not None and known.is_required()
