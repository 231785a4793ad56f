"""Service SQL: the statements behind figures of service; each counts several stretches of time at once.

Of the numbers in them: n is what a share is of. How long something took is a Kaplan-Meier estimate: at each
length of time the share still waiting is multiplied by the share of those then waiting who waited on; what
is open, or was withdrawn, waits for as long as it is known to have done (Kaplan and Meier 1958).
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from onrecord_projections.queries.earlier import Stretch
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.journal import Source

GroupBy = Literal["person", "team", "channel", "building"]
Kind = Literal["complaint", "repair", "service", "case"]
_STRETCHES = "unnest(%s::int4[], %s::timestamptz[], %s::timestamptz[]) AS s (nth, since, until)"
_TEAMS = "LEFT JOIN {} t ON t.person = {} AND {} >= t.since AND (t.until IS NULL OR {} < t.until)"
_DUE = (
    f"{_STRETCHES} JOIN sla c ON c.due_at >= s.since AND c.due_at < least(s.until, %s) "
    "AND c.kind = 'clock' AND c.state NOT IN ('cancelled', 'excused')"
)
_MATTER = "LEFT JOIN service i ON i.case_id = c.case_id AND i.item = ''"
HALF, NINE_TENTHS = 0.5, 0.1
"""The shares still waiting when the median and the 90th percentile are reached."""
_NEARLY = 1e-9
"""A product of shares that should come to a half may come out a hair above it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose figures; None asks for nothing in particular."""

    kind: Kind = "complaint"
    person: str | None = None
    team: str | None = None
    channel: str | None = None
    building: str | None = None


class Columns(NamedTuple):
    """Where a row says who it is about and since when; and how it came, and where."""

    person: str
    at: str
    channel: str = "i.channel"
    building: str = "i.building"


TAKEN, HELD = Columns("i.person", "i.opened_at"), Columns("i.held_by", "i.held_at")
OWED = Columns("coalesce(c.owner, '')", "c.started_at")


class Statement(NamedTuple):
    """Text and values."""

    text: str
    values: tuple[Any, ...]


class Asked(NamedTuple):
    """What every statement takes."""

    stretches: Sequence[Stretch]
    wanted: Wanted
    by: GroupBy | None
    now: datetime
    teams: Source

    @property
    def by_case(self) -> bool:
        """Whether it takes the matter itself to tell."""
        named = self.wanted.channel is not None or self.wanted.building is not None
        return named or self.by in {"channel", "building"}


def counts(
    asked: Asked, items: Source, columns: Columns, kinds: Sequence[str], counted: Mapping[str, str]
) -> Statement:
    """nth, group, then a number for each condition on items opened in the stretches; `%s` in one is now."""
    joined, teams, group = _people(asked, columns)
    filters = _filters(asked.wanted, columns)
    numbers = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counted.values())
    return Statement(
        f"SELECT s.nth, {group}, {numbers} FROM {_STRETCHES} JOIN {items.text} i "
        f"ON i.opened_at >= s.since AND i.opened_at < s.until AND i.kind = ANY(%s) {joined} "
        f"{filters.where} GROUP BY 1, 2",
        (
            *[asked.now] * numbers.count("%s"),
            *_stretches(asked),
            *items.values,
            list(kinds),
            *teams,
            *filters.values,
        ),
    )


def times(asked: Asked, items: Source, columns: Columns, end: str) -> Statement:
    """nth, group, how many, how many came to the end, the median and the 90th percentile in seconds."""
    joined, teams, group = _people(asked, columns)
    filters = _filters(asked.wanted, columns)
    took = f"greatest(0, extract(epoch FROM coalesce({end}, i.ended_at, %s) - i.opened_at))::float8"
    return Statement(
        f"WITH took AS (SELECT s.nth, {group} AS grp, {took} AS took_s, count(*) AS n, count({end}) AS ends "
        f"FROM {_STRETCHES} JOIN {items.text} i "
        f"ON i.opened_at >= s.since AND i.opened_at < s.until AND i.kind = %s {joined} "
        f"{filters.where} GROUP BY 1, 2, 3), "
        "waiting AS (SELECT *, sum(n) OVER (PARTITION BY nth, grp ORDER BY took_s DESC)::float8 AS waited "
        "FROM took), "
        "left_over AS (SELECT *, exp(sum(CASE WHEN ends < waited THEN ln(1 - ends / waited) ELSE -700 END) "
        "OVER (PARTITION BY nth, grp ORDER BY took_s)) AS share FROM waiting) "
        "SELECT nth, grp, sum(n)::int8, sum(ends)::int8, min(took_s) FILTER (WHERE share <= %s), "
        "min(took_s) FILTER (WHERE share <= %s) FROM left_over GROUP BY 1, 2",
        (
            asked.now,
            *_stretches(asked),
            *items.values,
            asked.wanted.kind,
            *teams,
            *filters.values,
            HALF + _NEARLY,
            NINE_TENTHS + _NEARLY,
        ),
    )


def clocks(asked: Asked, callbacks: Sequence[str]) -> Statement:
    """nth, group; of promises due, then of call-backs due: how many, done at all, done in time."""
    joined, teams, group = _people(asked, OWED)
    filters = _filters(asked.wanted, OWED)
    filters.add("starts_with(c.case_id, %s)", f"{asked.wanted.kind}/")
    called = "c.clause = ANY(%s)"
    return Statement(
        f"SELECT s.nth, {group}, count(*), count(c.stopped_at), count(*) FILTER (WHERE c.state = 'met'), "
        f"count(*) FILTER (WHERE {called}), count(c.stopped_at) FILTER (WHERE {called}), "
        f"count(*) FILTER (WHERE c.state = 'met' AND {called}) "
        f"FROM {_DUE} {_MATTER if asked.by_case else ''} {joined} {filters.where} GROUP BY 1, 2",
        (*[list(callbacks)] * 3, *_stretches(asked), asked.now, *teams, *filters.values),
    )


def items_behind(
    asked: Asked,
    items: Source,
    columns: Columns,
    kinds: Sequence[str],
    made: tuple[str, str, str | None],
    after: tuple[Any, ...],
    limit: int,
) -> Statement:
    """Case, item, kind, clause, at, person, counted, seconds, evidence; the earliest first, and one over."""
    among, counted, end = made
    joined, teams, _ = _people(asked, columns)
    filters = _filters(asked.wanted, columns)
    filters.add("(i.opened_at, i.case_id, i.item) > (%s, %s, %s)", *after)
    filters.add(among, *[asked.now] * among.count("%s"))
    took = "NULL::float8"
    if end:
        took = f"greatest(0, extract(epoch FROM coalesce({end}, i.ended_at, %s) - i.opened_at))::float8"
    return Statement(
        f"SELECT i.case_id, i.item, i.kind, NULL::text, i.opened_at, {columns.person}, {counted}, {took}, "
        f"i.evidence FROM {_STRETCHES} JOIN {items.text} i "
        f"ON i.opened_at >= s.since AND i.opened_at < s.until AND i.kind = ANY(%s) {joined} "
        f"{filters.where} ORDER BY i.opened_at, i.case_id, i.item LIMIT %s",
        (
            *[asked.now] * took.count("%s"),
            *_stretches(asked),
            *items.values,
            list(kinds),
            *teams,
            *filters.values,
            limit + 1,
        ),
    )


def clocks_behind(
    asked: Asked, callbacks: Sequence[str] | None, counted: str, after: tuple[Any, ...], limit: int
) -> Statement:
    """The same of clocks that fell due; of call-backs only, where their clauses are given."""
    joined, teams, _ = _people(asked, OWED)
    filters = _filters(asked.wanted, OWED)
    filters.add("starts_with(c.case_id, %s)", f"{asked.wanted.kind}/")
    filters.add("(c.due_at, c.case_id, c.instance, c.clause) > (%s, %s, %s, %s)", *after)
    filters.add_if("c.clause = ANY(%s)", callbacks)
    return Statement(
        f"SELECT c.case_id, c.instance, c.kind, c.clause, c.due_at, {OWED.person}, {counted}, NULL::float8, "
        f"c.evidence FROM {_DUE} {_MATTER if asked.by_case else ''} {joined} {filters.where} "
        "ORDER BY c.due_at, c.case_id, c.instance, c.clause LIMIT %s",
        (*_stretches(asked), asked.now, *teams, *filters.values, limit + 1),
    )


def _stretches(asked: Asked) -> tuple[list[int], list[datetime], list[datetime]]:
    spans = [each.span for each in asked.stretches]
    return list(range(len(spans))), [span.begin for span in spans], [span.end for span in spans]


def _people(asked: Asked, columns: Columns) -> tuple[str, tuple[Any, ...], str]:
    """The join with teams if it takes one, its values, and what rows are grouped by."""
    group = {None: "''", "team": "coalesce(t.team, '')"}.get(asked.by) or getattr(columns, str(asked.by))
    if asked.by != "team" and asked.wanted.team is None:
        return "", (), f"coalesce({group}, '')"
    joined = _TEAMS.format(asked.teams.text, columns.person, columns.at, columns.at)
    return joined, asked.teams.values, f"coalesce({group}, '')"


def _filters(wanted: Wanted, columns: Columns) -> Filters:
    filters = Filters()
    filters.add_if(f"{columns.person} = %s", wanted.person)
    filters.add_if("t.team = %s", wanted.team)
    filters.add_if(f"{columns.channel} = %s", wanted.channel)
    filters.add_if(f"{columns.building} = %s", wanted.building)
    return filters
