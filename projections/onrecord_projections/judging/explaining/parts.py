"""Parts: what every explanation is put together from: clauses, settings and sums."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from onrecord_projections.judging.clauses import Clause
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.readings import READINGS
from onrecord_projections.judging.rulebook import Rulebook


class RuleTold(msgspec.Struct, frozen=True):
    """One clause that had a say, in our words, and where the policy says so."""

    pack: str
    edition: int
    clause: str
    kind: str
    cites: str
    says_en: str
    says_zh: str
    source: str
    title_en: str
    title_zh: str


class SettingTold(msgspec.Struct, frozen=True):
    """One thing the tenant may decide, and what held at the instant it was asked for."""

    kind: str
    """reading, number or calendar."""
    name: str
    value: str
    decided: bool
    """Whether the tenant decided it, or the default holds."""


class Sum(msgspec.Struct, frozen=True):
    """One step of the arithmetic: what goes in by name, and what comes out."""

    op: str
    of: Mapping[str, Any]
    gives: Any


def clause_in(book: Rulebook, clause: str) -> Clause:
    """One clause of an edition."""
    return next(one for one in book.clause if one.id == clause)


def rules_told(settings: Settings, named: Iterator[tuple[str, int, str]]) -> tuple[RuleTold, ...]:
    """These clauses in the order they are named, each once."""
    told = []
    for pack, edition, name in dict.fromkeys(named):
        book = settings.edition(pack, edition)
        clause = next((one for one in book.clause if one.id == name), None) if book else None
        if book is not None and clause is not None:
            told.append(
                RuleTold(
                    pack,
                    edition,
                    name,
                    clause.kind,
                    clause.cites,
                    clause.says_en,
                    clause.says_zh,
                    book.source,
                    book.title.en,
                    book.title.zh,
                )
            )
    return tuple(told)


def reading_told(settings: Settings, name: str, at: datetime) -> SettingTold:
    """How a reading stood at an instant."""
    value = settings.reading(name, at)
    return SettingTold("reading", name, value, value != READINGS[name].default)


def number_told(settings: Settings, clause: str, at: datetime) -> Iterator[SettingTold]:
    """The tenant's number for a clause at an instant, if there is one."""
    number = settings.number(clause, at)
    if number is not None:
        yield SettingTold("number", clause, " ".join(filter(None, (number.value, number.calendar))), True)
