"""Penalty rules: what the findings of a person are proposed to cost. Nobody is fined by this (reading R7).

A line's id never includes its amount, so that a later change of the amount is seen as one. Order and month
go by the breach instant (reading R6); a waived case drops out, and those after it count one less.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from operator import attrgetter

import msgspec

from onrecord_projections.judging.clauses import (
    LadderClause,
    PenaltyClause,
)
from onrecord_projections.judging.effective import local_month
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.rulebook import Rulebook
from onrecord_projections.judging.verdict import Finding

_ONCE = 1


class PenaltyLine(msgspec.Struct, frozen=True):
    """One proposed line: who, for what, how much, and by which clauses."""

    id: str
    person: str
    pack: str
    edition: int
    clause: str
    """The clause that fines."""
    clauses: tuple[str, ...]
    """All clauses that made the amount: the fine, and the ladder if it multiplied."""
    case: str
    month: str
    at: datetime
    counted_as: int
    """The how-manieth case (or line, as the tenant counts) of this person in the month; 0 off any ladder."""
    quantity: int
    base: Decimal
    factor: int
    amount: Decimal
    currency: str
    cause: Finding


@dataclass(frozen=True, slots=True)
class _Charge:
    finding: Finding
    clause: PenaltyClause
    ladder: LadderClause | None
    month: str


def assess(
    settings: Settings, findings: Iterable[Finding], waived: Collection[str] = frozenset()
) -> tuple[PenaltyLine, ...]:
    """The lines these findings come to; give all findings of a person and month, of any number of them."""
    charges: dict[tuple[str, str, str], list[_Charge]] = {}
    for finding in sorted(set(findings), key=attrgetter("at", "case", "clause", "instance")):
        if finding.case in waived or finding.person is None:
            continue
        for charge in _charges(settings, finding):
            charges.setdefault((finding.person, finding.pack, charge.month), []).append(charge)
    lines = [line for key in sorted(charges) for line in _lines(settings, charges[key])]
    return tuple(sorted(lines, key=attrgetter("person", "month", "at", "id")))


def penalty_month(settings: Settings, finding: Finding) -> str:
    """The calendar month a finding counts in (reading R6: of the breach, or of the due date)."""
    by_due = settings.reading("r6.month", finding.at) == "due" and finding.due_at is not None
    return local_month(settings, finding.due_at if by_due and finding.due_at else finding.at)


def line_id(clause: str, person: str, case: str, instance: str) -> str:
    """The same line, whatever it comes to."""
    said = f"{clause}\0{person}\0{case}\0{instance}"
    return f"{clause}-{blake2b(said.encode(), digest_size=10).hexdigest()}"


def _charges(settings: Settings, finding: Finding) -> Iterable[_Charge]:
    book = settings.edition(finding.pack, finding.edition)
    if book is None:
        return
    for clause in book.penalties.get((finding.code, finding.clause), ()):
        yield _Charge(finding, clause, _ladder(book, clause), penalty_month(settings, finding))


def _ladder(book: Rulebook, clause: PenaltyClause) -> LadderClause | None:
    return next((ladder for ladder in book.ladders if clause.id in ladder.of), None)


def _lines(settings: Settings, charges: list[_Charge]) -> Iterable[PenaltyLine]:
    """The lines of one person, policy and month, in the order of their instants."""
    counted: dict[str, dict[str, int]] = {}
    for charge in charges:
        finding, clause, ladder = charge.finding, charge.clause, charge.ladder
        assert finding.person is not None
        named = line_id(clause.id, finding.person, finding.case, finding.instance)
        nth, factor = 0, _ONCE
        if ladder is not None:
            by_case = ladder.count_reading is None or (
                settings.reading(ladder.count_reading, finding.at) == "case"
            )
            units = counted.setdefault(ladder.id, {})
            nth = units.setdefault(finding.case if by_case else named, len(units) + 1)
            factor = ladder.factor if nth >= ladder.from_nth else _ONCE
        base = (clause.amount or Decimal(0)) * (finding.quantity if clause.per == "item" else 1)
        multiplied = (ladder.id,) if ladder is not None and factor != _ONCE else ()
        yield PenaltyLine(
            named,
            finding.person,
            finding.pack,
            finding.edition,
            clause.id,
            (clause.id, *multiplied),
            finding.case,
            charge.month,
            finding.at,
            nth,
            finding.quantity,
            base,
            factor,
            base * factor,
            clause.currency,
            finding,
        )
