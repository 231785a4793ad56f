"""The read models on real engines: late facts, redelivery, disorder, rebuilds, and foreign logs."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from onrecord_events.envelope import New, to_bytes
from onrecord_events.errors import LogMismatch
from onrecord_projections import generation
from onrecord_projections.digest import digests
from onrecord_projections.errors import NotOwner, Stopped
from onrecord_projections.runner import Runner
from onrecord_services.engines import Engines
from onrecord_services.projector.rebuild import rebuild
from projecting import Bench, adopted, at, bench, said

ANSWER_IN_A_DAY = """
pack = "one-day"
edition = 1
effective_from = 2026-01-01
calendar = "cn-state-council"
source = "made up for tests"
title = { en = "One day", zh = "一日" }

[[clause]]
id = "DAY"
kind = "clock"
cites = "1"
says_en = "Tell the customer how it stands within 24 hours."
says_zh = "二十四小時內告知進展。"
starts_on = "complaint.registered"
stops_on = "complaint.progress-shared"
measure = "elapsed"
target = "PT24H"
owner = "received_by"

[[clause.example]]
name = "told at the last second"
log = ["2026-07-11T08:00:00+08:00 complaint.registered severity=minor channel=phone customer=c received_by=l",
       "2026-07-12T08:00:00+08:00 complaint.progress-shared"]
as_of = "2026-07-20T00:00:00+08:00"
expect = "met, due 2026-07-12T08:00:00+08:00"
"""


def registered(case: str, when: str, **more: str) -> New:
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen"}
    return said("complaint.registered", f"complaint/{case}", when, **body, **more)


@pytest.fixture
async def tenant(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        await made.project(adopted(ANSWER_IN_A_DAY, "one-day"))
        yield made


STATES = "SELECT case_id, state, due_at, stopped_at, owner FROM sla ORDER BY case_id"


async def test_a_promise_kept_is_met(tenant: Bench) -> None:
    await tenant.project(
        registered("A", "07-11 08:00:00"),
        said("complaint.progress-shared", "complaint/A", "07-12 08:00:00"),
    )
    due = at("07-12 08:00:00")
    assert await tenant.rows(STATES) == [("complaint/A", "met", due, due, "chen")]


async def test_a_deadline_passes_when_the_watermark_does_not_when_the_case_moves(tenant: Bench) -> None:
    await tenant.project(registered("A", "07-11 08:00:00"))
    await tenant.project(said("clock.ticked", "clock/tick", "07-12 08:00:00"))
    assert [row[1] for row in await tenant.rows(STATES)] == ["running"]
    await tenant.project(said("clock.ticked", "clock/tick", "07-12 08:00:01"))
    assert [row[1] for row in await tenant.rows(STATES)] == ["breached"]


async def test_a_change_of_rules_that_comes_when_time_has_passed_is_judged_with_that_time(
    tenant: Bench,
) -> None:
    await tenant.project(registered("A", "07-11 08:00:00"))
    second = ANSWER_IN_A_DAY.replace("edition = 1", "edition = 2").replace("PT24H", "PT48H")
    second = second.replace("07-12T08:00:00+08:00 complaint", "07-13T08:00:00+08:00 complaint")
    second = second.replace("due 2026-07-12", "due 2026-07-13")
    await tenant.project(
        said(
            "rulebook.adopted",
            "rulebook/one-day",
            "07-12 09:00:00",
            pack="one-day",
            edition=2,
            effective_at="2026-07-12T00:00:00+08:00",
            content=second,
        ),
        registered("B", "07-12 10:00:00"),
        said("clock.ticked", "clock/tick", "07-13 12:00:00"),
    )
    assert await tenant.rows("SELECT case_id, edition, state, due_at FROM sla ORDER BY case_id") == [
        ("complaint/A", 1, "breached", at("07-12 08:00:00")),
        ("complaint/B", 2, "running", at("07-14 10:00:00")),
    ]


async def test_a_late_fact_takes_a_breach_back_and_says_so(tenant: Bench) -> None:
    await tenant.project(
        registered("A", "07-11 08:00:00"),
        said("clock.ticked", "clock/tick", "07-12 08:20:00"),
    )
    assert [row[1] for row in await tenant.rows(STATES)] == ["breached"]
    await tenant.project(
        said("complaint.progress-shared", "complaint/A", "07-12 07:50:00", recorded="07-12 08:30:00")
    )
    assert [row[1] for row in await tenant.rows(STATES)] == ["met"]
    assert await tenant.rows("SELECT * FROM retracted") == [
        (
            "complaint/A",
            "DAY",
            f"/test#complaint.registered complaint/A {at('07-11 08:00:00').isoformat()}",
            4,
        )
    ]


async def test_the_same_event_days_later_counts_once(tenant: Bench) -> None:
    first = registered("A", "07-11 08:00:00")
    await tenant.project(first)
    again = said(
        "complaint.registered",
        "complaint/A",
        "07-11 08:00:00",
        recorded="07-20 09:00:00",
        severity="minor",
        channel="phone",
        customer="c-1",
        received_by="chen",
    )
    # As after the server's window: another message id, the same (source, id).
    await tenant.log._wire.connection.publish(
        f"ev.{tenant.log.tenant}.complaint.A", to_bytes(tenant.log.tenant, again)
    )
    await tenant.log._wire.connection.flush()
    while await tenant.log.last_position() < 3:
        pass
    await tenant.catch_up()
    assert await tenant.rows("SELECT count(*) FROM timeline WHERE case_id = 'complaint/A'") == [(1,)]
    assert (await tenant.rows("SELECT position FROM checkpoint")) == [(3,)]


async def test_rows_do_not_depend_on_where_batches_are_cut(tenant: Bench, engines: Engines) -> None:
    events = busy_week(seed=7)
    await tenant.project(*events)
    whole = await rows_of(tenant)
    async with bench(engines) as other:
        await other.project(adopted(ANSWER_IN_A_DAY, "one-day"))
        for event in events:
            await other.log.append(event)
        await other.catch_up(events_max=3)
        assert await rows_of(other) == whole


async def test_a_rebuild_gives_the_same_rows_byte_for_byte(tenant: Bench) -> None:
    await tenant.project(*busy_week(seed=3), events_max=5)
    made = await rebuild(tenant.owner, tenant.writer, tenant.log)
    assert made.differing == []
    assert made.switched_to == await generation.active(tenant.owner, tenant.log.tenant)
    tenant.name = made.switched_to or ""
    assert len(await tenant.rows(STATES)) == 12


async def test_another_owner_stops(tenant: Bench) -> None:
    await tenant.project(registered("A", "07-11 08:00:00"))
    slow = Runner(tenant.writer, tenant.log, tenant.name, live=True)
    await slow.begin()
    quick = Runner(tenant.writer, tenant.log, tenant.name, live=True)
    await quick.begin()
    await tenant.log.append(registered("B", "07-11 09:00:00"))
    await quick.run(until=await tenant.log.last_position())
    with pytest.raises(NotOwner):
        await slow.run(until=await tenant.log.last_position())


async def test_rows_of_another_log_are_refused(tenant: Bench, engines: Engines) -> None:
    await tenant.project(registered("A", "07-11 08:00:00"))
    async with bench(engines) as other:
        stranger = Runner(tenant.writer, other.log, tenant.name, live=False)
        with pytest.raises(LogMismatch, match="another log"):
            await stranger.begin()


async def test_poison_stops_with_its_name_and_everything_before_it_stands(tenant: Bench) -> None:
    await tenant.log.append(registered("A", "07-11 08:00:00"))
    wire = tenant.log._wire.connection
    await wire.publish(f"ev.{tenant.log.tenant}.complaint.B", b"not an event")
    await wire.flush()
    while await tenant.log.last_position() < 3:
        pass
    with pytest.raises(Stopped, match="position 3"):
        await tenant.catch_up()
    assert [row[0] for row in await tenant.rows(STATES)] == ["complaint/A"]
    assert [position for (position,) in await tenant.rows("SELECT position FROM stopped")] == [3]


async def test_digests_see_a_changed_row(tenant: Bench) -> None:
    await tenant.project(registered("A", "07-11 08:00:00"))
    await generation.use(tenant.owner, tenant.name)
    before = await digests(tenant.owner)
    await tenant.owner.execute("UPDATE sla SET owner = 'li'")
    after = await digests(tenant.owner)
    assert [table for table in before if before[table] != after[table]] == ["sla"]


def busy_week(seed: int) -> list[New]:
    """Twelve cases, some answered late, some facts entered later than they happened, in recorded order."""
    chance = random.Random(seed)
    start = at("07-06 08:00:00")
    events = []
    for nth in range(12):
        opened = start + timedelta(minutes=chance.randrange(6 * 24 * 60))
        told = opened + timedelta(minutes=chance.randrange(40 * 60))
        late = timedelta(minutes=chance.choice([0, 0, 30, 55, 300]))
        events.append(registered(str(nth), opened.strftime("%m-%d %H:%M:%S")))
        events.append(said("complaint.progress-shared", f"complaint/{nth}", told, recorded=told + late))
        if nth % 4 == 0:
            events.append(said("clock.ticked", "clock/tick", told + timedelta(hours=30), id_=f"tick {nth}"))
    return sorted(events, key=lambda event: event.recorded_at or start)


async def rows_of(tenant: Bench) -> list[list[tuple[object, ...]]]:
    await generation.use(tenant.owner, tenant.name)
    return [
        await tenant.rows(f"SELECT * FROM {table} ORDER BY {keys}")
        for table, keys in generation.TABLES
        if table not in {"seen", "timeline"}  # these hold the tenant's name
    ]
