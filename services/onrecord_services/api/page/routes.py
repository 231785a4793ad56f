"""Routes of the page: read, then show. A visitor without a valid key sees where to put one."""

from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, SkipValidation

from onrecord_projections.queries.answer import Page, cursor_of
from onrecord_projections.queries.explain_told import Explanation
from onrecord_projections.queries.view import Times, View
from onrecord_services.api.access import KEY_COOKIE, LANG_COOKIE, Visitor, language_of, reader_of, visitor_of
from onrecord_services.api.failures import handlers
from onrecord_services.api.page import case as casefile
from onrecord_services.api.page import explained, explaining, figures, overview, signing_in
from onrecord_services.api.page.frame import CONTENT_SECURITY_POLICY, Frame, document
from onrecord_services.api.page.html import h
from onrecord_services.api.page.signing_in import OnceLink
from onrecord_services.api.page.times import chosen, kept, on_the_wall
from onrecord_services.api.page.words import say
from onrecord_services.api.parameters import ID_CHARS_MAX, INSTANCE_CHARS_MAX, TheReads
from onrecord_services.problem import Problem, TurnedAway
from onrecord_services.vault.keyring import KeyRing

COOKIE_S = 12 * 3600
FORM_BYTES_MAX = 2_000
_STATIC = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_Request = Request[Any, Any, Any]
_Answer = Response[str]
TheKeyRing = NamedDependency[SkipValidation[KeyRing]]
TheLink = NamedDependency[SkipValidation[OnceLink | None]]
Wish = Annotated[str | None, QueryParameter(max_length=ID_CHARS_MAX)]
Cursor = Annotated[str | None, QueryParameter(max_length=2000)]
Field = Annotated[str | None, QueryParameter(max_length=40)]


@get("/", include_in_schema=False)
async def first_page(
    request: _Request,
    reads: TheReads,
    keyring: TheKeyRing,
    once_link: TheLink,
    key: FromQuery[str | None] = None,
) -> _Answer:
    """What is late and what soon will be."""
    if key is not None:
        found = once_link.use(key) if once_link else None
        return _signed_in(request, found) if found else _sign_in_page(request, "link-used")
    visitor = await _visitor(request, keyring)
    if visitor is None:
        return _sign_in_page(request)
    times = chosen(request)
    view, found_now = await reads.ask(visitor.tenant, _read_overview, lang=visitor.lang, times=times)
    frame = _frame(request, visitor, view, refreshes=True)
    return _page(document(frame, say(frame.lang, "overview"), overview.content(frame.lang, found_now)))


@get("/case/{case_id:path}", include_in_schema=False)
async def case_page(
    request: _Request, reads: TheReads, keyring: TheKeyRing, case_id: FromPath[str], cursor: Cursor = None
) -> _Answer:
    """One case."""
    visitor = await _visitor(request, keyring)
    if visitor is None:
        return _sign_in_page(request)
    name = case_id.removeprefix("/")[:ID_CHARS_MAX].replace("\0", "")

    async def question(view: View) -> tuple[View, casefile.CasePage | None]:
        return view, await casefile.read(view, name, cursor)

    view, found = await reads.ask(visitor.tenant, question, lang=visitor.lang, times=chosen(request))
    frame = _frame(request, visitor, view, refreshes=True)
    if found is None:
        return _not_found(frame, name)
    return _page(document(frame, name, casefile.content(frame.lang, found)))


@get("/explain", include_in_schema=False)
async def explain_page(
    request: _Request,
    reads: TheReads,
    keyring: TheKeyRing,
    case: Wish = None,
    clause: Wish = None,
    instance: Annotated[str | None, QueryParameter(max_length=INSTANCE_CHARS_MAX)] = None,
    line: Wish = None,
    person: Wish = None,
    month: Wish = None,
    client: Wish = None,
    kpi: Wish = None,
    period: Wish = None,
    group: Wish = None,
    cursor: Cursor = None,
) -> _Answer:
    """One clock (`case`, `clause`), line, person's month, client or figure, down to the events."""
    visitor = await _visitor(request, keyring)
    if visitor is None:
        return _sign_in_page(request)
    wanted = explaining.Wanted(case, clause, instance, line, person, month, client, kpi, period, group)

    async def question(view: View) -> tuple[View, Page[Explanation]]:
        return view, await explaining.found(view, wanted, cursor)

    view, found = await reads.ask(visitor.tenant, question, lang=visitor.lang, times=chosen(request))
    frame = _frame(request, visitor, view, refreshes=False)
    if not found.items:
        return _not_found(frame, wanted.said)
    shown = (explained.content(frame.lang, one) for one in found.items)
    on = cursor_of(found.after)
    more = h("a", say(frame.lang, "newer"), href=wanted.address(cursor=on), class_="more") if on else None
    return _page(document(frame, say(frame.lang, "why"), *shown, more))


@get("/figures", include_in_schema=False)
async def figures_page(request: _Request, reads: TheReads, keyring: TheKeyRing) -> _Answer:
    """Proposed penalties and satisfaction."""
    visitor = await _visitor(request, keyring)
    if visitor is None:
        return _sign_in_page(request)

    async def question(view: View) -> tuple[View, figures.Figures]:
        return view, await figures.read(view)

    view, found = await reads.ask(visitor.tenant, question, lang=visitor.lang, times=chosen(request))
    frame = _frame(request, visitor, view, refreshes=True)
    return _page(document(frame, say(frame.lang, "figures"), figures.content(frame.lang, found)))


@post("/sign-in", include_in_schema=False, status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def sign_in(request: _Request, keyring: TheKeyRing) -> _Answer:
    """Take a key and keep it in the browser's cookie."""
    key = str((await request.form()).get("key", "")).strip()
    try:
        await reader_of(key, keyring, "en")
    except TurnedAway:
        return _sign_in_page(request, "key-wrong", status=401)
    return _signed_in(request, key)


@post("/sign-out", include_in_schema=False, status_code=303)
async def sign_out() -> _Answer:
    """Forget the key."""
    gone = Cookie(key=KEY_COOKIE, value="", max_age=0, httponly=True, samesite="strict", path="/")
    return Response("", status_code=303, headers={**_HEADERS, "Location": "/"}, cookies=[gone])


@get("/language", include_in_schema=False)
async def language(request: _Request, to: FromQuery[str] = "en") -> _Answer:
    """Show everything in this language from now on."""
    value = "zh" if to == "zh" else "en"
    return _back(request, Cookie(LANG_COOKIE, value=value, max_age=31_536_000, samesite="strict", path="/"))


@get("/times", include_in_schema=False)
async def choose_times(
    request: _Request, reads: TheReads, keyring: TheKeyRing, as_of: Field = None, known_at: Field = None
) -> _Answer:
    """Show everything as of one time, as known at another, from now on; without either: now."""
    visitor = await _visitor(request, keyring)
    if visitor is None:
        return _sign_in_page(request)
    zone = await reads.ask(visitor.tenant, _zone_of)
    times = Times(on_the_wall(as_of, zone, "as_of"), on_the_wall(known_at, zone, "known_at"))
    return _back(request, kept(times))


@get("/static/{name:str}", include_in_schema=False)
async def static(name: FromPath[str]) -> Response[bytes]:
    """Style, script and icon of the page."""
    if name not in _STATIC:
        return Response(b"", status_code=404)
    raw = (files("onrecord_services.api.page") / "static" / name).read_bytes()
    headers = {"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"}
    return Response(raw, media_type=_STATIC[name], headers=headers)


async def _read_overview(view: View) -> tuple[View, overview.Overview]:
    return view, await overview.read(view)


async def _zone_of(view: View) -> ZoneInfo:
    return view.zone


def _back(request: _Request, cookie: Cookie) -> _Answer:
    """To the page somebody came from, which a cookie may show in another way now."""
    back = urlsplit(request.headers.get("referer", "/"))
    ours = back.netloc == request.headers.get("host") and back.path.startswith("/")
    place = back.path if ours else "/"
    if back.path == "/explain":  # its question is in the address; elsewhere there may be a key in it
        place = f"{place}?{back.query}"
    return Response("", status_code=303, headers={**_HEADERS, "Location": place}, cookies=[cookie])


async def _visitor(request: _Request, keyring: KeyRing) -> Visitor | None:
    try:
        return await visitor_of(request, keyring)
    except TurnedAway:
        return None


def _frame(request: _Request, visitor: Visitor, view: View, *, refreshes: bool) -> Frame:
    return Frame(
        lang=visitor.lang,
        tenant=visitor.tenant,
        position=view.position,
        watermark=view.watermark,
        times=view.times,
        zone=view.zone,
        refreshes=refreshes and not view.timed,
        path=request.url.path,
    )


def _sign_in_page(request: _Request, trouble: str | None = None, status: int = 200) -> _Answer:
    frame = Frame(lang=language_of(request))
    title = say(frame.lang, "sign-in")
    return _page(document(frame, title, signing_in.content(frame.lang, trouble)), status)


def _not_found(frame: Frame, what: str) -> _Answer:
    title = say(frame.lang, "not-found")
    return _page(document(frame, title, h("h1", title), h("p", what, class_="id")), 404)


def _signed_in(request: _Request, key: str) -> _Answer:
    """Back to the first page, without the key in the address, with it in a cookie that no script reads."""
    kept = Cookie(
        key=KEY_COOKIE,
        value=key,
        max_age=COOKIE_S,
        httponly=True,
        samesite="strict",
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        path="/",
    )
    return Response("", status_code=303, headers={**_HEADERS, "Location": "/"}, cookies=[kept])


def _page(text: str, status: int = 200) -> _Answer:
    return Response(text, status_code=status, media_type="text/html; charset=utf-8", headers=_HEADERS)


def _trouble_page(request: _Request, problem: Problem) -> _Answer:
    """What went wrong, for people."""
    frame = Frame(lang=language_of(request))
    title = say(frame.lang, "trouble")
    told = h("p", f"{problem.title}. {problem.detail}", class_="trouble")
    return _page(document(frame, title, h("h1", title), told), problem.status)


ROUTES = Router(
    "/",
    route_handlers=[
        first_page,
        case_page,
        explain_page,
        figures_page,
        choose_times,
        sign_in,
        sign_out,
        language,
        static,
    ],
    exception_handlers=handlers(_trouble_page),
)
"""Everything that people look at."""
