"""Notices: people are told before a promise breaks, and when it broke; machines hear of every event.

In:  PostgreSQL                clocks and what was told about them; subscriptions and addresses in `vault`
Out: the log                   `alert.raised`, one a clock and step; `webhook.disabled`
     HTTPS, SMTP               what was appended, in the order of the log; nothing that is not on record
Run: onrecord run notices

Nothing waits for this service: no verdict depends on it, and what it missed while away it tells late.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import psycopg
from nats.aio.client import Client

from onrecord_events.errors import EventError
from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.errors import ProjectionError
from onrecord_services.connections import RETRY_S, connect_log
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.teller import Teller, now_utc
from onrecord_services.settings import Settings

EVERY_S = 0.1
"""How often we ask whether the log has grown. Steps are told at their own instant, not at a beat."""
TENANTS_EVERY_S = 2.0

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Tell and deliver for every tenant, until cancelled."""
    connection = await connect_log(settings.nats_url, "notices")
    rows = Rows(settings.postgres_url, "notices")
    try:
        await for_each_tenant(rows, lambda tenant: tell(connection, rows, tenant))
    finally:
        await rows.close()
        await connection.close()


async def for_each_tenant(rows: Rows, work: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """One task a tenant, new ones within seconds; none stands in another's way."""
    known: set[str] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            try:
                async with rows.vault() as vault:
                    here = await generation.tenants(vault)
            except psycopg.OperationalError:
                here = []
            for tenant in here:
                if tenant not in known:
                    known.add(tenant)
                    group.create_task(work(tenant))
            await asyncio.sleep(TENANTS_EVERY_S)


async def tell(connection: Client, rows: Rows, tenant: str) -> None:
    """Watch a tenant's clocks for ever. History (a log whose clock is carried) tells nobody anything."""
    while True:
        try:
            log = await EventLog.open(connection, tenant)
            if log.clock != "server":
                return
            teller = Teller(log, rows, now_utc)
            while True:
                await teller.round()
                await asyncio.sleep(_until(teller.next_at()))
        except (psycopg.OperationalError, EventError, ProjectionError) as error:
            _log.warning("tenant %s: %s; trying again", tenant, error)
            await asyncio.sleep(RETRY_S)


def _until(next_at: datetime | None) -> float:
    """How long there is nothing to tell, at most one beat."""
    if next_at is None:
        return EVERY_S
    return min(EVERY_S, max(0.005, (next_at - now_utc()).total_seconds()))
