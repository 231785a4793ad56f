"""Explain a penalty: why is this line proposed, what was counted, what was broken, and what was decided?"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from onrecord_projections import penalties
from onrecord_projections.judging import PenaltyLine
from onrecord_projections.judging.bearing import clock_of
from onrecord_projections.judging.explaining import ClockTold, LineTold, explain_line
from onrecord_projections.penalties import DROPPED, Decision, Decisions
from onrecord_projections.penalty_decisions import state_of
from onrecord_projections.queries import lines
from onrecord_projections.queries.explain import clock_told, positions_of
from onrecord_projections.queries.explain_told import Explanation, explained
from onrecord_projections.queries.view import View

_WHOSE = (
    "SELECT person FROM penalties WHERE id = %s UNION SELECT person FROM penalty_decisions WHERE line_id = %s"
)


class DecidedTold(msgspec.Struct, frozen=True):
    """One decision about the line, in the order in which they count."""

    decision: str
    amount: Decimal
    position: int


class PenaltyTold(msgspec.Struct, frozen=True, kw_only=True):
    """One line, the clock behind it, and what people decided."""

    line: LineTold
    clock: ClockTold | None
    """What was broken, where a clock was."""
    decisions: list[DecidedTold]
    state: str
    decided_amount: Decimal | None
    adjustment: Decimal | None


class SumPart(msgspec.Struct, frozen=True):
    """One line of a sum."""

    id: str
    clause: str
    case: str
    line: str
    currency: str
    amount: Decimal | None
    state: str
    decided_amount: Decimal | None
    adjustment: Decimal | None
    counts: bool
    """Neither waived nor reversed."""


class SumTold(msgspec.Struct, frozen=True, kw_only=True):
    """What one person's month comes to."""

    person: str
    month: str
    currency: str
    parts: list[SumPart]
    lines: int
    proposed: Decimal
    decided: Decimal
    adjustment: Decimal


async def one(view: View, line_id: str) -> Explanation | None:
    """The story of one line; None if there is none. Lines whose facts are gone are no more to explain."""
    whose = await view.fetch(_WHOSE, (line_id, line_id))
    person = whose[0][0] if whose else None
    findings = await lines.findings_known(view, person, None)
    decided = await lines.decided_known(view, person)
    paid = await lines.paid_known(view, list(findings))
    decisions: Decisions = {}
    for name, decision, amount, *_ in decided:
        decisions.setdefault(name, []).append(Decision(decision, amount))
    for found in findings.values():
        standing = penalties.lines_of(view.settings, found, decisions, paid)
        line = next((line for line in standing if line.id == line_id), None)
        if line is not None:
            waived = _waived(standing, decisions) - {line.case}
            told = explain_line(view.settings, found, line_id, waived, paid)
            assert told is not None, "a line that stands was assessed"
            return await _explained(view, told, decided, decisions)
    return None


async def month(view: View, person: str, month: str) -> list[Explanation]:
    """What one person's month comes to, line by line; one a currency."""
    found = [line for line in await lines.as_known(view, person, month) if line["person"] == person]
    told = []
    for currency in sorted({line["currency"] for line in found}):
        own = [line for line in found if line["currency"] == currency]
        parts = [_part(line) for line in own]
        rules = await explained(view, "penalty-sum", _summed(person, month, currency, parts), (), _seen(own))
        told.append(rules)
    return told


async def _explained(
    view: View, told: LineTold, decided: Sequence[tuple[Any, ...]], decisions: Decisions
) -> Explanation:
    line = told.line
    about = [
        DecidedTold(decision, amount, rest[-1])
        for name, decision, amount, *rest in decided
        if name == line.id
    ]
    clock = await _clock(view, line)
    settled = decisions.get(line.id, [])
    row = dict(
        zip((name for name, _ in penalties.SHAPE.columns), penalties.row_of(line, settled), strict=True)
    )
    body = PenaltyTold(
        line=told,
        clock=clock,
        decisions=about,
        state=row["state"],
        decided_amount=row["decided_amount"],
        adjustment=row["adjustment"],
    )
    named = {position for counted in told.counted for position in counted.positions}
    named |= set(line.cause.evidence) | {one.position for one in about}
    if clock is not None:
        named |= positions_of(clock)
    return await explained(view, "penalty", body, (*told.rules, *(clock.rules if clock else ())), named)


async def _clock(view: View, line: PenaltyLine) -> ClockTold | None:
    named = broken_clock(line)
    return None if named is None else await clock_told(view, *named)


def broken_clock(line: PenaltyLine) -> tuple[str, str, str] | None:
    """Case, clause and instance of the clock whose breach it is; a further day of it has the same clock."""
    cause = line.cause
    if cause.code != "breach":
        return None
    return cause.case, cause.clause, clock_of(cause)


def _waived(standing: Sequence[PenaltyLine], decisions: Decisions) -> set[str]:
    """Cases all of whose lines were dropped: they count no more (see `penalties.lines_of`)."""
    charged = [line for line in standing if not line.follows]
    still = {line.case for line in charged if state_of(decisions.get(line.id, ())) not in DROPPED}
    return {line.case for line in charged} - still


def _part(line: lines.Line) -> SumPart:
    return SumPart(
        line["id"], line["clause"], line["case_id"], line["line"], line["currency"], line["amount"],
        line["state"], line["decided_amount"], line["adjustment"], line["state"] not in DROPPED,
    )  # fmt: skip


def _summed(person: str, month: str, currency: str, parts: list[SumPart]) -> SumTold:
    still = [part for part in parts if part.counts]
    return SumTold(
        person=person,
        month=month,
        currency=currency,
        parts=parts,
        lines=len(still),
        proposed=sum((part.amount or Decimal() for part in still), Decimal()),
        decided=sum((part.decided_amount or Decimal() for part in parts), Decimal()),
        adjustment=sum((part.adjustment or Decimal() for part in parts), Decimal()),
    )


def _seen(found: Sequence[lines.Line]) -> set[int]:
    return {position for line in found for position in line["evidence"]}
