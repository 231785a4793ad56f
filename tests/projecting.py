"""Builders for tests of the read models: a tenant of one's own, events in a line, rows as they are."""

import secrets
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection

from onrecord_events.envelope import New
from onrecord_events.log import EventLog
from onrecord_events.vocabulary import event_types
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.calendar import shipped
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines

ANCIENT = "2004-01-01T00:00:00+08:00"


def at(text: str) -> datetime:
    """A Shanghai wall-clock time of 2026: `07-11 08:00:00`."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}+08:00")


def said(
    type_name: str,
    stream: str,
    when: str | datetime,
    *,
    recorded: str | datetime | None = None,
    id_: str | None = None,
    **data: Any,
) -> New:
    """An event, recorded when it happened unless told otherwise."""
    occurred_at = at(when) if isinstance(when, str) else when
    recorded_at = at(recorded) if isinstance(recorded, str) else recorded or occurred_at
    body = event_types()[type_name].model_validate(data)
    return New.of(
        body,
        id=id_ or f"{type_name} {stream} {occurred_at.isoformat()}",
        source="/test",
        stream=stream,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
    )


def adopted(content: str, pack: str, edition: int | None = None, effective: str = ANCIENT) -> New:
    """A rulebook in force since long ago, under the edition its content names."""
    return said(
        "rulebook.adopted",
        f"rulebook/{pack}",
        at("01-01 00:00:00"),
        pack=pack,
        edition=tomllib.loads(content)["edition"] if edition is None else edition,
        effective_at=effective,
        content=content,
    )


def calendar(name: str = "cn-state-council") -> New:
    """A shipped calendar, adopted long ago."""
    return said(
        "calendar.adopted",
        f"calendar/{name}",
        at("01-01 00:00:00"),
        calendar=name,
        effective_at=ANCIENT,
        content=shipped(name),
    )


def shown_from(least: int) -> New:
    """Figures that rest on fewer are hidden."""
    return said(
        "reading.set",
        "setting/figures.hidden-below",
        at("01-01 00:00:00"),
        reading="figures.hidden-below",
        value=str(least),
        effective_at=ANCIENT,
    )


@dataclass
class Bench:
    """One tenant with a carried log and a read model."""

    log: EventLog
    owner: AsyncConnection[Any]
    writer: AsyncConnection[Any]
    name: str

    async def project(self, *events: New, events_max: int = 2000, atomic: bool = False) -> None:
        """Append these and carry everything into the rows."""
        if atomic:
            await self.log.append_batch(events)
        else:
            for event in events:
                await self.log.append(event)
        await self.catch_up(events_max=events_max)

    async def catch_up(self, *, events_max: int = 2000) -> None:
        """Carry everything in the log into the rows."""
        runner = Runner(self.writer, self.log, self.name, live=True)
        await runner.begin()
        await runner.run(until=await self.log.last_position(), events_max=events_max)

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query over the live generation gives."""
        await generation.use(self.owner, self.name)
        cursor = await self.owner.execute(query, values)
        return await cursor.fetchall()


@asynccontextmanager
async def bench(engines: Engines) -> AsyncIterator[Bench]:
    """A fresh tenant on the shared engines."""
    tenant = f"t{secrets.token_hex(5)}"
    reader = QuickReader()
    await reader.connect(engines.nats_url("operator"))
    owner = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True)
    writer = await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_writer"), autocommit=True)
    try:
        await tenants.prepare(owner)
        await tenants.create(engines.nats_url("operator"), owner, tenant, "carried")
        log = await EventLog.open(reader, tenant)
        name = await generation.enter(writer, tenant)
        yield Bench(log, owner, writer, name)
    finally:
        await writer.close()
        await owner.close()
        await reader.close()
