"""Penalty sums: what do the proposed lines of each person and month come to, and what was decided of it?"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from onrecord_projections.penalties import DROPPED
from onrecord_projections.queries import lines
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.lines import Line
from onrecord_projections.queries.view import View

_DROPPED = ", ".join(f"'{state}'" for state in sorted(DROPPED))
_STILL = f"state NOT IN ({_DROPPED})"
_SUMS = (
    f"person, month, currency, count(*) FILTER (WHERE {_STILL}), "
    f"coalesce(sum(amount) FILTER (WHERE {_STILL}), 0), coalesce(sum(decided_amount), 0), "
    "coalesce(sum(adjustment), 0)"
)


class SumRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person's month in one currency."""

    person: str
    month: str
    currency: str
    lines: int
    """Those that were neither waived nor reversed."""
    proposed: Decimal
    """What these come to by the rules, whatever was decided."""
    decided: Decimal
    adjustment: Decimal
    """What is owed now less what was decided, where facts changed after the decision."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose; None asks for nothing in particular."""

    person: str | None = None
    month: str | None = None


class _Key(msgspec.Struct, frozen=True, array_like=True):
    month: str
    person: str
    currency: str


async def find(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[SumRow]:
    """A page of sums, the latest month first, person by person. Raises BadQuestion."""
    key = key_of(cursor, _Key)
    rows = await (_as_known if view.timed else _of_rows)(view, wanted, key, limit + 1)
    items = rows[:limit]
    more = len(rows) > limit
    last = items[-1] if more else None
    return Page(items, last and _Key(last.month, last.person, last.currency))


async def _of_rows(view: View, wanted: Wanted, key: _Key | None, limit: int) -> list[SumRow]:
    filters = Filters()
    filters.add_if("person = %s", wanted.person)
    filters.add_if("month = %s", wanted.month)
    if key is not None:
        filters.add(
            "(month < %s OR (month = %s AND (person, currency) > (%s, %s)))", key.month, *_values(key)
        )
    rows = await view.fetch(
        f"SELECT {_SUMS} FROM penalties {filters.where} GROUP BY person, month, currency "
        "ORDER BY month DESC, person, currency LIMIT %s",
        (*filters.values, limit),
    )
    return [_row(row) for row in rows]


async def _as_known(view: View, wanted: Wanted, key: _Key | None, limit: int) -> list[SumRow]:
    rows = _summed(await lines.as_known(view, wanted.person, wanted.month))
    return [row for row in rows if key is None or _comes_after(row, key)][:limit]


def _summed(found: Iterable[Line]) -> list[SumRow]:
    """Added up person by person; the lines come in that order already."""
    sums: dict[tuple[str, str, str], list[Any]] = {}
    for line in found:
        sum_ = sums.setdefault((line["person"], line["month"], line["currency"]), [0, *[Decimal(0)] * 3])
        if line["state"] not in DROPPED:
            sum_[0] += 1
            sum_[1] += line["amount"]
        sum_[2] += line["decided_amount"] or 0
        sum_[3] += line["adjustment"] or 0
    rows = sorted((_row((*key, *sums[key])) for key in sums), key=lambda row: (row.person, row.currency))
    return sorted(rows, key=lambda row: row.month, reverse=True)


def _row(row: tuple[Any, ...]) -> SumRow:
    return SumRow(**dict(zip(SumRow.__struct_fields__, row, strict=True)))


def _comes_after(row: SumRow, key: _Key) -> bool:
    later = (row.person, row.currency) > (key.person, key.currency)
    return row.month < key.month or (row.month == key.month and later)


def _values(key: _Key) -> tuple[str, str, str]:
    return key.month, key.person, key.currency
