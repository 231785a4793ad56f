"""Penalties: what is proposed, to whom, by which clause, for what, and what was decided about it?"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

State = Literal[
    "proposed",
    "notified",
    "appealed",
    "appeal-upheld",
    "appeal-rejected",
    "approved",
    "waived",
    "reversed",
    "exported",
]
_COLUMNS = (
    "id, person, month, pack, edition, clause, clauses, case_id, at, counted_as, quantity, base, factor, "
    "amount, currency, cause_clause, cause_code, cause_instance, evidence, state, decided_amount, "
    "adjustment, line, sanction, days, value, low, high, shares, lacks"
)


class PenaltyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of one person's month. A proposal, until a person decides."""

    id: str
    person: str
    month: str
    pack: str
    edition: int
    clause: str
    says: str
    clauses: list[str]
    """All clauses that had a say in the amount."""
    case: str
    at: datetime
    counted_as: int
    """The how-manieth case of the month it is, for ladders."""
    quantity: int
    base: Decimal | None
    factor: int
    amount: Decimal | None
    """None where there is no money, where a person decides between `low` and `high`, or something lacks."""
    currency: str
    cause_clause: str
    cause_code: str
    cause_instance: str
    evidence: list[int]
    state: State
    decided_amount: Decimal | None
    adjustment: Decimal | None
    """What is owed now less what was decided, where facts changed after the decision."""
    line: str
    """fine, deduction, cost, charge: owed; reward, allowance: given; sanction, forfeit: no money."""
    sanction: str | None
    days: int | None
    value: Decimal | None
    """The money that the price is a multiple or a share of."""
    low: Decimal | None
    high: Decimal | None
    shares: int
    """Among how many people the whole was divided."""
    lacks: str
    """What is not on record and would make the amount."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines; None asks for nothing in particular."""

    person: str | None = None
    month: str | None = None
    state: State | None = None
    case: str | None = None


class _Key(msgspec.Struct, frozen=True, array_like=True):
    month: str
    person: str
    id: str


async def find(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[PenaltyRow]:
    """A page of lines, the latest month first, person by person. Raises BadQuestion."""
    filters = Filters()
    filters.add_if("person = %s", wanted.person)
    filters.add_if("month = %s", wanted.month)
    filters.add_if("state = %s", wanted.state)
    filters.add_if("case_id = %s", wanted.case)
    if (key := key_of(cursor, _Key)) is not None:
        filters.add(
            "(month < %s OR (month = %s AND (person, id) > (%s, %s)))",
            key.month,
            key.month,
            key.person,
            key.id,
        )
    rows = await view.fetch(
        f"SELECT {_COLUMNS} FROM penalties {filters.where} ORDER BY month DESC, person, id LIMIT %s",
        (*filters.values, limit + 1),
    )
    items = [_row(view, row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, _Key(items[-1].month, items[-1].person, items[-1].id) if more else None)


def _row(view: View, row: tuple[Any, ...]) -> PenaltyRow:
    named = dict(zip(_COLUMNS.replace("case_id", "case").split(", "), row, strict=True))
    return PenaltyRow(**named, says=view.says(named["pack"], named["edition"], named["clause"]))
