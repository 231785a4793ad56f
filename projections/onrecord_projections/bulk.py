"""Bulk: rows into PostgreSQL by COPY, sorted by key, so that lanes never wait for each other in a circle."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from psycopg import AsyncConnection, AsyncCursor, sql

Found = TypeVar("Found")


class Shape(NamedTuple):
    """A table as COPY sees it: name, columns with their types, and how many of them are the key."""

    table: str
    columns: tuple[tuple[str, str], ...]
    keys: int = 1

    @property
    def names(self) -> sql.Composed:
        """The column list."""
        return sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.columns)

    @property
    def key(self) -> sql.Composed:
        """The key's column list."""
        return sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.columns[: self.keys])


async def prepare(connection: AsyncConnection[Any], shapes: Iterable[Shape]) -> None:
    """Make the staging tables that `merge` copies into; once a connection.

    In one transaction: each commit that made one would empty all of those before.
    """
    async with connection.transaction():
        for shape in shapes:
            await connection.execute(
                sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DELETE ROWS").format(
                    _staging(shape), sql.Identifier(shape.table)
                )
            )


async def empty(connection: AsyncConnection[Any], shapes: Iterable[Shape]) -> None:
    """Empty the staging tables before the commit does: for a second `merge` in one transaction."""
    for shape in shapes:
        await connection.execute(sql.SQL("DELETE FROM {}").format(_staging(shape)))


async def insert(cursor: AsyncCursor[Any], shape: Shape, rows: Iterable[Sequence[Any]]) -> None:
    """New rows, straight into the table."""
    await _copy(cursor, shape, sql.Identifier(shape.table), rows)


async def merge(
    cursor: AsyncCursor[Any], shape: Shape, rows: Sequence[tuple[Any, ...]], *, add: int = 0
) -> None:
    """Insert or replace by key; the last `add` columns are added to instead of replaced.

    Once a table and transaction: the staging table empties itself at the commit.
    """
    if not rows:
        return
    staging, table = _staging(shape), sql.Identifier(shape.table)
    ordered: list[tuple[Any, ...]] = sorted(rows, key=lambda row: row[: shape.keys])
    await _copy(cursor, shape, staging, ordered)
    added = {name for name, _ in shape.columns[len(shape.columns) - add :]}
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = t.{0} + excluded.{0}" if name in added else "{0} = excluded.{0}").format(
            sql.Identifier(name)
        )
        for name, _ in shape.columns[shape.keys :]
    )
    await cursor.execute(
        sql.SQL("INSERT INTO {} AS t ({}) SELECT {} FROM {} ON CONFLICT ({}) DO UPDATE SET {}").format(
            table, shape.names, shape.names, staging, shape.key, changes
        )
    )


async def delete(cursor: AsyncCursor[Any], shape: Shape, keys: Iterable[tuple[Any, ...]]) -> None:
    """Rows taken away, by key."""
    found = sorted(keys)
    if not found:
        return
    condition = sql.SQL(" AND ").join(
        sql.SQL("t.{} = k.{}").format(sql.Identifier(name), sql.Identifier(name))
        for name, _ in shape.columns[: shape.keys]
    )
    arrays = sql.SQL(", ").join(
        sql.SQL("%s::{}[]").format(sql.SQL(type_)) for _, type_ in shape.columns[: shape.keys]
    )
    await cursor.execute(
        sql.SQL("DELETE FROM {} t USING unnest({}) AS k ({}) WHERE {}").format(
            sql.Identifier(shape.table), arrays, shape.key, condition
        ),
        [list(column) for column in zip(*found, strict=True)],
    )


def _staging(shape: Shape) -> sql.Identifier:
    return sql.Identifier("pg_temp", f"staging_{shape.table}")


async def _copy(
    cursor: AsyncCursor[Any], shape: Shape, into: sql.Identifier, rows: Iterable[Sequence[Any]]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(into, shape.names)
    async with cursor.copy(statement) as copy:
        copy.set_types([type_ for _, type_ in shape.columns])
        for row in rows:
            await copy.write_row(row)


async def while_writing(writing: Coroutine[Any, Any, None], thinking: Coroutine[Any, Any, Found]) -> Found:
    """What was found out while the server took rows. Who thinks leaves the connection alone.

    Both come to their end whatever happens to the other, so that no half statement is left on the wire.
    """
    writes = asyncio.ensure_future(writing)
    try:
        found = await thinking
    finally:
        await asyncio.gather(writes, return_exceptions=True)
    writes.result()
    return found
