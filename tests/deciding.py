"""The desk for tests: a door on real engines, one tenant, and requests as people make them."""

import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats
import psycopg

from onrecord_events.base import Event
from onrecord_events.envelope import New, Recorded
from onrecord_events.log import ClockMode, EventLog
from onrecord_services import tenants
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.decision import Command
from onrecord_services.desk.door import Door
from onrecord_services.desk.registry import commands
from onrecord_services.desk.room import Rooms
from onrecord_services.engines import Engines
from onrecord_services.intake.quotas import Quota, Quotas
from onrecord_services.vault.api_keys import ApiKey

NOON = datetime(2026, 7, 15, 4, tzinfo=UTC)
"""Noon in China, a Wednesday."""


class Desked:
    """A tenant with a desk. `at` is the desk's clock; move it as the story goes."""

    def __init__(self, log: EventLog, door: Door, at: datetime) -> None:
        self.log, self.door, self.at = log, door, at
        self.key = api_key(log.tenant)

    async def ask(
        self, name: str, by: str, *, key: str | None = None, at: datetime | None = None, **data: Any
    ) -> Answer:
        """One request; a new idempotency key unless one is given. A carried log is told the story's time."""
        said: dict[str, Any] = {"key": key or secrets.token_hex(8), "by": by, "data": data}
        if at is not None or self.log.clock == "carried":
            said["at"] = (at or self.at).isoformat()
        return await self.door.ask(self.key, name, json.dumps(said).encode())

    async def happened(self, stream: str, *bodies: Event, at: datetime | None = None, **more: Any) -> int:
        """Events that did not come from the desk; the position of the last."""
        position = 0
        for body in bodies:
            when = at or self.at
            new = New.of(
                body,
                id=secrets.token_hex(8),
                source="/tests",
                stream=stream,
                occurred_at=when,
                recorded_at=when if self.log.clock == "carried" else None,
                **more,
            )
            position = (await self.log.append(new)).position
        return position

    async def stream(self, name: str) -> list[Recorded]:
        """All that stands on a stream now."""
        return await self.log.read_stream(name)

    async def types(self, name: str) -> list[str]:
        """The types of a stream's events, in order."""
        return [event.type for event in await self.stream(name)]


def api_key(tenant: str, name: str = "desk", **over: Any) -> ApiKey:
    told: dict[str, Any] = {"sources": (), "scopes": ("decide",), "created_at": NOON} | over
    return ApiKey(digest=bytes(32), tenant=tenant, name=name, **told)


@asynccontextmanager
async def desked(
    engines: Engines,
    keys: Path,
    *,
    at: datetime = NOON,
    clock: ClockMode = "carried",
    known: Mapping[str, type[Command]] | None = None,
    read_models: bool = False,
) -> AsyncIterator[Desked]:
    """A desk over a tenant of its own; `read_models` makes an empty generation, which nobody fills."""
    operator = await nats.connect(engines.nats_url("operator"))
    tenant = f"desk-{secrets.token_hex(4)}"
    if read_models:
        dsn = engines.postgres_dsn("onrecord_owner")
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
            await tenants.prepare(owner)
            await tenants.create(engines.nats_url("operator"), owner, tenant, clock)
        log = await EventLog.open(operator, tenant)
    else:
        log = await EventLog.create(operator, tenant, clock)
    connection = await nats.connect(engines.nats_url("desk"))
    pool = Pool(engines.postgres_dsn("onrecord_reader"))
    reads = Reads(pool)
    rooms = Rooms(connection, engines.nats_url("desk"), keys, reads)
    made: list[Desked] = []
    clock_of: Callable[[], datetime] = lambda: made[0].at  # noqa: E731 (the desk's clock is the story's)
    door = Door(rooms, reads, Quotas(Quota(), lambda: 0.0), known or commands(), clock_of)
    made.append(Desked(log, door, at))
    try:
        yield made[0]
    finally:
        rooms.close()
        await connection.close()
        await operator.close()
        await pool.close()
