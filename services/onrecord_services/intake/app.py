"""Intake: what other services saw comes in, events come out.

In:  POST /v1/events           CloudEvents, API key; structured, binary, batch
     in.<tenant>.<publisher>   the same by request/reply on NATS; the server's permissions fix both tokens
Out: the log                   the event, or `intake.refused`, once; the answer is its position
Run: onrecord run intake
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar
from nats.aio.client import Client

from onrecord_services.connections import connect_log
from onrecord_services.intake.accept import Intake
from onrecord_services.intake.http_edge import make_http
from onrecord_services.intake.identities import SeenLookup
from onrecord_services.intake.metrics import Metrics
from onrecord_services.intake.nats_edge import NatsEdge
from onrecord_services.intake.quotas import Quota, Quotas
from onrecord_services.intake.rooms import Rooms
from onrecord_services.intake.seen_in_postgres import SeenInPostgres
from onrecord_services.listening import refuse_taken
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable, from_postgres

_STOP_S = 15.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What intake is told at its start. Addresses hold passwords: never print one."""

    nats_url: str
    postgres_url: str
    keys_dir: Path
    http_host: str = "127.0.0.1"
    http_port: int = 8480
    quota: Quota = Quota()

    @classmethod
    def from_environment(cls) -> "Settings":
        """ONRECORD_NATS_URL, _POSTGRES_URL, _KEYS_DIR; the others have defaults."""
        said = os.environ
        return cls(
            nats_url=said["ONRECORD_NATS_URL"],
            postgres_url=said["ONRECORD_POSTGRES_URL"],
            keys_dir=Path(said["ONRECORD_KEYS_DIR"]),
            http_host=said.get("ONRECORD_HTTP_HOST", "127.0.0.1"),
            http_port=int(said.get("ONRECORD_HTTP_PORT", "8480")),
            quota=Quota(
                events_per_s=float(said.get("ONRECORD_INTAKE_EVENTS_PER_S", Quota().events_per_s)),
                bytes_per_s=float(said.get("ONRECORD_INTAKE_BYTES_PER_S", Quota().bytes_per_s)),
            ),
        )


class App(NamedTuple):
    """The two edges over one intake."""

    http: Litestar
    nats: NatsEdge
    rooms: Rooms


def make_app(
    *,
    nats_url: str,
    log_connection: Client,
    keys_dir: Path,
    keyring: KeyRing,
    seen: SeenLookup,
    quota: Quota,
) -> App:
    """Wire it all; nothing is read or opened yet."""
    rooms = Rooms(log_connection, keys_dir, seen)
    intake = Intake(rooms, now=lambda: datetime.now(UTC))
    quotas = Quotas(quota, monotonic)
    counted = Metrics()

    async def why_not_ready() -> str | None:
        if not log_connection.is_connected:
            return "the log is not connected"
        try:
            await keyring.find("")
        except VaultUnavailable as error:
            return str(error)
        return None

    http = make_http(
        intake=intake, keyring=keyring, quotas=quotas, counted=counted, why_not_ready=why_not_ready
    )
    edge = NatsEdge(
        url=nats_url, answers=log_connection, intake=intake, keyring=keyring, quotas=quotas, counted=counted
    )
    return App(http, edge, rooms)


@asynccontextmanager
async def running(settings: Settings, seen: SeenLookup) -> AsyncIterator[None]:
    """Intake, up and answering; on leaving, what was taken in is answered first."""
    refuse_taken(settings.http_host, settings.http_port)
    connection = await connect_log(settings.nats_url, "intake")
    keyring = KeyRing(from_postgres(settings.postgres_url))
    app = make_app(
        nats_url=settings.nats_url,
        log_connection=connection,
        keys_dir=settings.keys_dir,
        keyring=keyring,
        seen=seen,
        quota=settings.quota,
    )
    server = Server(
        app.http,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
    )
    serving = asyncio.create_task(server.serve())
    await app.nats.start()
    try:
        yield
    finally:
        await app.nats.stop()
        server.stop()  # type: ignore[no-untyped-call]  # granian leaves it untyped
        await asyncio.wait([serving], timeout=_STOP_S)
        app.rooms.close()
        await connection.close()


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    seen = SeenInPostgres(settings.postgres_url)
    async with running(settings, seen):
        await stop.wait()
    await seen.close()


def main() -> None:
    """The process `onrecord run intake`."""
    uvloop.run(run(Settings.from_environment()))
