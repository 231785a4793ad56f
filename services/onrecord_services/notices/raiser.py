"""Raiser: appends notices, each clock and step once, whoever else does so at the same time or did before.

A notice is an event on its clock's own stream, appended under the version it expects there. Who was faster
makes us read what he left, and tell what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from onrecord_events.alert import Raised
from onrecord_events.envelope import New, Recorded
from onrecord_events.errors import Conflict, PartlyKnown
from onrecord_events.log import BATCH_EVENTS_MAX, EventLog, Receipt
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.promises import Told, stream_of
from onrecord_services.notices.steps import Promise, Step

LATE_AFTER = timedelta(minutes=1)
TRIES = 20
"""Each lost race is somebody's step told, and a clock has fewer steps than this."""
SOURCE = "/onrecord/notices"


class Due(NamedTuple):
    """A clock, what was told about it, and the steps it has reached since."""

    promise: Promise
    told: Told
    reached: list[Step]


class _After(NamedTuple):
    """Lets a stream be read from the log behind what the rows know of it: the log has no index by stream."""

    position: int

    async def events_of(self, _: str) -> tuple[Sequence[Recorded], int]:
        """Nothing that is known already."""
        return (), self.position


Untold = Callable[[Promise, Told], list[Step]]


class Raiser:
    """One tenant's. Remembers what it told until the rows know."""

    def __init__(self, log: EventLog, clock: Callable[[], datetime], counted: Metrics) -> None:
        self._log = log
        self._clock = clock
        self._counted = counted
        self._ahead: dict[str, Told] = {}
        self._own: set[int] = set()

    def newest(self, stream: str, in_rows: Told) -> Told:
        """What was told about a clock, by the rows or by us."""
        ahead = self._ahead.get(stream)
        return ahead if ahead is not None and ahead.last > in_rows.last else in_rows

    def known(self, position: int) -> None:
        """The rows have come this far; what lies before need not be remembered."""
        self._ahead = {stream: told for stream, told in self._ahead.items() if told.last > position}
        self._own = {own for own in self._own if own > position}

    def others_between(self, position: int, last: int) -> bool:
        """Whether the log holds anything but our own notices from after `position` up to `last`."""
        return last - position > sum(position < own <= last for own in self._own)

    async def tell(self, due: Sequence[Due], untold: Untold, known_to: int) -> int:
        """Append everything that is due; how many notices were new. Raises EventError.

        `known_to`: the position up to which every `told` knows its stream.
        """
        return sum([await self._together(part, untold, known_to) for part in _parts(due)])

    async def _together(self, due: Sequence[Due], untold: Untold, known_to: int) -> int:
        """All in one batch; one by one if anybody else told one of them meanwhile."""
        news = [self._notice(one.promise, step) for one in due for step in one.reached]
        expected = {stream_of(one.promise): one.told.last for one in due}
        try:
            receipts = await self._log.append_batch(news, expected=expected)
        except (Conflict, PartlyKnown):
            return sum([await self._alone(one, untold, known_to) for one in due])
        positions = [receipt.position for receipt in receipts]
        last = {new.stream: position for new, position in zip(news, positions, strict=True)}
        for one in due:
            self._told(one, last[stream_of(one.promise)])
        self._own.update(positions)
        return self._count([step for one in due for step in one.reached], receipts)

    async def _alone(self, one: Due, untold: Untold, known_to: int) -> int:
        """One clock, by what its own stream says now."""
        promise, told = one.promise, one.told
        stream = stream_of(promise)
        for _ in range(TRIES):
            after = max(known_to, told.last)
            told = Told.of(await self._log.read_stream(stream, index=_After(after)), told)
            self._ahead[stream] = told
            reached = [step for step in untold(promise, told) if step.at <= self._clock()]
            if not reached:
                return 0
            news = [self._notice(promise, step) for step in reached]
            try:
                receipts = await self._log.append_batch(news, expected={stream: told.last})
            except (Conflict, PartlyKnown):
                continue
            self._told(Due(promise, told, reached), receipts[-1].position)
            self._own.update(receipt.position for receipt in receipts)
            return self._count(reached, receipts)
        raise Conflict(f"{stream} moves on faster than we tell")

    def _count(self, steps: Sequence[Step], receipts: Sequence[Receipt]) -> int:
        """How many of these were new."""
        now = self._clock()
        new = [step for step, receipt in zip(steps, receipts, strict=True) if not receipt.duplicate]
        for step in new:
            self._counted.tell(step.name, now - step.at)
        return len(new)

    def _told(self, due: Due, position: int) -> None:
        self._ahead[stream_of(due.promise)] = due.told.more(position, (step.name for step in due.reached))

    def _notice(self, promise: Promise, step: Step) -> New:
        now = self._clock()
        assert promise.due_at is not None, "what falls due at no instant has no steps"
        body = Raised(
            case=promise.case,
            pack=promise.pack,
            edition=promise.edition,
            clause=promise.clause,
            instance=promise.instance,
            step=step.name,
            step_at=step.at,
            due_at=promise.due_at,
            recipients=step.recipients,
            late=now - step.at > LATE_AFTER,
        )
        stream = stream_of(promise)
        id_ = f"{stream.removeprefix('alert/')}/{step.name}"
        return New.of(body, id=id_, source=SOURCE, stream=stream, occurred_at=now)


def _parts(due: Sequence[Due]) -> Iterator[list[Due]]:
    """As many clocks together as one atomic batch takes of their notices."""
    part: list[Due] = []
    notices = 0
    for one in due:
        if part and notices + len(one.reached) > BATCH_EVENTS_MAX:
            yield part
            part, notices = [], 0
        part.append(one)
        notices += len(one.reached)
    if part:
        yield part
