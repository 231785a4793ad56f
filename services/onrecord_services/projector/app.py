"""Projector: every tenant's log becomes read models.

In:  the log                   all events of each tenant, in order (ordered reads, no acknowledgements)
Out: PostgreSQL                one schema a tenant and generation; rows and checkpoint in one transaction
Run: onrecord run projections
"""

import asyncio
import contextlib
import logging
from typing import Any

import psycopg
from nats.aio.client import Client
from psycopg import AsyncConnection

from onrecord_events.errors import LogMismatch, LogUnavailable, OutcomeUnknown
from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.errors import Moved, NoReadModel, NotOwner, Stopped
from onrecord_projections.runner import Runner
from onrecord_services.connections import RETRY_S, connect_log, connect_rows
from onrecord_services.memory import spare_the_collector
from onrecord_services.settings import Settings

LOOK_FOR_TENANTS_S = 0.5
LOOK_AGAIN_S = 30.0

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Follow every tenant there is and will be, until cancelled."""
    spare_the_collector()
    connection = await connect_log(settings.nats_url, "projections", reader=True)
    directory = _Directory(settings.postgres_url)
    lanes: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            for tenant in await directory.tenants():
                if tenant in lanes and lanes[tenant].done():  # a fault of ours; other tenants go on
                    _log.critical("%s: ended", tenant, exc_info=lanes.pop(tenant).exception())
                if tenant not in lanes:
                    lanes[tenant] = asyncio.create_task(_lane(settings, connection, tenant), name=tenant)
            await asyncio.sleep(LOOK_FOR_TENANTS_S)
    finally:
        for lane in lanes.values():
            lane.cancel()
        await asyncio.gather(*lanes.values(), return_exceptions=True)
        await directory.close()
        await connection.close()


class _Directory:
    """Which tenants there are, asked over one connection that is opened again when it was lost."""

    def __init__(self, postgres_url: str) -> None:
        self._postgres_url = postgres_url
        self._rows: AsyncConnection[Any] | None = None

    async def tenants(self) -> list[str]:
        """None while PostgreSQL goes away under the question."""
        if self._rows is None:
            self._rows = await connect_rows(self._postgres_url, "projections")
        try:
            return await generation.tenants(self._rows)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            await self.close()
            return []

    async def close(self) -> None:
        """Give the connection back, whatever is left of it."""
        rows, self._rows = self._rows, None
        if rows is not None:
            with contextlib.suppress(psycopg.Error):
                await rows.close()


async def _lane(settings: Settings, connection: Client, tenant: str) -> None:
    """One tenant, for ever. Trouble of ours is waited out; trouble of the data stops it, with its words."""
    while True:
        rows: AsyncConnection[Any] | None = None
        try:
            rows = await connect_rows(settings.postgres_url, f"projections {tenant}")
            await _follow(rows, connection, tenant)
        except (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            LogUnavailable,
            OutcomeUnknown,
            NoReadModel,
        ) as error:
            _log.warning("%s: %s; trying again", tenant, error)
            await asyncio.sleep(RETRY_S)
        except (Stopped, LogMismatch, NotOwner) as error:
            _log.critical("%s: REFUSED: %s", tenant, error)  # it stays refused until somebody acts
            await asyncio.sleep(LOOK_AGAIN_S)
        except Moved:
            _log.info("%s: another generation is live now", tenant)
        finally:
            if rows is not None:
                with contextlib.suppress(psycopg.Error):
                    await rows.close()


async def _follow(rows: AsyncConnection[Any], connection: Client, tenant: str) -> None:
    name = await generation.enter(rows, tenant)
    log = await EventLog.open(connection, tenant)
    runner = Runner(rows, log, name, live=True)
    held = await runner.begin()
    _log.info("%s: following from position %d", tenant, held.checkpoint.position)
    await runner.run()
