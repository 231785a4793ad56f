"""Mail: which person or role is told at which address, and what each of them is still to be told.

An address is the only personal thing here; it stands in no event and no log line.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

_TABLES = """
CREATE SCHEMA IF NOT EXISTS vault;
CREATE TABLE IF NOT EXISTS vault.mail_addresses (
    tenant text NOT NULL,
    recipient text NOT NULL,
    address text NOT NULL,
    lang text NOT NULL,
    last_sent_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    PRIMARY KEY (tenant, recipient)
);
CREATE TABLE IF NOT EXISTS vault.mail_outbox (
    tenant text NOT NULL,
    recipient text NOT NULL,
    position bigint NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (tenant, recipient, position),
    FOREIGN KEY (tenant, recipient) REFERENCES vault.mail_addresses ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS mail_outbox_waiting ON vault.mail_outbox (tenant, recipient, position)
    WHERE sent_at IS NULL;
GRANT USAGE ON SCHEMA vault TO onrecord_notices;
REVOKE ALL ON vault.mail_addresses, vault.mail_outbox FROM onrecord_writer;
GRANT SELECT, UPDATE (last_sent_at, failures, next_try_at) ON vault.mail_addresses TO onrecord_notices;
GRANT SELECT, INSERT, UPDATE (sent_at), DELETE ON vault.mail_outbox TO onrecord_notices;
"""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where one recipient is told, and how that went so far."""

    recipient: str
    address: str
    lang: str
    last_sent_at: datetime | None = None
    failures: int = 0
    next_try_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Address(recipient={self.recipient!r})"


async def prepare(owner: AsyncConnection[Any]) -> None:
    """Make the tables, once. Needs the owner's role."""
    async with owner.transaction():
        await owner.execute(_TABLES)


async def put(owner: AsyncConnection[Any], tenant: str, address: Address) -> None:
    """From now on this recipient is told there."""
    await owner.execute(
        "INSERT INTO vault.mail_addresses (tenant, recipient, address, lang) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (tenant, recipient) DO UPDATE SET address = excluded.address, lang = excluded.lang, "
        "failures = 0, next_try_at = NULL",
        (tenant, address.recipient, address.address, address.lang),
    )


async def remove(owner: AsyncConnection[Any], tenant: str, recipient: str) -> bool:
    """Forget an address and what was waiting for it; whether there was one."""
    cursor = await owner.execute(
        "DELETE FROM vault.mail_addresses WHERE tenant = %s AND recipient = %s", (tenant, recipient)
    )
    return cursor.rowcount == 1


async def of_tenant(connection: AsyncConnection[Any], tenant: str) -> list[Address]:
    """Every address of a tenant."""
    cursor = await connection.execute(
        "SELECT recipient, address, lang, last_sent_at, failures, next_try_at FROM vault.mail_addresses "
        "WHERE tenant = %s ORDER BY recipient",
        (tenant,),
    )
    names = ("recipient", "address", "lang", "last_sent_at", "failures", "next_try_at")
    return [Address(**dict(zip(names, row, strict=True))) for row in await cursor.fetchall()]


async def queue(writer: AsyncConnection[Any], tenant: str, wanted: Iterable[tuple[str, int]]) -> None:
    """These recipients are to be told of these positions, if they have an address; once each."""
    pairs = sorted(wanted)
    await writer.execute(
        "INSERT INTO vault.mail_outbox (tenant, recipient, position) "
        "SELECT a.tenant, w.recipient, w.position FROM unnest(%s::text[], %s::bigint[]) AS w "
        "(recipient, position) JOIN vault.mail_addresses a ON a.tenant = %s AND a.recipient = w.recipient "
        "ON CONFLICT DO NOTHING",
        ([recipient for recipient, _ in pairs], [position for _, position in pairs], tenant),
    )


async def due(writer: AsyncConnection[Any], tenant: str, now: datetime) -> list[Address]:
    """Everybody for whom something waits and who may be tried again."""
    waiting = "SELECT DISTINCT recipient FROM vault.mail_outbox WHERE tenant = %s AND sent_at IS NULL"
    cursor = await writer.execute(waiting, (tenant,))
    names = {recipient for (recipient,) in await cursor.fetchall()}
    if not names:
        return []
    return [
        address
        for address in await of_tenant(writer, tenant)
        if address.recipient in names and (address.next_try_at is None or address.next_try_at <= now)
    ]


async def claim(writer: AsyncConnection[Any], tenant: str, address: Address, until: datetime) -> bool:
    """Let nobody else write to him until then; False if somebody was faster."""
    cursor = await writer.execute(
        "UPDATE vault.mail_addresses SET next_try_at = %s WHERE tenant = %s AND recipient = %s "
        "AND next_try_at IS NOT DISTINCT FROM %s AND last_sent_at IS NOT DISTINCT FROM %s",
        (until, tenant, address.recipient, address.next_try_at, address.last_sent_at),
    )
    return cursor.rowcount == 1


async def waiting(writer: AsyncConnection[Any], tenant: str, recipient: str, limit: int) -> list[int]:
    """The positions he is still to be told of, the oldest first."""
    cursor = await writer.execute(
        "SELECT position FROM vault.mail_outbox WHERE tenant = %s AND recipient = %s AND sent_at IS NULL "
        "ORDER BY position LIMIT %s",
        (tenant, recipient, limit),
    )
    return [position for (position,) in await cursor.fetchall()]


async def sent(
    writer: AsyncConnection[Any], tenant: str, recipient: str, positions: Sequence[int], now: datetime
) -> None:
    """He was told of these."""
    async with writer.transaction():
        await writer.execute(
            "UPDATE vault.mail_outbox SET sent_at = %s "
            "WHERE tenant = %s AND recipient = %s AND position = ANY(%s)",
            (now, tenant, recipient, list(positions)),
        )
        await writer.execute(
            "UPDATE vault.mail_addresses SET last_sent_at = %s, failures = 0, next_try_at = NULL "
            "WHERE tenant = %s AND recipient = %s",
            (now, tenant, recipient),
        )


async def failed(writer: AsyncConnection[Any], tenant: str, recipient: str, next_try_at: datetime) -> None:
    """The mail did not go out; when to try again."""
    await writer.execute(
        "UPDATE vault.mail_addresses SET failures = failures + 1, next_try_at = %s "
        "WHERE tenant = %s AND recipient = %s",
        (next_try_at, tenant, recipient),
    )


async def tidy(writer: AsyncConnection[Any], before: datetime) -> None:
    """Forget what was sent before this."""
    await writer.execute("DELETE FROM vault.mail_outbox WHERE sent_at < %s", (before,))
