"""Satisfaction rows: answers added up by group. Sums are kept by day and month, teams go by the very instant.

In a month in which somebody changed teams his days are asked. On the day itself sums do not say before or
after: that day's events are read.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from onrecord_events.envelope import from_bytes
from onrecord_projections.queries import journal, service_sources
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.view import View
from onrecord_projections.satisfaction import ABOUT, COUNTS, MONTHS, contribution, key_of
from onrecord_projections.staff import Span

Kind = Literal["csat", "nps"]
Time = Literal["day", "week", "month", "quarter", "year"]
GroupBy = Literal["about", "staff", "building", "channel", "team", "day", "week", "month", "quarter", "year"]
TIMES: frozenset[GroupBy | None] = frozenset(get_args(Time))
_GROUPS: dict[GroupBy | None, str] = {
    None: "''",
    "day": "to_char(day, 'YYYY-MM-DD')",
    "week": "to_char(day, 'IYYY-\"W\"IW')",
    "month": "to_char(day, 'YYYY-MM')",
    "quarter": "to_char(day, 'YYYY-\"Q\"Q')",
    "year": "to_char(day, 'YYYY')",
    "about": "about",
    "staff": "staff",
    "building": "building",
    "channel": "channel",
    "team": "coalesce(team, '')",
}
_SUMS = ", ".join(f"sum({name})::int8" for name in COUNTS)
_KEY = ("kind", "day", *ABOUT)
_COLUMNS = ", ".join((*_KEY, *COUNTS))
_SHAPE = ", ".join(
    (
        *(f"{name} {'date' if name == 'day' else 'text'}" for name in (*_KEY, "team")),
        *(f"{n} int8" for n in COUNTS),
    )
)
_WHOLE_DAYS = (
    "SELECT s.*, t.team FROM {} s LEFT JOIN unnest(%s::text[], %s::text[], %s::date[], %s::date[]) "
    "AS t (person, team, since, until) ON t.person = s.staff AND s.day >= t.since AND s.day < t.until "
    "WHERE (s.staff, s.day) NOT IN (SELECT * FROM unnest(%s::text[], %s::date[]))"
)
_MOVED = "IN (SELECT * FROM unnest(%s::text[], %s::date[]))"
_BY_MONTH = (
    f"(SELECT * FROM {MONTHS.table} WHERE (staff, day) NOT {_MOVED} UNION ALL "
    f"SELECT * FROM satisfaction WHERE (staff, date_trunc('month', day)::date) {_MOVED})"
)
_TOLD = f"SELECT {_COLUMNS}, team FROM json_to_recordset(%s::json) AS r ({_SHAPE})"
_SPANS = "SELECT person, team, since, until, joined, ended FROM {} t ORDER BY person, team, since"
_OF_DAY = (
    "SELECT t.position, t.recorded_at, t.raw FROM party p JOIN timeline t USING (position) "
    "WHERE p.party = %s AND t.position <= %s AND t.occurred_at >= %s AND t.occurred_at < %s "
    "AND (%s::timestamptz IS NULL OR t.occurred_at <= %s) AND starts_with(t.type, 'survey.')"
)
_LAST_DAY = date(9999, 1, 1)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which answers; None asks for nothing in particular."""

    kind: Kind | None = None
    since: date | None = None
    until: date | None = None
    """Half-open, in the tenant's own days."""
    about: str | None = None
    staff: str | None = None
    building: str | None = None
    channel: str | None = None
    team: str | None = None


class Asked(NamedTuple):
    """Whose answers, by what; of some groups, or a page of them."""

    wanted: Wanted
    by: GroupBy | None
    groups: Sequence[str] | None = None
    after: tuple[str, str] | None = None
    limit: int | None = None


class Sums(NamedTuple):
    """What one group's answers come to; the order of `COUNTS`."""

    kind: Kind
    group: str
    sent: int
    delivered: int
    declined: int
    answered: int
    satisfied: int
    promoters: int
    detractors: int
    score_sum: int
    self_asked: int


async def sums(view: View, asked: Asked) -> list[Sums]:
    """Groups in the order of kind and name."""
    wanted, group = asked.wanted, _GROUPS[asked.by]
    filters = Filters()
    filters.add(
        "kind = ANY(%s)", [wanted.kind] if wanted.kind else list(get_args(Kind))
    )  # days are kept by kind
    for name in (*ABOUT, "team"):
        filters.add_if(f"{name} = %s", getattr(wanted, name))
    filters.add_if("day >= %s", wanted.since)
    filters.add_if("day < %s", wanted.until)
    filters.add_if(f"{group} = ANY(%s)", asked.groups)
    if asked.after is not None:
        filters.add(f"(kind, {group}) > (%s, %s)", *asked.after)
    source = journal.satisfaction(view) if view.timed else Source("satisfaction", ())
    by_month = not view.timed and asked.by not in {"day", "week"} and _of_months(wanted)
    if asked.by == "team" or wanted.team is not None:
        source = await _with_teams(view, source, wanted, by_month=by_month)
    elif by_month:
        source = Source(MONTHS.table, ())
    rows = await view.fetch(
        f"SELECT kind, {group}, {_SUMS} FROM {source.text} s {filters.where} "
        "GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %s",
        (*source.values, *filters.values, asked.limit),
    )
    return [Sums(*row) for row in rows]


async def spans(view: View, teams: Source) -> list[Span]:
    """Who was in which team when."""
    return [Span(*row) for row in await view.fetch(_SPANS.format(teams.text), teams.values)]


def teams_at(known: Iterable[Span], person: str, at: datetime) -> list[str]:
    """The teams of a person at an instant."""
    return [
        span.team
        for span in known
        if span.person == person and span.since <= at and (span.until is None or at < span.until)
    ]


def _of_months(wanted: Wanted) -> bool:
    """Whether the days asked about are whole months."""
    return all(day is None or day.day == 1 for day in (wanted.since, wanted.until))


async def _with_teams(view: View, source: Source, wanted: Wanted, *, by_month: bool) -> Source:
    """The same rows with a team; a row of somebody in two teams comes twice."""
    known = await spans(view, await service_sources.teams(view))
    if by_month:
        source = _months(view, known)
    changed = sorted({day for span in known for day in _changed(view, span) if _asked_about(wanted, day[1])})
    told = [row for person, day in changed for row in await _told(view, person, day, known)]
    whole = [(span.person, span.team, *_whole(view, span)) for span in known]
    columns = [list(column) for column in zip(*whole, strict=True)] or [[], [], [], []]
    days = [list(column) for column in zip(*changed, strict=True)] or [[], []]
    said = msgspec.json.encode(told).decode()
    return Source(
        f"({_WHOLE_DAYS.format(source.text)} UNION ALL "
        f"SELECT {_COLUMNS}, team FROM json_to_recordset(%s::json) AS r ({_SHAPE}))",
        (*source.values, *columns, *days, said),
    )


def _months(view: View, known: Iterable[Span]) -> Source:
    """Sums by month; by day where somebody changed teams amid a month."""
    ends = ((span.person, _local(view, at)) for span in known for at in (span.since, span.until) if at)
    amid = sorted({(who, at.date().replace(day=1)) for who, at in ends if at.day > 1 or at.time() != time()})
    moved = [list(column) for column in zip(*amid, strict=True)] or [[], []]
    return Source(_BY_MONTH, (*moved, *moved))


def _asked_about(wanted: Wanted, day: date) -> bool:
    return (wanted.since is None or wanted.since <= day) and (wanted.until is None or day < wanted.until)


def _whole(view: View, span: Span) -> tuple[date, date]:
    """The first day it held all of, and the first after that it did not."""
    since, until = _local(view, span.since), span.until and _local(view, span.until)
    first = since.date() if since.time() == time() else since.date() + timedelta(days=1)
    return first, until.date() if until else _LAST_DAY


def _changed(view: View, span: Span) -> Iterable[tuple[str, date]]:
    """The days it held for a part of."""
    for at in (span.since, span.until):
        if at is not None and _local(view, at).time() != time():
            yield span.person, _local(view, at).date()


async def _told(view: View, person: str, day: date, known: Iterable[Span]) -> list[dict[str, Any]]:
    """One person's answers of one day, each with the team he was in at that instant."""
    begin = datetime.combine(day, time(), view.zone)
    end = datetime.combine(day + timedelta(days=1), time(), view.zone)
    as_of = view.times.as_of
    found = []
    rows = await view.fetch(_OF_DAY, (f"person/{person}", view.position, begin, end, as_of, as_of))
    for event in (from_bytes(raw, position, at) for position, at, raw in rows):
        if event.data.get("staff") != person or not (counted := contribution(event)):
            continue
        row = dict(zip(_KEY, key_of(event, view.settings), strict=True))
        row |= {name: counted.get(name, 0) for name in COUNTS}
        teams = teams_at(known, person, event.occurred_at)
        found += [{**row, "team": team} for team in teams or [""]]
    return found


def _local(view: View, at: datetime) -> datetime:
    return at.astimezone(view.zone)
