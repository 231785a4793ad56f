"""The HTTP edge: `POST /v1/commands/<name>`. The tenant comes from the key alone."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from onrecord_services.desk.answer import Answer
from onrecord_services.desk.door import TROUBLE, Door, problem_of
from onrecord_services.desk.openapi import document
from onrecord_services.desk.papers import File, Papers
from onrecord_services.problem import MEDIA_TYPE, Problem
from onrecord_services.reports.sheet import Lang
from onrecord_services.vault.api_keys import ApiKey
from onrecord_services.vault.keyring import KeyRing

BODY_BYTES_MAX = 300_000
REFUSED_STATUS = 409
_Answer = Response[bytes]
_encode = msgspec.json.Encoder().encode


def make_http(
    door: Door, papers: Papers, keyring: KeyRing, why_not_ready: Callable[[], Awaitable[str | None]]
) -> Litestar:
    """The HTTP application."""

    @post("/v1/commands/{name:str}", request_max_body_size=BODY_BYTES_MAX, status_code=200)
    async def command(request: Request[Any, Any, Any], name: FromPath[str]) -> _Answer:
        """A decision asked for; what came of it, or why not."""
        key = await _bearer(request, keyring)
        raw = await request.body()
        return _told(await door.ask(key, name, raw, request.headers.get("idempotency-key")))

    @get("/v1/commands")
    async def listed() -> _Answer:
        """Every command, and what it takes."""
        found = {
            name: {"about": (kind.__doc__ or "").partition("\n")[0], "takes": kind.model_json_schema()}
            for name, kind in sorted(door.known.items())
        }
        return _json({"commands": found})

    @get("/v1/openapi.json")
    async def openapi() -> _Answer:
        """The OpenAPI 3.1 document of all of it."""
        return _json(document(door.known))

    @get("/v1/reports")
    async def reports() -> _Answer:
        """Every report, and what it takes."""
        return _json({"reports": papers.listed()})

    @post("/v1/reports/{name:str}", request_max_body_size=BODY_BYTES_MAX, status_code=200)
    async def report(request: Request[Any, Any, Any], name: FromPath[str]) -> _Answer:
        """One report as a file; that it was made is on record."""
        key = door.reader(await _bearer(request, keyring))
        return _file(await papers.report(key, name, await request.body()))

    @get("/v1/penalties/{line:str}/dispute")
    async def dispute(request: Request[Any, Any, Any], line: FromPath[str]) -> _Answer:
        """All that bears on one penalty line: `format` json or pdf, `lang` zh or en."""
        key = door.reader(await _bearer(request, keyring))
        form = request.query_params.get("format", "json")
        lang: Lang = "en" if request.query_params.get("lang") == "en" else "zh"
        return _file(await papers.dispute(key, line[:200], form, lang))

    @get("/healthz")
    async def healthz() -> _Answer:
        """Whether this process lives."""
        return Response(b"ok", media_type="text/plain")

    @get("/readyz")
    async def readyz() -> _Answer:
        """Whether something could be decided now."""
        why_not = await why_not_ready()
        return Response(
            (why_not or "ok").encode(), media_type="text/plain", status_code=503 if why_not else 200
        )

    def on_error(_: Request[Any, Any, Any], error: Exception) -> _Answer:
        return _problem(_of_http(error) if isinstance(error, HTTPException) else problem_of(error))

    return Litestar(
        [command, listed, reports, report, dispute, openapi, healthz, readyz],
        openapi_config=None,
        exception_handlers=dict.fromkeys((HTTPException, *TROUBLE), on_error),
        logging_config=None,
    )


async def _bearer(request: Request[Any, Any, Any], keyring: KeyRing) -> ApiKey | None:
    scheme, _, words = request.headers.get("authorization", "").partition(" ")
    return await keyring.find(words.strip()) if scheme.lower() == "bearer" and words else None


def _told(answer: Answer) -> _Answer:
    """A refusal is a problem too, with its clause; the decision that there is none is on record."""
    if answer.outcome != "refused":
        return _json(answer)
    clause = f" ({answer.clause})" if answer.clause else ""
    return _problem(
        Problem(
            name="decision-refused",
            status=REFUSED_STATUS,
            title="Refused",
            detail=f"{answer.reason}{clause}. The refusal is on record; a new request needs a new key.",
            more=msgspec.to_builtins(answer),
        )
    )


def _file(made: File) -> _Answer:
    name = "".join(char if char.isascii() and (char.isalnum() or char in ".-") else "-" for char in made.name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    media_type = made.media_type.partition(";")[0]  # the framework says for text that it is UTF-8
    return Response(made.content, media_type=media_type, status_code=200, headers=headers)


def _json(answer: Any) -> _Answer:
    return Response(_encode(answer), media_type="application/json", status_code=200)


def _problem(problem: Problem) -> _Answer:
    headers = {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}
    if problem.status == 401:  # noqa: PLR2004 (RFC 9110 section 15.5.2 asks for the header)
        headers["WWW-Authenticate"] = 'Bearer realm="onrecord"'
    return Response(problem.as_json(), media_type=MEDIA_TYPE, status_code=problem.status, headers=headers)


def _of_http(error: HTTPException) -> Problem:
    """What the framework refused: no such path, wrong method, a body too large."""
    return Problem(
        name="http",
        status=error.status_code,
        title="Not taken",
        detail="POST a request to /v1/commands/<name>; GET /v1/commands lists them.",
    )
