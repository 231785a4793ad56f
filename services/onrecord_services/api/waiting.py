"""Waiting: until the read models have come as far as a position. One look for all who wait for a tenant."""

import asyncio
from collections.abc import Awaitable, Callable

from psycopg import Error

from onrecord_projections.errors import NoReadModel

EVERY_S = 0.02

Look = Callable[[str], Awaitable[int]]
"""The position a tenant's read models stand at."""


class _Watch:
    """One tenant's waiters."""

    def __init__(self) -> None:
        self.position = -1
        self.waiters = 0
        self.moved = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Waiting:
    """Looks only while somebody waits."""

    def __init__(self, look: Look, every_s: float = EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._watches: dict[str, _Watch] = {}

    async def reach(self, tenant: str, position: int, patience_s: float) -> int:
        """Return at this position, or where it is when patience ends. Returns the position then."""
        watch = self._watches.setdefault(tenant, _Watch())
        watch.waiters += 1
        if watch.task is None:
            watch.task = asyncio.create_task(self._follow(tenant, watch))
        try:
            async with asyncio.timeout(patience_s):
                while watch.position < position:
                    await watch.moved.wait()
        except TimeoutError:
            pass
        finally:
            watch.waiters -= 1
            if not watch.waiters:
                watch.task.cancel()
                self._watches.pop(tenant, None)
        return watch.position

    async def _follow(self, tenant: str, watch: _Watch) -> None:
        while True:
            try:
                found = await self._look(tenant)
            except (Error, OSError, NoReadModel):
                found = watch.position  # whoever waits learns of it from his own question
            if found != watch.position:
                watch.position = found
                watch.moved.set()
                watch.moved = asyncio.Event()
            await asyncio.sleep(self._every_s)
