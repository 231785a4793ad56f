"""API: answers questions over HTTP, to machines as JSON and to people as a plain page.

In:  GET /v1/...               questions, with an API key whose scopes hold `read`
     GET /                     the page; signs in by such a key
Out: PostgreSQL                read only, with the reader's role; the log is asked for its last position only
Run: onrecord run api
"""

import asyncio
import time
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from nats.aio.client import Client

from onrecord_services.api import failures
from onrecord_services.api.access import Visitor, visitor_of
from onrecord_services.api.health import HEALTH
from onrecord_services.api.metrics import Metrics
from onrecord_services.api.openapi import DOCUMENT
from onrecord_services.api.page.routes import ROUTES as PAGE
from onrecord_services.api.page.signing_in import OnceLink
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.api.routes import ROUTES
from onrecord_services.connections import connect_log
from onrecord_services.listening import refuse_taken
from onrecord_services.settings import Settings
from onrecord_services.vault.keyring import KeyRing, from_postgres

PORT = 8481
STOP_S = 5.0


def make_app(
    *,
    reads: Reads,
    keyring: KeyRing,
    measured: Metrics,
    once_link: OnceLink | None = None,
    metrics_key: str | None = None,
) -> Litestar:
    """The application; nothing is read or opened yet."""

    async def visitor(request: Request[Any, Any, Any]) -> Visitor:
        return await visitor_of(request, keyring)

    def timed(app: ASGIApp) -> ASGIApp:
        return _timed(app, measured)

    return Litestar(
        [ROUTES, PAGE, *HEALTH],
        dependencies={
            "reads": Provide(lambda: reads, sync_to_thread=False),
            "keyring": Provide(lambda: keyring, sync_to_thread=False),
            "measured": Provide(lambda: measured, sync_to_thread=False),
            "metrics_key": Provide(lambda: metrics_key, sync_to_thread=False),
            "once_link": Provide(lambda: once_link, sync_to_thread=False),
            "visitor": Provide(visitor),
        },
        exception_handlers=failures.handlers(failures.as_problem),
        middleware=[timed],
        openapi_config=DOCUMENT,
        logging_config=None,
    )


async def serve(settings: Settings) -> None:
    """Answer until cancelled."""
    said = settings.variables
    port = settings.http_port(PORT)
    refuse_taken(settings.http_host, port)
    pool = Pool(settings.postgres_url)
    log = _Log(said.get("ONRECORD_NATS_URL"))
    word, key = said.get("ONRECORD_LINK_WORD"), said.get("ONRECORD_LINK_KEY")
    app = make_app(
        reads=Reads(pool),
        keyring=KeyRing(from_postgres(settings.postgres_url)),
        measured=Metrics(pool, log.connection),
        once_link=OnceLink(word, key) if word and key else None,
        metrics_key=said.get("ONRECORD_METRICS_KEY"),
    )
    server = Server(
        app,
        address=settings.http_host,
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
    )
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.wait([serving])
        serving.result()  # it ended by itself: say why
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian leaves it bare
        await asyncio.wait([serving], timeout=STOP_S)
        await log.close()
        await pool.close()


class _Log:
    """The connection to the log, made beside everything else: questions are answered without it."""

    def __init__(self, url: str | None) -> None:
        self._connecting = asyncio.create_task(connect_log(url, "api", reader=True)) if url else None

    def connection(self) -> Client | None:
        """None until it is there."""
        task = self._connecting
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    async def close(self) -> None:
        """Let go of it."""
        if (connection := self.connection()) is not None:
            await connection.close()
        elif self._connecting is not None:
            self._connecting.cancel()


def _timed(app: ASGIApp, measured: Metrics) -> ASGIApp:
    """Every answer of a route, by the route's own path: ids in addresses make no new series."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("path_template") or "none"
                measured.observe(route, message["status"], time.perf_counter() - began)
            await send(message)

        await app(scope, receive, sending)

    return answer
