"""Digest: are two generations the same, byte for byte?"""

import hashlib
from typing import Any

from psycopg import AsyncConnection, sql

from onrecord_projections import shadow
from onrecord_projections.generation import TABLES

Digests = dict[str, str]
"""SHA-256 in hex of every table's rows, in the order of their keys."""


async def digests(connection: AsyncConnection[Any]) -> Digests:
    """The digest of every table of the generation in use, and of those that drafts are judged in."""
    row = await (await connection.execute("SELECT current_schema()")).fetchone()
    assert row is not None, "a function gives a row"
    name = str(row[0])
    second = shadow.schema_of(name)
    live = {table: await _of_table(connection, (name, table), keys) for table, keys in TABLES}
    return live | {
        f"shadow {table}": await _of_table(connection, (second, table), keys) for table, keys in shadow.TABLES
    }


async def _of_table(connection: AsyncConnection[Any], table: tuple[str, str], keys: str) -> str:
    hashed = hashlib.sha256()
    order = sql.SQL(", ").join(sql.Identifier(key) for key in keys.split(", "))
    statement = sql.SQL("COPY (SELECT * FROM {} ORDER BY {}) TO STDOUT").format(sql.Identifier(*table), order)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        async for block in copy:
            hashed.update(block)
    return hashed.hexdigest()
