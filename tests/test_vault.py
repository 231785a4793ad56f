"""API keys: shown once, kept as a digest, bound to tenant and sources, taken back within seconds."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from onrecord_services.engines import Engines
from onrecord_services.vault import api_keys
from onrecord_services.vault.api_keys import ApiKey, BadKeyRequest, digest_of_key
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable, from_postgres


@pytest.fixture
async def owner(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    dsn = engines.postgres_dsn("onrecord_owner")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await api_keys.prepare(connection)
        yield connection


async def test_a_key_is_found_by_its_words_which_are_kept_nowhere(
    engines: Engines, owner: psycopg.AsyncConnection[Any]
) -> None:
    tenant = f"v-{secrets.token_hex(4)}"
    words = await api_keys.create(owner, tenant, "crm", sources=["crm/*", "pbx"], scopes=["write"])
    ring = KeyRing(from_postgres(engines.postgres_dsn("onrecord_reader")))
    key = await ring.find(words)
    assert key is not None
    assert (key.tenant, key.name, key.sources, key.scopes) == (tenant, "crm", ("crm/*", "pbx"), ("write",))
    assert await ring.find(words + "x") is None
    assert (await ring.of_publisher(tenant, "crm")) == key
    rows = await (await owner.execute("SELECT api_keys::text FROM vault.api_keys")).fetchall()
    assert not [row for (row,) in rows if words in row]


async def test_a_revoked_key_opens_nothing(engines: Engines, owner: psycopg.AsyncConnection[Any]) -> None:
    tenant = f"v-{secrets.token_hex(4)}"
    words = await api_keys.create(owner, tenant, "crm", sources=["crm"], scopes=["write", "read"])
    assert await api_keys.revoke(owner, tenant, "crm") == 1
    assert await api_keys.revoke(owner, tenant, "crm") == 0
    ring = KeyRing(from_postgres(engines.postgres_dsn("onrecord_reader")))
    assert await ring.find(words) is None


@pytest.mark.parametrize(
    ("name", "sources", "scopes", "words"),
    [
        pytest.param("a.b", ["x"], ["write"], "a key's name", id="dot-in-name"),
        pytest.param("crm", [], ["write"], "names its sources", id="no-source"),
        pytest.param("crm", ["a*b"], ["write"], "one [*] at the end", id="star-in-the-middle"),
        pytest.param("crm", ["x"], [], "scopes", id="no-scope"),
    ],
)
async def test_a_key_that_says_too_little_or_too_much_is_not_made(
    owner: psycopg.AsyncConnection[Any], name: str, sources: list[str], scopes: list[Any], words: str
) -> None:
    with pytest.raises(BadKeyRequest, match=words):
        await api_keys.create(owner, "acme", name, sources=sources, scopes=scopes)


async def test_a_key_may_be_one_persons(engines: Engines, owner: psycopg.AsyncConnection[Any]) -> None:
    tenant = f"v-{secrets.token_hex(4)}"
    words = await api_keys.create(owner, tenant, "phone", sources=[], scopes=["decide"], person="李-7")
    key = await KeyRing(from_postgres(engines.postgres_dsn("onrecord_reader"))).find(words)
    assert key is not None
    assert key.person == "李-7"
    for scopes, person in ((["read"], "li"), (["decide"], "li wei"), (["decide"], "")):
        with pytest.raises(BadKeyRequest, match="one person"):
            await api_keys.create(owner, tenant, "x", sources=[], scopes=scopes, person=person)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "allowed"),
    [("crm/main", True), ("crm/", True), ("crm", False), ("pbx", True), ("pbx/2", False), ("x", False)],
)
def test_sources_are_exact_or_a_prefix(source: str, allowed: bool) -> None:  # noqa: FBT001  # parametrized
    assert a_key(b"d", sources=("crm/*", "pbx")).may_speak_for(source) is allowed


def a_key(digest: bytes, **over: Any) -> ApiKey:
    made: dict[str, Any] = {
        "digest": digest,
        "tenant": "acme",
        "name": "crm",
        "sources": ("crm",),
        "scopes": ("write",),
        "created_at": datetime(2026, 7, 11, tzinfo=UTC),
    }
    return ApiKey(**(made | over))


class Vault:
    """A vault that counts how often it is asked, and can go away."""

    def __init__(self) -> None:
        self.keys: list[ApiKey] = []
        self.asked = 0
        self.is_away = False

    async def load(self) -> Sequence[ApiKey]:
        self.asked += 1
        if self.is_away:
            raise OSError("away")
        return list(self.keys)


async def test_guessing_keys_does_not_reach_the_vault() -> None:
    vault, now = Vault(), 0.0
    ring = KeyRing(vault.load, clock=lambda: now)
    found = await asyncio.gather(*(ring.find(f"onr_{guess}") for guess in range(1000)))
    assert found == [None] * 1000
    assert vault.asked == 1


async def test_a_timer_that_rings_a_little_early_sends_nobody_away() -> None:
    """The ring's clock is a few hundredths slower than the loop's, so every wait ends too soon by it."""
    vault, began = Vault(), time.monotonic()
    ring = KeyRing(vault.load, clock=lambda: (time.monotonic() - began) * 0.97)
    vault.keys = [a_key(digest_of_key("old"))]
    assert await ring.find("old") is not None
    vault.keys = [a_key(digest_of_key("new"))]
    assert await ring.find("new") is not None


async def test_keys_outlive_the_vaults_absence_by_a_minute_and_no_more() -> None:
    vault, now = Vault(), 0.0
    vault.keys = [a_key(digest_of_key("k"))]
    ring = KeyRing(vault.load, clock=lambda: now)
    assert await ring.find("k") is not None
    vault.is_away = True
    now = 59.0
    assert await ring.find("k") is not None
    now = 61.0
    with pytest.raises(VaultUnavailable):
        await ring.find("k")
    vault.is_away = False
    vault.keys = []
    assert await ring.find("k") is None
