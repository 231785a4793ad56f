"""Plan: which figures an event type, or a clock of a clause, can move; so that all others cost nothing."""

from collections.abc import Iterable, Iterator
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

    __slots__ = ("clause", "edition", "id", "pack", "rule", "triggers", "types")

    def __init__(self, term: Term, clause: KpiClause) -> None:
        self.clause, self.rule = clause, Rule(term, clause)
        self.pack, self.edition, self.id = term.book.pack, term.book.edition, clause.id
        self.triggers: dict[str, tuple[tuple[str, Trigger], ...]] = {
            side: tuple((each.event, Trigger(self.rule, side, each)) for each in getattr(clause, side))
            for side in SIDES
        }
        self.types = frozenset(event for meant in self.triggers.values() for event, _ in meant)

    @property
    def of_clocks(self) -> bool:
        """Whether clocks are what it counts."""
        return bool(self.clause.of) and self.clause.formula != "ranks"

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
    of_events: tuple[Asked, ...]
    of_clock: dict[tuple[str, int, str], tuple[Asked, ...]]
    facts: frozenset[str]
    """Fields whose last value in a case may matter to a figure."""
    counted: frozenset[str]
    """Event types that figures count."""
    types: frozenset[str]
    """Event types that can move a figure: those counted, and those that tell such a fact."""
    clocks_by_fact: bool
    """Whether an event can move a clock's item without moving the clock."""

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "FigurePlan":
        """The plan of a set of editions."""
        asked = tuple(Asked(term, clause) for term in terms for clause in term.book.figures)
        of_events = tuple(each for each in asked if each.types)
        of_clock: dict[tuple[str, int, str], tuple[Asked, ...]] = {}
        for each in asked:
            for clause in each.clause.of if each.of_clocks else ():
                key = each.pack, each.edition, clause
                of_clock[key] = (*of_clock.get(key, ()), each)
        facts = frozenset(field for each in asked for field in _facts_of(each))
        counted = frozenset(event for each in of_events for event in each.types)
        telling = {name for name, known in event_types().items() if facts & known.model_fields.keys()}
        by_fact = any(each.of_clocks and each.by_fact for each in asked)
        return cls(asked, of_events, of_clock, facts, counted, counted | telling, by_fact)


def plan_of(settings: Settings) -> FigurePlan:
    """The plan of a tenant's settings, made once and kept with them."""
    held: FigurePlan | None = settings.__dict__.get(_KEPT)
    if held is None:
        held = settings.__dict__[_KEPT] = FigurePlan.of(terms_of(settings.packs))
    return held


def _facts_of(asked: Asked) -> Iterator[str]:
    if asked.by_fact is not None:
        yield asked.by_fact
    for side in SIDES:
        for selector in getattr(asked.clause, side):
            yield from selector.facts
