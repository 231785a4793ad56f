"""Service: what do the figures of service come to in a period, for whom, and how did they move?

Read from one row a matter, task or contact, and one a clock; nothing is averaged twice. With `as_of` or
`known_at` matters are told again from their events; figures of clocks are not offered then (`/v1/kpi` and
`/v1/clocks/totals` have them).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from onrecord_projections import statistics
from onrecord_projections.queries import service_sql
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.earlier import Absent, Compared, Stretches, compared, stretches_of
from onrecord_projections.queries.service_counted import Numbers, counted
from onrecord_projections.queries.service_sql import GroupBy, Wanted
from onrecord_projections.queries.service_words import SAID, FigureId, Unit
from onrecord_projections.queries.view import View

_DIGITS = 4
SHARES: dict[FigureId, tuple[str, str]] = {
    "timeliness": ("met", "due"),
    "callback-rate": ("callbacks-done", "callbacks-due"),
    "callbacks-in-time": ("callbacks-met", "callbacks-due"),
    "settled": ("settled", "stayed"),
    "tasks-done": ("tasks-done", "tasks"),
    "tasks-in-time": ("tasks-in-time", "tasks-due"),
    "reopened": ("reopened", "ever-settled"),
    "repeated": ("repeated", "complaints"),
}
"""What a share is made of: so many of so many."""
TIMES: dict[FigureId, tuple[str, str]] = {
    "first-response-median": ("answered", "half"),
    "first-response-p90": ("answered", "nine-tenths"),
    "settlement-median": ("settled", "half"),
    "settlement-p90": ("settled", "nine-tenths"),
}
OF_CLOCKS: frozenset[FigureId] = frozenset({"timeliness", "callback-rate", "callbacks-in-time"})


class FigureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one group in a period."""

    figure: FigureId
    says: str
    formula: str
    clauses: list[str]
    """The clauses that ask for such a figure; what they bind to in numbers is for `/v1/kpi` to say."""
    unit: Unit
    period: str
    group: str | None
    """What it is split by; None: not split, or nobody is named."""
    count: int | None
    """How many it counts, of `n`; of a time, how many came to the end. None where it is hidden."""
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    """The 95 % interval of a share (Wilson)."""
    absent: Absent | None = None
    """Why there is no value."""
    few: bool = False
    """Fewer than 30: do not rank anybody by this."""
    year_before: Compared | None = None
    """同比."""
    period_before: Compared | None = None
    """环比."""


class _Key(msgspec.Struct, frozen=True, array_like=True):
    group: str


class _Found(NamedTuple):
    """A figure before it is put into words."""

    counted: int | None
    n: int
    value: float | None
    absent: Absent | None
    low: float | None = None
    high: float | None = None


async def of_period(
    view: View,
    period: str,
    wanted: Wanted,
    by: GroupBy | None = None,
    *,
    figure: FigureId | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[FigureRow]:
    """Every figure, group by group; a page ends with a whole group. Raises BadQuestion."""
    stretches = stretches_of(view, period)
    numbers = await counted(view, stretches.listed, wanted, by)
    key = key_of(cursor, _Key)
    groups = sorted({group for _, group in numbers} | ({""} if by is None else set()))
    groups = [group for group in groups if key is None or group > key.group]
    asked = [each for each in SAID if figure in (None, each)]
    rows: list[FigureRow] = []
    for group in groups:
        if len(rows) >= limit:
            return Page(rows, _Key(groups[groups.index(group) - 1]))
        rows += _rows(view, stretches, _of_group(numbers, group), group, _offered(view, wanted, by, asked))
    return Page(rows)


def _offered(
    view: View, wanted: Wanted, by: GroupBy | None, figures: Iterable[FigureId]
) -> list[tuple[FigureId, bool]]:
    """Contacts name no building of their own, and their ways in are others; clocks are not told again."""
    without: set[FigureId] = set(OF_CLOCKS) if view.timed else set()
    if service_sql.tells_by_case(wanted, by):
        without.add("complaint-rate")
    return [(each, each not in without) for each in figures]


def _of_group(numbers: dict[tuple[int, str], Numbers], group: str) -> dict[int, Numbers]:
    return {nth: each for (nth, name), each in numbers.items() if name == group}


def _rows(
    view: View,
    stretches: Stretches,
    numbers: dict[int, Numbers],
    group: str,
    asked: Iterable[tuple[FigureId, bool]],
) -> Iterator[FigureRow]:
    few = hidden_below(view)
    listed = stretches.listed
    for figure, offered in asked:
        found = [_figure(figure, numbers.get(nth, {}), few, offered=offered) for nth in range(len(listed))]
        values = {stretch: each.value for stretch, each in zip(listed, found, strict=True)}
        before, year = stretches.before, stretches.year_before
        said, now = SAID[figure], found[0]
        chinese = view.lang == "zh"
        yield FigureRow(
            figure=figure,
            says=said.zh if chinese else said.en,
            formula=said.formula_zh if chinese else said.formula_en,
            clauses=list(said.clauses),
            unit=said.unit,
            period=stretches.now.period,
            group=group or None,
            count=now.counted,
            n=now.n,
            value=now.value,
            low=now.low,
            high=now.high,
            absent=now.absent,
            few=said.unit != "count" and now.n < statistics.FEW,
            year_before=compared(now.value, year and values[year], year),
            period_before=compared(now.value, before and values[before], before),
        )


def hidden_below(view: View) -> int:
    """The tenant's own number: what rests on fewer is not shown."""
    return int(view.settings.reading("figures.hidden-below", view.at))


def _figure(figure: FigureId, numbers: Numbers, few: int, *, offered: bool) -> _Found:
    """One figure of one group in one stretch."""
    if not offered:
        return _Found(None, 0, None, "not-offered")
    if figure == "complaints":
        count = _int(numbers, "complaints")
        return _Found(count, count, count, None)
    if figure == "complaint-rate":
        return _shown(_int(numbers, "complaints"), _int(numbers, "contacts"), few)
    if figure in TIMES:
        return _time(numbers, *TIMES[figure], few)
    above, below = SHARES[figure]
    count, n = _int(numbers, above), _int(numbers, below)
    found = _shown(count, n, few)
    estimate = statistics.share(count, n)
    if found.value is None or estimate is None:
        return found
    return found._replace(low=round(estimate.low, _DIGITS), high=round(estimate.high, _DIGITS))


def _time(numbers: Numbers, end: str, quantile: str, few: int) -> _Found:
    count, n = _int(numbers, f"{end}-ends"), _int(numbers, f"{end}-n")
    if not n or n < few:
        return _shown(count, n, few)
    took_s = numbers[f"{end}-{quantile}"]
    return _Found(count, n, took_s, "not-reached" if took_s is None else None)


def _shown(count: int, n: int, few: int) -> _Found:
    """A count of a number, unless that is too small to show."""
    if not n:
        return _Found(0, 0, None, "no-data")
    if n < few:
        return _Found(None, n, None, "hidden")
    return _Found(count, n, round(count / n, _DIGITS), None)


def _int(numbers: Numbers, name: str) -> int:
    return int(numbers.get(name) or 0)
