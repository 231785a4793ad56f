"""Rooms: all that intake holds of one tenant, opened at the tenant's first event."""

import asyncio
from pathlib import Path

from nats.aio.client import Client

from onrecord_events.log import EventLog
from onrecord_services.intake.identities import Identities, SeenLookup
from onrecord_services.intake.sealing import Sealer
from onrecord_services.keystore import KeyStore
from onrecord_services.quarantine import Quarantine


class Room:
    """One tenant's log, keys, quarantine and memory."""

    def __init__(self, log: EventLog, keys: KeyStore, quarantine: Quarantine, identities: Identities) -> None:
        self.log = log
        self.keys = keys
        self.sealer = Sealer(keys)
        self.quarantine = quarantine
        self.identities = identities


class Rooms:
    """Every tenant's room. `keys_folder` holds keys and quarantine, and nothing else should read it."""

    def __init__(self, log_connection: Client, keys_folder: Path, seen: SeenLookup) -> None:
        self._connection = log_connection
        self._folder = keys_folder
        self._seen = seen
        self._rooms: dict[str, Room] = {}
        self._opening = asyncio.Lock()

    async def of(self, tenant: str) -> Room:
        """The tenant's room. Raises LogUnavailable, LogMismatch, KeyStoreError."""
        if (room := self._rooms.get(tenant)) is not None:
            return room
        async with self._opening:
            if tenant not in self._rooms:
                self._rooms[tenant] = await self._open(tenant)
            return self._rooms[tenant]

    def close(self) -> None:
        """Let go of every key file."""
        for room in self._rooms.values():
            room.keys.close()
        self._rooms.clear()

    async def _open(self, tenant: str) -> Room:
        log = await EventLog.open(self._connection, tenant)
        keys = KeyStore.open(self._folder, tenant)
        quarantine = Quarantine(self._folder / "quarantine", tenant, keys.quarantine_key)
        return Room(log, keys, quarantine, Identities(tenant, self._seen))
