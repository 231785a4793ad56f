"""Webhooks: who outside hears of which events, how far they are, and what came of each try.

A subscription is one row with its place in the log, so whoever was away for days costs no more than
whoever is up to date. Secrets lie here and nowhere else; only the role that sends may read them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

_TABLES = """
CREATE SCHEMA IF NOT EXISTS vault;
CREATE TABLE IF NOT EXISTS vault.webhooks (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    secret text NOT NULL,
    epoch text NOT NULL,
    position bigint NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    next_try_at timestamptz,
    disabled_at timestamptz,
    claimed_by text,
    claimed_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS vault.webhook_tries (
    nth bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook text NOT NULL REFERENCES vault.webhooks ON DELETE CASCADE,
    tried_at timestamptz NOT NULL,
    position bigint NOT NULL,
    type text NOT NULL,
    message_id text NOT NULL,
    answer text NOT NULL,
    took_ms integer NOT NULL
);
CREATE INDEX IF NOT EXISTS webhook_tries_newest ON vault.webhook_tries (webhook, nth);
CREATE INDEX IF NOT EXISTS webhook_tries_oldest ON vault.webhook_tries (tried_at);
GRANT USAGE ON SCHEMA vault TO onrecord_writer;
GRANT SELECT, UPDATE ON vault.webhooks TO onrecord_writer;
GRANT SELECT, INSERT, DELETE ON vault.webhook_tries TO onrecord_writer;
"""
_COLUMNS = (
    "id, tenant, url, types, secret, epoch, position, failures, failing_since, next_try_at, disabled_at"
)


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One subscription."""

    id: str
    tenant: str
    url: str
    types: tuple[str, ...]
    """Exact types, or `area.*`; none: all of them."""
    secret: str
    epoch: str
    position: int
    """The last event it has taken, or that was not for it."""
    failures: int = 0
    failing_since: datetime | None = None
    next_try_at: datetime | None = None
    disabled_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Webhook(id={self.id!r}, tenant={self.tenant!r}, position={self.position})"


class Try(msgspec.Struct, frozen=True):
    """What came of sending one event once."""

    tried_at: datetime
    position: int
    type: str
    message_id: str
    answer: str
    """`200`, or what went wrong."""
    took_ms: int


async def prepare(owner: AsyncConnection[Any]) -> None:
    """Make the tables, once. Needs the owner's role."""
    async with owner.transaction():
        await owner.execute(_TABLES)


async def add(owner: AsyncConnection[Any], hook: Webhook) -> None:
    """A new subscription, from its position on."""
    await owner.execute(
        "INSERT INTO vault.webhooks (id, tenant, url, types, secret, epoch, position) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (hook.id, hook.tenant, hook.url, list(hook.types), hook.secret, hook.epoch, hook.position),
    )


async def remove(owner: AsyncConnection[Any], tenant: str, id_: str) -> bool:
    """Forget a subscription and its tries; whether there was one."""
    cursor = await owner.execute("DELETE FROM vault.webhooks WHERE tenant = %s AND id = %s", (tenant, id_))
    return cursor.rowcount == 1


async def of_tenant(connection: AsyncConnection[Any], tenant: str) -> list[Webhook]:
    """Every subscription of a tenant, the oldest first."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM vault.webhooks WHERE tenant = %s ORDER BY created_at, id",  # noqa: S608 (our own text)
        (tenant,),
    )
    return [_hook(row) for row in await cursor.fetchall()]


async def tries_of(connection: AsyncConnection[Any], id_: str, limit: int) -> list[Try]:
    """What came of the newest tries, newest first."""
    cursor = await connection.execute(
        "SELECT tried_at, position, type, message_id, answer, took_ms FROM vault.webhook_tries "
        "WHERE webhook = %s ORDER BY nth DESC LIMIT %s",
        (id_, limit),
    )
    return [Try(*row) for row in await cursor.fetchall()]


async def rewind(owner: AsyncConnection[Any], tenant: str, id_: str, after: int | None) -> bool:
    """Send again from after a position (None: from where it stands), disabled or not; whether it is there.

    Who is sending just now has lost his claim, and with it the right to move the place.
    """
    cursor = await owner.execute(
        "UPDATE vault.webhooks SET position = coalesce(%s, position), failures = 0, failing_since = NULL, "
        "next_try_at = NULL, disabled_at = NULL, claimed_by = NULL, claimed_until = NULL "
        "WHERE tenant = %s AND id = %s",
        (after, tenant, id_),
    )
    return cursor.rowcount == 1


async def claim(
    writer: AsyncConnection[Any], id_: str, worker: str, now: datetime, until: datetime
) -> Webhook | None:
    """The subscription, if its turn has come and nobody else has it; until then it is this worker's."""
    cursor = await writer.execute(
        "UPDATE vault.webhooks SET claimed_by = %(worker)s, "  # noqa: S608 (our own text)
        "claimed_until = %(until)s "
        "WHERE id = %(id)s AND disabled_at IS NULL AND (next_try_at IS NULL OR next_try_at <= %(now)s) "
        "AND (claimed_by IS NULL OR claimed_by = %(worker)s OR claimed_until < %(now)s) "
        f"RETURNING {_COLUMNS}",
        {"id": id_, "worker": worker, "now": now, "until": until},
    )
    row = await cursor.fetchone()
    return row and _hook(row)


async def taken(writer: AsyncConnection[Any], id_: str, worker: str, position: int) -> bool:
    """It has everything up to here; False if the claim was lost meanwhile, and with it this right."""
    cursor = await writer.execute(
        "UPDATE vault.webhooks SET position = %s, failures = 0, failing_since = NULL, next_try_at = NULL "
        "WHERE id = %s AND claimed_by = %s AND position < %s",
        (position, id_, worker, position),
    )
    return cursor.rowcount == 1


async def failed(
    writer: AsyncConnection[Any], id_: str, worker: str, now: datetime, next_try_at: datetime
) -> None:
    """It did not take the next event; when to try again."""
    await writer.execute(
        "UPDATE vault.webhooks SET failures = failures + 1, failing_since = coalesce(failing_since, %s), "
        "next_try_at = %s WHERE id = %s AND claimed_by = %s",
        (now, next_try_at, id_, worker),
    )


async def disable(writer: AsyncConnection[Any], id_: str, worker: str, now: datetime) -> None:
    """Nothing goes there any more until somebody says so."""
    await writer.execute(
        "UPDATE vault.webhooks SET disabled_at = %s "
        "WHERE id = %s AND claimed_by = %s AND disabled_at IS NULL",
        (now, id_, worker),
    )


async def note(writer: AsyncConnection[Any], id_: str, tried: Try) -> None:
    """Keep what came of a try, for a month."""
    await writer.execute(
        "INSERT INTO vault.webhook_tries (webhook, tried_at, position, type, message_id, answer, took_ms) "
        "SELECT id, %s, %s, %s, %s, %s, %s FROM vault.webhooks WHERE id = %s",
        (*msgspec.structs.astuple(tried), id_),
    )


async def tidy(writer: AsyncConnection[Any], before: datetime) -> None:
    """Forget tries older than this."""
    await writer.execute("DELETE FROM vault.webhook_tries WHERE tried_at < %s", (before,))


def _hook(row: Sequence[Any]) -> Webhook:
    names = _COLUMNS.split(", ")
    return msgspec.convert(dict(zip(names, row, strict=True)), Webhook)
