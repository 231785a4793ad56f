"""What was true at T, as known at T': the same as from read models that stopped there."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import psycopg
import pytest

from histories import START, History
from onrecord_projections import generation, timeline
from onrecord_projections.judging import evaluate
from onrecord_projections.queries import (
    cases,
    clocks,
    explain,
    handovers,
    kpi,
    penalties,
    penalty_sums,
    questions,
    satisfaction,
    totals,
)
from onrecord_projections.queries import (
    timeline as happened,
)
from onrecord_projections.queries.view import Times, View, Views
from onrecord_projections.runner import Runner
from onrecord_services.engines import Engines
from projecting import Bench, bench, said

SOON = timedelta(hours=24)
ALL = 200
GROWING = ("journal", "journal_findings", "watermarks", "timeline", "retracted")


class Known(NamedTuple):
    """A projected log, and what asks it."""

    bench: Bench
    reader: psycopg.AsyncConnection[Any]
    views: Views

    @asynccontextmanager
    async def view(
        self, as_of: datetime | None = None, known_at: datetime | None = None
    ) -> AsyncIterator[View]:
        async with self.views.open(self.reader, self.bench.log.tenant, times=Times(as_of, known_at)) as view:
            yield view

    async def stopped_at(self, position: int, chance: random.Random) -> str:
        """Read models of the same log that went no further; readers see them until told otherwise."""
        name = await generation.create(self.bench.owner, self.bench.log.tenant, self.bench.log.epoch)
        runner = Runner(self.bench.writer, self.bench.log, name, live=False)
        await runner.begin()
        await runner.run(until=position, events_max=chance.choice([1, 3, 40]))
        return name

    async def see(self, name: str) -> None:
        await generation.activate(self.bench.owner, self.bench.log.tenant, name)


@asynccontextmanager
async def known(engines: Engines, seed: int, cases_count: int = 6) -> AsyncIterator[Known]:
    chance = random.Random(seed)
    events = History(seed, cases_count).recorded()
    half = len(events) * 2 // 3
    async with bench(engines) as made:
        await made.project(*events[:half], atomic=True, events_max=chance.choice([2, 17, 2000]))
        await made.project(*await decisions(made, chance, events[half - 1].recorded_at or START))
        await made.project(*events[half:], atomic=True, events_max=chance.choice([2, 17, 2000]))
        dsn = engines.postgres_dsn("onrecord_reader")
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as reader:
            yield Known(made, reader, Views())


async def decisions(made: Bench, chance: random.Random, now: datetime) -> list[Any]:
    """People decide about some of the lines they see."""
    lines = await made.rows("SELECT id, person, clause, edition, amount FROM penalties ORDER BY id")
    return [
        said(
            f"penalty.{chance.choice(['notified', 'approved', 'waived'])}",
            f"penalty/{line}",
            now,
            person=person,
            clause=clause,
            edition=edition,
            amount=str(amount),
        )
        for line, person, clause, edition, amount in lines
        if chance.random() < 0.6
    ]


def plain(items: list[Any]) -> list[Any]:
    """Rows in an order that does not depend on how they were found."""
    return sorted(msgspec.to_builtins(items), key=msgspec.json.encode)


async def answers(view: View) -> dict[str, Any]:
    """All questions there are, asked of one view."""
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "clocks": lambda: questions.find_clocks(view, clocks.Wanted(), limit=ALL),
        "broken": lambda: questions.find_clocks(view, clocks.Wanted(state="breached", open=True), limit=ALL),
        "cases": lambda: questions.find_cases(view, cases.Wanted(), limit=ALL),
        "customer": lambda: questions.find_cases(view, cases.Wanted(customer="c0", open=True), limit=ALL),
        "handovers": lambda: questions.find_handovers(view, handovers.Wanted(person="li"), limit=ALL),
        "penalties": lambda: penalties.find(view, penalties.Wanted(), limit=ALL),
        "waived": lambda: penalties.find(view, penalties.Wanted(state="waived", month="2026-03"), limit=ALL),
        "sums": lambda: penalty_sums.find(view, penalty_sums.Wanted(), limit=ALL),
        "by owner": lambda: totals.clocks(view, totals.Wanted(), "owner", limit=ALL),
        "by clause": lambda: totals.clocks(view, totals.Wanted(owner="li"), "clause", limit=ALL),
        "content": lambda: satisfaction.find(view, satisfaction.Wanted(), "building", limit=ALL),
        "a month": lambda: satisfaction.find(view, satisfaction.Wanted(kind="csat"), "month", limit=ALL),
        "person": lambda: happened.of_party(view, "person/li", limit=ALL),
    }
    found: dict[str, Any] = {name: plain((await ask()).items) for name, ask in asked.items()}
    found["callbacks"] = plain(await kpi.callbacks(view, date(2026, 3, 1)))
    found["count"] = msgspec.to_builtins(await questions.count_clocks(view, SOON))
    for case in ("complaint/0", "archive/1", "repair/2", "complaint/3", "duty/1"):
        found[case] = msgspec.to_builtins(await questions.one_case(view, case))
        found[f"{case} events"] = plain((await happened.of_case(view, case, limit=ALL)).items)
        for clock in found[case]["clocks"] if found[case] else ():
            why = await explain.one(view, case, clock["clause"], clock["instance"])
            found[f"{case} {clock['clause']} {clock['instance']}"] = msgspec.to_builtins(why)
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_as_known_then_is_as_in_read_models_that_stopped_then(engines: Engines, seed: int) -> None:
    async with known(engines, seed) as asked:
        chance, live = random.Random(seed), asked.bench.name
        last = await asked.bench.log.last_position()
        for position in sorted(chance.sample(range(4, last), 3)):
            (moved,) = await asked.bench.rows(
                "SELECT max(watermark) FROM watermarks WHERE position <= %s", position
            )
            known_at = moved[0]
            (end,) = await asked.bench.rows(
                "SELECT coalesce(min(position) - 1, %s) FROM watermarks WHERE watermark > %s", last, known_at
            )
            as_of = known_at + timedelta(seconds=chance.randrange(-6 * 86400, 86400))
            async with asked.view(known_at=known_at) as view:
                assert view.position == end[0]
                now = await answers(view)
            async with asked.view(as_of, known_at) as view:
                then = await answers(view)
            before = {table: await grown(asked, table, end[0]) for table in GROWING}

            stopped = await asked.stopped_at(end[0], chance)
            await asked.see(stopped)
            async with asked.view() as view:
                assert await answers(view) == now
            async with asked.view(as_of) as view:
                assert await answers(view) == then
            asked.bench.name = stopped
            assert {table: await grown(asked, table, last) for table in GROWING} == before
            asked.bench.name = live
            await asked.see(live)
            await generation.drop(asked.bench.owner, stopped)


async def grown(asked: Known, table: str, until: int) -> list[tuple[Any, ...]]:
    keys = next(keys for name, keys in generation.TABLES if name == table)
    return await asked.bench.rows(f"SELECT * FROM {table} WHERE position <= %s ORDER BY {keys}", until)


@pytest.mark.parametrize("seed", range(10, 14))
async def test_totals_of_any_instant_are_those_of_all_cases_evaluated(engines: Engines, seed: int) -> None:
    async with known(engines, seed, 9) as asked:
        chance = random.Random(seed)
        last = await asked.bench.log.last_position()
        for _ in range(8):
            position = chance.randrange(4, last)
            (moved,) = await asked.bench.rows(
                "SELECT max(watermark) FROM watermarks WHERE position <= %s", position
            )
            as_of = (moved[0] - timedelta(seconds=chance.randrange(0, 8 * 86400))).replace(microsecond=0)
            async with asked.view(as_of, moved[0]) as view:
                rows = (await totals.clocks(view, totals.Wanted(), "owner", limit=ALL)).items
                assert counted(rows) == await evaluated(asked, view)


def counted(rows: list[totals.TotalRow]) -> Counter[tuple[str | None, str]]:
    states = ("running", "paused", "met", "breached", "cancelled", "excused", "overdue")
    return Counter({(row.group, state): n for row in rows for state in states if (n := getattr(row, state))})


async def evaluated(asked: Known, view: View) -> Counter[tuple[str | None, str]]:
    """Every case on its own, by the events known then: nothing of the journal is looked at."""
    names = [case for (case,) in await asked.bench.rows("SELECT case_id FROM cases")]
    found: Counter[tuple[str | None, str]] = Counter()
    for events in (await timeline.of_cases(view.rows, names, until=view.position)).values():
        for clock in evaluate(view.settings, events, view.at).clocks:
            if clock.kind != "retention":
                found[clock.owner, clock.state] += 1
                found[clock.owner, "overdue"] += clock.state == "breached" and clock.stopped_at is None
    return +found
