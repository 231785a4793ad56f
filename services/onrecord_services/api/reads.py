"""Reads: how any route asks the read models: a connection, a view, one question, an answer."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from psycopg import OperationalError
from psycopg.errors import UndefinedTable

from onrecord_projections import generation
from onrecord_projections.queries.view import NOW, Lang, Times, View, Views
from onrecord_services.api.pool import Pool
from onrecord_services.api.problems import not_there_yet
from onrecord_services.api.waiting import Waiting
from onrecord_services.problem import TurnedAway

PATIENCE_S = 5.0
_TRIES = 2

T = TypeVar("T")


class Reads:
    """The read models of all tenants, one tenant at a time."""

    def __init__(self, pool: Pool, patience_s: float = PATIENCE_S) -> None:
        self.pool = pool
        self._patience_s = patience_s
        self._views = Views()
        self._waiting = Waiting(self.position)

    async def ask(
        self,
        tenant: str,
        question: Callable[[View], Awaitable[T]],
        *,
        lang: Lang = "en",
        times: Times = NOW,
        wait_for: int | None = None,
    ) -> T:
        """The answer, read at `wait_for` or later. Raises TurnedAway, ProjectionError, psycopg.Error."""
        if wait_for is not None:
            held = await self._waiting.reach(tenant, wait_for, self._patience_s)
            if held < wait_for:
                raise TurnedAway(not_there_yet(wait_for, max(held, 0)))
        return await self._ask(tenant, question, lang, times)

    async def reach(self, tenant: str, position: int, patience_s: float) -> int:
        """Wait until the read models stand at a position, or patience ends; where they stand then."""
        return await self._waiting.reach(tenant, position, patience_s)

    async def position(self, tenant: str) -> int:
        """How far the tenant's read models are. Raises NoReadModel, psycopg.Error."""
        async with self.pool.connection() as connection:
            await generation.enter(connection, tenant)
            return (await generation.held(connection)).checkpoint.position

    async def _ask(
        self, tenant: str, question: Callable[[View], Awaitable[T]], lang: Lang, times: Times
    ) -> T:
        """Once more if PostgreSQL was restarted, or a generation was dropped under our feet."""
        for tries_left in reversed(range(_TRIES)):
            try:
                async with (
                    self.pool.connection() as connection,
                    self._views.open(connection, tenant, lang, times) as view,
                ):
                    return await question(view)
            except (OperationalError, UndefinedTable) as error:
                if not tries_left or (isinstance(error, OperationalError) and not _broke(error)):
                    raise
                await self.pool.forget()
        raise AssertionError("the last try returns or raises")


def _broke(error: OperationalError) -> bool:
    """Whether the connection is gone, rather than the statement at fault."""
    return error.sqlstate is None or error.sqlstate.startswith(("57P", "08"))
