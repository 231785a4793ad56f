"""Satisfaction: how content are they, how many of those asked said so, and how sure can one be?"""

from datetime import date
from typing import Any, Literal, get_args

import msgspec

from onrecord_projections import statistics
from onrecord_projections.queries import journal
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.view import View
from onrecord_projections.satisfaction import COUNTS

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

Kind = Literal["csat", "nps"]
GroupBy = Literal["about", "staff", "building", "month"]
_GROUPS: dict[GroupBy | None, str] = {
    None: "''",
    "month": "to_char(day, 'YYYY-MM')",
    **{column: column for column in get_args(GroupBy) if column != "month"},
}
_SUMS = ", ".join(f"sum({name})::int8" for name in COUNTS)
_DIGITS = 4


class Score(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class SatisfactionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One group's answers."""

    kind: Kind
    group: str | None
    """The value of what was grouped by; None where nothing was grouped, or the answer named none."""
    sent: int
    delivered: int
    declined: int
    n: int
    """How many answered."""
    score: Score | None
    """CSAT: the share of 4 and 5, 0 to 1. NPS: promoters minus detractors, -100 to 100."""
    mean: float | None
    response_rate: Score | None
    """Answered of sent. None where more answered than were sent: those were asked otherwise."""
    self_asked: int
    """Answers that the handler collected himself."""
    few: bool
    """Fewer than 30 answers: do not rank anybody by this."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which answers; None asks for nothing in particular."""

    kind: Kind | None = None
    since: date | None = None
    until: date | None = None
    """Half-open, in the tenant's own days."""
    about: str | None = None
    staff: str | None = None
    building: str | None = None


class _Key(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    group: str


async def find(
    view: View, wanted: Wanted, by: GroupBy | None, *, cursor: str | None = None, limit: int = 50
) -> Page[SatisfactionRow]:
    """Groups in the order of kind and name. Raises BadQuestion."""
    filters = Filters()
    filters.add_if("kind = %s", wanted.kind)
    filters.add_if("day >= %s", wanted.since)
    filters.add_if("day < %s", wanted.until)
    filters.add_if("about = %s", wanted.about)
    filters.add_if("staff = %s", wanted.staff)
    filters.add_if("building = %s", wanted.building)
    group = _GROUPS[by]
    if (key := key_of(cursor, _Key)) is not None:
        filters.add(f"(kind, {group}) > (%s, %s)", key.kind, key.group)
    source = journal.satisfaction(view) if view.timed else Source("satisfaction", ())
    rows = await view.fetch(
        f"SELECT kind, {group}, {_SUMS} FROM {source.text} s {filters.where} "
        "GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %s",
        (*source.values, *filters.values, limit + 1),
    )
    more = len(rows) > limit
    return Page([_row(row) for row in rows[:limit]], _Key(*rows[limit - 1][:2]) if more else None)


def _row(row: tuple[Any, ...]) -> SatisfactionRow:
    kind, group, sent, delivered, declined, n, satisfied, promoters, detractors, score_sum, self_asked = row
    csat = kind == "csat"
    found = (
        statistics.share(satisfied, n) if csat else statistics.net_promoter_score(promoters, detractors, n)
    )
    return SatisfactionRow(
        kind=kind,
        group=group or None,
        sent=sent,
        delivered=delivered,
        declined=declined,
        n=n,
        score=_score(found),
        mean=round(score_sum / n, _DIGITS) if n else None,
        response_rate=_score(statistics.share(n, sent)) if n <= sent else None,
        self_asked=self_asked,
        few=n < statistics.FEW,
    )


def _score(found: statistics.Estimate | None) -> Score | None:
    return found and Score(*(round(part, _DIGITS) for part in found))
