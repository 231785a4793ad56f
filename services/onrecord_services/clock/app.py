"""Clock: an idle log learns that time has passed, at the instants that matter and no others.

In:  PostgreSQL                the next instant at which some case changes by itself
Out: the log                   `clock.ticked`, at most one a second a tenant, one an instant
Run: onrecord run clock

A deadline passes at a definite position of the log, so a rebuild sees it pass at the same place. Verdicts do
not depend on this service: it only decides when they become visible where nobody asks with an `as_of`.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from nats.aio.client import Client
from psycopg import AsyncConnection

from onrecord_events.clock import Ticked
from onrecord_events.envelope import New
from onrecord_events.errors import EventError
from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.cases import next_due_at
from onrecord_services.connections import RETRY_S, connect_log, connect_rows
from onrecord_services.settings import Settings

EVERY_S = 1.0
LOOK_AGAIN_S = 30
SKEW_MAX = timedelta(seconds=2)
STREAM = "clock/tick"
SOURCE = "/onrecord/clock"
SEEN_AFTER = timedelta(seconds=1)
"""A breach lies one second after the due instant (second precision, R1)."""

_log = logging.getLogger(__name__)


class ClocksDiffer(Exception):
    """This machine's clock and the log's do not agree, or one of them jumped. Nobody may tick then."""


async def serve(settings: Settings) -> None:
    """Tick for every tenant whose log keeps the server's time, until cancelled.

    While the clocks differ nothing is ticked: late verdicts are better than wrong ones.
    """
    connection = await connect_log(settings.nats_url, "clock")
    rows = await connect_rows(settings.postgres_url, "clock")
    seen: dict[str, Ticking] = {}
    watch = Watch()
    try:
        while True:
            try:
                watch.look(datetime.now(UTC), time.monotonic())
                await _tick_all(rows, connection, seen)
            except ClocksDiffer as error:
                _log.critical("STOPPED: %s; looking again in %d s", error, LOOK_AGAIN_S)
                await asyncio.sleep(LOOK_AGAIN_S)
                watch = Watch()
            except (psycopg.OperationalError, EventError) as error:
                _log.warning("%s; trying again", error)
                await asyncio.sleep(RETRY_S)
                await rows.close()
                rows = await connect_rows(settings.postgres_url, "clock")
            await asyncio.sleep(EVERY_S)
    finally:
        await rows.close()
        await connection.close()


@dataclass
class Ticking:
    """One tenant's log, and the instant last ticked for: while rows lag behind, they go on naming it."""

    log: EventLog
    last_due_at: datetime | None = None


class Watch:
    """Notices when the wall clock runs away from the steady one."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    def look(self, wall: datetime, steady_s: float) -> None:
        """Call it now and then. Raises ClocksDiffer on a jump of more than two seconds."""
        if self._last is not None:
            drift = (wall - self._last[0]) - timedelta(seconds=steady_s - self._last[1])
            if abs(drift) > SKEW_MAX:
                raise ClocksDiffer(f"this machine's clock jumped by {drift.total_seconds():.1f} s")
        self._last = (wall, steady_s)


async def _tick_all(rows: AsyncConnection[Any], connection: Client, seen: dict[str, Ticking]) -> None:
    for tenant in await generation.tenants(rows):
        if tenant not in seen:
            seen[tenant] = Ticking(await EventLog.open(connection, tenant))
        ticking = seen[tenant]
        if ticking.log.clock != "server":
            continue
        await generation.enter(rows, tenant)
        due_at = await next_due_at(rows)
        if due_at is None or due_at == ticking.last_due_at or due_at + SEEN_AFTER > datetime.now(UTC):
            continue
        await tick(ticking.log, due_at, datetime.now(UTC))
        ticking.last_due_at = due_at


async def tick(log: EventLog, due_at: datetime, now: datetime) -> None:
    """One tick for one instant: whoever else ticks for it is the same event. Raises ClocksDiffer."""
    tick_id = f"{log.epoch}/{due_at.astimezone(UTC).isoformat()}"
    began_s = time.monotonic()
    receipt = await log.append(New.of(Ticked(), id=tick_id, source=SOURCE, stream=STREAM, occurred_at=now))
    took = timedelta(seconds=time.monotonic() - began_s)  # long, when the log was away meanwhile
    if receipt.duplicate:
        return
    recorded_at = (await log.event_at(receipt.position)).recorded_at
    if not now - SKEW_MAX <= recorded_at <= now + took + SKEW_MAX:
        raise ClocksDiffer(
            f"the log's clock is {(recorded_at - now).total_seconds():+.1f} s from this machine's"
        )
