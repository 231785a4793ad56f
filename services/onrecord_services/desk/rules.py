"""Rules: what is in force for a tenant, as its read models know it, looked at again once a second."""

import asyncio
import time

from psycopg import Error

from onrecord_projections.errors import NoReadModel
from onrecord_projections.judging import Settings
from onrecord_projections.queries.view import View
from onrecord_services.api.reads import Reads

FRESH_S = 1.0


class Rules:
    """One tenant's settings. While PostgreSQL is away they stay as they were."""

    def __init__(self, reads: Reads, tenant: str) -> None:
        self._reads, self._tenant = reads, tenant
        self._settings: Settings | None = None
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def now(self) -> Settings:
        """What is in force, a second old at most. Raises psycopg.Error, OSError if it was never read."""
        if self._settings is None or self._stale:
            async with self._looking:  # one looks for all who wait
                if self._settings is None or self._stale:
                    self._settings = await self._look()
        return self._settings

    @property
    def _stale(self) -> bool:
        return time.monotonic() - self._looked_at >= FRESH_S

    async def _look(self) -> Settings:
        began = time.monotonic()
        try:
            found = await self._reads.ask(self._tenant, _settings)
        except NoReadModel:
            found = self._settings or Settings()
        except (Error, OSError):
            if self._settings is None:
                raise
            found = self._settings
        self._looked_at = began
        return found


async def _settings(view: View) -> Settings:
    return view.settings
