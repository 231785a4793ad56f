"""Builders for tests of notices: a tenant whose log keeps the server's time, and a clock that we set."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg import AsyncConnection

from asking import A_DAY
from onrecord_events.envelope import New, Recorded
from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.engines.roles import Role
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.teller import Teller
from onrecord_services.vault.webhook_secrets import SecretSealer
from projecting import said

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
BUILDERS: tuple[Role, Role] = ("onrecord_owner", "onrecord_writer")
SEALER = SecretSealer(b"k" * 32)
TEN_HOURS = msgspec.structs.replace(
    A_DAY, recorded_at=None, data={**A_DAY.data, "content": A_DAY.data["content"].replace("PT24H", "PT10H")}
)
"""Half of it is five hours, four fifths are eight."""


def live(new: New) -> New:
    """The same for a log that keeps the server's time."""
    return msgspec.structs.replace(new, recorded_at=None)


def complaint(case: str, hours_ago: float, **envelope: Any) -> New:
    """A minor complaint that Chen took so long ago: he tells the customer how it stands within ten hours."""
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen"}
    new = live(said("complaint.registered", f"complaint/{case}", NOW - hours_ago * HOUR, **body))
    return msgspec.structs.replace(new, **envelope)


def shared(case: str, hours_ago: float) -> New:
    """The customer was told: the promise is kept, or was broken until then."""
    return live(said("complaint.progress-shared", f"complaint/{case}", NOW - hours_ago * HOUR))


def wanted(id_: str = "wanted", **policy: Any) -> New:
    """How the tenant wants to be told from now on."""
    return live(said("alert.policy-set", "alert/policy", NOW, id_=id_, **policy))


@dataclass
class Office:
    """One tenant with rows, and a time of day that stands still until we move it. Notices log in for real."""

    log: EventLog
    owner: AsyncConnection[Any]
    writer: AsyncConnection[Any]
    name: str
    postgres_url: str
    now: datetime = NOW
    rows: list[Rows] = field(default_factory=list)

    def teller(self) -> Teller:
        """A worker that has just started."""
        rows = Rows(self.postgres_url, "test")
        self.rows.append(rows)
        return Teller(self.log, rows, lambda: self.now)

    async def project(self, *events: New) -> None:
        """Append these and carry everything in the log into the rows."""
        for event in events:
            await self.log.append(event)
        runner = Runner(self.writer, self.log, self.name, live=True)
        await runner.begin()
        await runner.run(until=await self.log.last_position())

    async def told(self) -> list[tuple[str, str, tuple[str, ...], bool]]:
        """Every notice of the log in its order: the case's id, the step, who was told, whether late."""
        return [
            (e.data["case"].partition("/")[2], e.data["step"], tuple(e.data["recipients"]), e.data["late"])
            for e in await self.everything()
            if e.type == "alert.raised"
        ]

    async def everything(self) -> list[Recorded]:
        """The whole log."""
        last = await self.log.last_position()
        found: list[Recorded] = []
        async for events in self.log.follow(until=last):
            found += events
        return found

    async def fetch(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query over the live generation gives."""
        await generation.use(self.owner, self.name)
        return await (await self.owner.execute(query, values)).fetchall()

    async def close(self) -> None:
        """Let go of what workers held."""
        for rows in self.rows:
            await rows.close()


@asynccontextmanager
async def office(engines: Engines) -> AsyncIterator[Office]:
    """A fresh tenant on the shared engines, with the promise of ten hours in force."""
    tenant = f"t{secrets.token_hex(5)}"
    notices_url = engines.postgres_dsn("onrecord_notices")
    async with AsyncExitStack() as stack:
        reader = QuickReader()
        stack.push_async_callback(reader.close)
        await reader.connect(engines.nats_url("operator"))
        owner, writer = [
            await stack.enter_async_context(
                await psycopg.AsyncConnection.connect(engines.postgres_dsn(role), autocommit=True)
            )
            for role in BUILDERS
        ]
        await tenants.prepare(owner)
        await tenants.create(engines.nats_url("operator"), owner, tenant, "server")
        log = await EventLog.open(reader, tenant)
        made = Office(log, owner, writer, await generation.enter(writer, tenant), notices_url)
        stack.push_async_callback(made.close)
        await made.project(TEN_HOURS)
        yield made
