"""Seen: has this (source, id) been here before, where, and with what?"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, insert

SHAPE = Shape("seen", (("identity", "bytea"), ("position", "int8"), ("input_mac", "text")))
TABLES = (("seen", "identity"),)
DDL = "CREATE TABLE seen (identity bytea PRIMARY KEY, position bigint NOT NULL, input_mac text)"


async def first_copies(cursor: AsyncCursor[Any], events: Sequence[Recorded]) -> dict[bytes, Recorded]:
    """The events whose identity was never seen; a later copy is dropped, however late it comes."""
    fresh: dict[bytes, Recorded] = {}
    for event in events:
        fresh.setdefault(event.identity, event)
    await cursor.execute("SELECT identity FROM seen WHERE identity = ANY(%b)", (list(fresh),))
    for (identity,) in await cursor.fetchall():
        del fresh[bytes(identity)]
    return fresh


async def write(cursor: AsyncCursor[Any], first: Mapping[bytes, Recorded]) -> None:
    """Remember these first copies."""
    rows = [(identity, event.position, event.input_mac) for identity, event in first.items()]
    await insert(cursor, SHAPE, sorted(rows))


async def lookup(
    connection: AsyncConnection[Any], identities: Sequence[bytes]
) -> dict[bytes, tuple[int, str | None]]:
    """Where each known identity stands first, and the digest of what it said."""
    cursor = await connection.execute(
        "SELECT identity, position, input_mac FROM seen WHERE identity = ANY(%b)", (list(identities),)
    )
    return {bytes(identity): (position, mac) for identity, position, mac in await cursor.fetchall()}
