"""Pool: a few connections of the reader's role, made when needed, thrown away when in doubt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.pq import TransactionStatus

CONNECT_TIMEOUT_S = 3
SIZE_MAX = 8


class Pool:
    """Whoever finds all connections in use waits for the next one."""

    def __init__(self, url: str, size_max: int = SIZE_MAX) -> None:
        self._url = url
        self._places = asyncio.Semaphore(size_max)
        self._idle: list[AsyncConnection[Any]] = []
        self._closed = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        """One in autocommit mode. Raises psycopg.OperationalError while PostgreSQL is away."""
        async with self._places:
            held = await self._take()
            try:
                yield held
            finally:
                if self._closed or held.closed or held.info.transaction_status != TransactionStatus.IDLE:
                    await _drop(held)
                else:
                    self._idle.append(held)

    async def close(self) -> None:
        """Leave none behind; those in use end when they are given back."""
        self._closed = True
        await self.forget()

    async def forget(self) -> None:
        """Let go of those nobody uses: one was found broken, so they may be too."""
        while self._idle:
            await _drop(self._idle.pop())

    async def _take(self) -> AsyncConnection[Any]:
        if self._idle:
            return self._idle.pop()
        return await AsyncConnection.connect(
            self._url, autocommit=True, application_name="onrecord api", connect_timeout=CONNECT_TIMEOUT_S
        )


async def _drop(connection: AsyncConnection[Any]) -> None:
    with suppress(Error, OSError):
        await connection.close()
