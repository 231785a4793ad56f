"""Grouped: atomic appends of many who ask at once, stored together as one.

The server syncs several files for each atomic batch, however small, so what was asked for while one is on
its way goes into the next. A group is stored whole or not at all; where it is not, everybody in it tries
alone, so nobody fails for what another asked.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from onrecord_events.envelope import New
from onrecord_events.errors import Conflict, OutOfOrder, PartlyKnown
from onrecord_events.log import EventLog, Receipt

EVENTS_MAX = 200
_NOTHING: Mapping[str, int] = MappingProxyType({})


class _Request(msgspec.Struct, frozen=True, eq=False):
    """One append, and who waits for it."""

    news: Sequence[New]
    expected: Mapping[str, int]
    relied: Mapping[str, int]
    answer: "asyncio.Future[list[Receipt]]"

    @property
    def written(self) -> frozenset[str]:
        """The streams it appends to."""
        return frozenset(new.stream for new in self.news)


class GroupedAppends:
    """One log's atomic appends."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: deque[_Request] = deque()
        self._sending: asyncio.Task[None] | None = None

    async def append(
        self, news: Sequence[New], *, expected: Mapping[str, int], relied: Mapping[str, int] = _NOTHING
    ) -> list[Receipt]:
        """As `EventLog.append_batch`, which says what it raises."""
        if len(news) == 1 and not relied:
            return await self._log.append_batch(news, expected=expected)
        answer: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(news, expected, relied, answer))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())
        return await answer

    async def _send_all(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                await self._send(group)
            except (Conflict, PartlyKnown, OutOfOrder) as error:
                if len(group) == 1:
                    _refuse(group, error)
                else:
                    await asyncio.gather(*(self._alone(request) for request in group))
            except Exception as error:  # noqa: BLE001 (whatever it is, it belongs to those who wait)
                _refuse(group, error)

    async def _alone(self, request: _Request) -> None:
        try:
            await self._send([request])
        except Exception as error:  # noqa: BLE001 (as above)
            _refuse([request], error)

    async def _send(self, group: Sequence[_Request]) -> None:
        news = [new for request in group for new in request.news]
        expected = {name: at for request in group for name, at in request.expected.items()}
        relied = {name: at for request in group for name, at in request.relied.items()}
        receipts = iter(await self._log.append_batch(news, expected=expected, relied=relied))
        for request in group:
            mine = [next(receipts) for _ in request.news]
            if not request.answer.done():  # whoever asked may have left
                request.answer.set_result(mine)

    def _next_group(self) -> list[_Request]:
        """The next ones in their order, as long as none touches what another of them writes."""
        group = [self._waiting.popleft()]
        written, relied = group[0].written, dict(group[0].relied)
        events = len(group[0].news)
        while self._waiting and events + len(self._waiting[0].news) <= EVENTS_MAX:
            one = self._waiting[0]
            apart = written.isdisjoint(one.written | one.relied.keys()) and one.written.isdisjoint(relied)
            if not apart or any(relied.get(name, at) != at for name, at in one.relied.items()):
                break
            group.append(self._waiting.popleft())
            written |= one.written
            relied |= one.relied
            events += len(one.news)
        return group


def _refuse(group: Sequence[_Request], error: Exception) -> None:
    for request in group:
        if not request.answer.done():
            request.answer.set_exception(error)
