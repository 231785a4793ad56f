"""Coverage: which entry of the catalogue is executed, by which clauses, and what proves it."""

from onrecord_projections.judging.coverage.entries import Entry, entries
from onrecord_projections.judging.coverage.mutants import Mutant, mutants
from onrecord_projections.judging.coverage.proof import Survivor, survivors
from onrecord_projections.judging.coverage.states import Covered, coverage

__all__ = ["Covered", "Entry", "Mutant", "Survivor", "coverage", "entries", "mutants", "survivors"]
