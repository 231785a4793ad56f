"""Frame: what every page has around it: head, navigation, the position it was read at."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from onrecord_projections.queries.view import NOW, Lang, Times
from onrecord_services.api.page.html import Element, h, join
from onrecord_services.api.page.times import fields, in_words
from onrecord_services.api.page.words import say

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a page is, and what it was read at."""

    lang: Lang
    tenant: str | None = None
    position: int | None = None
    watermark: datetime | None = None
    times: Times = NOW
    zone: ZoneInfo = ZoneInfo("UTC")
    refreshes: bool = False
    path: str = "/"


def document(frame: Frame, title: str, *content: Element | None) -> str:
    """A whole page."""
    lang = frame.lang
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("title", f"{title} · {say(lang, 'title')}"),
        h("link", rel="icon", href="/static/icon.svg", type="image/svg+xml"),
        h("link", rel="stylesheet", href="/static/page.css"),
        h("script", src="/static/page.js", defer=True) if frame.refreshes else None,
    )
    body = h("body", _header(frame), h("main", *content, id="main"))
    return "<!doctype html>\n" + h("html", head, body, lang="zh-CN" if lang == "zh" else "en")


def card(title: str, *content: Element | None, id_: str, note: Element | None = None) -> Element:
    """One part of a page under its own heading."""
    return h("section", h("div", h("h2", title), note, class_="heading"), *content, id=id_)


def table(columns: list[str], rows: list[list[Element | str]], empty: str) -> Element:
    """Rows under their headings; each cell knows its heading, so that a phone can show it as a list."""
    if not rows:
        return h("p", empty, class_="empty")
    head = h("thead", h("tr", *(h("th", column, scope="col") for column in columns)))
    body = h(
        "tbody",
        *(
            h("tr", *(h("td", cell, data_label=column) for column, cell in zip(columns, row, strict=True)))
            for row in rows
        ),
    )
    return h("table", head, body)


def _header(frame: Frame) -> Element:
    lang, other = frame.lang, "en" if frame.lang == "zh" else "zh"
    switch = h("a", "English" if lang == "zh" else "中文", href=f"/language?to={other}", hreflang=other)
    leave = h("form", h("button", say(lang, "sign-out"), type="submit"), method="post", action="/sign-out")
    brand = h("a", say(lang, "title"), href="/", class_="brand")
    if frame.tenant is None:
        return h("header", brand, h("nav", switch))
    where = h("span", frame.tenant, class_="tenant")
    figures = h("a", say(lang, "figures"), href="/figures")
    choice = fields(lang, frame.times, frame.zone)
    return h("header", brand, where, _read_at(frame), choice, h("nav", figures, switch, leave))


def _read_at(frame: Frame) -> Element:
    lang = frame.lang
    if frame.times != NOW:
        told = in_words(lang, frame.times, frame.zone)
        return h(
            "strong", told, f" · {say(lang, 'position')} {frame.position}", class_="read-at", role="status"
        )
    if frame.watermark is None:
        return h("span", say(lang, "position"), " 0", class_="read-at")
    at = h(
        "time", f"{frame.watermark:%Y-%m-%d %H:%M:%S}", datetime=frame.watermark.isoformat(), id="watermark"
    )
    position = h("span", str(frame.position), id="position")
    return h(
        "span",
        join(say(lang, "as-of"), " ", at, " · ", say(lang, "position"), " ", position),
        class_="read-at",
    )
