"""Journal: the figures as of an instant as known at another, shaped like the tables that only know now."""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime
from typing import Any, NamedTuple

from onrecord_projections.journal.figures import CLOCKS, DUE, SATISFACTION
from onrecord_projections.judging.run import EVER
from onrecord_projections.queries.view import View
from onrecord_projections.satisfaction import COUNTS


class Source(NamedTuple):
    """Something to select from, with the values it needs."""

    text: str
    values: tuple[Any, ...]


def _pivoted(names: tuple[str, ...], nth: int) -> str:
    sums = (f"coalesce(sum(n) FILTER (WHERE key[{nth}] = '{name}'), 0)::int8 AS {name}" for name in names)
    return ", ".join(sums)


_SUMS = (
    "SELECT f.key, sum(j.delta) AS n FROM journal j JOIN journal_figures f ON f.id = j.figure_id "
    "WHERE f.key[1] = %s AND j.position <= %s AND j.since <= %s GROUP BY f.id, f.key HAVING sum(j.delta) <> 0"
)
_CLOCKS = (
    "SELECT key[2] AS pack, key[3]::int4 AS edition, key[4] AS clause, key[5] AS kind, "
    f"nullif(key[6], '') AS owner, key[7] AS state, key[8] = 'open' AS open, n::int8 FROM ({_SUMS}) s"
)
_DUE = (
    "SELECT key[2] AS pack, key[3]::int4 AS edition, key[4] AS clause, key[5] AS kind, key[6] AS month, "
    f"{_pivoted(('due', 'done', 'in_time'), 7)} FROM ({_SUMS}) s GROUP BY 1, 2, 3, 4, 5"
)
_SATISFACTION = (
    "SELECT key[2] AS kind, key[3]::date AS day, key[4] AS about, key[5] AS staff, key[6] AS building, "
    f"key[7] AS channel, {_pivoted(COUNTS, 8)} FROM ({_SUMS}) s GROUP BY 1, 2, 3, 4, 5, 6"
)


def clocks(view: View, at: datetime | None = None) -> Source:
    """pack, edition, clause, kind, owner, state, open, n."""
    return Source(f"({_CLOCKS})", (CLOCKS, view.position, at or view.at))


def due(view: View) -> Source:
    """pack, edition, clause, kind (of case), month, due, done, in_time."""
    return Source(f"({_DUE})", (DUE, view.position, view.at))


def satisfaction(view: View) -> Source:
    """The columns of the table of that name; without `as_of` what is claimed for later counts too."""
    return Source(f"({_SATISFACTION})", (SATISFACTION, view.position, view.times.as_of or EVER))
