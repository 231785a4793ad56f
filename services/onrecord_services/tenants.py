"""Tenants: a new one gets a log, a read model and keys; each step is safe to repeat."""

from typing import Any

import nats
from psycopg import AsyncConnection

from onrecord_events.log import ClockMode, EventLog
from onrecord_projections import generation
from onrecord_services.vault import api_keys, cursors, mail, webhooks


async def prepare(owner: AsyncConnection[Any]) -> None:
    """What all tenants share. Safe to repeat."""
    await generation.prepare(owner)
    await api_keys.prepare(owner)
    await cursors.prepare(owner)
    await mail.prepare(owner)
    await webhooks.prepare(owner)


async def create(operator_url: str, owner: AsyncConnection[Any], tenant: str, clock: ClockMode) -> EventLog:
    """A log and a read model for a tenant, made where missing. Raises LogMismatch if its clock is another."""
    connection = await nats.connect(operator_url, name="operator", max_reconnect_attempts=3)
    try:
        log = await EventLog.create(connection, tenant, clock)
        if await generation.active(owner, tenant) is None:
            name = await generation.create(owner, tenant, log.epoch)
            await generation.activate(owner, tenant, name)
        return log
    finally:
        await connection.close()


async def all_of(connection: AsyncConnection[Any]) -> list[str]:
    """Every tenant."""
    return await generation.tenants(connection)
