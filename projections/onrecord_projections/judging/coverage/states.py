"""States: how far each entry is covered, said honestly."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from onrecord_projections.judging.clauses import (
    ChecklistClause,
    Clause,
    ClockClause,
    GradeClause,
    LimitClause,
    ProseClause,
    RecurringClause,
    RefersClause,
    SupportedClause,
)
from onrecord_projections.judging.coverage.entries import Entry
from onrecord_projections.judging.examples import examples_of
from onrecord_projections.judging.rulebook import Rulebook

State = Literal["executed", "needs-number", "supported", "prose", "missing"]


class Covered(msgspec.Struct, frozen=True):
    """One entry of the catalogue and what became of it."""

    entry: str
    pack: str
    owed: str
    state: State
    kinds: tuple[str, ...]
    """The kinds of the clauses that carry it; of a reference, those of the entry it refers to."""
    tests: tuple[str, ...]
    """The worked examples that show it, each `<pack>/<clause>: <name>`; `rulebook check` runs them."""
    refers_to: str = ""

    @property
    def enough(self) -> bool:
        """Whether it got what it is owed: to be executed, to be on record, or to be named at all."""
        if self.owed == "execute":
            return self.state in ("executed", "needs-number")
        return self.state != "missing" and not (self.owed == "record" and self.state == "prose")


def coverage(books: Mapping[str, Rulebook], asked: Iterable[Entry]) -> list[Covered]:
    """The state of each entry under these rulebooks, by pack."""
    return [_covered(books, entry) for entry in asked]


def clauses_of(book: Rulebook, entry: str) -> list[Clause]:
    """The clauses that carry an entry: the one of its name and its parts."""
    return [clause for clause in book.clause if entry in (clause.id, clause.part_of)]


def _covered(books: Mapping[str, Rulebook], entry: Entry) -> Covered:
    book = books.get(entry.pack)
    clauses = clauses_of(book, entry.id) if book else []
    refers = next((clause for clause in clauses if isinstance(clause, RefersClause)), None)
    if refers is not None:
        there = _covered(books, Entry(refers.entry, refers.pack, entry.owed))
        return msgspec.structs.replace(
            there, entry=entry.id, pack=entry.pack, refers_to=f"{refers.pack}/{refers.entry}"
        )
    tests = tuple(f"{entry.pack}/{clause.id}: {name}" for clause in clauses for name in _shown_by(clause))
    kinds = tuple(dict.fromkeys(clause.kind for clause in clauses))
    return Covered(entry.id, entry.pack, entry.owed, _state(clauses), kinds, tests)


def _shown_by(clause: Clause) -> Iterator[str]:
    """Its worked examples; of a record, the events that the vocabulary has for it."""
    yield from (example.name for example in examples_of(clause))
    if isinstance(clause, SupportedClause):
        for selector in clause.events:
            codes = (f"{field}={'/'.join(map(str, wanted))}" for field, wanted in selector.where.items())
            yield " ".join(("takes", selector.event, *codes))


def _state(clauses: list[Clause]) -> State:
    judged = [clause for clause in clauses if not isinstance(clause, ProseClause | SupportedClause)]
    if judged:
        return "needs-number" if all(map(waits_for_number, judged)) else "executed"
    if any(isinstance(clause, SupportedClause) for clause in clauses):
        return "supported"
    return "prose" if clauses else "missing"


def waits_for_number(clause: Clause) -> bool:
    """Whether nothing comes of the clause until the tenant gives a number or a list."""
    match clause:
        case ClockClause(measure="tenant_number") | RecurringClause(every="tenant_number"):
            return True
        case ClockClause(ahead="tenant_number"):
            return True
        case LimitClause(band=()) | GradeClause(step=()):
            return True
        case ChecklistClause(filled=(), all_of=()):
            return True
        case _:
            return False
