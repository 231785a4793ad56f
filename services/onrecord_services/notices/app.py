"""Notices: people are told before a promise breaks, and when it broke; machines hear of every event.

In:  PostgreSQL                clocks and what was told about them; subscriptions and addresses in `vault`
     GET /metrics              what was told and sent, and what waits
Out: the log                   `alert.raised`, one a clock and step; `webhook.disabled`
     feed.<tenant>.<publisher> pages of the feed, asked for by request/reply
     HTTPS, SMTP               what was appended, in the order of the log; nothing that is not on record
Run: onrecord run notices

Nothing waits for this service: no verdict depends on it, and what it missed while away it tells late.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from nats.aio.client import Client

from onrecord_events.errors import EventError
from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.errors import ProjectionError
from onrecord_services.connections import RETRY_S, connect_log
from onrecord_services.notices.courier import Courier
from onrecord_services.notices.feed_edge import FeedEdge
from onrecord_services.notices.http_edge import PORT, listening, make_http
from onrecord_services.notices.mailer import BadMailServer, Mailer, MailServer
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.postman import Postman
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Sender
from onrecord_services.notices.teller import Teller, now_utc
from onrecord_services.settings import SettingMissing, Settings
from onrecord_services.vault import mail, webhooks
from onrecord_services.vault.keyring import KeyRing, from_postgres
from onrecord_services.vault.webhook_secrets import BadWebhookKey, SecretSealer

EVERY_S = 0.25
"""How often we ask whether the log has grown. Steps are told at their own instant, not at a beat."""
TENANTS_EVERY_S = 2.0
CARRY_EVERY_S = 0.2
WRITE_EVERY_S = 2.0
TIDY_EVERY_S = 3600.0
KEPT = timedelta(days=30)

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Tell and deliver for every tenant, until cancelled."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log addresses, and what is in them
    said = settings.variables
    mailer = mailer_of(said.get("ONRECORD_SMTP_URL"), said.get("ONRECORD_SMTP_FROM"))
    sealer = sealer_of(said.get("ONRECORD_WEBHOOK_KEY_FILE"))
    counted, port = Metrics(), settings.http_port(PORT)
    async with AsyncExitStack() as stack:
        told, sent, asked, measured = (
            Rows(settings.postgres_url, f"notices {name}") for name in ("told", "sent", "asked", "measured")
        )
        for rows in (told, sent, asked, measured):
            stack.push_async_callback(rows.close)
        sender = Sender(private=said.get("ONRECORD_PRIVATE_TARGETS") == "allow")
        stack.push_async_callback(sender.close)
        key = said.get("ONRECORD_METRICS_KEY")
        http = make_http(counted=counted, rows=measured, clock=now_utc, metrics_key=key)
        await stack.enter_async_context(listening(http, settings.http_host, port))
        _log.info("metrics at http://%s:%d/metrics", settings.http_host, port)
        connection = await connect_log(settings.nats_url, "notices")
        stack.push_async_callback(connection.close)
        feed = FeedEdge(connection, asked, KeyRing(from_postgres(settings.postgres_url)))
        await stack.enter_async_context(feed.listening())

        async def work(tenant: str) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(tell(connection, told, tenant, counted))
                group.create_task(carry(connection, sent, sender, sealer, tenant, counted))
                if mailer is not None:
                    group.create_task(write(connection, sent, mailer, tenant, counted))

        await for_each_tenant(sent, work)


def sealer_of(path: str | None) -> SecretSealer:
    """What opens the webhooks' secrets. Raises SettingMissing."""
    if not path:
        raise SettingMissing(
            "ONRECORD_WEBHOOK_KEY_FILE is not set; for example /var/lib/onrecord/keys/webhooks.key"
        )
    try:
        return SecretSealer.of_file(Path(path))
    except BadWebhookKey as error:
        raise SettingMissing(str(error)) from None


def mailer_of(url: str | None, sender: str | None) -> Mailer | None:
    """The way mail goes; None where nobody named one. Raises SettingMissing."""
    if not url:
        _log.info("no ONRECORD_SMTP_URL: notices go on record and to webhooks, not by mail")
        return None
    if not sender:
        raise SettingMissing("ONRECORD_SMTP_FROM is not set; for example onrecord@example.com")
    try:
        return Mailer(MailServer.of(url), sender)
    except BadMailServer as error:
        raise SettingMissing(str(error)) from None


async def for_each_tenant(rows: Rows, work: Callable[[str], Coroutine[Any, Any, None]]) -> None:
    """One task a tenant, new ones within seconds; none stands in another's way."""
    known: set[str] = set()
    async with asyncio.TaskGroup() as group:
        group.create_task(tidy(rows))
        while True:
            try:
                async with rows.vault() as vault:
                    here = await generation.tenants(vault)
            except psycopg.OperationalError:
                here = []
            for tenant in here:
                if tenant not in known:
                    known.add(tenant)
                    group.create_task(work(tenant))
            await asyncio.sleep(TENANTS_EVERY_S)


async def tell(connection: Client, rows: Rows, tenant: str, counted: Metrics) -> None:
    """Watch a tenant's clocks for ever. History (a log whose clock is carried) tells nobody anything."""

    async def watch(log: EventLog) -> None:
        if log.clock != "server":
            return
        counted.watch(tenant)
        teller = Teller(log, rows, now_utc, counted)
        while True:
            await teller.round()
            await asyncio.sleep(_until(teller.next_at()))

    await _again_and_again(connection, tenant, watch)


async def carry(
    connection: Client, rows: Rows, sender: Sender, sealer: SecretSealer, tenant: str, counted: Metrics
) -> None:
    """Send a tenant's events to its webhooks for ever."""

    async def go(log: EventLog) -> None:
        courier = Courier(log, rows, sender, sealer, now_utc, counted=counted)
        try:
            while True:
                anybody = await courier.round()
                await asyncio.sleep(CARRY_EVERY_S if anybody else TENANTS_EVERY_S)
        finally:
            await courier.stop()

    await _again_and_again(connection, tenant, go)


async def write(connection: Client, rows: Rows, mailer: Mailer, tenant: str, counted: Metrics) -> None:
    """Mail a tenant's notices for ever."""

    async def go(log: EventLog) -> None:
        postman = Postman(log, rows, mailer, now_utc, counted=counted)
        while True:
            await postman.round()
            await asyncio.sleep(WRITE_EVERY_S)

    await _again_and_again(connection, tenant, go)


async def tidy(rows: Rows) -> None:
    """Forget what was sent a month ago; the log forgets nothing."""
    while True:
        now = now_utc()
        with suppress(psycopg.OperationalError):
            async with rows.vault() as vault:
                await webhooks.tidy(vault, now - KEPT, now)
                await mail.tidy(vault, now - KEPT)
        await asyncio.sleep(TIDY_EVERY_S)


async def _again_and_again(
    connection: Client, tenant: str, work: Callable[[EventLog], Coroutine[Any, Any, None]]
) -> None:
    """Until it ends by itself; after trouble with a fresh start, because memory may be ahead of the log."""
    while True:
        try:
            await work(await EventLog.open(connection, tenant))
        except (psycopg.Error, EventError, ProjectionError) as error:
            _log.warning("tenant %s: %s; trying again", tenant, error)
            await asyncio.sleep(RETRY_S)
        else:
            return


def _until(next_at: datetime | None) -> float:
    """How long there is nothing to tell, at most one beat."""
    if next_at is None:
        return EVERY_S
    return min(EVERY_S, max(0.005, (next_at - now_utc()).total_seconds()))
