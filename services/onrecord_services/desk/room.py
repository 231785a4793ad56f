"""Room: all that the desk holds of one tenant, opened at the tenant's first request."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from eventsourcing.persistence import DataError
from nats.aio.client import Client

from onrecord_events.envelope import New
from onrecord_events.errors import Conflict, OutOfOrder
from onrecord_events.grouped import GroupedAppends
from onrecord_events.log import EventLog
from onrecord_services.api.reads import Reads
from onrecord_services.desk.aggregates import Aggregate, Desks, IntegrityError
from onrecord_services.desk.decision import Command
from onrecord_services.desk.needs import Needs
from onrecord_services.desk.rules import Rules
from onrecord_services.desk.streams import Streams
from onrecord_services.intake.field_sealer import Index
from onrecord_services.intake.sealing import Sealer
from onrecord_services.keystore import KeyStore

THREADS_MAX = 64
"""The library waits for the log in threads, so as many decisions at once; Python's own pool has six here."""

P = ParamSpec("P")
T = TypeVar("T")


class Room:
    """One tenant's log, streams, rules and keys."""

    def __init__(
        self, log: EventLog, keys: KeyStore, reads: Reads, nats_url: str, threads: ThreadPoolExecutor
    ) -> None:
        self.log, self.keys = log, keys
        self.sealer = Sealer(keys)
        self.blind = Index(keys.index_key).of
        self.rules = Rules(reads, log.tenant)
        self.needs = Needs(reads, log.tenant)
        self.streams = Streams(log)
        self._appends = GroupedAppends(log)
        self._nats_url, self._threads = nats_url, threads
        self._desks: Desks | None = None

    async def aggregate_of(self, command: Command, stream: str) -> Aggregate | None:
        """The aggregate whose invariants hold this command's stream, as it is now."""
        if command.AGGREGATE is None:
            return None
        return await self._aside((await self._library()).load, command.AGGREGATE, stream)

    async def store(
        self,
        aggregate: Aggregate | None,
        news: Sequence[New],
        expected: Mapping[str, int],
        relied: Mapping[str, int],
    ) -> list[int]:
        """Append all or none, if nobody was faster there or where it relies on; the positions.

        Raises Conflict, OutOfOrder.
        """
        if aggregate is not None:
            try:
                return await self._aside((await self._library()).keep, aggregate, news, relied)
            except IntegrityError as error:
                raise Conflict(str(error)) from None
            except DataError as error:
                if isinstance(error.__cause__, OutOfOrder):
                    raise error.__cause__ from None
                raise
        receipts = await self._appends.append(
            news, expected={new.stream: expected[new.stream] for new in news}, relied=relied
        )
        return [receipt.position for receipt in receipts]

    async def now(self, clock: datetime) -> datetime:
        """The wall clock; a carried log knows no other now than its last event's."""
        if self.log.clock == "server":
            return clock
        await self.log.learn_latest()
        return self.log.latest_recorded_at or clock

    def recorded_at(self, at: datetime) -> datetime | None:
        """A carried log takes its time from us, and it never runs backwards."""
        if self.log.clock == "server":
            return None
        latest = self.log.latest_recorded_at
        return at if latest is None else max(at, latest)

    async def log_moved(self) -> None:
        """Somebody else's event came in between: learn the latest time."""
        await self.log.learn_latest()

    def close(self) -> None:
        """Let go of keys and of the library's connection."""
        self.keys.close()
        if self._desks is not None:
            self._desks.close()

    async def _library(self) -> Desks:
        if self._desks is None:
            env = {
                "PERSISTENCE_MODULE": "onrecord_events.persistence",
                "NATS_URL": self._nats_url,
                "NATS_TENANT": self.log.tenant,
            }
            self._desks = await self._aside(Desks, env)
        return self._desks

    async def _aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the library comes to, in a thread: it waits for the log there."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **kwargs))


class Rooms:
    """Every tenant's room."""

    def __init__(self, connection: Client, nats_url: str, keys_folder: Path, reads: Reads) -> None:
        self._connection, self._nats_url = connection, nats_url
        self._folder, self._reads = keys_folder, reads
        self._rooms: dict[str, Room] = {}
        self._opening = asyncio.Lock()
        self._threads = ThreadPoolExecutor(THREADS_MAX, "library")

    async def of(self, tenant: str) -> Room:
        """The tenant's room. Raises LogUnavailable, LogMismatch, KeyStoreError."""
        async with self._opening:
            if tenant not in self._rooms:
                log = await EventLog.open(self._connection, tenant)
                keys = KeyStore.open(self._folder, tenant)
                self._rooms[tenant] = Room(log, keys, self._reads, self._nats_url, self._threads)
            return self._rooms[tenant]

    def close(self) -> None:
        """Let go of all of them."""
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()
        self._threads.shutdown(wait=False)
