"""The HTTP edge: `POST /v1/events`. Who may, how much, what form; then the body goes to intake.

The tenant comes from the key alone. What is turned away here is answered and counted, never stored.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotAuthorizedException
from litestar.openapi import OpenAPIConfig

from onrecord_events.errors import LogMismatch, LogUnavailable, OutcomeUnknown
from onrecord_services.intake import metrics, problems
from onrecord_services.intake.accept import Busy, Intake, Taken
from onrecord_services.intake.cloudevents import mode_of
from onrecord_services.intake.identities import SeenUnavailable
from onrecord_services.intake.metrics import Metrics
from onrecord_services.intake.outcome import results
from onrecord_services.intake.problems import Problem
from onrecord_services.intake.quotas import Quotas
from onrecord_services.keystore import KeyStoreError
from onrecord_services.vault.api_keys import ApiKey
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable

BODY_BYTES_MAX = 8_000_000
OUR_TROUBLE = (
    LogUnavailable,
    OutcomeUnknown,
    LogMismatch,
    SeenUnavailable,
    VaultUnavailable,
    KeyStoreError,
    OSError,
)
"""What the sender cannot mend: told to come again, and why goes to our own log."""

_EDGE = "http"
_log = logging.getLogger(__name__)
_Answer = Response[bytes]
IsReady = Callable[[], Awaitable[str | None]]


class _TurnedAway(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.name)
        self.problem = problem


def make_http(
    *, intake: Intake, keyring: KeyRing, quotas: Quotas, counted: Metrics, why_not_ready: IsReady
) -> Litestar:
    """The HTTP application. `why_not_ready` says what is missing, None if nothing."""

    @post("/v1/events", request_max_body_size=BODY_BYTES_MAX, status_code=200)
    async def events(request: Request[Any, Any, Any]) -> _Answer:
        """CloudEvents in; where each stands out."""
        began = time.monotonic()
        key = await _admit(request, keyring, quotas)
        raw = await request.body()
        content_type = request.headers.get("content-type", "")
        headers = {name: value for name, value in request.headers.items() if name.startswith("ce-")}
        taken = await intake.take(key, raw, content_type, headers, one_at_a_time=False)
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
        return Response(counted.render(), media_type=metrics.CONTENT_TYPE)

    def told(problem: Problem) -> _Answer:
        counted.turn_away(_EDGE, problem.name)
        return _problem(problem)

    def on_trouble(_: Request[Any, Any, Any], error: Exception) -> _Answer:
        _log.warning("not stored: %s: %s", type(error).__name__, error)
        return told(problems.UNAVAILABLE)

    return Litestar(
        [events, healthz, readyz, counts],
        openapi_config=OpenAPIConfig(title="onrecord intake", version="1", path="/v1/openapi"),
        exception_handlers={
            _TurnedAway: lambda _, error: told(error.problem),
            Busy: lambda _, __: told(problems.BUSY),
            HTTPException: lambda _, error: told(_of_http(error)),
            **dict.fromkeys(OUR_TROUBLE, on_trouble),
        },
        logging_config=None,
    )


async def _admit(request: Request[Any, Any, Any], keyring: KeyRing, quotas: Quotas) -> ApiKey:
    """The writer behind this request, before a byte of the body is read. Raises _TurnedAway, VaultUnavailable."""
    scheme, _, words = request.headers.get("authorization", "").partition(" ")
    key = await keyring.find(words.strip()) if scheme.lower() == "bearer" and words else None
    if key is None:
        raise _TurnedAway(problems.NO_KEY)
    if "write" not in key.scopes:
        raise _TurnedAway(problems.NOT_A_WRITER)
    if wait_s := quotas.wait_s(key.tenant, key.name):
        raise _TurnedAway(problems.over_quota(wait_s))
    if request.headers.get("content-encoding", "identity") != "identity" or not mode_of(
        request.headers.get("content-type", ""), request.headers
    ):
        raise _TurnedAway(problems.UNKNOWN_FORM)
    return key


def _answer(taken: Taken) -> _Answer:
    """A batch's events are answered one by one; a single one that was not stored is a problem."""
    if taken.is_one and taken.outcomes[0].kind != "stored":
        return _problem(problems.of_outcome(taken.outcomes[0]))
    return Response(results(taken.outcomes), media_type="application/json", status_code=200)


def _problem(problem: Problem) -> _Answer:
    headers = {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}
    if problem.status == NotAuthorizedException.status_code:
        headers["WWW-Authenticate"] = 'Bearer realm="onrecord"'
    return Response(
        problem.as_json(), media_type=problems.MEDIA_TYPE, status_code=problem.status, headers=headers
    )


def _of_http(error: HTTPException) -> Problem:
    """What the framework refused: no such path, wrong method, a body too large or cut off."""
    if error.status_code == problems.TOO_LARGE.status:
        return problems.TOO_LARGE
    if error.status_code >= ClientException.status_code + 100:
        return problems.UNAVAILABLE
    return Problem(
        name="http", status=error.status_code, title="Not taken", detail="POST CloudEvents to /v1/events."
    )
