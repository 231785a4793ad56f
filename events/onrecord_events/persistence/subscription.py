"""Subscription: the log's own live reader, asked for the next batch whenever the last one is used up.

No thread and no queue of its own: what is not asked for stays in the reader's bounded window.
"""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence

from eventsourcing.persistence import ApplicationRecorder, InterfaceError, Notification, Subscription

from onrecord_events.persistence.bridge import Bridge, translated
from onrecord_events.wire import Wire

Batches = AsyncGenerator[list[Notification], None]
Follow = Callable[[Wire, int, Sequence[str]], Batches]


class LogSubscription(Subscription[ApplicationRecorder]):
    """Every event after a position, in order, then those to come. Iterate in one thread; stop from any."""

    def __init__(
        self,
        recorder: ApplicationRecorder,
        gt: int | None,
        topics: Sequence[str],
        *,
        bridge: Bridge,
        follow: Follow,
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._bridge = bridge
        self._follow = follow
        self._batches: Batches | None = None
        self._one_at_a_time = asyncio.Lock()
        self._ready: deque[Notification] = deque()
        self._state = threading.Lock()
        self._waiting: concurrent.futures.Future[list[Notification]] | None = None

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._ready:
                notification = self._ready.popleft()
                self._last_notification_id = notification.id
                return notification
            self._ready.extend(self._more())
        raise StopIteration

    def stop(self) -> None:
        """End the iteration, also one that is waiting now. Stopping twice is stopping once."""
        with self._state:
            was_stopped, waiting = self._has_been_stopped, self._waiting
            super().stop()
        if was_stopped:
            return
        if waiting is not None:
            waiting.cancel()
        with contextlib.suppress(InterfaceError):  # the factory is closed: so is the reader
            self._bridge.start(self._leave)

    def _more(self) -> list[Notification]:
        with self._state:
            if self._has_been_stopped:
                return []
            self._waiting = self._bridge.start(self._next_batch)
        with translated():
            try:
                return self._waiting.result()
            except concurrent.futures.CancelledError:
                if self._has_been_stopped:
                    return []
                raise

    async def _next_batch(self, wire: Wire) -> list[Notification]:
        async with self._one_at_a_time:
            if self._batches is None:
                self._batches = self._follow(wire, self._last_notification_id or 0, self._topics)
            return await anext(self._batches)

    async def _leave(self, _wire: Wire) -> None:
        """Leave no reader behind at the server."""
        async with self._one_at_a_time:
            if self._batches is not None:
                await self._batches.aclose()
