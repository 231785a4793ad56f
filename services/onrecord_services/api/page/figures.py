"""Figures: what is proposed as penalties, and how content people are, each with how sure one can be."""

import msgspec

from onrecord_projections.queries import penalties, satisfaction
from onrecord_projections.queries.penalties import PenaltyRow
from onrecord_projections.queries.satisfaction import SatisfactionRow
from onrecord_projections.queries.view import Lang, Times, View
from onrecord_services.api.page import drafts
from onrecord_services.api.page.drafts import Drafts
from onrecord_services.api.page.frame import card, table
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.parts import case_link, export_link
from onrecord_services.api.page.words import say

ROWS = 100


class Figures(msgspec.Struct, frozen=True):
    """What the page shows."""

    times: Times
    lines: list[PenaltyRow]
    content: list[SatisfactionRow]
    drafts: Drafts | None


async def read(view: View) -> Figures:
    """All of it, at one position."""
    lines = await penalties.find(view, penalties.Wanted(), limit=ROWS)
    content = await satisfaction.find(view, satisfaction.Wanted(), "building", limit=ROWS)
    return Figures(view.times, lines.items, content.items, await drafts.read(view))


def content(lang: Lang, found: Figures) -> Element:
    """The page's content."""
    return join(
        _penalties(lang, found.times, found.lines),
        drafts.content(lang, found.drafts),
        _satisfaction(lang, found.content),
    )


def _penalties(lang: Lang, times: Times, found: list[PenaltyRow]) -> Element:
    words = ("month", "person", "amount", "clause", "case", "state")
    rows: list[list[Element | str]] = [
        [
            row.month,
            row.person,
            _amount(row),
            h("span", row.says, " ", h("span", row.clause, class_="id")),
            case_link(row.case),
            say(lang, row.state),
        ]
        for row in found
    ]
    export = export_link("/v1/penalties", times, format="csv")
    listed = table([say(lang, word) for word in words], rows, say(lang, "none-penalties"))
    note = h("p", say(lang, "proposals-only"), class_="note") if found else None
    return card(say(lang, "penalties"), note, listed, id_="penalties", note=export)


def _amount(row: PenaltyRow) -> str:
    """Money, a range a person decides in, or the code of a sanction; what lacks shows as a dash."""
    parts = []
    if row.amount is not None:
        parts.append(f"{row.amount:.2f} {row.currency}" + (f" (×{row.factor})" if row.factor > 1 else ""))
    elif row.low is not None and row.high is not None:
        parts.append(f"{row.low:.2f}–{row.high:.2f} {row.currency}")
    if row.sanction is not None:
        parts.append(row.sanction)
    return ", ".join(parts) or "—"


def _satisfaction(lang: Lang, found: list[SatisfactionRow]) -> Element:
    words = ("kind", "building", "score", "interval", "answers", "response")
    rows: list[list[Element | str]] = [
        [
            row.kind.upper(),
            row.group or say(lang, "not-named"),
            h("span", _score(row), class_="few" if row.few else None),
            _interval(row),
            join(str(row.n), h("small", f" {say(lang, 'few')}") if row.few else None),
            f"{row.response_rate.value:.0%} ({row.n}/{row.sent})" if row.response_rate else "–",
        ]
        for row in found
        if row.sent or row.n
    ]
    listed = table([say(lang, word) for word in words], rows, say(lang, "none-answers"))
    return card(say(lang, "satisfaction"), listed, id_="satisfaction")


def _score(row: SatisfactionRow) -> str:
    if row.score is None:
        return "–"
    return f"{row.score.value:.1%}" if row.kind == "csat" else f"{row.score.value:+.0f}"


def _interval(row: SatisfactionRow) -> str:
    if row.score is None:
        return "–"
    low, high = row.score.low, row.score.high
    return f"{low:.1%} – {high:.1%}" if row.kind == "csat" else f"{low:+.0f} … {high:+.0f}"
