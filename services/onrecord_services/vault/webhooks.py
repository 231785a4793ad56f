"""Webhooks: who outside hears of which events, how far they are, and what came of each try.

A subscription is one row with its place in the log, so whoever was away for days costs no more than
whoever is up to date. Secrets lie here sealed (`webhook_secrets.py`): a dump of these tables signs nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from onrecord_services.vault.webhook_secrets import CannotOpen, SecretSealer

_TABLES = """
CREATE SCHEMA IF NOT EXISTS vault;
CREATE TABLE IF NOT EXISTS vault.webhooks (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    secret_sealed bytea,
    previous_sealed bytea,
    previous_until timestamptz,
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
ALTER TABLE vault.webhooks DROP COLUMN IF EXISTS secret;
ALTER TABLE vault.webhooks ADD COLUMN IF NOT EXISTS secret_sealed bytea;
ALTER TABLE vault.webhooks ADD COLUMN IF NOT EXISTS previous_sealed bytea;
ALTER TABLE vault.webhooks ADD COLUMN IF NOT EXISTS previous_until timestamptz;
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
GRANT USAGE ON SCHEMA vault TO onrecord_notices;
REVOKE ALL ON vault.webhooks, vault.webhook_tries FROM onrecord_writer;
GRANT SELECT, UPDATE (position, failures, failing_since, next_try_at, disabled_at, claimed_by, claimed_until,
    previous_sealed, previous_until) ON vault.webhooks TO onrecord_notices;
GRANT SELECT, INSERT, DELETE ON vault.webhook_tries TO onrecord_notices;
"""
"""A webhook that lost its secret here, because it lay in clear, sends again once it was given another one."""
_COLUMNS = (
    "id, tenant, url, types, secret_sealed, previous_sealed, previous_until, epoch, position, failures, "
    "failing_since, next_try_at, disabled_at"
)


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One subscription."""

    id: str
    tenant: str
    url: str
    types: tuple[str, ...]
    """Exact types, or `area.*`; none: all of them."""
    secret_sealed: bytes | None
    previous_sealed: bytes | None = None
    previous_until: datetime | None = None
    epoch: str
    position: int
    """The last event it has taken, or that was not for it."""
    failures: int = 0
    failing_since: datetime | None = None
    next_try_at: datetime | None = None
    disabled_at: datetime | None = None

    def secrets(self, sealer: SecretSealer, now: datetime) -> tuple[str, ...]:
        """The newest secret, and for a while after a rotation the one before. Raises CannotOpen."""
        overlaps = self.previous_until is not None and now < self.previous_until
        kept = (self.secret_sealed, self.previous_sealed if overlaps else None)
        found = tuple(sealer.open(self.tenant, self.id, sealed) for sealed in kept if sealed is not None)
        if not found:
            raise CannotOpen(f"webhook {self.id} has no secret: `onrecord webhook rotate` gives it one")
        return found

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
        "INSERT INTO vault.webhooks (id, tenant, url, types, secret_sealed, epoch, position) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (hook.id, hook.tenant, hook.url, list(hook.types), hook.secret_sealed, hook.epoch, hook.position),
    )


async def rotate(
    owner: AsyncConnection[Any], tenant: str, id_: str, secret_sealed: bytes, previous_until: datetime | None
) -> bool:
    """Sign with another secret, and until then also with the one before; whether the webhook is there."""
    cursor = await owner.execute(
        "UPDATE vault.webhooks SET previous_sealed = CASE WHEN %(until)s::timestamptz IS NULL THEN NULL "
        "ELSE secret_sealed END, previous_until = %(until)s, secret_sealed = %(sealed)s "
        "WHERE tenant = %(tenant)s AND id = %(id)s",
        {"until": previous_until, "sealed": secret_sealed, "tenant": tenant, "id": id_},
    )
    return cursor.rowcount == 1


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


async def taken(
    writer: AsyncConnection[Any], id_: str, worker: str, position: int, claimed_until: datetime
) -> bool:
    """It has everything up to here, and goes on with this worker; False if he lost it meanwhile."""
    cursor = await writer.execute(
        "UPDATE vault.webhooks SET position = %s, claimed_until = %s, failures = 0, failing_since = NULL, "
        "next_try_at = NULL WHERE id = %s AND claimed_by = %s AND position < %s",
        (position, claimed_until, id_, worker, position),
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


async def tidy(writer: AsyncConnection[Any], before: datetime, now: datetime) -> None:
    """Forget tries older than this, and secrets that count no more."""
    await writer.execute("DELETE FROM vault.webhook_tries WHERE tried_at < %s", (before,))
    await writer.execute(
        "UPDATE vault.webhooks SET previous_sealed = NULL, previous_until = NULL WHERE previous_until <= %s",
        (now,),
    )


def _hook(row: Sequence[Any]) -> Webhook:
    names = _COLUMNS.split(", ")
    return msgspec.convert(dict(zip(names, row, strict=True)), Webhook)
