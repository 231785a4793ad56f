"""What notices counts: what was told and how late, what webhooks and mail servers said, what still waits."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from psycopg import AsyncConnection, Error

from onrecord_projections.errors import NoReadModel
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Answer

PATIENCE_S = 2.0
_LATE_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0, 86_400.0)
_ANSWER_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)

_OLDEST = """
SELECT min(next.recorded_at) FROM vault.webhooks AS hook CROSS JOIN LATERAL
    (SELECT recorded_at FROM timeline WHERE position > hook.position ORDER BY position LIMIT 1) AS next
WHERE hook.tenant = %s AND hook.disabled_at IS NULL
"""
_OLDEST_MAIL = """
SELECT recorded_at FROM timeline WHERE position =
    (SELECT min(position) FROM vault.mail_outbox WHERE tenant = %s AND sent_at IS NULL)
"""


class Metrics:
    """One process's counts, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._live: set[str] = set()
        self._told = Counter(
            "onrecord_notices_told", "Notices put on record, by step", ["step"], registry=registry
        )
        self._late = Histogram(
            "onrecord_notices_late_seconds",
            "From the instant of a step until it was told",
            buckets=_LATE_S,
            registry=registry,
        )
        self._tries = Counter(
            "onrecord_webhook_tries", "Events sent once, by what came of it", ["outcome"], registry=registry
        )
        self._seconds = Histogram(
            "onrecord_webhook_seconds",
            "From an event's leaving to its answer, if there was one",
            buckets=_ANSWER_S,
            registry=registry,
        )
        self._disabled = Counter(
            "onrecord_webhook_disabled", "Webhooks given up, by reason", ["reason"], registry=registry
        )
        self._letters = Counter(
            "onrecord_mail_letters", "Letters handed in, by what came of it", ["outcome"], registry=registry
        )
        self._waits = {
            _OLDEST: Gauge(
                "onrecord_webhook_waiting_seconds",
                "Age of the oldest event that a webhook has not taken",
                ["tenant"],
                registry=registry,
            ),
            _OLDEST_MAIL: Gauge(
                "onrecord_mail_waiting_seconds",
                "Age of the oldest notice that waits for a letter",
                ["tenant"],
                registry=registry,
            ),
        }

    def watch(self, tenant: str) -> None:
        """Measure this tenant's queues. Not for histories: how old their events are says nothing of us."""
        self._live.add(tenant)

    def tell(self, step: str, late: timedelta) -> None:
        """A notice is on record."""
        self._told.labels(step).inc()
        self._late.observe(late.total_seconds())

    def send(self, answer: Answer) -> None:
        """An event was sent once."""
        outcome = "taken" if answer.taken else "refused" if answer.words.isdigit() else "unanswered"
        self._tries.labels(outcome).inc()
        if outcome != "unanswered":
            self._seconds.observe(answer.took_ms / 1e3)

    def disable(self, reason: str) -> None:
        """A webhook was given up."""
        self._disabled.labels(reason).inc()

    def mail(self, *, sent: bool) -> None:
        """A letter was taken by the mail server, or was not."""
        self._letters.labels("sent" if sent else "failed").inc()

    async def render(self, rows: Rows, clock: Callable[[], datetime]) -> bytes:
        """In Prometheus's own format; what cannot be asked now is left out rather than guessed."""
        for gauge in self._waits.values():
            gauge.clear()
        try:
            async with asyncio.timeout(PATIENCE_S):
                for tenant in sorted(self._live):
                    async with rows.of(tenant) as connection:
                        await self._measure(connection, tenant, clock())
        except (TimeoutError, Error, NoReadModel, OSError):
            pass
        return generate_latest(self._registry)

    async def _measure(self, rows: AsyncConnection[Any], tenant: str, now: datetime) -> None:
        for query, gauge in self._waits.items():
            found = await (await rows.execute(query, (tenant,))).fetchone()
            waited = now - found[0] if found and found[0] else timedelta()
            gauge.labels(tenant).set(max(waited.total_seconds(), 0))
