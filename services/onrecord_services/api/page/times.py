"""Times: what was true when, as known when: said in words, chosen in two fields, kept in a cookie.

The fields are on the walls of the tenant's zone; the cookie keeps instants, so that nothing shifts.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.datastructures import Cookie

from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.view import NOW, Lang, Times
from onrecord_services.api.page.html import Element, h
from onrecord_services.api.page.words import say
from onrecord_services.api.parameters import YEARS
from onrecord_services.api.parameters import times as aware_times

TIMES_COOKIE = "onrecord_times"
_NONE = "-"
_CHARS_MAX = 40


def chosen(request: Request[Any, Any, Any]) -> Times:
    """The times somebody chose in this browser; now, where there are none or they cannot be read."""
    as_of, _, known_at = request.cookies.get(TIMES_COOKIE, "").partition("_")
    try:
        return aware_times(*(None if said in ("", _NONE) else said for said in (as_of, known_at)))
    except BadQuestion:
        return NOW


def kept(times: Times) -> Cookie:
    """Shown from now on, until the browser is closed or another choice is made."""
    said = "_".join(at.isoformat() if at else _NONE for at in times)
    if times == NOW:
        return Cookie(key=TIMES_COOKIE, value="", max_age=0, samesite="strict", path="/")
    return Cookie(key=TIMES_COOKIE, value=said, samesite="strict", path="/")


def on_the_wall(said: str | None, zone: ZoneInfo, name: str) -> datetime | None:
    """What a field says, as an instant. Raises BadQuestion."""
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said[:_CHARS_MAX])
    except ValueError:
        at = None
    if at is None or at.year not in YEARS:
        raise BadQuestion(f"{name}: not a time such as 2026-07-11T08:00")
    return at if at.tzinfo else at.replace(tzinfo=zone)


def in_words(lang: Lang, times: Times, zone: ZoneInfo) -> str:
    """What the page shows, for everybody to see that it is not now."""
    as_of, known_at = (f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else "" for at in times)
    if as_of and known_at:
        return say(lang, "true-and-known", as_of, known_at)
    return say(lang, "true-at", as_of) if as_of else say(lang, "known-at", known_at)


def fields(lang: Lang, times: Times, zone: ZoneInfo) -> Element:
    """Two fields, one for each time, folded away while both are now."""
    as_of, known_at = (f"{at.astimezone(zone):%Y-%m-%dT%H:%M:%S}" if at else None for at in times)
    form = h(
        "form",
        _field(say(lang, "field-true"), "as_of", as_of),
        _field(say(lang, "field-known"), "known_at", known_at),
        h("button", say(lang, "show"), type="submit"),
        h("a", say(lang, "back-to-now"), href="/times") if times != NOW else None,
        action="/times",
    )
    return h(
        "details", h("summary", say(lang, "other-time")), form, class_="times", open=times != NOW, id="times"
    )


def _field(words: str, name: str, value: str | None) -> Element:
    given = h("input", type="datetime-local", name=name, value=value, step="1")
    return h("label", words, " ", given)
