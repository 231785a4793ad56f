"""Satisfaction: how content are they, how many of those asked said so, and how sure can one be?"""

from typing import NamedTuple

import msgspec

from onrecord_projections import statistics
from onrecord_projections.judging.figures import days_of
from onrecord_projections.queries import satisfaction_rows as rows_of
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.earlier import Absent, Compared, Stretch, compared, stretches_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.satisfaction_rows import TIMES, GroupBy, Kind, Wanted
from onrecord_projections.queries.service import hidden_below
from onrecord_projections.queries.view import View

_DIGITS = 4
__all__ = ["GroupBy", "Kind", "SatisfactionRow", "Score", "Wanted", "find"]


class Score(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval, and how it moved."""

    value: float
    low: float
    high: float
    year_before: Compared | None = None
    """同比."""
    period_before: Compared | None = None
    """环比."""


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
    absent: Absent | None
    """Why there is no score: nobody answered, or too few to show."""
    mean: float | None
    response_rate: Score | None
    """Answered of sent. None where more answered than were sent (those were asked otherwise), or too few."""
    self_asked: int
    """Answers that the handler collected himself."""
    few: bool
    """Fewer than 30 answers: do not rank anybody by this."""


class _Key(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    group: str


class _Figures(NamedTuple):
    """Score and response rate of one group in one stretch; None where they are not shown."""

    score: statistics.Estimate | None
    response: statistics.Estimate | None
    absent: Absent | None


_NOTHING = _Figures(None, None, "no-data")


async def find(
    view: View,
    wanted: Wanted,
    by: GroupBy | None,
    *,
    period: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[SatisfactionRow]:
    """Groups by kind and name; of a period, or by time, against earlier ones. Raises BadQuestion."""
    if period is not None:
        wanted = _within(view, wanted, period)
    key = key_of(cursor, _Key)
    asked = rows_of.Asked(wanted, by, after=(key.kind, key.group) if key else None, limit=limit + 1)
    found = await rows_of.sums(view, asked)
    few = hidden_below(view)
    page = found[:limit]
    names = sorted({row.group for row in page})
    earlier = await _earlier(view, wanted, by, period, names, few)
    rows = [_row(row, few, earlier.get((row.kind, row.group), {})) for row in page]
    return Page(rows, _Key(page[-1].kind, page[-1].group) if len(found) > limit else None)


def _within(view: View, wanted: Wanted, period: str) -> Wanted:
    if wanted.since is not None or wanted.until is not None:
        raise BadQuestion("period: instead of since and until, not with them")
    return _on_days(wanted, stretches_of(view, period).now)


def _on_days(wanted: Wanted, stretch: Stretch) -> Wanted:
    first, after, _ = days_of(stretch.period)
    return msgspec.structs.replace(wanted, since=first, until=after)


async def _earlier(
    view: View, wanted: Wanted, by: GroupBy | None, period: str | None, names: list[str], few: int
) -> dict[tuple[str, str], dict[str, tuple[Stretch, _Figures]]]:
    """By kind and group: the figures of the period before, and of the year before, where there are any."""
    if by is not None and by in TIMES:
        return await _by_time(view, wanted, by, names, few)
    if period is None:
        return {}
    stretches = stretches_of(view, period)
    found: dict[tuple[str, str], dict[str, tuple[Stretch, _Figures]]] = {}
    for stretch in stretches.listed[1:]:
        meant = [
            name
            for name, each in (("before", stretches.before), ("year", stretches.year_before))
            if each == stretch
        ]
        for row in await rows_of.sums(view, rows_of.Asked(_on_days(wanted, stretch), by, groups=names)):
            held = found.setdefault((row.kind, row.group), {})
            held.update(dict.fromkeys(meant, (stretch, _figures(row, few))))
    return found


async def _by_time(
    view: View, wanted: Wanted, by: GroupBy, names: list[str], few: int
) -> dict[tuple[str, str], dict[str, tuple[Stretch, _Figures]]]:
    """Each row is a period of its own, held against those before it."""
    of_row = {name: stretches_of(view, name) for name in names}
    others = {
        each.period
        for found in of_row.values()
        for each in (found.before, found.year_before)
        if each is not None
    }
    if not others:
        return {}
    days = [days_of(name)[:2] for name in others]
    span = msgspec.structs.replace(
        wanted, since=min(first for first, _ in days), until=max(after for _, after in days)
    )
    sums = await rows_of.sums(view, rows_of.Asked(span, by, groups=sorted(others)))
    figures = {(row.kind, row.group): _figures(row, few) for row in sums}
    kinds = {kind for kind, _ in figures}
    return {
        (kind, name): {
            which: (each, figures.get((kind, each.period), _NOTHING))
            for which, each in (("before", found.before), ("year", found.year_before))
            if each is not None
        }
        for kind in kinds
        for name, found in of_row.items()
    }


def _figures(row: rows_of.Sums, few: int) -> _Figures:
    response = statistics.share(row.answered, row.sent) if row.answered <= row.sent >= few else None
    if row.answered < few or not row.answered:
        return _Figures(None, response, "hidden" if row.answered else "no-data")
    if row.kind == "csat":
        return _Figures(statistics.share(row.satisfied, row.answered), response, None)
    score = statistics.net_promoter_score(row.promoters, row.detractors, row.answered)
    return _Figures(score, response, None)


def _row(row: rows_of.Sums, few: int, earlier: dict[str, tuple[Stretch, _Figures]]) -> SatisfactionRow:
    now = _figures(row, few)
    scores = {which: (stretch, then.score) for which, (stretch, then) in earlier.items()}
    responses = {which: (stretch, then.response) for which, (stretch, then) in earlier.items()}
    return SatisfactionRow(
        kind=row.kind,
        group=row.group or None,
        sent=row.sent,
        delivered=row.delivered,
        declined=row.declined,
        n=row.answered,
        score=_score(now.score, scores),
        absent=now.absent,
        mean=round(row.score_sum / row.answered, _DIGITS) if now.score else None,
        response_rate=_score(now.response, responses),
        self_asked=row.self_asked,
        few=row.answered < statistics.FEW,
    )


def _score(
    found: statistics.Estimate | None, earlier: dict[str, tuple[Stretch, statistics.Estimate | None]]
) -> Score | None:
    if found is None:
        return None
    value, low, high = (round(part, _DIGITS) for part in found)
    moved = {
        which: compared(value, then and round(then.value, _DIGITS), stretch)
        for which, (stretch, then) in earlier.items()
    }
    return Score(value, low, high, moved.get("year"), moved.get("before"))
