"""Staff: who is in which team, and who was?"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime

import msgspec

from onrecord_projections.queries import service_sources
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person in one team, `[since, until)`."""

    team: str
    person: str
    since: datetime
    until: datetime | None
    evidence: list[int]
    """Positions of the events that say so."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose memberships; None asks for nothing in particular."""

    team: str | None = None
    person: str | None = None
    ever: bool = False
    """Also those that are over."""


class _Key(msgspec.Struct, frozen=True, array_like=True):
    team: str
    person: str
    since: datetime


async def members(
    view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[MemberRow]:
    """Memberships in the order of teams and people, as of the time asked about. Raises BadQuestion."""
    source = await service_sources.teams(view)
    filters = Filters()
    filters.add_if("team = %s", wanted.team)
    filters.add_if("person = %s", wanted.person)
    if not wanted.ever:
        filters.add("since <= %s AND (until IS NULL OR until > %s)", view.at, view.at)
    if (key := key_of(cursor, _Key)) is not None:
        filters.add("(team, person, since) > (%s, %s, %s)", key.team, key.person, key.since)
    rows = await view.fetch(
        f"SELECT team, person, since, until, joined, ended FROM {source.text} t {filters.where} "
        "ORDER BY team, person, since LIMIT %s",
        (*source.values, *filters.values, limit + 1),
    )
    found = [
        MemberRow(
            team=team,
            person=person,
            since=since,
            until=until,
            evidence=[position for position in (joined, ended) if position is not None],
        )
        for team, person, since, until, joined, ended in rows
    ]
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], _Key(last.team, last.person, last.since))
