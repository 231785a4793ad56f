"""Seen: has this (source, id) been here before, where, and with what?"""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, insert

SHAPE = Shape("seen", (("identity", "bytea"), ("position", "int8"), ("input_mac", "text")))
TABLES = (("seen", "identity"),)
DDL = "CREATE TABLE seen (identity bytea PRIMARY KEY, position bigint NOT NULL, input_mac text)"


async def first_copies(cursor: AsyncCursor[Any], events: Sequence[Recorded]) -> list[Recorded]:
    """The events whose identity was never seen; a later copy is dropped, however late it comes."""
    await cursor.execute(
        "SELECT identity FROM seen WHERE identity = ANY(%s)", ([event.identity for event in events],)
    )
    known = {bytes(identity) for (identity,) in await cursor.fetchall()}
    fresh: list[Recorded] = []
    for event in events:
        if event.identity not in known:
            known.add(event.identity)
            fresh.append(event)
    return fresh


async def write(cursor: AsyncCursor[Any], events: Sequence[Recorded]) -> None:
    """Remember these first copies."""
    await insert(cursor, SHAPE, sorted((e.identity, e.position, e.input_mac) for e in events))


async def lookup(
    connection: AsyncConnection[Any], identities: Sequence[bytes]
) -> dict[bytes, tuple[int, str | None]]:
    """Where each known identity stands first, and the digest of what it said."""
    cursor = await connection.execute(
        "SELECT identity, position, input_mac FROM seen WHERE identity = ANY(%s)", (list(identities),)
    )
    return {bytes(identity): (position, mac) for identity, position, mac in await cursor.fetchall()}
