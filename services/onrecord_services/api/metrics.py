"""Metrics: how far are the read models behind the log, which stand still, how long do answers take?"""

import asyncio
from collections.abc import Callable

from nats.aio.client import Client
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from psycopg import Error

from onrecord_events.errors import EventError
from onrecord_events.log import EventLog
from onrecord_services.api.pool import Pool
from onrecord_services.api.standing import Standing, standings

PROJECTION = "read-models"
"""All projections of a tenant move in one transaction, so they have one lag."""
LOG_PATIENCE_S = 2.0
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One process's measurements, in a registry of their own."""

    def __init__(self, pool: Pool, log_connection: Callable[[], Client | None]) -> None:
        self._pool = pool
        self._connection = log_connection
        self._logs: dict[str, EventLog] = {}
        self._registry = registry = CollectorRegistry()
        lane = ["projection", "tenant"]
        self._seconds = Histogram(
            "onrecord_api_request_seconds",
            "From a question's arrival to its answer",
            ["route", "status"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._position = Gauge("onrecord_projection_position", "Last position read", lane, registry=registry)
        self._lag = Gauge(
            "onrecord_projection_lag_events",
            "Events in the log that the read models do not know yet",
            lane,
            registry=registry,
        )
        self._stopped = Gauge(
            "onrecord_projection_stopped", "1 if an event stopped it: see /readyz", lane, registry=registry
        )
        self._up = Gauge("onrecord_engine_up", "1 if it answered just now", ["engine"], registry=registry)

    def observe(self, route: str, status: int, seconds: float) -> None:
        """A question was answered."""
        self._seconds.labels(route, str(status)).observe(seconds)

    async def render(self) -> bytes:
        """In Prometheus's own format; what cannot be asked now is left out rather than guessed."""
        for gauge in (self._position, self._lag, self._stopped):
            gauge.clear()
        try:
            found = await standings(self._pool)
            self._up.labels("postgresql").set(1)
        except (Error, OSError):
            found = []
            self._up.labels("postgresql").set(0)
        for standing in found:
            self._position.labels(PROJECTION, standing.tenant).set(standing.position)
            self._stopped.labels(PROJECTION, standing.tenant).set(standing.stopped is not None)
        await self._measure_lags(found)
        return generate_latest(self._registry)

    async def _measure_lags(self, found: list[Standing]) -> None:
        connection = self._connection()
        if connection is None or not connection.is_connected:
            self._up.labels("nats").set(0)
            return
        answered = True
        try:
            async with asyncio.timeout(LOG_PATIENCE_S):
                for standing in found:
                    lag = await self._last_position(connection, standing.tenant) - standing.position
                    self._lag.labels(PROJECTION, standing.tenant).set(max(lag, 0))
        except (TimeoutError, EventError):
            answered = False
            self._logs.clear()
        self._up.labels("nats").set(answered)

    async def _last_position(self, connection: Client, tenant: str) -> int:
        if tenant not in self._logs:
            self._logs[tenant] = await EventLog.open(connection, tenant)
        return await self._logs[tenant].last_position()
