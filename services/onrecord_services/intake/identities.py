"""Identities: has this (source, id) come before? Known for ever.

The nearest memory answers first: what this process stored lately, then the tenant's `seen` table. What both
miss (stored by another process a moment ago) the log's own window answers at the append.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

RECENT_MAX = 100_000


class Stood(NamedTuple):
    """Where an identity stands first, and the keyed digest of what it said."""

    position: int
    input_mac: str | None


class SeenUnavailable(Exception):
    """Nobody can say what came before. Try again."""


class SeenLookup(Protocol):
    """What a tenant's log held long ago."""

    async def lookup(self, tenant: str, identities: Sequence[bytes]) -> dict[bytes, tuple[int, str | None]]:
        """The known ones among these. Raises SeenUnavailable."""


class Identities:
    """One tenant's memory."""

    def __init__(self, tenant: str, seen_before: SeenLookup, *, recent_max: int = RECENT_MAX) -> None:
        self._tenant = tenant
        self._seen = seen_before
        self._recent: OrderedDict[bytes, Stood] = OrderedDict()
        self._recent_max = recent_max

    async def known(self, identities: Sequence[bytes]) -> dict[bytes, Stood]:
        """Those that came before. Raises SeenUnavailable."""
        found = {identity: self._recent[identity] for identity in identities if identity in self._recent}
        unknown = [identity for identity in dict.fromkeys(identities) if identity not in found]
        if unknown:
            before = await self._seen.lookup(self._tenant, unknown)
            found |= {identity: Stood(*where) for identity, where in before.items()}
        return found

    def remember(self, identity: bytes, stood: Stood) -> None:
        """It stands in the log now."""
        self._recent[identity] = stood
        if len(self._recent) > self._recent_max:
            self._recent.popitem(last=False)
