"""Case: one case, its promises, its hand-overs and all that happened in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from onrecord_projections.queries import questions, timeline
from onrecord_projections.queries.answer import cursor_of
from onrecord_projections.queries.cases import CaseInFull
from onrecord_projections.queries.handovers import HandoverRow
from onrecord_projections.queries.timeline import SEALED, EventRow
from onrecord_projections.queries.view import Lang, View
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.parts import clause_cell, facts, state_mark, when
from onrecord_services.api.page.words import moment, say, span

EVENTS = 100


class CasePage(msgspec.Struct, frozen=True):
    """What the page of a case shows."""

    now: datetime
    found: CaseInFull
    events: list[EventRow]
    next: str | None


async def read(view: View, case: str, cursor: str | None) -> CasePage | None:
    """All of it, at one position; None if there is no such case."""
    found = await questions.one_case(view, case)
    if found is None:
        return None
    page = await timeline.of_case(view, case, cursor=cursor, limit=EVENTS)
    return CasePage(view.at.astimezone(view.zone), found, page.items, cursor_of(page.after))


def content(lang: Lang, page: CasePage) -> Element:
    """The page's content."""
    case, now = page.found.case, page.now
    said = [
        ("kind", case.kind),
        ("building", case.building),
        ("customer", case.customer),
        ("opened", when(case.opened_at, now)),
        ("last", when(case.last_at, now)),
        ("events", str(case.events)),
    ]
    return join(
        h("h1", case.case, class_="id"),
        facts(lang, said),
        _promises(lang, page),
        _handovers(lang, page.found.handovers, now),
        _timeline(lang, page),
    )


def _promises(lang: Lang, page: CasePage) -> Element:
    columns = [say(lang, word) for word in ("state", "clause", "owner", "started", "due", "stopped", "late")]
    rows: list[list[Element | str]] = [
        [
            state_mark(lang, row),
            clause_cell(lang, row),
            row.owner or "–",
            when(row.started_at, page.now),
            when(row.due_at, page.now),
            when(row.stopped_at, page.now),
            span(lang, row.late_s) if row.late_s is not None else "–",
        ]
        for row in page.found.clocks
    ]
    taken_back = [
        h("p", f"{gone.clause}: ", say(lang, "retracted", str(gone.position)), class_="note")
        for gone in page.found.retracted
    ]
    return card(
        say(lang, "promises"), table(columns, rows, say(lang, "none-clocks")), *taken_back, id_="promises"
    )


def _handovers(lang: Lang, found: list[HandoverRow], now: datetime) -> Element | None:
    if not found:
        return None
    columns = [say(lang, word) for word in ("state", "giver", "taker", "offered", "decided")]
    rows: list[list[Element | str]] = [
        [
            say(lang, "moved" if row.kind == "moved" else row.state),
            row.giver,
            row.taker,
            when(row.offered_at, now),
            when(row.decided_at, now),
        ]
        for row in found
    ]
    return card(say(lang, "handovers"), table(columns, rows, ""), id_="handovers")


def _timeline(lang: Lang, page: CasePage) -> Element:
    items = [_event(lang, event, page.now) for event in page.events]
    older = h("a", say(lang, "newer"), href=f"?cursor={page.next}", class_="more") if page.next else None
    return card(say(lang, "timeline"), h("ol", *items, class_="timeline"), older, id_="timeline")


def _event(lang: Lang, event: EventRow, now: datetime) -> Element:
    late = (event.recorded_at - event.occurred_at).total_seconds() >= 60  # noqa: PLR2004 (within a minute is at once)
    recorded = say(lang, "recorded-late", moment(event.recorded_at, now)) if late else None
    fields = [h("div", h("dt", name), h("dd", _value(lang, value))) for name, value in event.data.items()]
    return h(
        "li",
        when(event.occurred_at, now),
        h(
            "div",
            h("b", event.type),
            h("span", f" {event.actor}", class_="who") if event.actor else None,
            h("small", f" · {recorded}") if recorded else None,
            h("small", f" · #{event.position}", class_="position"),
            h("dl", *fields) if fields else None,
        ),
        id=f"event-{event.position}",
    )


def _value(lang: Lang, value: Any) -> Element | str:
    if value == SEALED:
        return h("i", say(lang, "sealed"), class_="sealed")
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Mapping | list):
        return msgspec.json.encode(value).decode()
    return str(value)
