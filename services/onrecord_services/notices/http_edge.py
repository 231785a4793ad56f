"""The HTTP edge: whether the process lives, and what it counts. Nobody asks anything else of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, get

from onrecord_services import metrics_page
from onrecord_services.listening import refuse_taken
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.rows import Rows

PORT = 8483
_STOP_S = 5.0


def make_http(
    *, counted: Metrics, rows: Rows, clock: Callable[[], datetime], metrics_key: str | None
) -> Litestar:
    """The HTTP application."""

    @get("/healthz")
    async def healthz() -> Response[bytes]:
        """Whether this process lives."""
        return Response(b"ok", media_type="text/plain")

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Prometheus. If ONRECORD_METRICS_KEY is set, only with it as the bearer token."""
        turned_away = metrics_page.turned_away(request, metrics_key)
        return turned_away or metrics_page.shown(await counted.render(rows, clock))

    return Litestar([healthz, metrics], openapi_config=None, logging_config=None)


@asynccontextmanager
async def listening(http: Litestar, host: str, port: int) -> AsyncIterator[None]:
    """Answers until the block ends. Raises SettingMissing if the address is taken."""
    refuse_taken(host, port)
    server = Server(
        http, address=host, port=port, interface=Interfaces.ASGI, log_enabled=False, websockets=False
    )
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian leaves it untyped
        await asyncio.wait([serving], timeout=_STOP_S)
