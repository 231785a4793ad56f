"""The service whole: what a log grows by is told, posted and mailed by itself, to the end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import nats
import pytest

from onrecord_projections.runner import Runner
from onrecord_services.commands.webhook import subscribe
from onrecord_services.engines import Engines
from onrecord_services.notices import app
from onrecord_services.notices.mailer import Mailer, MailServer
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Sender
from onrecord_services.settings import SettingMissing
from onrecord_services.vault import mail
from onrecord_services.vault.mail import Address
from projecting import bench
from receiving import receiver
from telling import SEALER, Office, complaint, office, wanted
from test_notice_mail import Box, Server, port_of, postman

WAIT_S = 30.0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 (what it asks of announces nothing)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(desk: Office, engines: Engines, mailer: Mailer, counted: Metrics) -> AsyncIterator[None]:
    """One tenant's projection and everything the service does for it, as it logs in for real."""
    async with AsyncExitStack() as stack:
        connection = await nats.connect(engines.nats_url("notices"))
        stack.push_async_callback(connection.close)
        rows, sender = Rows(desk.postgres_url, "test"), Sender()
        stack.push_async_callback(rows.close)
        stack.push_async_callback(sender.close)
        runner = Runner(desk.writer, desk.log, desk.name, live=True)
        await runner.begin()
        tenant = desk.log.tenant
        tasks = [
            asyncio.create_task(work)
            for work in (
                runner.run(),
                app.tell(connection, rows, tenant, counted),
                app.carry(connection, rows, sender, SEALER, tenant, counted),
                app.write(connection, rows, mailer, tenant, counted),
            )
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_breach_reaches_machines_and_people(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "WRITE_EVERY_S", 0.1)
    box = Box()
    server = Server(box)
    server.start()
    try:
        async with office(engines) as desk:
            await desk.project(wanted())
            address = Address(recipient="person/chen", address="chen@example.com", lang="zh")
            await mail.put(desk.owner, desk.log.tenant, address)
            mailer = Mailer(MailServer.of(f"smtp://127.0.0.1:{port_of(server)}"), "onrecord@example.com")
            await postman(desk, mailer).round()  # from now on, before anything is told
            with receiver() as there:
                await subscribe(desk.owner, SEALER, desk.log, there.url, ("alert.*",))
                async with running(desk, engines, mailer, Metrics()):
                    await desk.log.append(complaint("A", 6))
                    await until(lambda: bool(there.received and box.mails))
                (told,) = there.bodies()
        assert (told["type"], told["data"]["case"], told["data"]["step"]) == (
            "alert.raised",
            "complaint/A",
            "soon-50",
        )
        assert box.mails[0][1]["Subject"] == "留痕:0 项超时,1 项即将到期"
    finally:
        server.stop()


def test_a_mail_server_without_a_sender_is_refused_at_the_start() -> None:
    assert app.mailer_of(None, None) is None
    with pytest.raises(SettingMissing, match="ONRECORD_SMTP_FROM"):
        app.mailer_of("smtps://mail.example", None)
    with pytest.raises(SettingMissing, match="ONRECORD_SMTP_URL"):
        app.mailer_of("https://mail.example", "a@example.com")


async def test_a_tenant_whose_log_is_history_is_left_alone(engines: Engines) -> None:
    async with bench(engines) as carried:
        connection = await nats.connect(engines.nats_url("notices"))
        rows = Rows(engines.postgres_dsn("onrecord_notices"), "test")
        try:
            async with asyncio.timeout(WAIT_S):
                await app.tell(connection, rows, carried.log.tenant, Metrics())  # it ends by itself
        finally:
            await rows.close()
            await connection.close()
