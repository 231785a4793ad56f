"""Health: does this process live, can it answer, and what does it measure?"""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from psycopg import Error

from onrecord_services import metrics_page
from onrecord_services.api.metrics import Metrics
from onrecord_services.api.parameters import TheReads
from onrecord_services.api.standing import standings

TheMetrics = NamedDependency[SkipValidation[Metrics]]
TheMetricsKey = NamedDependency[SkipValidation[str | None]]


@get("/healthz", operation_id="healthz", security=[{}])
async def healthz() -> Response[str]:
    """Whether this process lives."""
    return Response("ok\n", media_type="text/plain")


@get("/readyz", operation_id="readyz", security=[{}])
async def readyz(reads: TheReads) -> Response[str]:
    """Whether questions are answered: 503 while PostgreSQL is away or a tenant's projection has stopped."""
    try:
        found = await standings(reads.pool)
    except (Error, OSError):
        return Response("PostgreSQL does not answer\n", status_code=503, media_type="text/plain")
    stopped = [f"{s.tenant} stopped after position {s.position}\n" for s in found if s.stopped is not None]
    if stopped:
        return Response("".join(stopped), status_code=503, media_type="text/plain")
    return Response("ok\n", media_type="text/plain")


@get("/metrics", operation_id="metrics", security=[{}])
async def metrics(
    request: Request[Any, Any, Any], measured: TheMetrics, metrics_key: TheMetricsKey
) -> Response[bytes]:
    """Prometheus. If ONRECORD_METRICS_KEY is set, only with it as the bearer token."""
    return metrics_page.turned_away(request, metrics_key) or metrics_page.shown(await measured.render())


HEALTH = [healthz, readyz, metrics]
