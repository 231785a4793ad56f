"""Key ring: the valid API keys in memory, read again every few seconds.

A stranger's key costs no query, so guessing cannot reach the database; a revoked one is refused within
seconds. While PostgreSQL is away the ring stays as it was, for a minute; then nobody is let in.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence

from psycopg import AsyncConnection, Error

from onrecord_services.vault.api_keys import ApiKey, Scope, all_valid, digest_of_key

FRESH_S = 3.0
AGAIN_S = 0.25
"""A key made a moment ago is unknown here: look again, all together, but not more often than this."""
EARLY_S = 0.02
"""A timer may ring a little early; whoever waited for it must not be sent away unlooked for."""
STALE_S_MAX = 60.0

LoadKeys = Callable[[], Awaitable[Sequence[ApiKey]]]


class VaultUnavailable(Exception):
    """The API keys cannot be read. Try again."""


class KeyRing:
    """Who may come in."""

    def __init__(self, load: LoadKeys, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._by_digest: dict[bytes, ApiKey] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._reading = asyncio.Lock()

    async def find(self, key: str) -> ApiKey | None:
        """The valid key of these words, if there is one. Raises VaultUnavailable."""
        digest = digest_of_key(key)
        await self._refresh(FRESH_S)
        if digest not in self._by_digest:
            await self._look_again()
        found = self._by_digest.get(digest)
        return found if found is not None and hmac.compare_digest(found.digest, digest) else None

    async def of_publisher(self, tenant: str, name: str, scope: Scope = "write") -> ApiKey | None:
        """The newest key of a publisher that may do this. Raises VaultUnavailable."""
        await self._refresh(FRESH_S)
        if (found := self._named(tenant, name, scope)) is None:
            await self._look_again()
            found = self._named(tenant, name, scope)
        return found

    def _named(self, tenant: str, name: str, scope: Scope) -> ApiKey | None:
        keys = (key for key in self._by_digest.values() if (key.tenant, key.name) == (tenant, name))
        return max((key for key in keys if scope in key.scopes), key=lambda key: key.created_at, default=None)

    async def _look_again(self) -> None:
        """Who is unknown waits a little, so that guessing is slow and a new key works at once."""
        looked_at = max(self._read_at, self._tried_at)
        await asyncio.sleep(max(0.0, AGAIN_S - (self._clock() - looked_at)))
        await self._refresh(AGAIN_S - EARLY_S)

    async def _refresh(self, older_than_s: float) -> None:
        if self._clock() - max(self._read_at, self._tried_at) < older_than_s and self._is_usable():
            return
        async with self._reading:
            now = self._clock()
            if now - max(self._read_at, self._tried_at) < older_than_s and self._is_usable():
                return
            try:
                keys = await self._load()
            except (Error, OSError):
                self._tried_at = now
                if not self._is_usable():
                    raise VaultUnavailable("the API keys cannot be read: is PostgreSQL up?") from None
                return
            self._by_digest = {key.digest: key for key in keys}
            self._read_at = now

    def _is_usable(self) -> bool:
        return self._clock() - self._read_at < STALE_S_MAX


def from_postgres(url: str) -> LoadKeys:
    """Read the keys over a connection of their own, which is made anew each time: this is rare."""

    async def load() -> Sequence[ApiKey]:
        async with await AsyncConnection.connect(url, connect_timeout=3, autocommit=True) as connection:
            return await all_valid(connection)

    return load
