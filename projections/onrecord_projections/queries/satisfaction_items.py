"""Satisfaction items: which invitations and answers are behind a score?"""

from datetime import date, datetime, time

import msgspec

from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections.queries import service_sources
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.satisfaction_rows import Kind, Wanted, spans, teams_at
from onrecord_projections.queries.view import View
from onrecord_projections.satisfaction import ABOUT, contribution
from onrecord_projections.satisfaction import key_of as counted_under
from onrecord_projections.staff import Span

READ_MAX = 5_000
"""Events looked at for one page; a page may hold fewer rows than asked for and still have a next."""
_TOLD = (
    "SELECT t.position, t.recorded_at, t.raw FROM cases c JOIN timeline t USING (case_id) "
    "WHERE c.last_at >= %s AND c.opened_at < %s AND t.occurred_at >= %s AND t.occurred_at < %s "
    "AND (%s::timestamptz IS NULL OR t.occurred_at <= %s) "
    "AND starts_with(t.type, 'survey.') AND t.position > %s AND t.position <= %s ORDER BY t.position LIMIT %s"
)


class AnswerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event that counts."""

    kind: Kind
    type: str
    case: str
    stream: str
    at: datetime
    position: int
    score: int | None
    about: str | None
    staff: str | None
    teams: list[str]
    """In which the staff member was at that instant."""
    building: str | None
    channel: str | None
    asked_by: str | None


class _Key(msgspec.Struct, frozen=True, array_like=True):
    position: int


async def behind(
    view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[AnswerRow]:
    """Events in the order of the log. Raises BadQuestion."""
    key = key_of(cursor, _Key)
    (begin, end), as_of = _instants(view, wanted), view.times.as_of
    after = key.position if key else 0
    rows = await view.fetch(_TOLD, (begin, end, begin, end, as_of, as_of, after, view.position, READ_MAX))
    known = await spans(view, await service_sources.teams(view))
    found: list[AnswerRow] = []
    for position, recorded_at, raw in rows:
        if len(found) == limit:
            return Page(found, _Key(found[-1].position))
        event = from_bytes(raw, position, recorded_at)
        if contribution(event) and _meant(view, wanted, event, teams := _teams(known, event)):
            found.append(_row(view, event, teams))
    return Page(found, _Key(rows[-1][0]) if len(rows) == READ_MAX else None)


def _instants(view: View, wanted: Wanted) -> tuple[datetime, datetime]:
    """From the first day to the last."""
    begin = datetime.combine(wanted.since or date(1900, 1, 1), time(), view.zone)
    end = datetime.combine(wanted.until or date(2200, 1, 1), time(), view.zone)
    return begin, end


def _teams(known: list[Span], event: Recorded) -> list[str]:
    return teams_at(known, event.data.get("staff") or "", event.occurred_at)


def _meant(view: View, wanted: Wanted, event: Recorded, teams: list[str]) -> bool:
    kind = counted_under(event, view.settings)[0]
    said = all(getattr(wanted, name) in (None, event.data.get(name) or "") for name in ABOUT)
    return said and wanted.kind in (None, kind) and (wanted.team is None or wanted.team in teams)


def _row(view: View, event: Recorded, teams: list[str]) -> AnswerRow:
    data = event.data
    return AnswerRow(
        kind=counted_under(event, view.settings)[0],
        type=event.type,
        case=event.case,
        stream=event.stream,
        at=event.occurred_at.astimezone(view.zone),
        position=event.position,
        score=data.get("score"),
        about=data.get("about"),
        staff=data.get("staff"),
        teams=teams,
        building=data.get("building"),
        channel=data.get("channel"),
        asked_by=data.get("asked_by"),
    )
