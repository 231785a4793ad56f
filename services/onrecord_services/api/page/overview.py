"""Overview: what is late, what soon will be, and which cases moved last."""

from datetime import datetime

import msgspec

from onrecord_projections.queries import cases, clocks, questions
from onrecord_projections.queries.cases import CaseRow
from onrecord_projections.queries.clocks import ClockRow, Counts
from onrecord_projections.queries.view import Lang, Times, View
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.parts import case_link, clause_cell, export_link, when
from onrecord_services.api.page.words import SOON, say, span

ROWS = 30


class Overview(msgspec.Struct, frozen=True):
    """What the first page shows."""

    now: datetime
    times: Times
    counts: Counts
    overdue: list[ClockRow]
    soon: list[ClockRow]
    recent: list[CaseRow]


async def read(view: View) -> Overview:
    """All of it, at one position."""
    now = view.at
    overdue = await questions.find_clocks(view, clocks.Wanted(state="breached", open=True), limit=ROWS)
    soon = await questions.find_clocks(
        view, clocks.Wanted(state="running", due_before=now + SOON), limit=ROWS
    )
    recent = await questions.find_cases(view, cases.Wanted(), limit=ROWS)
    counts = await questions.count_clocks(view, SOON)
    local = now.astimezone(view.zone)
    return Overview(local, view.times, counts, overdue.items, soon.items, recent.items)


def content(lang: Lang, found: Overview) -> Element:
    """The page's content."""
    counts = found.counts
    return join(
        h(
            "ul",
            _number(lang, "overdue", counts.overdue, "bad" if counts.overdue else None),
            _number(lang, "due-soon", counts.due_soon, "soon" if counts.due_soon else None),
            _number(lang, "open", counts.open, None),
            class_="numbers",
        ),
        _overdue(lang, found),
        _soon(lang, found),
        _recent(lang, found),
    )


def _number(lang: Lang, word: str, count: int | None, tone: str | None) -> Element:
    return h(
        "li",
        h("b", "–" if count is None else str(count)),
        h("span", say(lang, word)),
        class_=tone,
        id=f"count-{word}",
    )


def _overdue(lang: Lang, found: Overview) -> Element:
    columns = [say(lang, word) for word in ("late", "case", "clause", "owner", "due")]
    rows: list[list[Element | str]] = [
        [
            h("b", span(lang, row.late_s or 0), class_="bad"),
            case_link(row.case),
            clause_cell(lang, row),
            row.owner or "–",
            when(row.due_at, found.now),
        ]
        for row in found.overdue
    ]
    export = export_link("/v1/clocks", found.times, state="breached", open="true", format="csv")
    listed = table(columns, rows, say(lang, "none-overdue"))
    hidden = found.counts.overdue - len(rows)
    more = h("p", say(lang, "more", str(hidden)), class_="note") if hidden > 0 else None
    return card(say(lang, "overdue"), listed, more, id_="overdue", note=export)


def _soon(lang: Lang, found: Overview) -> Element:
    columns = [say(lang, word) for word in ("left", "case", "clause", "owner", "due")]
    rows: list[list[Element | str]] = [
        [
            span(lang, int((row.due_at - found.now).total_seconds())) if row.due_at else "–",
            case_link(row.case),
            clause_cell(lang, row),
            row.owner or "–",
            when(row.due_at, found.now),
        ]
        for row in found.soon
    ]
    return card(say(lang, "due-soon"), table(columns, rows, say(lang, "none-soon")), id_="due-soon")


def _recent(lang: Lang, found: Overview) -> Element:
    columns = [say(lang, word) for word in ("case", "building", "customer", "opened", "last", "promises")]
    rows: list[list[Element | str]] = [
        [
            case_link(row.case),
            row.building or "–",
            row.customer or "–",
            when(row.opened_at, found.now),
            when(row.last_at, found.now),
            _promises(lang, row),
        ]
        for row in found.recent
    ]
    return card(say(lang, "recent"), table(columns, rows, say(lang, "none-cases")), id_="recent")


def _promises(lang: Lang, row: CaseRow) -> Element:
    if not row.open_clocks:
        return h("span", "–")
    late = (
        h("b", f"{row.overdue_clocks} {say(lang, 'breached')} ", class_="bad") if row.overdue_clocks else None
    )
    waiting = row.open_clocks - row.overdue_clocks
    return h("span", late, f"{waiting} {say(lang, 'running')}" if waiting else None)
