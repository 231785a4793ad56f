"""Report: the definition of one: its name, what it takes, whom it is owed to, and how its sheet is made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from onrecord_projections.queries.view import View
from onrecord_services.reports.parameters import Parameters, Takes
from onrecord_services.reports.sheet import Sheet, Words

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


@dataclass(frozen=True)
class Asked:
    """One report asked for: what it sees, its parameters, and who is told how far it is."""

    view: View
    parameters: Parameters
    progress: Progress


@dataclass(frozen=True)
class Report:
    """One report. `make` reads and puts together; it decides nothing."""

    name: str
    title: Words
    takes: Takes
    cites: tuple[str, ...]
    """The clauses that ask for it."""
    make: Callable[[Asked], Awaitable[Sheet]]
    number: str | None = None
    """Of a form that the policy numbers."""
