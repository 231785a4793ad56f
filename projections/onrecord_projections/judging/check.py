"""Check: everything that is wrong with a rulebook, its own worked examples included."""

from collections.abc import Iterator

from onrecord_projections.judging.clauses import (
    Clause,
)
from onrecord_projections.judging.examples import examples_of, outcome
from onrecord_projections.judging.facts import FactError
from onrecord_projections.judging.faults import Fault, Places, RulebookError
from onrecord_projections.judging.parts import (
    Example,
)
from onrecord_projections.judging.rulebook import Rulebook, load


def check(text: str, file_name: str) -> list[Fault]:
    """Every fault with file, line and clause, and what to do; empty for a sound rulebook."""
    try:
        book = load(text, file_name)
    except RulebookError as error:
        return list(error.faults)
    return sorted(_disagreements(book, Places(text, file_name)))


def _disagreements(book: Rulebook, places: Places) -> Iterator[Fault]:
    for nth, clause in enumerate(book.clause):
        for example in examples_of(clause):
            message = _disagreement(book, clause, example)
            if message:
                line = places.example(nth, example.name)
                yield Fault(places.file, line, clause.id, f"example {example.name!r}: {message}")


def _disagreement(book: Rulebook, clause: Clause, example: Example) -> str | None:
    try:
        said = outcome(book, clause, example)
    except FactError as error:
        return str(error)
    if said == example.expect:
        return None
    return f"expects {example.expect!r}, but comes to {said!r}; one of the two is wrong"
