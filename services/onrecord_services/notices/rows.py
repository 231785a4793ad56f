"""Rows: one connection of the writer's role, shared by turns, each turn inside one tenant's read model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, OperationalError

from onrecord_projections import generation
from onrecord_services.connections import connect_rows


class Rows:
    """Made anew when it breaks; whoever was using it learns of it from the error."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._mine = asyncio.Lock()
        self._connection: AsyncConnection[Any] | None = None

    @asynccontextmanager
    async def vault(self) -> AsyncIterator[AsyncConnection[Any]]:
        """The connection, for statements that name their schema. Raises OperationalError."""
        async with self._mine:
            if self._connection is None or self._connection.closed:
                self._connection = await connect_rows(self._url, self._name)
            try:
                yield self._connection
            except OperationalError:
                await self._connection.close()
                raise

    @asynccontextmanager
    async def of(self, tenant: str) -> AsyncIterator[AsyncConnection[Any]]:
        """The connection, pointed at a tenant's live read model. Raises NoReadModel, OperationalError."""
        async with self.vault() as connection:
            await generation.enter(connection, tenant)
            yield connection

    async def close(self) -> None:
        """Leave none behind."""
        if self._connection is not None:
            await self._connection.close()
