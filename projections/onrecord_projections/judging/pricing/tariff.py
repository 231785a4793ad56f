"""Tariff: which clauses price what, and which findings of a person have to be looked at together.

Clauses that count together, or price the same finding, belong together. What they count within, a month, a
year or for ever, decides how many findings of one person are assessed at once: never more than that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onrecord_projections.judging.clauses import Clause, LadderClause, PenaltyClause

_WIDTH = {"month": 0, "year": 1, "ever": 2}


@dataclass(frozen=True, slots=True)
class Scope:
    """Within what the findings of a clause are assessed, and the counter that names it."""

    window: str
    counter: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of one edition, ready to be looked up."""

    by_source: Mapping[str, tuple[PenaltyClause, ...]]
    ladders: Mapping[str, tuple[LadderClause, ...]]
    """By the penalty that counts on them."""
    scopes: Mapping[str, Scope]
    """By the clause that finds."""
    order: Mapping[str, int]

    @classmethod
    def of(cls, clauses: Iterable[Clause]) -> "Tariff":
        """The tariff of a rulebook's clauses."""
        listed = tuple(clauses)
        penalties = [clause for clause in listed if isinstance(clause, PenaltyClause)]
        ladders = [clause for clause in listed if isinstance(clause, LadderClause)]
        by_source: dict[str, tuple[PenaltyClause, ...]] = {}
        for clause in penalties:
            for source in sources_of(clause):
                by_source[source] = (*by_source.get(source, ()), clause)
        on: dict[str, tuple[LadderClause, ...]] = {}
        for ladder in ladders:
            for name in (*ladder.of, *ladder.counts_too):
                on[name] = (*on.get(name, ()), ladder)
        order = {clause.id: nth for nth, clause in enumerate(listed)}
        return cls(by_source, on, _scopes(penalties, ladders), order)

    def priced_by(self, source: str, code: str) -> Iterator[PenaltyClause]:
        """The clauses that price a finding of this clause and code."""
        for clause in self.by_source.get(source, ()):
            if clause.breach_of is not None:
                if code == "breach":
                    yield clause
            elif clause.event:
                if code == "defect":
                    yield clause
            elif not clause.codes or code in clause.codes:
                yield clause


def sources_of(clause: PenaltyClause) -> tuple[str, ...]:
    """The clauses whose findings it prices; itself, where it sees an event."""
    if clause.breach_of is not None:
        return (clause.breach_of,)
    return clause.finding_of or (clause.id,)


def counter_of(clause: PenaltyClause) -> str:
    """What its times are counted under."""
    return clause.counter or clause.id


def _scopes(penalties: list[PenaltyClause], ladders: list[LadderClause]) -> dict[str, Scope]:
    ties = [_ties(clause) for clause in penalties]
    ties += [[f"ladder {ladder.id}", *(f"clause {name}" for name in _named(ladder))] for ladder in ladders]
    heads = _tied(ties)
    widest: dict[str, tuple[int, str]] = {}
    for tie, (window, counter) in zip(ties, _counters(penalties, ladders), strict=True):
        head, width = heads[tie[0]], _WIDTH[window]
        held = widest.get(head)
        if held is None or width > held[0] or (width == held[0] and counter < held[1]):
            widest[head] = (width, counter)
    windows = {width: window for window, width in _WIDTH.items()}
    scopes = {}
    for clause in penalties:
        width, counter = widest[heads[f"clause {clause.id}"]]
        scopes.update(dict.fromkeys(sources_of(clause), Scope(windows[width], counter)))
    return scopes


def _counters(penalties: list[PenaltyClause], ladders: list[LadderClause]) -> Iterator[tuple[str, str]]:
    for clause in penalties:
        yield (clause.window if clause.counted else "month"), counter_of(clause)
    for ladder in ladders:
        yield ladder.window, ladder.id


def _ties(clause: PenaltyClause) -> list[str]:
    tied = [f"clause {clause.id}", *(f"source {source}" for source in sources_of(clause))]
    if clause.counter:
        tied.append(f"counter {clause.counter}")
    if clause.charged_once_as:
        tied.append(f"once {clause.charged_once_as}")
    return tied


def _named(ladder: LadderClause) -> tuple[str, ...]:
    return (*ladder.of, *ladder.counts_too)


def _tied(ties: Iterable[list[str]]) -> dict[str, str]:
    """The head of the group each name belongs to, where names tied together share a group."""
    groups: dict[str, set[str]] = {}
    for tie in ties:
        merged = set(tie).union(*(groups[name] for name in tie if name in groups))
        groups.update(dict.fromkeys(merged, merged))
    return {name: min(group) for name, group in groups.items()}
