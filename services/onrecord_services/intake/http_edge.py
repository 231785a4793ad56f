"""The HTTP edge: `POST /v1/events`. Who may, how much, what form; then the body goes to intake.

The tenant comes from the key alone. What is turned away here is answered and counted, never stored.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotAuthorizedException
from litestar.openapi import OpenAPIConfig

from onrecord_services import metrics_page
from onrecord_services.intake import problems
from onrecord_services.intake.accept import Busy, Intake, Taken
from onrecord_services.intake.door import OUR_TROUBLE, admit, problem_of
from onrecord_services.intake.metrics import Metrics
from onrecord_services.intake.outcome import results
from onrecord_services.intake.quotas import Quotas
from onrecord_services.problem import MEDIA_TYPE, Problem, TurnedAway
from onrecord_services.vault.api_keys import ApiKey
from onrecord_services.vault.keyring import KeyRing

BODY_BYTES_MAX = 8_000_000
_DROPPED_BYTES_MAX = 64_000_000
_EDGE = "http"
_Answer = Response[bytes]
IsReady = Callable[[], Awaitable[str | None]]


def make_http(
    *, intake: Intake, keyring: KeyRing, quotas: Quotas, counted: Metrics, why_not_ready: IsReady
) -> Litestar:
    """The HTTP application. `why_not_ready` says what is missing, None if nothing."""

    @post("/v1/events", request_max_body_size=None, status_code=200)
    async def events(request: Request[Any, Any, Any]) -> _Answer:
        """CloudEvents in; where each stands out."""
        began = time.monotonic()
        headers = request.headers
        content_type = headers.get("content-type", "")
        try:
            key = admit(await _bearer(request, keyring), quotas, content_type, headers)
        except TurnedAway:
            await _body(request)  # unread, it would break the connection before the answer arrives
            raise
        raw = await _body(request)
        taken = await intake.take(key, raw, content_type, headers)
        quotas.take(key.tenant, key.name, events=len(taken.outcomes), size_bytes=len(raw))
        counted.count(_EDGE, taken.outcomes, time.monotonic() - began)
        return _answer(taken)

    @get("/healthz")
    async def healthz() -> _Answer:
        """Whether this process lives."""
        return Response(b"ok", media_type="text/plain")

    @get("/readyz")
    async def readyz() -> _Answer:
        """Whether an event could be stored now."""
        why_not = await why_not_ready()
        return Response(
            (why_not or "ok").encode(), media_type="text/plain", status_code=503 if why_not else 200
        )

    @get("/metrics")
    async def counts() -> _Answer:
        """Prometheus."""
        return metrics_page.shown(counted.render())

    def told(problem: Problem) -> _Answer:
        counted.turn_away(_EDGE, problem.name)
        return _problem(problem)

    def on_error(_: Request[Any, Any, Any], error: Exception) -> _Answer:
        return told(_of_http(error) if isinstance(error, HTTPException) else problem_of(error))

    return Litestar(
        [events, healthz, readyz, counts],
        openapi_config=OpenAPIConfig(title="onrecord intake", version="1", path="/v1/openapi"),
        exception_handlers=dict.fromkeys((TurnedAway, Busy, HTTPException, *OUR_TROUBLE), on_error),
        logging_config=None,
    )


async def _body(request: Request[Any, Any, Any]) -> bytes:
    """The whole body. Too large a one is read on for a while and dropped, so that its sender is told."""
    chunks, size_bytes = [], 0
    async for chunk in request.stream():
        size_bytes += len(chunk)
        if size_bytes <= BODY_BYTES_MAX:
            chunks.append(chunk)
        elif size_bytes > _DROPPED_BYTES_MAX:
            break
    if size_bytes > BODY_BYTES_MAX:
        raise TurnedAway(problems.TOO_LARGE)
    return b"".join(chunks)


async def _bearer(request: Request[Any, Any, Any], keyring: KeyRing) -> ApiKey | None:
    """The key this request shows, if it is a valid one. Raises VaultUnavailable."""
    scheme, _, words = request.headers.get("authorization", "").partition(" ")
    return await keyring.find(words.strip()) if scheme.lower() == "bearer" and words else None


def _answer(taken: Taken) -> _Answer:
    """A batch's events are answered one by one; a single one that was not stored is a problem."""
    if taken.is_one and taken.outcomes[0].kind != "stored":
        return _problem(problems.of_outcome(taken.outcomes[0]))
    return Response(results(taken.outcomes), media_type="application/json", status_code=200)


def _problem(problem: Problem) -> _Answer:
    headers = {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}
    if problem.status == NotAuthorizedException.status_code:
        headers["WWW-Authenticate"] = 'Bearer realm="onrecord"'
    return Response(problem.as_json(), media_type=MEDIA_TYPE, status_code=problem.status, headers=headers)


def _of_http(error: HTTPException) -> Problem:
    """What the framework refused: no such path, wrong method, a body too large or cut off."""
    if error.status_code >= ClientException.status_code + 100:
        return problems.UNAVAILABLE
    return Problem(
        name="http", status=error.status_code, title="Not taken", detail="POST CloudEvents to /v1/events."
    )
