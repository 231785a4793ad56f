"""Desk: people decide, and the system may say no.

In:  POST /v1/commands/<name>                       a request, with an API key whose scopes hold `decide`
     POST /v1/reports/<name>, GET /v1/penalties/<line>/dispute   papers, with a key that reads
     cmd.<tenant>.<publisher>.<area>.<verb>         the same by request/reply on NATS
Out: the log                                        what was decided, or `decision.refused`, once
Run: onrecord run desk
"""

import asyncio
from datetime import UTC, datetime
from time import monotonic

from granian.constants import Interfaces
from granian.server.embed import Server

from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.connections import connect_log
from onrecord_services.desk.door import Door
from onrecord_services.desk.http_edge import make_http
from onrecord_services.desk.nats_edge import NatsEdge
from onrecord_services.desk.papers import Papers
from onrecord_services.desk.registry import commands
from onrecord_services.desk.room import Rooms
from onrecord_services.intake.quotas import Quota, Quotas
from onrecord_services.listening import refuse_taken
from onrecord_services.memory import spare_the_collector
from onrecord_services.settings import Settings
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable, from_postgres

PORT = 8482
_STOP_S = 15.0


async def serve(settings: Settings) -> None:
    """Decide until cancelled; what is under way is answered first."""
    spare_the_collector()
    port = settings.http_port(PORT)
    refuse_taken(settings.http_host, port)
    connection = await connect_log(settings.nats_url, "desk")
    pool = Pool(settings.postgres_url)
    reads, keyring = Reads(pool), KeyRing(from_postgres(settings.postgres_url))
    rooms = Rooms(connection, settings.nats_url, settings.keys_dir, reads)
    door = Door(rooms, reads, Quotas(Quota(), monotonic), commands())
    papers = Papers(rooms, reads, pool, lambda: datetime.now(UTC))

    async def why_not_ready() -> str | None:
        if not connection.is_connected:
            return "the log is not connected"
        try:
            await keyring.find("")
        except VaultUnavailable as error:
            return str(error)
        return None

    server = Server(
        make_http(door, papers, keyring, why_not_ready),
        address=settings.http_host,
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
    )
    edge = NatsEdge(url=settings.nats_url, answers=connection, door=door, keyring=keyring)
    serving = asyncio.create_task(server.serve())
    await edge.start()
    try:
        await asyncio.wait([serving])
        serving.result()  # it ended by itself: say why
    finally:
        await edge.stop()
        server.stop()  # type: ignore[no-untyped-call]  # granian leaves it bare
        await asyncio.wait([serving], timeout=_STOP_S)
        rooms.close()
        await connection.close()
        await pool.close()
