"""Rules: what is in force for a tenant, as its read models know it, looked at again once a second."""

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

    async def now(self) -> Settings:
        """What is in force, a second old at most. Raises psycopg.Error, OSError if it was never read."""
        if self._settings is None or time.monotonic() - self._looked_at >= FRESH_S:
            try:
                self._settings = await self._reads.ask(self._tenant, _settings)
            except NoReadModel:
                self._settings = self._settings or Settings()
            except (Error, OSError):
                if self._settings is None:
                    raise
            self._looked_at = time.monotonic()
        return self._settings


async def _settings(view: View) -> Settings:
    return view.settings
