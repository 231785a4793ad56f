"""Regime: the ownership clauses of one edition, ready to run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from onrecord_projections.judging.clauses import ClockClause, OwnershipClause
from onrecord_projections.judging.limit import Missing, limit_of
from onrecord_projections.judging.parts import Selectors
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rule import Rule, Term, Tests, equality_of
from onrecord_projections.judging.rulebook import Rulebook

ORDER = (
    "relatives",
    "bar",
    "claim",
    "validity",
    "referral",
    "queue",
    "void",
    "lapse",
    "transfer",
    "restore",
    "override",
    "split",
    "holder",
)
"""Which rule looks first at an event that several rules speak of."""


class Meant:
    """Which events a key of a clause means."""

    __slots__ = ("_listed", "_tests")

    def __init__(self, selectors: Selectors) -> None:
        self._tests: dict[str, list[tuple[Tests, Tests]]] = {}
        self._listed: list[tuple[str, Tests, Tests]] = []
        for one in selectors:
            tests = equality_of(one.where, one.event), equality_of(one.unless, one.event)
            self._tests.setdefault(one.event, []).append(tests)
            self._listed.append((one.event, *tests))

    @property
    def types(self) -> frozenset[str]:
        """The event types it can mean."""
        return frozenset(self._tests)

    def meets(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Whether an event of this type and body is meant."""
        found = self._tests.get(kind)
        return found is not None and any(_passes(data, where, unless) for where, unless in found)

    def place(self, kind: str, data: Mapping[str, Any]) -> int | None:
        """Which of its selectors means the event first, counted from nought."""
        for nth, (event, where, unless) in enumerate(self._listed):
            if event == kind and _passes(data, where, unless):
                return nth
        return None


def _passes(data: Mapping[str, Any], where: Tests, unless: Tests) -> bool:
    return all(data.get(field, default) in wanted for field, default, wanted in where) and not any(
        data.get(field, default) in wanted for field, default, wanted in unless
    )


class OwnershipRule:
    """One clause, ready to run."""

    __slots__ = ("_limit", "_signing", "book", "clause", "ends", "id", "on", "resets", "rule", "signed")

    def __init__(self, book: Rulebook, clause: OwnershipClause) -> None:
        self.book, self.clause, self.id, self.rule = book, clause, clause.id, clause.rule
        self.on, self.resets = Meant(clause.on), Meant(clause.resets_on)
        self.signed, self.ends = Meant(clause.signed_on), Meant(clause.ends_on)
        self._limit = _named(book, clause.as_clock) or _own(book, clause)
        self._signing = _named(book, clause.signed_within)

    @property
    def types(self) -> frozenset[str]:
        """Every event type that can matter to it."""
        return self.on.types | self.resets.types | self.signed.types | self.ends.types

    def holds(self, settings: Settings, at: datetime) -> bool:
        """Whether the tenant's reading lets the clause hold."""
        switch = self.clause.switch
        return switch is None or settings.reading(switch.reading, at) == switch.value

    def holder_in(self, data: Mapping[str, Any]) -> str | None:
        """Whose claim or sign of life it is."""
        return next((str(data[field]) for field in self.clause.holder if data.get(field)), None)

    def due_after(self, settings: Settings, at: datetime) -> datetime | None:
        """The last second for the next sign of life; None if there is no number or no calendar for it."""
        return _due(self._limit, settings, at)

    def signed_in_time(self, settings: Settings, made_at: datetime, signed_at: datetime) -> bool:
        """Whether the signature came within its own limit, so that the sign of life keeps its day."""
        due_at = _due(self._signing, settings, made_at)
        return due_at is not None and signed_at <= due_at


@dataclass(frozen=True)
class Regime:
    """What one edition says about who owns."""

    book: Rulebook
    rules: tuple[OwnershipRule, ...]

    @cached_property
    def by_type(self) -> Mapping[str, tuple[OwnershipRule, ...]]:
        """The rules that can have to do with each event type, in the order they look at it."""
        types = frozenset[str]().union(*(rule.types for rule in self.rules))
        return {kind: tuple(rule for rule in self.rules if kind in rule.types) for kind in types}

    def of(self, name: str) -> tuple[OwnershipRule, ...]:
        """The rules of one kind."""
        return tuple(rule for rule in self.rules if rule.rule == name)


class Regimes:
    """Every edition of every adopted pack that speaks of ownership; made once for each settings."""

    def __init__(self, settings: Settings) -> None:
        self._regimes: dict[tuple[str, int], Regime] = {}
        for timed in settings.packs.values():
            for book in timed.values:
                if book is not None and (found := _regime(book)).rules:
                    self._regimes[book.pack, book.edition] = found
        self.packs = tuple(sorted({pack for pack, _ in self._regimes}))
        self.types = frozenset().union(
            *(rule.types for found in self._regimes.values() for rule in found.rules)
        )
        self._settings = settings

    def at(self, pack: str, instant: datetime) -> Regime | None:
        """What holds of a pack at an instant."""
        book = self._settings.in_force(pack, instant)
        return None if book is None else self._regimes.get((pack, book.edition))

    def lines(self, pack: str) -> Iterator[OwnershipRule]:
        """The `holder` clauses of a pack, the latest edition's for each id."""
        found = {
            rule.id: rule
            for (name, _), regime in sorted(self._regimes.items())
            if name == pack
            for rule in regime.of("holder")
        }
        yield from found.values()


def regimes_of(settings: Settings) -> Regimes:
    """The regimes of these settings, kept with them: settings are made anew when a policy changes."""
    found: Regimes | None = settings.__dict__.get("ownership")
    if found is None:
        found = settings.__dict__["ownership"] = Regimes(settings)
    return found


def _regime(book: Rulebook) -> Regime:
    rules = [OwnershipRule(book, clause) for clause in book.clause if isinstance(clause, OwnershipClause)]
    return Regime(book, tuple(sorted(rules, key=lambda rule: ORDER.index(rule.rule))))


def _named(book: Rulebook, name: str | None) -> Rule | None:
    """The clock clause whose limit a rule runs by."""
    if name is None:
        return None
    named = next((one for one in book.clause if one.id == name), None)
    assert isinstance(named, ClockClause), "a rulebook loads only if its references lead somewhere"
    return Rule(Term(book, (), ()), named)


def _own(book: Rulebook, clause: OwnershipClause) -> Rule | None:
    """Its own `after`, as a clock of calendar days."""
    if clause.after is None:
        return None
    clock = ClockClause(
        kind="clock", id=clause.id, cites=clause.cites, says_en=clause.says_en, says_zh=clause.says_zh,
        starts_on=clause.on, stops_on=clause.on, measure="calendar_days", target=clause.after,
        example=clause.example,
    )  # fmt: skip
    return Rule(Term(book, (), ()), clock)


def _due(rule: Rule | None, settings: Settings, at: datetime) -> datetime | None:
    if rule is None:
        return None
    limit = limit_of(rule, settings, at, {})
    return None if isinstance(limit, Missing) else limit.due_at
