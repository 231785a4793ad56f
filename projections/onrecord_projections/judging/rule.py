"""Rule: a clause of one edition, ready to run: selectors become tuples, defaults are looked up once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import Clause, ClockClause
from onrecord_projections.judging.parts import OwnedBy, Switch
from onrecord_projections.judging.rulebook import Rulebook

Tests = tuple[tuple[str, Any, frozenset[object]], ...]
"""(field, what its absence means, values that will do)"""


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
