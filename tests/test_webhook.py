"""Webhooks on real engines and a real port: signed, in order, nothing lost, nothing new under a new id."""

import asyncio
import base64
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from onrecord_services.commands.webhook import subscribe
from onrecord_services.engines import Engines
from onrecord_services.notices.courier import Courier
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Answer, Sender
from onrecord_services.notices.signing import new_secret
from onrecord_services.vault import webhooks
from onrecord_services.vault.webhook_secrets import CannotOpen, SecretSealer
from onrecord_services.vault.webhooks import Webhook
from projecting import said
from receiving import Receiver, receiver
from telling import HOUR, NOW, SEALER, Office, complaint, live, office

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


def courier(desk: Office, sender: Sender, sealer: SecretSealer = SEALER) -> Courier:
    """A worker that has just started, and waits a minute after each failure."""
    rows = Rows(desk.postgres_url, "test")
    desk.rows.append(rows)
    return Courier(desk.log, rows, sender, sealer, lambda: desk.now, wait=lambda _, asked: asked or MINUTE)


def signed_by(message: tuple[dict[str, str], bytes], *secrets: str) -> list[str]:
    """Which of these secrets made the signatures, in their order."""
    headers, body = message
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    made = {}
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        made["v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()] = secret
    return [made[one] for one in headers["webhook-signature"].split(" ")]


async def carried(worker: Courier) -> None:
    """One round, to its end."""
    await worker.round()
    await worker.settle()


async def hook_of(desk: Office) -> Webhook:
    (hook,) = await webhooks.of_tenant(desk.owner, desk.log.tenant)
    return hook


async def test_what_is_sent_is_a_signed_cloudevent_in_the_order_of_the_log(
    desk: Office, sender: Sender
) -> None:
    with receiver() as there:
        _, secret = await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        await desk.project(
            complaint("A", 1, actor="li"), live(said("staff.joined", "person/p", NOW, person="p"))
        )
        await desk.project(complaint("B", 1))
        await carried(courier(desk, sender))
    first, second = there.bodies()
    recorded_at = first.pop("recordedtime")
    assert recorded_at.endswith("Z")
    assert first == {
        "specversion": "1.0",
        "id": f"complaint.registered complaint/A {(NOW - HOUR).isoformat()}",
        "source": "/test",
        "type": "complaint.registered",
        "subject": "complaint/A",
        "time": (NOW - HOUR).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "tenant": desk.log.tenant,
        "actor": "li",
        "position": "2",
        "data": complaint("A", 1).data,
    }
    assert second["subject"] == "complaint/B"
    headers, body = there.received[0]
    assert headers["content-type"] == "application/cloudevents+json"
    assert signed_by((headers, body), secret) == [secret]
    assert (await hook_of(desk)).position == await desk.log.last_position()


async def test_a_target_down_for_a_day_loses_nothing_and_gets_nothing_twice(
    desk: Office, sender: Sender
) -> None:
    with receiver() as there:
        url, port = there.url, int(there.url.split(":")[2].partition("/")[0])
        await subscribe(desk.owner, SEALER, desk.log, url, ())
    worker = courier(desk, sender)
    for shift in range(3):
        await desk.project(*(complaint(f"A{8 * shift + nth}", 1) for nth in range(8)))
        for _ in range(8):
            desk.now += HOUR
            await carried(worker)
    hook = await hook_of(desk)
    assert (hook.position, hook.failures, hook.failing_since) == (1, 24, NOW + HOUR)
    with receiver(port) as there:
        there.answers = [503, 200, 500]
        for _ in range(3):
            desk.now += HOUR
            await carried(worker)
        assert [body["subject"] for body in there.bodies()] == [f"complaint/A{hour}" for hour in range(24)]
        assert len(set(there.ids())) == 24
        assert there.refused == 2


async def test_a_worker_killed_after_the_answer_sends_the_same_id_again(
    desk: Office, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as there:
        await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(complaint("A", 1))
        killed = courier(desk, sender)
        monkeypatch.setattr(killed, "_came_back", never)
        await carried(killed)
        other = courier(desk, sender)
        await carried(other)
        assert len(there.ids()) == 1  # the dead one's claim still holds
        desk.now += 2 * MINUTE
        await carried(other)
    assert len(there.ids()) == 2
    assert len(set(there.ids())) == 1


async def never(*_: Any) -> bool:
    return False


async def test_two_workers_send_once(desk: Office, sender: Sender) -> None:
    with receiver() as there:
        await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(*(complaint(f"A{nth}", 1) for nth in range(20)))
        await asyncio.gather(*(carried(courier(desk, sender)) for _ in range(3)))
        assert [body["subject"] for body in there.bodies()] == [f"complaint/A{nth}" for nth in range(20)]


async def test_a_target_that_fails_for_days_is_disabled_on_record_until_somebody_replays(
    desk: Office, sender: Sender
) -> None:
    with receiver() as there:
        there.answers = [500] * 6
        hook, _ = await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        await desk.project(complaint("A", 1))
        worker = courier(desk, sender)
        for _ in range(6):
            await carried(worker)
            desk.now += timedelta(days=1)
        assert (await hook_of(desk)).disabled_at == NOW + timedelta(days=5)
        await carried(worker)
        assert there.refused == 6
        disabled = (await desk.everything())[-1]
        assert (disabled.type, disabled.stream) == ("webhook.disabled", f"webhook/{hook.id}")
        assert disabled.data["reason_code"] == "failing"
        assert disabled.data["position"] == 1
        assert await webhooks.rewind(desk.owner, desk.log.tenant, hook.id, None)
        await carried(worker)
        assert [body["subject"] for body in there.bodies()] == ["complaint/A"]


async def test_who_says_gone_is_asked_no_more(desk: Office, sender: Sender) -> None:
    with receiver() as there:
        there.answers = [410]
        await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        await desk.project(complaint("A", 1))
        await carried(courier(desk, sender))
        assert (await hook_of(desk)).disabled_at == NOW


async def test_a_replay_sends_the_same_ids_again_in_the_same_order(desk: Office, sender: Sender) -> None:
    with receiver() as there:
        hook, _ = await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        await desk.project(complaint("A", 1), complaint("B", 1))
        worker = courier(desk, sender)
        await carried(worker)
        await webhooks.rewind(desk.owner, desk.log.tenant, hook.id, 2)
        await carried(worker)
        assert there.ids() == [there.ids()[0], there.ids()[1], there.ids()[1]]
    tries = await webhooks.tries_of(desk.owner, hook.id, 10)
    assert [(one.position, one.answer) for one in tries] == [(3, "200"), (3, "200"), (2, "200")]


class Meanwhile(Sender):
    """Does something while each event is under way."""

    def __init__(self, then: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(deadline_s=3)
        self._then = then

    async def send(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Answer:
        answer = await super().send(url, secrets, message_id, body)
        await self._then()
        return answer


@asynccontextmanager
async def meanwhile(then: Callable[[], Awaitable[Any]]) -> AsyncIterator[Sender]:
    sender = Meanwhile(then)
    try:
        yield sender
    finally:
        await sender.close()


async def test_a_replay_asked_for_while_events_are_under_way_begins_at_once(desk: Office) -> None:
    asked: list[bool] = []

    async def replay() -> None:
        if len(there.ids()) == 2:
            asked.append(await webhooks.rewind(desk.owner, desk.log.tenant, hook.id, 1))

    with receiver() as there:
        hook, _ = await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(*(complaint(name, 1) for name in "ABC"))
        async with meanwhile(replay) as sender:
            worker = courier(desk, sender)
            await carried(worker)
            await carried(worker)
        assert [body["subject"][-1] for body in there.bodies()] == ["A", "B", "A", "B", "C"]
    assert asked == [True]


async def test_who_carries_for_minutes_keeps_his_claim(desk: Office, sender: Sender) -> None:
    other = courier(desk, sender)

    async def look() -> None:
        desk.now += timedelta(seconds=50)
        await carried(other)

    with receiver() as there:
        await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(*(complaint(f"A{nth}", 1) for nth in range(5)))
        async with meanwhile(look) as slow:
            await carried(courier(desk, slow))
        assert [body["subject"] for body in there.bodies()] == [f"complaint/A{nth}" for nth in range(5)]


async def test_whoever_took_an_event_in_between_begins_to_fail_anew(desk: Office, sender: Sender) -> None:
    with receiver() as there:
        there.answers = [500, 500, 200, 500]
        await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(complaint("A", 1), complaint("B", 1))
        worker = courier(desk, sender)
        for days in (0, 4, 6):
            desk.now = NOW + timedelta(days=days)
            await carried(worker)
        hook = await hook_of(desk)
    assert (hook.position, hook.failures, hook.disabled_at) == (2, 1, None)
    assert hook.failing_since == NOW + timedelta(days=6)


async def test_who_asks_for_time_gets_it(desk: Office, sender: Sender) -> None:
    with receiver() as there:
        there.answers, there.headers = [429], {"retry-after": "600"}
        await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(complaint("A", 1))
        worker = courier(desk, sender)
        await carried(worker)
        assert (await hook_of(desk)).next_try_at == NOW + 10 * MINUTE
        desk.now += 9 * MINUTE
        await carried(worker)
        assert there.received == []
        desk.now += MINUTE
        await carried(worker)
        assert len(there.received) == 1


async def test_a_redirect_is_not_followed(desk: Office, sender: Sender) -> None:
    with receiver() as there, receiver() as elsewhere:
        there.answers, there.headers = [307], {"location": elsewhere.url}
        await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(complaint("A", 1))
        await carried(courier(desk, sender))
        assert elsewhere.received == []
        assert (await hook_of(desk)).failures == 1


async def test_another_log_gets_no_events_of_the_first(desk: Office, sender: Sender) -> None:
    with receiver() as there:
        hook, _ = await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await webhooks.remove(desk.owner, desk.log.tenant, hook.id)
        await webhooks.add(desk.owner, msgspec.structs.replace(hook, epoch="another"))
        await desk.project(complaint("A", 1))
        await carried(courier(desk, sender))
        assert there.received == []
        assert (await hook_of(desk)).disabled_at == NOW


async def test_sealed_fields_stay_sealed_and_no_secret_is_logged(
    desk: Office, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="onrecord_services")
    name = {"key": "0" * 32, "nonce": "AAAA", "ciphertext": "AAAA", "index": "1" * 32}
    with receiver() as there:
        hook, secret = await subscribe(desk.owner, SEALER, desk.log, there.url, ())
        await desk.project(live(said("staff.joined", "person/p", NOW, person="p", name=name)))
        there.answers = [200, 410]
        await desk.project(complaint("A", 1))
        await carried(courier(desk, sender))
        assert there.bodies()[0]["data"] == {"person": "p", "name": {"sealed": True}}
    assert secret not in caplog.text
    assert secret not in repr(hook)
    assert "key=1" not in caplog.text


async def test_after_a_rotation_each_event_bears_both_signatures_until_the_overlap_ends(
    desk: Office, sender: Sender
) -> None:
    with receiver() as there:
        hook, before = await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        tenant, another = desk.log.tenant, new_secret()
        sealed = SEALER.seal(tenant, hook.id, another)
        assert await webhooks.rotate(desk.owner, tenant, hook.id, sealed, desk.now + HOUR)
        assert not await webhooks.rotate(desk.owner, "another", hook.id, sealed, None)
        worker = courier(desk, sender)
        await desk.project(complaint("A", 1))
        await carried(worker)
        desk.now += HOUR
        await desk.project(complaint("B", 1))
        await carried(worker)
    assert [signed_by(one, before, another) for one in there.received] == [[another, before], [another]]
    await webhooks.tidy(desk.owner, NOW, desk.now)
    assert (await hook_of(desk)).previous_sealed is None


async def test_a_rotation_without_overlap_ends_the_secret_before_at_once(
    desk: Office, sender: Sender
) -> None:
    with receiver() as there:
        hook, before = await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        another = new_secret()
        sealed = SEALER.seal(desk.log.tenant, hook.id, another)
        await webhooks.rotate(desk.owner, desk.log.tenant, hook.id, sealed, None)
        await desk.project(complaint("A", 1))
        await carried(courier(desk, sender))
    assert [signed_by(one, before, another) for one in there.received] == [[another]]


async def test_a_dump_of_postgresql_signs_nothing(desk: Office, sender: Sender) -> None:
    """Neither as it stands, nor with the key of another site, nor with a row moved to another webhook."""
    with receiver() as there:
        hook, secret = await subscribe(desk.owner, SEALER, desk.log, there.url, ("complaint.*",))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        rows = await desk.fetch("SELECT to_jsonb(w)::text, secret_sealed FROM vault.webhooks w")
        assert [row for row, _ in rows if secret in row or key.hex() in row] == []
        assert [sealed for _, sealed in rows if key in sealed or secret.encode() in sealed] == []
        await desk.project(complaint("A", 1))
        await carried(courier(desk, sender, SecretSealer(b"x" * 32)))
        assert (there.received, there.refused) == ([], 0)
    (tried,) = await webhooks.tries_of(desk.owner, hook.id, 10)
    assert tried.answer == f"the secret of webhook {hook.id} does not open under this key"
    held = await hook_of(desk)
    assert held.secrets(SEALER, NOW) == (secret,)
    for other in ({"id": "wh-0"}, {"tenant": "other"}, {"secret_sealed": None}):
        with pytest.raises(CannotOpen):
            msgspec.structs.replace(held, **other).secrets(SEALER, NOW)


async def test_who_never_answers_is_left_after_the_deadline(desk: Office) -> None:
    asked: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, answering: asked.append(answering), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    quick = Sender(deadline_s=0.2)
    try:
        await subscribe(desk.owner, SEALER, desk.log, f"http://127.0.0.1:{port}/", ())
        await desk.project(complaint("A", 1))
        await carried(courier(desk, quick))
        hook = await hook_of(desk)
        (tried,) = await webhooks.tries_of(desk.owner, hook.id, 10)
        assert tried.answer == "no answer in time"
    finally:
        await quick.close()
        for answering in asked:
            answering.close()
        silent.close()


def test_a_receiver_starts_empty() -> None:
    assert Receiver().received == []
