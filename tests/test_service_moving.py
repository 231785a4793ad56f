"""Figures of service move with late facts, in any order, and come to what a rebuild comes to."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from asking import A_DAY
from onrecord_events.envelope import New
from onrecord_projections import generation
from onrecord_projections.digest import digests
from onrecord_projections.matters import Item
from onrecord_projections.queries import service
from onrecord_projections.queries.service_sql import Wanted
from onrecord_projections.queries.view import Times, Views
from onrecord_projections.runner import Runner
from onrecord_projections.service import SHAPE
from onrecord_services.engines import Engines
from projecting import Bench, at, bench, said, shown_from

ROWS = "SELECT case_id, item, kind, opened_at, person, held_by, settled_at FROM service ORDER BY 1, 2"
SPANS = "SELECT person, team, since, until FROM team_spans ORDER BY 1, 2, 3"
START = at("07-01 09:00:00")


@pytest.fixture
async def tenant(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        yield made


@pytest.fixture
async def reader(engines: Engines) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    url = engines.postgres_dsn("onrecord_reader")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        yield connection


def complaint(case: str, when: str, **over: Any) -> New:
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen", **over}
    return said("complaint.registered", f"complaint/{case}", when, **body)


def member(what: str, when: str, *, recorded: str, team: str = "north") -> New:
    return said(f"team.{what}", f"team/{team}", when, recorded=recorded, person="chen", team=team)


async def by_team(tenant: Bench, reader: psycopg.AsyncConnection[Any], **times: Any) -> dict[str | None, int]:
    async with Views().open(reader, tenant.log.tenant, times=Times(**times)) as view:
        found = await service.of_period(view, "2026-07", Wanted(), "team", figure="complaints")
        return {row.group: row.n for row in found.items if row.n}


async def test_a_late_settlement_moves_the_row(tenant: Bench) -> None:
    await tenant.project(
        complaint("A", "07-01 09:00:00"), said("clock.ticked", "clock/tick", "07-01 20:00:00")
    )
    assert (await tenant.rows(ROWS))[0][-1] is None
    await tenant.project(
        said("complaint.resolved", "complaint/A", "07-01 12:00:00", recorded="07-01 21:00:00")
    )
    assert (await tenant.rows(ROWS))[0][-1] == at("07-01 12:00:00")


async def test_a_membership_told_late_moves_what_was_counted_before(
    tenant: Bench, reader: psycopg.AsyncConnection[Any]
) -> None:
    tolerant = said(
        "reading.set",
        "setting/r9",
        "01-01 00:00:00",
        reading="r9.tolerance-minutes",
        value="99999",
        effective_at="2004-01-01T00:00:00+08:00",
    )
    await tenant.project(
        tolerant,
        complaint("A", "07-01 09:00:00"),
        complaint("B", "07-01 15:00:00"),
        complaint("C", "07-03 09:00:00"),
        said("clock.ticked", "clock/tick", "07-04 00:00:00"),
    )
    assert await by_team(tenant, reader) == {None: 3}
    await tenant.project(member("joined", "07-01 12:00:00", recorded="07-05 00:00:00"))
    assert await by_team(tenant, reader) == {None: 1, "north": 2}
    await tenant.project(member("left", "07-02 12:00:00", recorded="07-06 00:00:00"))
    assert await by_team(tenant, reader) == {None: 2, "north": 1}
    assert await by_team(tenant, reader, known_at=at("07-05 12:00:00")) == {None: 1, "north": 2}
    assert await by_team(tenant, reader, known_at=at("07-04 12:00:00")) == {None: 3}
    assert await by_team(tenant, reader, as_of=at("07-02 00:00:00")) == {None: 1, "north": 1}


async def test_leaving_the_house_leaves_the_team(tenant: Bench) -> None:
    await tenant.project(
        member("joined", "06-01 00:00:00", recorded="06-01 00:00:00"),
        said("staff.left", "person/chen", "07-01 18:00:00", person="chen"),
    )
    assert await tenant.rows(SPANS) == [("chen", "north", at("06-01 00:00:00"), at("07-01 18:00:00"))]


async def test_a_promise_counts_once_its_time_is_over_even_if_it_was_kept_before(
    tenant: Bench, reader: psycopg.AsyncConnection[Any]
) -> None:
    async def kept() -> tuple[int | None, int]:
        async with Views().open(reader, tenant.log.tenant) as view:
            (row,) = (await service.of_period(view, "2026-07", Wanted(), figure="timeliness")).items
            return row.count, row.n

    await tenant.project(
        A_DAY,
        shown_from(0),
        complaint("A", "07-01 09:00:00"),
        said("complaint.progress-shared", "complaint/A", "07-01 10:00:00"),
        said("clock.ticked", "clock/tick", "07-02 09:00:00"),
    )
    assert await kept() == (0, 0)
    await tenant.project(said("clock.ticked", "clock/tick", "07-02 09:00:01"))
    assert await kept() == (1, 1)


WHAT = ("progress-shared", "resolved", "repeated", "withdrawn", "answered", "archived")


def history(seed: int) -> list[New]:
    """Complaints that run together, people who change teams, records that come late."""
    chance = random.Random(seed)
    found: list[tuple[datetime, New]] = []
    for n in range(12):
        opened = START + timedelta(minutes=chance.randrange(0, 4000))
        stream, who = f"complaint/{n}", chance.choice(("chen", "wu"))
        told: list[tuple[str, datetime, dict[str, Any]]] = [
            (
                "complaint.registered",
                opened,
                {
                    "severity": "minor",
                    "channel": "phone",
                    "customer": "c",
                    "received_by": who,
                    "building": "B1",
                },
            )
        ]
        for _ in range(chance.randrange(0, 6)):
            happened = opened + timedelta(minutes=chance.randrange(1, 3000))
            told.append((f"complaint.{chance.choice(WHAT)}", happened, {}))
        if chance.random() < 0.5:
            team = {"person": who, "team": chance.choice(("north", "south"))}
            stamp = opened + timedelta(minutes=chance.randrange(-100, 100))
            late = stamp + timedelta(minutes=chance.randrange(0, 50))
            kind = chance.choice(("team.joined", "team.left"))
            found.append((late, said(kind, f"team/{team['team']}", stamp, recorded=late, **team)))
        for kind, stamp, body in told:
            late = stamp + timedelta(minutes=chance.choice((0, 0, 5, 40)))
            found.append((late, said(kind, stream, stamp, recorded=late, id_=f"{kind} {n} {stamp}", **body)))
    return [event for _, event in sorted(found, key=lambda pair: pair[0])]


@pytest.mark.parametrize("seed", range(3))
async def test_however_batches_are_cut_the_rows_are_those_of_a_rebuild(tenant: Bench, seed: int) -> None:
    chance, told = random.Random(seed), history(seed)
    await tenant.project(shown_from(0))
    while told:
        size = chance.randrange(1, 9)
        await tenant.project(*told[:size], events_max=chance.randrange(1, 5))
        told = told[size:]
    await generation.use(tenant.owner, tenant.name)
    straight = await digests(tenant.owner)
    name = await generation.create(tenant.owner, tenant.log.tenant, tenant.log.epoch)
    runner = Runner(tenant.writer, tenant.log, name, live=False)
    await runner.begin()
    await runner.run(until=await tenant.log.last_position())
    await generation.use(tenant.owner, name)
    rebuilt = await digests(tenant.owner)
    for table in ("service", "service_sums", "promise_sums", "team_spans", "staff_moves", "satisfaction"):
        assert rebuilt[table] == straight[table], table


def test_a_row_of_the_table_is_an_item() -> None:
    assert len(SHAPE.columns) == len(Item._fields)
