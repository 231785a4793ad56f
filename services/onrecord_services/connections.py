"""Connections: how services reach the log and the read models, patient while either is away."""

import asyncio
import logging
from typing import Any

import psycopg
from nats.aio.client import Client
from nats.errors import Error as NatsError
from psycopg import AsyncConnection

from onrecord_events.wire import QuickReader

RETRY_S = 1.0
CONNECT_TIMEOUT_S = 5

_log = logging.getLogger(__name__)


async def connect_log(url: str, name: str, *, reader: bool = False) -> Client:
    """A connection that comes back by itself for as long as the process lives."""
    client = QuickReader() if reader else Client()
    waited = False
    while True:
        try:
            await client.connect(
                url,
                name=name,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,  # type: ignore[arg-type]  # a float will do; the client only sleeps it
                connect_timeout=CONNECT_TIMEOUT_S,
                ping_interval=10,
                max_outstanding_pings=2,
                allow_reconnect=True,
                error_cb=_say,
            )
        except (NatsError, OSError) as error:
            if "authorization" in str(error).lower():
                raise
            if not waited:
                _log.warning("%s: waiting for the log (%s)", name, type(error).__name__)
            waited = True
            await asyncio.sleep(RETRY_S)
        else:
            return client


async def connect_rows(url: str, name: str) -> AsyncConnection[Any]:
    """A connection to the read models, in autocommit mode; waits while PostgreSQL is away."""
    waited = False
    while True:
        try:
            return await psycopg.AsyncConnection.connect(
                url, autocommit=True, application_name=f"onrecord {name}", connect_timeout=CONNECT_TIMEOUT_S
            )
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error):
                raise
            if not waited:
                _log.warning("%s: waiting for PostgreSQL", name)
            waited = True
            await asyncio.sleep(RETRY_S)


async def _say(error: Exception) -> None:
    _log.warning("log connection: %s", error or type(error).__name__)
