"""Streams: whole streams of one tenant's log in memory, each read on from where it was known.

What is given is never older than the moment it was asked for: the tail is asked of the log each time, which
for a known stream is one question.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from onrecord_events.envelope import Recorded
from onrecord_events.log import EventLog

EVENTS_MAX = 100_000
"""About 150 MB; the streams that were asked for longest ago are let go first."""


class Known:
    """One stream as far as it was read, and the turn of whoever decides on it."""

    __slots__ = ("events", "next_look", "turn", "users")

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.turn = asyncio.Lock()
        self.next_look: asyncio.Task[Sequence[Recorded]] | None = None
        self.users = 0

    @property
    def position(self) -> int:
        """Of its last event; 0 if it has none."""
        return self.events[-1].position if self.events else 0


class Streams:
    """One tenant's streams."""

    def __init__(self, log: EventLog, events_max: int = EVENTS_MAX) -> None:
        self._log = log
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._events_max = events_max
        self._held = 0

    @asynccontextmanager
    async def turn(self, names: Iterable[str]) -> AsyncIterator[dict[str, Known]]:
        """These streams for us alone in this process, taken in one order: nobody waits in a circle."""
        ordered = sorted(set(names))
        known = {name: self._of(name) for name in ordered}
        for one in known.values():
            one.users += 1
        try:
            async with AsyncExitStack() as turns:
                for one in known.values():
                    await turns.enter_async_context(one.turn)
                yield known
        finally:
            for one in known.values():
                one.users -= 1
            self._let_go()

    async def read_on(self, known: dict[str, Known]) -> None:
        """Everything that was appended since, by whomever."""
        await asyncio.gather(*(self._read_on(name, one) for name, one in known.items()))

    async def look(self, name: str) -> Sequence[Recorded]:
        """One stream as it is now, to be read only; who asks while it is being read shares the next look."""
        known = self._of(name)
        if known.next_look is None:
            known.next_look = asyncio.create_task(self._look(name))
        return await asyncio.shield(known.next_look)

    async def _look(self, name: str) -> Sequence[Recorded]:
        async with self.turn((name,)) as taken:
            known = taken[name]
            known.next_look = None  # what is said from here on, our reading may miss
            await self._read_on(name, known)
            return tuple(known.events)

    async def _read_on(self, name: str, known: Known) -> None:
        fresh = await self._log.read_stream_after(name, known.position)
        known.events += fresh
        self._held += len(fresh)

    def _of(self, name: str) -> Known:
        known = self._known.setdefault(name, Known())
        self._known.move_to_end(name)
        return known

    def _let_go(self) -> None:
        """Forget what nobody uses, the longest unused first, until the rest fits."""
        for name in list(self._known) if self._held > self._events_max else ():
            if self._held <= self._events_max:
                return
            known = self._known[name]
            if not known.users:
                self._held -= len(known.events)
                del self._known[name]
