"""Drafts: a card that sets what stands against what the drafts that run beside would make of it."""

from decimal import Decimal

import msgspec

from onrecord_projections.queries import shadow
from onrecord_projections.queries.shadow import ComparedRow, DraftRow, Standing
from onrecord_projections.queries.view import Lang, View
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h
from onrecord_services.api.page.words import moment, say

ROWS = 20


class Drafts(msgspec.Struct, frozen=True):
    """What the card shows."""

    running: list[DraftRow]
    clauses: list[ComparedRow]
    persons: list[ComparedRow]


async def read(view: View) -> Drafts | None:
    """All of it, at one position; None where no draft runs, or the page looks back."""
    running = shadow.drafts(view)
    if view.timed or not running:
        return None
    return Drafts(running, await shadow.compare(view, "clause"), await shadow.compare(view, "person"))


def content(lang: Lang, found: Drafts | None) -> Element | None:
    """The card, if there is something to compare."""
    if found is None:
        return None
    named = [
        h("li", f"{draft.title} · {draft.pack} {draft.edition}, {say(lang, 'since')} {moment(draft.since)}")
        for draft in found.running
    ]
    note = h("p", say(lang, "draft-only"), class_="note")
    clauses = _compared(lang, "clause", found.clauses)
    return card(
        say(lang, "drafts"),
        note,
        h("ul", *named),
        clauses,
        _compared(lang, "person", found.persons),
        id_="drafts",
    )


def _compared(lang: Lang, first: str, found: list[ComparedRow]) -> Element:
    columns = [say(lang, word) for word in (first, "clocks", "breached", "penalties", "amount")]
    rows: list[list[Element | str]] = [
        [
            h("span", row.says, " ", h("span", row.name, class_="id")),
            _step(str(row.live.clocks), str(row.draft.clocks)),
            _step(str(row.live.broken), str(row.draft.broken)),
            _step(str(row.live.lines), str(row.draft.lines)),
            _step(_owed(row.live), _owed(row.draft)),
        ]
        for row in found[:ROWS]
    ]
    return table(columns, rows, say(lang, "draft-same"))


def _step(live: str, draft: str) -> str:
    return live if live == draft else f"{live} → {draft}"


def _owed(standing: Standing) -> str:
    sums = [f"{amount:.2f} {currency}" for currency, amount in sorted(standing.owed.items())]
    return ", ".join(sums) or str(Decimal(0))
