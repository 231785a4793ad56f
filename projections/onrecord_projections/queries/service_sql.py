"""Service SQL: the statements that count rows for figures of service, each over several stretches at once."""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from onrecord_projections.queries.earlier import Stretch
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.journal import Source
from onrecord_projections.queries.telling import Span

GroupBy = Literal["person", "team", "channel", "building"]
Kind = Literal["complaint", "repair", "service", "case"]
_TEAMS = "LEFT JOIN {} t ON t.person = {} AND {} >= t.since AND (t.until IS NULL OR {} < t.until)"
_OWED = "c.kind = 'clock' AND c.state NOT IN ('cancelled', 'excused') AND "
_DUE, _AHEAD = (f"{_OWED} c.due_at {when} %s AND starts_with(c.case_id, %s)" for when in ("<", ">="))
_MATTER = "LEFT JOIN service i ON i.case_id = c.case_id AND i.item = ''"


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
SUMMED = Columns("s.person", "s.since_on", "s.channel", "s.building")
OWED = Columns("coalesce(c.owner, '')", "c.started_at", "coalesce(i.channel, '')", "coalesce(i.building, '')")

_MONTH = "date_trunc('month', {} AT TIME ZONE INTERVAL '08:00')::date"
_MOVED = "unnest(%s::text[], %s::date[])"


class Statement(NamedTuple):
    """Text and values."""

    text: str
    values: tuple[Any, ...]


class Moved(NamedTuple):
    """Months in which somebody changed teams: only what came into his hands then, or all but that."""

    months: Sequence[tuple[str, date]]
    only: bool = False

    @property
    def values(self) -> tuple[list[str], list[date]]:
        """People and months."""
        return [person for person, _ in self.months], [month for _, month in self.months]


class Asked(NamedTuple):
    """What every statement takes."""

    stretches: Sequence[Stretch]
    wanted: Wanted
    by: GroupBy | None
    now: datetime
    teams: Source
    months: Source = Source("", ())
    """Teams by whole months, for sums."""
    moved: Moved | None = None

    @property
    def spans(self) -> list[Span]:
        """The instants of each stretch."""
        return [each.span for each in self.stretches]

    @property
    def by_person(self) -> bool:
        """Whether it matters who had it when."""
        named = self.wanted.person is not None or self.wanted.team is not None
        return named or self.by in {"person", "team"}

    @property
    def by_team(self) -> bool:
        """Whether it matters who was in which team when."""
        return self.by == "team" or self.wanted.team is not None

    @property
    def by_case(self) -> bool:
        """Whether it takes the matter itself to tell."""
        return tells_by_case(self.wanted, self.by)


def tells_by_case(wanted: Wanted, by: GroupBy | None) -> bool:
    """Whether channel or building matter, which only a matter has."""
    named = wanted.channel is not None or wanted.building is not None
    return named or by in {"channel", "building"}


def counts(
    asked: Asked, items: Source, columns: Columns, kinds: Sequence[str], counted: Mapping[str, str]
) -> Statement:
    """nth, group, then a number for each condition on items opened in the stretches; `%s` in one is now."""
    nth, within = stretches(asked.spans, "i.opened_at")
    joined, group = people(asked, columns)
    filters = filters_of(asked, columns)
    numbers = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counted.values())
    return Statement(
        f"SELECT {nth.text}, {group}, {numbers} FROM {items.text} i {joined.text} "
        f"WHERE i.kind = ANY(%s) AND {within.text} {filters.more} GROUP BY 1, 2",
        (
            *nth.values,
            *[asked.now] * numbers.count("%s"),
            *items.values,
            *joined.values,
            list(kinds),
            *within.values,
            *filters.values,
        ),
    )


def lengths(asked: Asked, items: Source, columns: Columns, ends: Sequence[str]) -> Statement:
    """nth, group; for each end the seconds until it, then the seconds waited where it has not come."""
    nth, within = stretches(asked.spans, "i.opened_at")
    joined, group = people(asked, columns)
    filters = filters_of(asked, columns)
    took = ", ".join(
        f"coalesce(array_agg({_took(end)}) FILTER (WHERE {end} IS {came} NULL), '{{}}')"
        for end in ends
        for came in ("NOT", "")
    )
    return Statement(
        f"SELECT {nth.text}, {group}, {took} FROM {items.text} i {joined.text} "
        f"WHERE i.kind = %s AND {within.text} {filters.more} GROUP BY 1, 2",
        (
            *nth.values,
            *[asked.now] * took.count("%s"),
            *items.values,
            *joined.values,
            asked.wanted.kind,
            *within.values,
            *filters.values,
        ),
    )


def clocks(asked: Asked, *, ahead: bool = False) -> Statement:
    """nth, group, clause; how many promises were due, done at all, done in time; `ahead`: will be due."""
    nth, within = stretches(asked.spans, "c.due_at")
    joined, group = people(asked, OWED)
    filters = filters_of(asked, OWED)
    return Statement(
        f"SELECT {nth.text}, {group}, c.clause, count(*), count(c.stopped_at), "
        f"count(*) FILTER (WHERE c.state = 'met') "
        f"FROM sla c {_MATTER if asked.by_case else ''} {joined.text} "
        f"WHERE {_AHEAD if ahead else _DUE} AND {within.text} {filters.more} GROUP BY 1, 2, 3",
        (
            *nth.values,
            *joined.values,
            asked.now,
            f"{asked.wanted.kind}/",
            *within.values,
            *filters.values,
        ),
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
    _, within = stretches(asked.spans, "i.opened_at")
    joined, _ = people(asked, columns)
    filters = filters_of(asked, columns)
    filters.add("(i.opened_at, i.case_id, i.item) > (%s, %s, %s)", *after)
    filters.add(among, *[asked.now] * among.count("%s"))
    took = _took(end) if end else "NULL::float8"
    return Statement(
        f"SELECT i.case_id, i.item, i.kind, NULL::text, i.opened_at, {columns.person}, {counted}, {took}, "
        f"i.evidence FROM {items.text} i {joined.text} "
        f"WHERE i.kind = ANY(%s) AND {within.text} {filters.more} "
        "ORDER BY i.opened_at, i.case_id, i.item LIMIT %s",
        (
            *[asked.now] * took.count("%s"),
            *items.values,
            *joined.values,
            list(kinds),
            *within.values,
            *filters.values,
            limit + 1,
        ),
    )


def clocks_behind(
    asked: Asked, callbacks: Sequence[str] | None, counted: str, after: tuple[Any, ...], limit: int
) -> Statement:
    """The same of clocks that fell due; of call-backs only, where their clauses are given."""
    _, within = stretches(asked.spans, "c.due_at")
    joined, _ = people(asked, OWED)
    filters = filters_of(asked, OWED)
    filters.add("(c.due_at, c.case_id, c.instance, c.clause) > (%s, %s, %s, %s)", *after)
    filters.add_if("c.clause = ANY(%s)", callbacks)
    return Statement(
        f"SELECT c.case_id, c.instance, c.kind, c.clause, c.due_at, {OWED.person}, {counted}, NULL::float8, "
        f"c.evidence FROM sla c {_MATTER if asked.by_case else ''} {joined.text} "
        f"WHERE {_DUE} AND {within.text} {filters.more} "
        "ORDER BY c.due_at, c.case_id, c.instance, c.clause LIMIT %s",
        (
            *joined.values,
            asked.now,
            f"{asked.wanted.kind}/",
            *within.values,
            *filters.values,
            limit + 1,
        ),
    )


def _took(end: str) -> str:
    """Seconds from the opening to an end, or for as long as it is known to have lasted."""
    return f"greatest(0, date_part('epoch', coalesce({end}, i.ended_at, %s) - i.opened_at))"


def stretches(spans: Sequence[tuple[Any, Any]], column: str) -> tuple[Statement, Statement]:
    """In which of the spans a value lies, the latest first; and that it lies in one of them."""
    cases = " ".join(f"WHEN {column} >= %s THEN {nth}" for nth in range(len(spans)))
    within = " OR ".join([f"({column} >= %s AND {column} < %s)"] * len(spans))
    return (
        Statement(f"CASE {cases} END", tuple(begin for begin, _ in spans)),
        Statement(f"({within})", tuple(at for span in spans for at in span)),
    )


def people(asked: Asked, columns: Columns) -> tuple[Source, str]:
    """The join with teams, if it takes one, and what rows are grouped by."""
    group = {None: "''", "team": "coalesce(t.team, '')"}.get(asked.by) or getattr(columns, str(asked.by))
    if not asked.by_team:
        return Source("", ()), f"coalesce({group}, '')"
    teams = asked.months if columns is SUMMED else asked.teams
    joined = _TEAMS.format(teams.text, columns.person, columns.at, columns.at)
    return Source(joined, teams.values), f"coalesce({group}, '')"


def filters_of(asked: Asked, columns: Columns) -> Filters:
    """Whose rows."""
    filters, wanted = Filters(), asked.wanted
    filters.add_if(f"{columns.person} = %s", wanted.person)
    filters.add_if("t.team = %s", wanted.team)
    filters.add_if(f"{columns.channel} = %s", wanted.channel)
    filters.add_if(f"{columns.building} = %s", wanted.building)
    if asked.moved is not None:
        among = "IN" if asked.moved.only else "NOT IN"
        month = columns.at if columns is SUMMED else _MONTH.format(columns.at)
        filters.add(f"({columns.person}, {month}) {among} (SELECT * FROM {_MOVED})", *asked.moved.values)
    return filters
