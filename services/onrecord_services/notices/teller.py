"""Teller: one tenant's clocks, watched: each step is told once, when it is reached, or late but told.

Between steps nothing is read: an agenda knows when each case has its next one, and the log's growth says
which cases to look at again.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from onrecord_events.alert import Acknowledged, PolicySet
from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.judging import POLICY_TYPES, Settings
from onrecord_services.notices import promises
from onrecord_services.notices.agenda import Agenda
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.promises import Counting, Told, stream_of
from onrecord_services.notices.raiser import Due, Raiser
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.steps import DEFAULT, Promise, Regime, Step, steps
from onrecord_services.vault import cursors

CASES_AT_ONCE = 1000
BEHIND_S_MAX = 1.0
"""How long a round waits for rows that lag behind the log. Then nothing is told: better late than wrong."""
READER = "tell"

_log = logging.getLogger(__name__)


class Teller:
    """One tenant with a log that keeps the server's time."""

    def __init__(
        self, log: EventLog, rows: Rows, clock: Callable[[], datetime], counted: Metrics | None = None
    ) -> None:
        self._log = log
        self._rows = rows
        self._clock = clock
        self._raiser = Raiser(log, clock, counted or Metrics())
        self._steps = Agenda()
        """By the time of day: when a case reaches its next step."""
        self._turns = Agenda()
        """By the watermark: when a case changes although nothing happens."""
        self._position: int | None = None
        self._kept: int | None = None
        self._counting = Counting(Settings())
        self._regimes: tuple[Regime, ...] = DEFAULT
        self._held_back = False

    def next_at(self) -> datetime | None:
        """When the next step is reached, as far as is known."""
        return self._steps.next_at()

    async def round(self) -> int:
        """Look at what changed and tell what is due; how many notices were new. Safe to repeat."""
        async with self._rows.of(self._log.tenant) as rows:
            if self._position is None:
                await self._begin(rows)
            held = await generation.held(rows)
            position = held.checkpoint.position
            await self._follow(rows, position)
            if held.watermark is not None:
                while cases := self._turns.take(held.watermark, CASES_AT_ONCE):
                    await self._look(rows, cases)
            told = 0
            while self._has_work() and await self._is_fresh(rows):
                cases = self._steps.take(self._clock(), CASES_AT_ONCE)
                due = await self._look(rows, cases, telling=True)
                told += await self._raiser.tell(due, self._untold, position)
            if not self._has_work():
                await self._keep(rows)
            return told

    async def _keep(self, rows: AsyncConnection[Any]) -> None:
        """Where the next start finds clocks that came to an end untold."""
        assert self._position is not None
        if self._position != self._kept:
            await cursors.move(rows, self._log.tenant, READER, self._log.epoch, self._position)
            self._kept = self._position

    def _has_work(self) -> bool:
        at = self._steps.next_at()
        return at is not None and at <= self._clock()

    async def _begin(self, rows: AsyncConnection[Any]) -> None:
        """Everything that is open, and what came to an end while nobody looked."""
        after = await cursors.read(rows, self._log.tenant, READER, self._log.epoch)
        position = (await generation.held(rows)).checkpoint.position
        await self._look_at_all(rows)
        if after is not None and after < position:
            missed, _ = await promises.touched(rows, after, position)
            await self._look_in_parts(rows, sorted(missed))
        self._position = position

    async def _look_at_all(self, rows: AsyncConnection[Any]) -> None:
        self._counting = Counting(await promises.settings(rows))
        self._regimes = await promises.regimes(rows)
        await self._look_in_parts(rows, await promises.open_cases(rows))

    async def _follow(self, rows: AsyncConnection[Any], position: int) -> None:
        """What the log's growth changed."""
        assert self._position is not None
        if position == self._position:
            return
        cases, types = await promises.touched(rows, self._position, position)
        streams = {case for case in cases if case.startswith("alert/")}
        if types & (POLICY_TYPES | {PolicySet.TYPE}):
            await self._look_at_all(rows)
        if Acknowledged.TYPE in types:
            cases |= await promises.cases_told_in(rows, streams)
        await self._look_in_parts(rows, sorted(cases - streams))
        self._position = position
        self._raiser.known(position)

    async def _look_in_parts(self, rows: AsyncConnection[Any], cases: Sequence[str]) -> None:
        for first in range(0, len(cases), CASES_AT_ONCE):
            await self._look(rows, cases[first : first + CASES_AT_ONCE])

    async def _look(
        self, rows: AsyncConnection[Any], cases: Sequence[str], *, telling: bool = False
    ) -> list[Due]:
        """What these cases have come to; and on the agenda goes what will be left to tell."""
        found = await promises.of_cases(rows, cases)
        known = await promises.told_of(rows, [stream_of(promise) for promise in found])
        turns = await promises.turns(rows, cases)
        now = self._clock()
        due: list[Due] = []
        next_at: dict[str, datetime] = {}
        for promise in found:
            stream = stream_of(promise)
            told = self._raiser.newest(stream, known[stream])
            untold = self._untold(promise, told)
            if reached := [step for step in untold if step.at <= now]:
                due.append(Due(promise, told, reached))
            for step in untold[len(reached) if telling else 0 :][:1]:
                next_at[promise.case] = min(step.at, next_at.get(promise.case, step.at))
        for case in cases:
            self._steps.put(case, next_at.get(case))
            self._turns.put(case, turns.get(case))
        return due

    def _untold(self, promise: Promise, told: Told) -> list[Step]:
        calendar = self._counting.calendar_of(promise)
        every = steps(promise, self._regimes, told.acknowledged_at, calendar)
        return [step for step in every if step.name not in told.names]

    async def _is_fresh(self, rows: AsyncConnection[Any]) -> bool:
        """Whether the rows know everything others put into the log so far; waits a little for them."""
        last = await self._log.last_position()
        give_up_at = asyncio.get_running_loop().time() + (0 if self._held_back else BEHIND_S_MAX)
        while self._raiser.others_between((await generation.held(rows)).checkpoint.position, last):
            if asyncio.get_running_loop().time() > give_up_at:
                if not self._held_back:
                    _log.warning("tenant %s: read models lag behind; notices wait for them", self._log.tenant)
                self._held_back = True
                return False
            await asyncio.sleep(0.01)
        self._held_back = False
        return True


def now_utc() -> datetime:
    """The time of day, as a service may ask for it."""
    return datetime.now(UTC)
