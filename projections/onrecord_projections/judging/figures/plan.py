"""Plan: which figures an event type, or a clock of a clause, can move; so that all others cost nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.figures.periods import finest
from onrecord_projections.judging.policy import Settings, terms_of
from onrecord_projections.judging.rule import Rule, Term
from onrecord_projections.judging.trigger import Trigger

OWNER, CASE = "owner", "case"
"""Splits that need no field of an event: whoever owes the clock, and the case itself."""
_KEPT = "figure_plan"
SIDES = ("numerator", "denominator", "starts_on", "stops_on")


class Asked:
    """A KPI clause of one edition, ready to count."""

    __slots__ = ("alone", "clause", "edition", "facts", "finest", "id", "meant", "pack", "rule", "types")

    def __init__(self, term: Term, clause: KpiClause) -> None:
        self.clause, self.rule = clause, Rule(term, clause)
        self.pack, self.edition, self.id = term.book.pack, term.book.edition, clause.id
        self.meant = _meant(self.rule, clause)
        """By event type: what each side means by it."""
        self.types = frozenset(self.meant)
        self.facts = frozenset(_facts_of(self))
        self.finest = finest(clause.every)
        self.alone = not (clause.formula in ("cases", "coverage") or clause.starts_on or clause.latest)
        """Whether an event, with the facts told before it, counts whatever else its case says."""

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
    of_event: Mapping[str, tuple[Asked, ...]]
    """The figures that count events of a type."""
    of_clock: Mapping[tuple[str, int, str], tuple[Asked, ...]]
    """Those that count clocks of a clause."""
    facts_of: Mapping[str, tuple[str, ...]]
    """The facts that events of a type may tell, as far as a figure may ask for them."""
    types: frozenset[str]
    """Event types that can move a figure of events: those it counts, and those that tell such a fact."""
    clocks_by_fact: frozenset[str]
    """Event types that can move a clock's item without moving the clock."""

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "FigurePlan":
        """The plan of a set of editions."""
        asked = tuple(Asked(term, clause) for term in terms for clause in term.book.figures)
        of_event: dict[str, list[Asked]] = {}
        of_clock: dict[tuple[str, int, str], list[Asked]] = {}
        for each in asked:
            for event in each.types:
                of_event.setdefault(event, []).append(each)
            for clause in each.clause.of if each.of_clocks else ():
                of_clock.setdefault((each.pack, each.edition, clause), []).append(each)
        facts_of = _said_by(frozenset(field for each in asked for field in each.facts))
        return cls(
            asked,
            {event: tuple(counting) for event, counting in of_event.items()},
            {clock: tuple(counting) for clock, counting in of_clock.items()},
            facts_of,
            frozenset((*of_event, *facts_of)),
            frozenset(_said_by(frozenset(each.by_fact for each in asked if each.of_clocks and each.by_fact))),
        )


def plan_of(settings: Settings) -> FigurePlan:
    """The plan of a tenant's settings, made once and kept with them."""
    held: FigurePlan | None = settings.__dict__.get(_KEPT)
    if held is None:
        held = settings.__dict__[_KEPT] = FigurePlan.of(terms_of(settings.packs))
    return held


def _meant(rule: Rule, clause: KpiClause) -> dict[str, tuple[tuple[str, tuple[Trigger, ...]], ...]]:
    found: dict[str, dict[str, tuple[Trigger, ...]]] = {}
    for side in SIDES:
        for selector in getattr(clause, side):
            sides = found.setdefault(selector.event, {})
            sides[side] = (*sides.get(side, ()), Trigger(rule, side, selector))
    return {event: tuple(sides.items()) for event, sides in found.items()}


def _said_by(facts: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """By event type: which of these facts it may tell."""
    said = {name: facts & known.model_fields.keys() for name, known in event_types().items()}
    return {name: tuple(sorted(fields)) for name, fields in said.items() if fields}


def _facts_of(asked: Asked) -> Iterator[str]:
    if asked.by_fact is not None:
        yield asked.by_fact
    for side in SIDES:
        for selector in getattr(asked.clause, side):
            yield from selector.facts
