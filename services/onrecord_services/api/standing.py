"""Standing: how far every tenant's read models are, and which were stopped by an event."""

import msgspec
from psycopg import sql
from psycopg.errors import UndefinedTable

from onrecord_services.api.pool import Pool


class Standing(msgspec.Struct, frozen=True):
    """One tenant's live generation."""

    tenant: str
    position: int
    stopped: str | None
    """Why it does not go on, None if it does."""


async def standings(pool: Pool) -> list[Standing]:
    """Every tenant's. Raises psycopg.Error, OSError."""
    found = []
    async with pool.connection() as connection:
        try:
            active = await (
                await connection.execute("SELECT tenant, generation FROM control.active ORDER BY tenant")
            ).fetchall()
        except UndefinedTable:
            return []  # no tenant was ever made
        for tenant, name in active:
            schema = sql.Identifier(name)
            cursor = await connection.execute(
                sql.SQL(
                    "SELECT c.position, (SELECT s.error FROM {0}.stopped s WHERE s.position > c.position "
                    "ORDER BY s.position LIMIT 1) FROM {0}.checkpoint c"
                ).format(schema)
            )
            row = await cursor.fetchone()
            assert row is not None, "a generation is made with its checkpoint"
            found.append(Standing(tenant, *row))
    return found
