"""Seen, in PostgreSQL: what a tenant's log held long ago, as its live read model knows it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import AsyncConnection

from onrecord_projections import generation, seen
from onrecord_projections.errors import NoReadModel
from onrecord_services.intake.identities import SeenUnavailable

_ENTERED_S_MAX = 5.0


class SeenInPostgres:
    """The `seen` table of each tenant's live read model."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AsyncConnection[Any] | None = None
        self._entered: tuple[str, float] = ("", 0.0)
        self._turn = asyncio.Lock()  # a connection looks at one tenant at a time

    async def lookup(self, tenant: str, identities: Sequence[bytes]) -> dict[bytes, tuple[int, str | None]]:
        """The known ones; none for a tenant that has no read model yet. Raises SeenUnavailable."""
        async with self._turn:
            try:
                return await seen.lookup(await self._at(tenant), identities)
            except NoReadModel:
                return {}
            except (psycopg.Error, OSError) as error:
                await self.close()
                raise SeenUnavailable(f"the read model cannot be asked ({type(error).__name__})") from None

    async def close(self) -> None:
        """Let go of the connection; the next look-up makes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _at(self, tenant: str) -> AsyncConnection[Any]:
        """A connection that looks at the tenant's live generation; a rebuild moves it, so look again soon."""
        if self._connection is None or self._connection.broken:
            self._connection = await AsyncConnection.connect(self._url, connect_timeout=3, autocommit=True)
            self._entered = ("", 0.0)
        entered, at = self._entered
        if entered != tenant or time.monotonic() - at > _ENTERED_S_MAX:
            await generation.enter(self._connection, tenant)
            self._entered = (tenant, time.monotonic())
        return self._connection
