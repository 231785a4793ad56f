"""Parts: what several pages show in the same way."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlencode

from onrecord_projections.queries.clocks import ClockRow
from onrecord_projections.queries.view import Lang, Times
from onrecord_services.api.page.html import Element, h
from onrecord_services.api.page.words import moment, say


def case_link(case: str) -> Element:
    """A case by its name, leading to its page."""
    return h("a", case, href=f"/case/{quote(case)}", class_="id")


def clause_cell(lang: Lang, row: ClockRow) -> Element:
    """A clause in words, its number beside it, leading to how it was counted."""
    query = urlencode({"case": row.case, "clause": row.clause, "instance": row.instance})
    number = h("a", row.clause, href=f"/explain?{query}", class_="id", title=say(lang, "why"))
    return h("span", h("span", row.says, class_="says") if row.says else None, " ", number)


def export_link(path: str, times: Times, **query: str) -> Element:
    """The same rows as a table for Excel, of the same times."""
    said = {name: at.isoformat() for name, at in times._asdict().items() if at is not None}
    return h("a", "CSV", href=f"{path}?{urlencode(query | said)}", class_="export")


def when(at: datetime | None, near: datetime | None = None) -> Element:
    """An instant that machines can read too."""
    return h("time", moment(at, near), datetime=at.isoformat() if at else None)


def state_mark(lang: Lang, row: ClockRow) -> Element:
    """A state in a word and a colour, with what qualifies it."""
    said = {"provisional": row.provisional, "justified": row.justified}
    more = [say(lang, word) for word, so in said.items() if so]
    mark = h("span", say(lang, row.state), class_=f"state {row.state}")
    return h("span", mark, h("small", " " + ", ".join(more)) if more else None)


def facts(lang: Lang, said: Iterable[tuple[str, Element | str | None]]) -> Element:
    """What is known of one thing, word by word; what is not known is left out."""
    listed = (h("div", h("dt", say(lang, word)), h("dd", value)) for word, value in said if value)
    return h("dl", *listed, class_="facts")
