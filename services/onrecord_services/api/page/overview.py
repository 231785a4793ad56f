"""Overview: what is late, what soon will be, and which cases moved last."""

from datetime import datetime
from urllib.parse import quote, urlencode

import msgspec

from onrecord_projections.queries import cases, clocks
from onrecord_projections.queries.cases import CaseRow
from onrecord_projections.queries.clocks import ClockRow, Counts
from onrecord_projections.queries.view import Lang, View
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.words import SOON, moment, say, span

ROWS = 30


class Overview(msgspec.Struct, frozen=True):
    """What the first page shows."""

    now: datetime
    counts: Counts
    overdue: list[ClockRow]
    soon: list[ClockRow]
    recent: list[CaseRow]


async def read(view: View) -> Overview:
    """All of it, at one position."""
    now = view.now
    overdue = await clocks.find(view, clocks.Wanted(state="breached", open=True), limit=ROWS)
    soon = await clocks.find(view, clocks.Wanted(state="running", due_before=now + SOON), limit=ROWS)
    recent = await cases.find(view, cases.Wanted(), limit=ROWS)
    counts = await clocks.count(view, SOON)
    return Overview(now.astimezone(view.zone), counts, overdue.items, soon.items, recent.items)


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


def case_link(case: str) -> Element:
    """A case by its name, leading to its page."""
    return h("a", case, href=f"/case/{quote(case)}", class_="id")


def clause_cell(lang: Lang, row: ClockRow) -> Element:
    """A clause in words, its number beside it, leading to how it was counted."""
    query = urlencode({"case": row.case, "clause": row.clause, "instance": row.instance})
    number = h("a", row.clause, href=f"/explain?{query}", class_="id", title=say(lang, "why"))
    return h("span", h("span", row.says, class_="says") if row.says else None, " ", number)


def _number(lang: Lang, word: str, count: int, tone: str | None) -> Element:
    return h("li", h("b", str(count)), h("span", say(lang, word)), class_=tone, id=f"count-{word}")


def _overdue(lang: Lang, found: Overview) -> Element:
    columns = [say(lang, word) for word in ("late", "case", "clause", "owner", "due")]
    rows: list[list[Element | str]] = [
        [
            h("b", span(lang, row.late_s or 0), class_="bad"),
            case_link(row.case),
            clause_cell(lang, row),
            row.owner or "–",
            moment(row.due_at, found.now),
        ]
        for row in found.overdue
    ]
    export = h("a", "CSV", href="/v1/clocks?state=breached&open=true&format=csv", class_="export")
    return card(
        say(lang, "overdue"), table(columns, rows, say(lang, "none-overdue")), id_="overdue", note=export
    )


def _soon(lang: Lang, found: Overview) -> Element:
    columns = [say(lang, word) for word in ("left", "case", "clause", "owner", "due")]
    rows: list[list[Element | str]] = [
        [
            span(lang, int((row.due_at - found.now).total_seconds())) if row.due_at else "–",
            case_link(row.case),
            clause_cell(lang, row),
            row.owner or "–",
            moment(row.due_at, found.now),
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
            moment(row.opened_at, found.now),
            moment(row.last_at, found.now),
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
