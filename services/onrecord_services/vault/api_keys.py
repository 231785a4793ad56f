"""API keys: who may hand in events for which tenant and sources, and who may read.

A key is 256 random bits, so its plain SHA-256 is enough to recognise it and useless to who reads the table.
The key itself is shown once, when it is made, and kept nowhere.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable

from onrecord_events.subjects import tenant_token, token

Scope = Literal["write", "read", "decide"]
PREFIX = "onr_"
_KEY_BYTES = 32
_SOURCE_CHARS_MAX = 256
_PERSON = re.compile(r"\S{1,120}")

_TABLES = """
CREATE SCHEMA IF NOT EXISTS vault;
CREATE TABLE IF NOT EXISTS vault.api_keys (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    tenant text NOT NULL,
    name text NOT NULL,
    sources text[] NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
ALTER TABLE vault.api_keys ADD COLUMN IF NOT EXISTS person text;
CREATE INDEX IF NOT EXISTS api_keys_by_name ON vault.api_keys (tenant, name);
GRANT USAGE ON SCHEMA vault TO onrecord_reader, onrecord_notices;
REVOKE ALL ON vault.api_keys FROM onrecord_writer;
GRANT SELECT ON vault.api_keys TO onrecord_reader, onrecord_notices;
"""


class BadKeyRequest(ValueError):
    """A key cannot be made like this; the words say what to change."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a key allows. `name` is the publisher that events come from."""

    digest: bytes
    tenant: str
    name: str
    sources: tuple[str, ...]
    """Exact sources, or `prefix*`."""
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked_at: datetime | None = None
    person: str | None = None
    """The one person who may decide with it; with None, whoever holds it vouches for who decides."""

    def may_speak_for(self, source: str) -> bool:
        """Whether events of this source may come with this key."""
        return any(
            source.startswith(allowed[:-1]) if allowed.endswith("*") else source == allowed
            for allowed in self.sources
        )


def digest_of_key(key: str) -> bytes:
    """What the table keeps of a key."""
    return hashlib.sha256(key.encode()).digest()


async def prepare(owner: AsyncConnection[Any]) -> None:
    """Make schema and table, once. Needs the owner's role."""
    async with owner.transaction():
        await owner.execute(_TABLES)


async def create(
    owner: AsyncConnection[Any],
    tenant: str,
    name: str,
    *,
    sources: Sequence[str],
    scopes: Iterable[Scope],
    person: str | None = None,
) -> str:
    """A new key, to be handed over now: nobody can read it again. Raises BadKeyRequest."""
    scopes = sorted(set(scopes))
    _check(tenant, name, sources, scopes)
    if person is not None and ("decide" not in scopes or not _PERSON.fullmatch(person)):
        raise BadKeyRequest("a key of one person holds the scope decide, and names the person without spaces")
    key = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    async with owner.transaction():
        await owner.execute(
            "INSERT INTO vault.api_keys (digest, tenant, name, sources, scopes, person) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (digest_of_key(key), tenant, name, list(sources), scopes, person),
        )
    return key


async def revoke(owner: AsyncConnection[Any], tenant: str, name: str) -> int:
    """Take back all keys of this name; how many there were. Services notice within seconds."""
    async with owner.transaction():
        cursor = await owner.execute(
            "UPDATE vault.api_keys SET revoked_at = now() "
            "WHERE tenant = %s AND name = %s AND revoked_at IS NULL",
            (tenant, name),
        )
    return cursor.rowcount


async def all_valid(connection: AsyncConnection[Any]) -> list[ApiKey]:
    """Every key that is not taken back. Any role may ask; none before `prepare`."""
    try:
        cursor = await connection.execute(
            "SELECT digest, tenant, name, sources, scopes, created_at, person FROM vault.api_keys "
            "WHERE revoked_at IS NULL ORDER BY created_at, digest"
        )
    except UndefinedTable:
        return []
    return [
        ApiKey(
            digest=bytes(digest),
            tenant=tenant,
            name=name,
            sources=tuple(sources),
            scopes=tuple(scopes),
            created_at=created_at,
            person=person,
        )
        for digest, tenant, name, sources, scopes, created_at, person in await cursor.fetchall()
    ]


def _check(tenant: str, name: str, sources: Sequence[str], scopes: Sequence[str]) -> None:
    tenant_token(tenant)
    if not name or token(name) != name:
        raise BadKeyRequest("a key's name is made of letters, digits and -, as it is a publisher's")
    if not scopes or not set(scopes) <= set(get_args(Scope)):
        raise BadKeyRequest("a key's scopes are some of write, read and decide")
    if "write" in scopes and not sources:
        raise BadKeyRequest("a key that writes names its sources: exact ones, or a prefix and *")
    for source in sources:
        if not 0 < len(source) <= _SOURCE_CHARS_MAX or "*" in source[:-1] or not source.isprintable():
            raise BadKeyRequest("a source is an exact one, or a prefix and one * at the end")
