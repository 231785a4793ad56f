"""Service months: whose team was the same for a whole month, and in which months did somebody change teams?

Sums know months, no instants. Where a team held all month they tell it; what came into somebody's hands in a
month in which he changed teams is counted row by row.
"""

from collections.abc import Iterable
from datetime import date, datetime

from onrecord_projections import promise_sums, service_sums
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.service_kept import days_of
from onrecord_projections.queries.service_sql import Asked, Moved, stretches
from onrecord_projections.queries.view import View
from onrecord_projections.service_sums import begins_on, month_of, nth_day
from onrecord_projections.staff import Span

_SPANS = "SELECT person, team, since, until, joined, ended FROM team_spans ORDER BY person, team, since"
_WHOLE = (
    "(SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[]) AS w (person, team, since, until))"
)
_MEANT = (
    "SELECT s.person, s.since_on FROM {} s WHERE s.side <> 'all' AND {} "
    "AND (s.person, s.since_on) IN (SELECT * FROM unnest(%s::text[], %s::date[]))"
)


async def by_month(view: View, asked: Asked) -> Asked:
    """The same with teams by whole months, and without the months in which somebody changed them."""
    known = [Span(*row) for row in await view.fetch(_SPANS)]
    columns = [list(column) for column in zip(*map(_whole, known), strict=True)] or [[], [], [], []]
    changed = Moved(sorted(set(_changed(known))))
    moved = Moved(await _meant(view, asked, changed)) if changed.months else changed
    return asked._replace(months=Source(_WHOLE, tuple(columns)), moved=moved)


async def _meant(view: View, asked: Asked, changed: Moved) -> list[tuple[str, date]]:
    """Of these months, those of which something is asked about."""
    _, within = stretches(days_of(asked), "s.begins_on")
    values = *within.values, *changed.values
    statement = " UNION ".join(
        _MEANT.format(table, within.text) for table in (service_sums.SHAPE.table, promise_sums.SHAPE.table)
    )
    return [(person, month) for person, month in await view.fetch(statement, (*values, *values))]


def _whole(span: Span) -> tuple[str, str, date, date | None]:
    """The first month it held in, and the first after that it did not hold all of.

    A month it began amid is among those of `_changed`, which are not asked of sums.
    """
    return span.person, span.team, _month(span.since), span.until and _month(span.until)


def _changed(spans: Iterable[Span]) -> Iterable[tuple[str, date]]:
    """The months it held for a part of."""
    for span in spans:
        for at in (span.since, span.until):
            if at is not None and begins_on(at) != _month(at):
                yield span.person, _month(at)


def _month(at: datetime) -> date:
    return month_of(nth_day(at))
