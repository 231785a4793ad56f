"""Penalties: what is proposed, to whom, by which clause, for what, and what was decided about it?"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from onrecord_projections.queries import lines
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.lines import Line
from onrecord_projections.queries.penalty_bearers import BORNE, Bearer, bearers, shares_known, whose_lines
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
    bearers: list[Bearer] = []
    """Who bears how much, where it was split by decision; else its person bears it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines; None asks for nothing in particular."""

    person: str | None = None
    """Whose line it is."""
    concerns: str | None = None
    """Whose it is, or who bears a share of it."""
    month: str | None = None
    state: State | None = None
    case: str | None = None


class _Key(msgspec.Struct, frozen=True, array_like=True):
    month: str
    person: str
    id: str


async def find(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[PenaltyRow]:
    """A page of lines, the latest month first, person by person. Raises BadQuestion."""
    if view.timed:
        return await _find_as_known(view, wanted, key_of(cursor, _Key), limit)
    filters = Filters()
    filters.add_if("person = %s", wanted.person)
    if wanted.concerns is not None:
        filters.add(f"(person = %s OR id IN ({BORNE}))", wanted.concerns, wanted.concerns)
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
    items = await _with_bearers(view, [_row(view, row) for row in rows[:limit]])
    more = len(rows) > limit
    return Page(items, _key(items[-1]) if more else None)


async def _find_as_known(view: View, wanted: Wanted, key: _Key | None, limit: int) -> Page[PenaltyRow]:
    asked = wanted.person or wanted.concerns
    whose = {asked} | (await whose_lines(view, wanted.concerns) if wanted.concerns else set())
    known = [line for one in whose for line in await lines.as_known(view, one, wanted.month)]
    rows = await _with_bearers(view, [_named(view, line) for line in known])
    rows.sort(key=lambda row: (row.person, row.id))
    rows.sort(key=lambda row: row.month, reverse=True)
    items = [row for row in rows if _matches(row, wanted) and (key is None or _comes_after(row, key))]
    more = len(items) > limit
    return Page(items[:limit], _key(items[limit - 1]) if more else None)


async def _with_bearers(view: View, rows: list[PenaltyRow]) -> list[PenaltyRow]:
    """With who bears them, where they were split."""
    shares = await shares_known(view, [row.id for row in rows])
    return [
        replace(row, bearers=bearers(shares[row.id], row.decided_amount)) if row.id in shares else row
        for row in rows
    ]


def _matches(row: PenaltyRow, wanted: Wanted) -> bool:
    concerned = {None, row.person, *(bearer.person for bearer in row.bearers)}
    return (
        wanted.state in (None, row.state) and wanted.case in (None, row.case) and wanted.concerns in concerned
    )


def _comes_after(row: PenaltyRow, key: _Key) -> bool:
    return row.month < key.month or (row.month == key.month and (row.person, row.id) > (key.person, key.id))


def _key(row: PenaltyRow) -> _Key:
    return _Key(row.month, row.person, row.id)


def _row(view: View, row: tuple[Any, ...]) -> PenaltyRow:
    return _named(view, dict(zip(_COLUMNS.split(", "), row, strict=True)))


def _named(view: View, line: Line) -> PenaltyRow:
    named = {name: line[name] for name in _COLUMNS.split(", ") if name != "case_id"}
    said = view.says(line["pack"], line["edition"], line["clause"])
    named["at"] = line["at"].astimezone(view.zone)
    return PenaltyRow(**named, case=line["case_id"], says=said)
