"""What notices says of itself: counted where it happens, asked for over a real port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from onrecord_services.commands.webhook import subscribe
from onrecord_services.engines import Engines
from onrecord_services.notices import app, metrics
from onrecord_services.notices.courier import Courier
from onrecord_services.notices.letter import Letter
from onrecord_services.notices.mailer import Mailer, MailServer, NotSent
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.postman import Postman
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Answer, Sender
from onrecord_services.notices.teller import Teller, now_utc
from onrecord_services.settings import SettingMissing, Settings
from onrecord_services.vault import mail
from onrecord_services.vault.mail import Address
from receiving import receiver
from telling import HOUR, SEALER, Office, complaint, office, wanted

WAIT_S = 30.0
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def desk(engines: Engines) -> AsyncIterator[Office]:
    async with office(engines) as made:
        yield made


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    made = Sender(deadline_s=3)
    yield made
    await made.close()


def rows_of(desk: Office) -> Rows:
    rows = Rows(desk.postgres_url, "test")
    desk.rows.append(rows)
    return rows


async def figures(desk: Office, counted: Metrics) -> dict[str, float]:
    """Every figure by its name and labels, without histograms' bars and the instants of creation."""
    text = (await counted.render(rows_of(desk), lambda: desk.now)).decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {
        name.replace(desk.log.tenant, "T"): float(figure)
        for name, _, figure in lines
        if "_bucket" not in name and "_created" not in name
    }


async def test_notices_are_counted_by_step_and_by_how_late_they_are(desk: Office) -> None:
    counted = Metrics()
    await desk.project(complaint("A", 6), complaint("B", 5))
    teller = Teller(desk.log, rows_of(desk), lambda: desk.now, counted)
    assert await teller.round() == 2
    desk.now += 3 * HOUR
    assert await teller.round() == 2
    assert await teller.round() == 0
    found = await figures(desk, counted)
    assert found['onrecord_notices_told_total{step="soon-50"}'] == 2
    assert found['onrecord_notices_told_total{step="soon-80"}'] == 2
    assert found["onrecord_notices_late_seconds_count"] == 4
    assert found["onrecord_notices_late_seconds_sum"] == 3600 + 0 + 3600 + 0


async def test_what_another_worker_told_is_not_counted_again(desk: Office) -> None:
    await desk.project(complaint("A", 6))
    first, second = Metrics(), Metrics()
    tellers = [Teller(desk.log, rows_of(desk), lambda: desk.now, counted) for counted in (first, second)]
    await asyncio.gather(*(teller.round() for teller in tellers))
    told = [await figures(desk, counted) for counted in (first, second)]
    assert sum(found.get('onrecord_notices_told_total{step="soon-50"}', 0) for found in told) == 1


async def test_tries_are_counted_by_what_came_of_them_and_the_oldest_that_waits_is_measured(
    desk: Office, sender: Sender
) -> None:
    counted = Metrics()
    counted.watch(desk.log.tenant)
    with receiver() as there:
        await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        worker = Courier(
            desk.log, rows_of(desk), sender, SEALER, lambda: desk.now, counted=counted, wait=lambda *_: MINUTE
        )
        assert (await figures(desk, counted))['onrecord_webhook_waiting_seconds{tenant="T"}'] == 0
        await desk.project(complaint("A", 1), complaint("B", 1))
        recorded_at = (await desk.log.event_at(2)).recorded_at
        desk.now = recorded_at + HOUR
        assert (await figures(desk, counted))['onrecord_webhook_waiting_seconds{tenant="T"}'] == 3600
        there.answers = [500, 200, 410]
        for _ in range(2):
            await worker.round()
            await worker.settle()
            desk.now += MINUTE
    found = await figures(desk, counted)
    assert found['onrecord_webhook_tries_total{outcome="taken"}'] == 1
    assert found['onrecord_webhook_tries_total{outcome="refused"}'] == 2
    assert found["onrecord_webhook_seconds_count"] == 3
    assert found['onrecord_webhook_disabled_total{reason="gone"}'] == 1
    assert found['onrecord_webhook_waiting_seconds{tenant="T"}'] == 0  # who wants no more waits for nothing


async def test_who_is_not_there_has_given_no_answer(desk: Office) -> None:
    counted = Metrics()
    counted.send(Answer("ConnectError", taken=False, took_ms=4))
    counted.send(Answer("no answer in time", taken=False, took_ms=15_000))
    found = await figures(desk, counted)
    assert found['onrecord_webhook_tries_total{outcome="unanswered"}'] == 2
    assert found["onrecord_webhook_seconds_count"] == 0


class Away(Mailer):
    """A mail server that is away at first."""

    def __init__(self) -> None:
        super().__init__(MailServer.of("smtp://127.0.0.1:1"), "onrecord@example.com")
        self.is_away = True

    async def send(self, to: str, letter: Letter, message_id: str) -> None:  # noqa: ARG002 (nothing is read)
        if self.is_away:
            raise NotSent("127.0.0.1: ConnectionRefusedError")


async def test_letters_are_counted_and_the_oldest_notice_that_waits_is_measured(desk: Office) -> None:
    counted, mailer = Metrics(), Away()
    counted.watch(desk.log.tenant)
    address = Address(recipient="person/chen", address="chen@example.com", lang="en")
    await mail.put(desk.owner, desk.log.tenant, address)
    writer = Postman(
        desk.log, rows_of(desk), mailer, lambda: desk.now, counted=counted, wait=lambda _: MINUTE
    )
    await writer.round()
    await desk.project(wanted(), complaint("A", 6))
    await desk.teller().round()
    await desk.project()
    assert await writer.round() == 0
    told_at = (await desk.log.event_at(await desk.log.last_position())).recorded_at
    desk.now = told_at + MINUTE
    found = await figures(desk, counted)
    assert found['onrecord_mail_letters_total{outcome="failed"}'] == 1
    assert found['onrecord_mail_waiting_seconds{tenant="T"}'] == 60
    mailer.is_away = False
    assert await writer.round() == 1
    found = await figures(desk, counted)
    assert found['onrecord_mail_letters_total{outcome="sent"}'] == 1
    assert found['onrecord_mail_waiting_seconds{tenant="T"}'] == 0


async def test_while_postgresql_is_away_counts_are_told_and_queues_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "PATIENCE_S", 0.2)
    counted = Metrics()
    counted.watch("acme")
    counted.send(Answer("200", taken=True))
    nowhere = Rows("postgresql://nobody@127.0.0.1:1/none", "test")
    text = (await counted.render(nowhere, now_utc)).decode()
    assert 'onrecord_webhook_tries_total{outcome="taken"} 1.0' in text
    assert "waiting_seconds{" not in text


async def test_the_service_tells_prometheus_who_has_the_key(engines: Engines, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        {
            "ONRECORD_NATS_URL": engines.nats_url("notices"),
            "ONRECORD_POSTGRES_URL": engines.postgres_dsn("onrecord_notices"),
            "ONRECORD_WEBHOOK_KEY_FILE": str(tmp_path / "webhooks.key"),
            "ONRECORD_HTTP_PORT": str(port),
            "ONRECORD_METRICS_KEY": "let-me",
        }
    )
    serving = asyncio.create_task(app.serve(settings))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http, asyncio.timeout(WAIT_S):
            while True:
                with suppress(httpx.TransportError):
                    if (await http.get("/healthz")).text == "ok":
                        break
                await asyncio.sleep(0.02)
            assert (await http.get("/metrics")).status_code == 401
            answer = await http.get("/metrics", headers={"authorization": "Bearer let-me"})
            with pytest.raises(SettingMissing, match="cannot listen"):
                await app.serve(settings)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE onrecord_notices_late_seconds histogram" in answer.text


@pytest.mark.parametrize(("path", "why"), [(None, "ONRECORD_WEBHOOK_KEY_FILE is not set"), ("/", "read")])
def test_without_the_key_of_webhooks_it_does_not_start(path: str | None, why: str) -> None:
    with pytest.raises(SettingMissing, match=why):
        app.sealer_of(path)
