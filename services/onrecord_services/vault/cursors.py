"""Cursors: how far notices have read each tenant's log. Beside the log, so that a rebuild forgets none."""

from typing import Any

from psycopg import AsyncConnection

from onrecord_events.errors import LogMismatch

_TABLES = """
CREATE SCHEMA IF NOT EXISTS vault;
CREATE TABLE IF NOT EXISTS vault.notice_cursors (
    tenant text NOT NULL,
    reader text NOT NULL,
    epoch text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (tenant, reader)
);
GRANT USAGE ON SCHEMA vault TO onrecord_notices;
REVOKE ALL ON vault.notice_cursors FROM onrecord_writer;
GRANT SELECT, INSERT, UPDATE (position) ON vault.notice_cursors TO onrecord_notices;
"""


async def prepare(owner: AsyncConnection[Any]) -> None:
    """Make the table, once. Needs the owner's role."""
    async with owner.transaction():
        await owner.execute(_TABLES)


async def read(writer: AsyncConnection[Any], tenant: str, reader: str, epoch: str) -> int | None:
    """The last position this reader has dealt with, None at its very first start. Raises LogMismatch."""
    cursor = await writer.execute(
        "SELECT epoch, position FROM vault.notice_cursors WHERE tenant = %s AND reader = %s", (tenant, reader)
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    if row[0] != epoch:
        raise LogMismatch(f"{reader} of tenant {tenant} has read another log (epoch {row[0]}, not {epoch})")
    return int(row[1])


async def move(writer: AsyncConnection[Any], tenant: str, reader: str, epoch: str, position: int) -> None:
    """Everything up to a position is dealt with. Never goes back."""
    await writer.execute(
        "INSERT INTO vault.notice_cursors AS c VALUES (%s, %s, %s, %s) ON CONFLICT (tenant, reader) "
        "DO UPDATE SET position = excluded.position "
        "WHERE c.epoch = excluded.epoch AND c.position < excluded.position",
        (tenant, reader, epoch, position),
    )
