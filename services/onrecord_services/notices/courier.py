"""Courier: carries events of a tenant's log to its webhooks, in the order of the log, as long as it takes.

A subscription's place in the log moves when an event was taken, so a target that is down for days holds back
its own events and nobody else's, and costs no memory. One event is under way a subscription; whoever dies
between the answer and the new place sends the same event under the same id again.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg import Error as DatabaseError

from onrecord_events.envelope import New, Recorded
from onrecord_events.errors import EventError
from onrecord_events.log import EventLog
from onrecord_events.webhook import Disabled
from onrecord_projections import generation
from onrecord_projections.errors import ProjectionError
from onrecord_projections.queries import feed
from onrecord_services.notices.backoff import wait_after
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.sender import Answer, Sender
from onrecord_services.outward import as_cloudevent
from onrecord_services.vault import webhooks
from onrecord_services.vault.webhook_secrets import CannotOpen, SecretSealer
from onrecord_services.vault.webhooks import Try, Webhook

CLAIM = timedelta(seconds=60)
"""Longer than any exchange takes. Whoever dies holds his subscriptions for so long."""
GIVE_UP_AFTER = timedelta(days=5)
EVENTS_AT_ONCE = 50
"""Read together; one is under way."""
SOURCE = "/onrecord/notices"

_log = logging.getLogger(__name__)


class Courier:
    """One tenant's subscriptions, as one worker among perhaps several serves them."""

    def __init__(
        self,
        log: EventLog,
        rows: Rows,
        sender: Sender,
        sealer: SecretSealer,
        clock: Callable[[], datetime],
        *,
        counted: Metrics | None = None,
        wait: Callable[[int, timedelta | None], timedelta] = wait_after,
    ) -> None:
        self._log, self._rows, self._clock, self._wait = log, rows, clock, wait
        self._sender, self._sealer, self._counted = sender, sealer, counted or Metrics()
        self._worker = secrets.token_hex(8)
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def round(self) -> bool:
        """Set out for everybody who has something to come, and return at once: whether anybody is there."""
        now = self._clock()
        async with self._rows.of(self._log.tenant) as rows:
            hooks = await webhooks.of_tenant(rows, self._log.tenant)
            position = (await generation.held(rows)).checkpoint.position if hooks else 0
        for hook in hooks:
            if hook.id in self._under_way or hook.disabled_at is not None or hook.position >= position:
                continue
            if hook.next_try_at is None or hook.next_try_at <= now:
                task = asyncio.create_task(self._carry(hook.id))
                self._under_way[hook.id] = task
                task.add_done_callback(partial(self._back, hook.id))
        return bool(hooks)

    def _back(self, id_: str, _: asyncio.Task[None]) -> None:
        self._under_way.pop(id_, None)

    async def settle(self) -> None:
        """Wait until everybody under way has come back."""
        while self._under_way:
            await asyncio.wait(list(self._under_way.values()))

    async def stop(self) -> None:
        """Leave what is under way; whoever comes next sends it again."""
        for task in list(self._under_way.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _carry(self, id_: str) -> None:
        """One event after the other, until there is none or one is not taken."""
        try:
            while await self._carry_page(id_):
                pass
        except (DatabaseError, EventError, ProjectionError) as error:
            _log.warning("webhook %s: %s; trying again", id_, error)

    async def _carry_page(self, id_: str) -> bool:
        """Read together, sent one by one; whether to go on with the next page."""
        now = self._clock()
        async with self._rows.of(self._log.tenant) as rows:
            hook = await webhooks.claim(rows, id_, self._worker, now, now + CLAIM)
            if hook is None:
                return False
            if hook.epoch != self._log.epoch:
                await self._disable(rows, hook, "other-log")
                return False
            known_to = (await generation.held(rows)).checkpoint.position
            page = await feed.page(rows, hook.position, known_to, EVENTS_AT_ONCE, hook.types)
            if not page.events:
                unwanted = page.position > hook.position
                return unwanted and await webhooks.taken(rows, id_, self._worker, page.position, now + CLAIM)
        for event in page.events:
            if not await self._came_back(hook, event, await self._send(hook, event)):
                return False
            hook = msgspec.structs.replace(hook, position=event.position, failures=0, failing_since=None)
        return True

    async def _send(self, hook: Webhook, event: Recorded) -> Answer:
        """Signed by every secret that counts now."""
        try:
            secrets_ = hook.secrets(self._sealer, self._clock())
        except CannotOpen as error:
            return Answer(str(error), taken=False)
        body = as_cloudevent(event, self._log.tenant)
        return await self._sender.send(hook.url, secrets_, message_id(event), body)

    async def _came_back(self, hook: Webhook, event: Recorded, answer: Answer) -> bool:
        """Whether to go on with the next event."""
        now = self._clock()
        self._counted.send(answer)
        tried = Try(now, event.position, event.type, message_id(event), answer.words, answer.took_ms)
        async with self._rows.vault() as rows:
            async with rows.transaction():
                await webhooks.note(rows, hook.id, tried)
                if answer.taken:
                    return await webhooks.taken(rows, hook.id, self._worker, event.position, now + CLAIM)
                next_try_at = now + self._wait(hook.failures + 1, answer.asked_for)
                await webhooks.failed(rows, hook.id, self._worker, now, next_try_at)
            if answer.gone:
                await self._disable(rows, hook, "gone")
            elif hook.failing_since is not None and now - hook.failing_since >= GIVE_UP_AFTER:
                await self._disable(rows, hook, "failing")
        return False

    async def _disable(self, rows: AsyncConnection[Any], hook: Webhook, reason: str) -> None:
        """On record first. A log whose clock is carried takes nothing from us; the row says it alone."""
        now = self._clock()
        since = hook.failing_since or now
        if self._log.clock == "server":
            body = Disabled(webhook=hook.id, reason_code=reason, failing_since=since, position=hook.position)
            id_ = f"{hook.id}/{hook.position}/{since.isoformat()}"
            await self._log.append(
                New.of(body, id=id_, source=SOURCE, stream=f"webhook/{hook.id}", occurred_at=now)
            )
        await webhooks.disable(rows, hook.id, self._worker, now)
        self._counted.disable(reason)
        _log.warning("webhook %s is disabled: %s", hook.id, reason)


def message_id(event: Recorded) -> str:
    """The same for every try, replay and worker: whoever received it before knows it again."""
    return f"evt_{event.identity.hex()}"
