"""Sums of service are what a recount of the rows comes to, and tell what rows tell, whatever comes late."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from typing import Any

import msgspec
import psycopg
import pytest

from histories import START, History
from onrecord_projections import generation
from onrecord_projections.digest import digests
from onrecord_projections.queries import service_counted, service_sources
from onrecord_projections.queries.earlier import stretches_of
from onrecord_projections.queries.service_sql import Asked, GroupBy, Wanted
from onrecord_projections.queries.view import View, Views
from onrecord_projections.runner import Runner
from onrecord_services.engines import Engines
from projecting import Bench, at, bench

_DAY = "({} AT TIME ZONE 'Asia/Shanghai')::date"
_PLACE = "coalesce(channel, ''), coalesce(building, '')"
_MONTH = f"date_trunc('month', {_DAY})::date"


def _sorted(expression: str, condition: str) -> str:
    chosen = f"array_agg({expression} ORDER BY {expression}) FILTER (WHERE {condition})"
    return f"coalesce({chosen}, '{{}}')"


def _lengths(end: str, side: str) -> str:
    """By hand: until the end, until it was withdrawn, since when it is open; of its own side only."""
    if side not in ("all", {"answered_at": "taken", "settled_at": "held"}[end]):
        return "'{}', '{}', '{}'"
    took, left = (f"(extract(epoch FROM {what} - opened_at) * 1000000)::int8" for what in (end, "ended_at"))
    matter = "kind NOT IN ('task', 'contact')"
    since = "(extract(epoch FROM opened_at) * 1000000)::int8"
    open_ = f"{matter} AND {end} IS NULL AND ended_at IS"
    parts = (took, f"{matter} AND {end} IS NOT NULL"), (left, f"{open_} NOT NULL"), (since, f"{open_} NULL")
    return ", ".join(_sorted(*part) for part in parts)


def _recount(side: str, begins_on: str, person: str, since: str, place: str) -> str:
    return f"""
SELECT kind, '{side}', {begins_on.format("opened_at")}, {person}, {since}, {place}, count(*),
    count(*) FILTER (WHERE repeats > 0 AND item = ''),
    count(*) FILTER (WHERE item <> '' AND settled_at IS NOT NULL),
    count(due_at), count(*) FILTER (WHERE settled_at <= due_at),
    count(*) FILTER (WHERE item = '' AND ended_at IS NULL),
    count(*) FILTER (WHERE item = '' AND ended_at IS NULL AND settled_at IS NOT NULL),
    count(*) FILTER (WHERE item = '' AND (settled_at IS NOT NULL OR reopened > 0)),
    count(*) FILTER (WHERE item = '' AND reopened > 0),
    {_lengths("answered_at", side)}, {_lengths("settled_at", side)}
FROM service WHERE '{side}' <> 'held' OR item = '' GROUP BY 1, 2, 3, 4, 5, 6, 7"""


ITEMS = " UNION ALL ".join(
    (
        _recount("all", _DAY, "''", _DAY.format("opened_at"), "'', ''"),
        _recount("taken", _MONTH, "person", _MONTH.format("opened_at"), "channel, building"),
        _recount("held", _MONTH, "held_by", _MONTH.format("held_at"), "channel, building"),
    )
)
PROMISES = " UNION ALL ".join(
    f"""
SELECT split_part(c.case_id, '/', 1), '{side}', {_MONTH.format("c.due_at")}, clause, {whose}, count(*),
    count(stopped_at), count(*) FILTER (WHERE state = 'met')
FROM sla c LEFT JOIN service i ON i.case_id = c.case_id AND i.item = ''
WHERE c.kind = 'clock' AND c.due_at IS NOT NULL AND state NOT IN ('cancelled', 'excused')
AND split_part(c.case_id, '/', 1) IN ('complaint', 'repair', 'service', 'case')
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"""
    for side, whose in (
        ("all", f"'', {_MONTH.format('c.due_at')}, '', ''"),
        ("owed", f"coalesce(c.owner, ''), {_MONTH.format('c.started_at')}, {_PLACE}"),
    )
)


class Busy(History):
    """A history over the end of a month: buildings, teams, tasks, contacts, matters that come back."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        for nth in range(12):
            self.matter(nth)
            self.task(nth)
            self.talk(nth)
            self.move()

    def move(self) -> None:
        """Somebody changes teams, in the middle of a month or with it."""
        when = self.chance.choice(
            [self.some_time(START, 30 * 24), at("03-01 00:00:00"), at("04-01 00:00:00")]
        )
        team, what = self.chance.choice(["north", "south"]), self.chance.choice(["joined", "joined", "left"])
        self.add(f"team.{what}", f"team/{team}", when, person=self.person(), team=team)

    def matter(self, nth: int) -> None:
        case, when = f"complaint/M{nth}", self.some_time(START + timedelta(days=28), 3 * 24)
        self.add(
            "complaint.registered", case, when,
            severity=self.chance.choice(["minor", "major"]), channel=self.chance.choice(["phone", "visit"]),
            customer="c", received_by=self.person(), building=self.chance.choice(["B1", "B2", None]),
        )  # fmt: skip
        told = ("answered", "progress-shared", "resolved", "repeated", "resolved", "withdrawn")
        for what in (*self.chance.sample(told, 4), "obstacle-reported"):
            self.add(f"complaint.{what}", case, self.some_time(when, 60))
        self.add("complaint.major-reported", case, self.some_time(when, 1), to="zhao")
        called = self.some_time(when, 90)
        self.add("callback.made", case, called, kind="complaint", channel="phone", by=self.person())
        for hours in (20, 90):
            giver, taker = self.person(), self.person()
            self.add("handover.accepted", case, self.some_time(when, hours), giver=giver, taker=taker)

    def task(self, nth: int) -> None:
        when, who = self.some_time(START, 30 * 24), self.person()
        due_at = self.chance.choice([None, self.some_time(when, 200)])
        self.add("task.set", f"task/{nth}", when, task="visit", person=who, due_at=due_at)
        if self.chance.random() < 0.6:
            self.add("task.done", f"task/{nth}", self.some_time(when, 250), task="visit", person=who)

    def talk(self, nth: int) -> None:
        direction = self.chance.choice(["in", "in", "out"])
        about = self.chance.choice([f"complaint/M{nth}", f"interaction/{nth}"])
        self.add(
            "interaction.logged", about, self.some_time(START, 40 * 24),
            kind="call", customer="c", staff=self.person(), direction=direction,
        )  # fmt: skip


@pytest.fixture
async def tenant(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        yield made


@pytest.fixture
async def reader(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    url = engines.postgres_dsn("onrecord_reader")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        yield connection


async def recounted(tenant: Bench) -> None:
    """Both tables are what their rows come to."""
    for table, recount in (("service_sums", ITEMS), ("promise_sums", PROMISES)):
        kept = await tenant.rows(f"SELECT * FROM {table}")
        assert sorted(kept) == sorted(await tenant.rows(recount)), table


ASKED: list[tuple[GroupBy | None, Wanted]] = [
    *((by, Wanted()) for by in (None, "person", "channel", "building", "team")),
    (None, Wanted(team="north")),
    ("team", Wanted(building="B1")),
    (None, Wanted(person="li")),
    ("building", Wanted(person="chen", channel="phone")),
    ("person", Wanted(building="B1")),
    (None, Wanted(kind="repair")),
]
PERIODS = ("2026-03", "2026-04", "2026-Q1", "2026", "2026-W12", "2026-03-20")


async def as_rows_tell(view: View, period: str, by: GroupBy | None, wanted: Wanted) -> None:
    """What sums tell is what rows tell."""
    stretches = stretches_of(view, period).listed
    asked = Asked(stretches, wanted, by, view.at, await service_sources.teams(view))
    from_rows = await service_counted.of_rows(view, asked)
    told = await service_counted.counted(view, stretches, wanted, by)
    assert {key: _said(each) for key, each in told.items()} == {
        key: _said(each) for key, each in from_rows.items()
    }, (period, by, wanted)


def _said(numbers: service_counted.Numbers) -> service_counted.Numbers:
    """Nought and nothing are the same to a figure."""
    return {name: number for name, number in numbers.items() if number}


@pytest.mark.parametrize("seed", range(2))
async def test_sums_are_what_rows_come_to_whatever_comes_late(
    tenant: Bench, reader: psycopg.AsyncConnection[Any], seed: int
) -> None:
    chance, told = random.Random(seed), Busy(seed).recorded()
    while told:
        size = chance.randrange(40, 120)
        batch, told = told[:size], told[size:]
        again = [
            msgspec.structs.replace(event, recorded_at=batch[-1].recorded_at)
            for event in chance.sample(batch, 3)
        ]
        await tenant.project(*batch, *again, events_max=chance.choice((1, 7, 2000)))
        await recounted(tenant)
        async with Views().open(reader, tenant.log.tenant) as view:
            for period, (by, wanted) in product(PERIODS, ASKED):
                await as_rows_tell(view, period, by, wanted)


@pytest.mark.parametrize("seed", [7])
async def test_sums_of_a_rebuild_are_the_same(tenant: Bench, seed: int) -> None:
    await tenant.project(*Busy(seed).recorded(), events_max=random.Random(seed).randrange(1, 9))
    await generation.use(tenant.owner, tenant.name)
    straight = await digests(tenant.owner)
    name = await generation.create(tenant.owner, tenant.log.tenant, tenant.log.epoch)
    runner = Runner(tenant.writer, tenant.log, name, live=False)
    await runner.begin()
    await runner.run(until=await tenant.log.last_position())
    await generation.use(tenant.owner, name)
    rebuilt = await digests(tenant.owner)
    assert [rebuilt[table] for table in ("service", "service_sums", "promise_sums")] == [
        straight[table] for table in ("service", "service_sums", "promise_sums")
    ]
