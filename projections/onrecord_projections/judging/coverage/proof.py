"""Proof: each executed clause is left out, and each of its numbers changed; its examples must notice."""

from collections.abc import Iterator
from typing import NamedTuple

from onrecord_projections.judging.clauses import Clause
from onrecord_projections.judging.coverage.mutants import mutants
from onrecord_projections.judging.examples import examples_of, outcome
from onrecord_projections.judging.rulebook import Rulebook


class Survivor(NamedTuple):
    """A change that no worked example noticed."""

    pack: str
    clause: str
    what: str

    def __str__(self) -> str:
        return f"{self.pack}/{self.clause}: {self.what}, and no example notices"


def survivors(book: Rulebook, clause: Clause) -> Iterator[Survivor]:
    """Every change of this clause that its own examples, and those of clauses that rest on it, let pass."""
    if not examples_of(clause):
        return
    witnesses = [clause, *_resting_on(book, clause)]
    for mutant in mutants(clause):
        changed = _changed(book, clause, mutant.clause)
        if not any(_notices(changed, witness, mutant.clause, clause) for witness in witnesses):
            yield Survivor(book.pack, clause.id, mutant.what)


def _resting_on(book: Rulebook, clause: Clause) -> list[Clause]:
    """Clauses of the same entry, and those that price or count this one."""
    entry = clause.part_of or clause.id
    return [
        other
        for other in book.clause
        if other.id != clause.id
        and examples_of(other)
        and (entry in (other.id, other.part_of) or _names(other, clause.id))
    ]


def _names(other: Clause, name: str) -> bool:
    if getattr(other, "breach_of", None) == name:
        return True
    return any(name in (getattr(other, key, ()) or ()) for key in ("of", "finding_of"))


def _changed(book: Rulebook, old: Clause, new: Clause | None) -> Rulebook:
    fields = {name: getattr(book, name) for name in type(book).model_fields}
    clauses = (new if clause is old else clause for clause in book.clause)
    fields["clause"] = tuple(clause for clause in clauses if clause is not None)
    return Rulebook.model_construct(**fields)


def _notices(changed: Rulebook, witness: Clause, mutant: Clause | None, clause: Clause) -> bool:
    """Whether an example of the witness comes out differently, or cannot run any more."""
    asked = mutant if witness is clause and mutant is not None else witness
    for example in examples_of(witness):
        try:
            if outcome(changed, asked, example) != example.expect:
                return True
        except (ValueError, KeyError, ArithmeticError, AttributeError, AssertionError):
            return True
    return False
