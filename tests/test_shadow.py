"""Shadow mode on real engines: a draft is judged beside what is in force, and moves nothing of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from onrecord_events.envelope import New
from onrecord_projections import generation, shadow
from onrecord_projections.digest import digests
from onrecord_services.engines import Engines
from onrecord_services.projector.rebuild import rebuild
from projecting import Bench, adopted, at, bench, calendar, said
from test_projections import ANSWER_IN_A_DAY, busy_week

FINE = """
[[clause]]
id = "FINE"
cites = "2"
says_en = "Each broken promise costs 20 yuan."
says_zh = "每次超期罚款二十元。"
kind = "penalty"
breach_of = "DAY"
amount = 20.00
per = "case"

[[clause.example]]
name = "told too late"
log = ["2026-07-11T08:00:00+08:00 complaint.registered severity=minor channel=phone customer=c received_by=l",
       "2026-07-13T08:00:00+08:00 complaint.progress-shared"]
as_of = "2026-07-20T00:00:00+08:00"
expect = "20.00 CNY"
"""
LIVE = ANSWER_IN_A_DAY + FINE
DRAFT = (
    LIVE.replace("edition = 1", "edition = 2")
    .replace("PT24H", "PT12H")
    .replace("2026-07-12T08:00:00+08:00 complaint", "2026-07-11T20:00:00+08:00 complaint")
    .replace("due 2026-07-12T08:00:00+08:00", "due 2026-07-11 20:00:00")
)
STATES = "SELECT case_id, edition, state, due_at FROM {}sla ORDER BY case_id"
LINES = "SELECT case_id, amount FROM {}penalties ORDER BY at, case_id"
ROWS = (
    "SELECT case_id, clause, instance, edition, state, due_at, stopped_at, owner FROM {}sla ORDER BY 1, 2, 3",
    "SELECT case_id, clause, code, person, at, quantity, month, edition FROM {}findings ORDER BY 1, 2, 3",
    "SELECT id, person, month, edition, counted_as, amount, at FROM {}penalties ORDER BY 1",
)
FROM_JULY = "2026-07-01T00:00:00+08:00"


def shadowed(when: str, since: str = FROM_JULY, edition: int = 2, content: str = DRAFT) -> New:
    body: dict[str, Any] = {"pack": "one-day", "edition": edition, "effective_at": since, "content": content}
    return said("rulebook.shadowed", "rulebook/one-day", when, **body)


def unshadowed(when: str) -> New:
    return said("rulebook.unshadowed", "rulebook/one-day", when, pack="one-day")


def registered(case: str, when: str) -> New:
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen"}
    return said("complaint.registered", f"complaint/{case}", when, **body)


def answered(case: str, when: str) -> New:
    return said("complaint.progress-shared", f"complaint/{case}", when)


def ticked(when: str) -> New:
    return said("clock.ticked", "clock/tick", when)


@pytest.fixture
async def tenant(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        await made.project(calendar(), adopted(LIVE, "one-day"))
        yield made


async def beside(tenant: Bench, query: str) -> list[tuple[Any, ...]]:
    return await tenant.rows(query.format(f"{shadow.schema_of(tenant.name)}."))


async def live(tenant: Bench, query: str) -> list[tuple[Any, ...]]:
    return await tenant.rows(query.format(""))


async def test_a_draft_is_judged_from_its_own_first_instant_on_what_was_and_what_comes(
    tenant: Bench,
) -> None:
    await tenant.project(
        registered("A", "06-30 08:00:00"),
        answered("A", "06-30 22:00:00"),
        registered("B", "07-02 08:00:00"),
        answered("B", "07-02 22:00:00"),
        shadowed("07-03 08:00:00"),
        registered("C", "07-04 08:00:00"),
        answered("C", "07-04 22:00:00"),
    )
    assert await live(tenant, STATES) == [
        ("complaint/A", 1, "met", at("07-01 08:00:00")),
        ("complaint/B", 1, "met", at("07-03 08:00:00")),
        ("complaint/C", 1, "met", at("07-05 08:00:00")),
    ]
    assert await live(tenant, LINES) == []
    assert await beside(tenant, STATES) == [
        ("complaint/A", 1, "met", at("07-01 08:00:00")),
        ("complaint/B", 2, "breached", at("07-02 20:00:00")),
        ("complaint/C", 2, "breached", at("07-04 20:00:00")),
    ]
    assert [(case, f"{amount}") for case, amount in await beside(tenant, LINES)] == [
        ("complaint/B", "20.00"),
        ("complaint/C", "20.00"),
    ]


async def test_a_drafts_breach_wakes_nobody_and_shows_when_time_passes(tenant: Bench) -> None:
    await tenant.project(shadowed("07-03 08:00:00"), registered("C", "07-04 08:00:00"))
    due = "SELECT next_due_at FROM cases WHERE kind <> 'rulebook'"
    assert await live(tenant, due) == [(at("07-05 08:00:01"),)]
    await tenant.project(ticked("07-04 20:00:00"))
    assert [row[2] for row in await beside(tenant, STATES)] == ["running"]
    await tenant.project(ticked("07-04 20:00:01"))
    assert [row[2] for row in await beside(tenant, STATES)] == ["breached"]
    assert [row[2] for row in await live(tenant, STATES)] == ["running"]


async def test_without_a_draft_the_second_rows_stay_empty(tenant: Bench) -> None:
    await tenant.project(*busy_week(seed=5))
    for table, _ in shadow.TABLES:
        assert await beside(tenant, f"SELECT count(*) FROM {{}}{table}") == [(0,)]


async def test_live_rows_are_the_same_with_and_without_a_draft(tenant: Bench, engines: Engines) -> None:
    events = busy_week(seed=11)
    early = [event for event in events if (event.recorded_at or event.occurred_at) < at("07-09 00:00:00")]
    late = events[len(early) :]
    await tenant.project(*early, shadowed("07-09 00:00:00"), *late)
    assert await beside(tenant, STATES) != await live(tenant, STATES)
    async with bench(engines) as other:
        await other.project(calendar(), adopted(LIVE, "one-day"), *early, *late)
        for query in (STATES, LINES):
            assert await live(tenant, query) == await live(other, query)


async def test_the_second_rows_are_those_that_adopting_the_draft_would_give(
    tenant: Bench, engines: Engines
) -> None:
    await tenant.project(*busy_week(seed=13))
    await tenant.project(shadowed("07-20 00:00:00"), *after_that())
    async with bench(engines) as other:
        body: dict[str, Any] = {"pack": "one-day", "edition": 2, "effective_at": FROM_JULY, "content": DRAFT}
        draft = said("rulebook.adopted", "rulebook/one-day", "01-01 00:00:00", id_="draft", **body)
        await other.project(calendar(), adopted(LIVE, "one-day"), draft, *busy_week(seed=13), *after_that())
        for query in ROWS:
            assert await beside(tenant, query) == await live(other, query)


def after_that() -> list[New]:
    return [registered("Z", "07-21 08:00:00"), answered("Z", "07-21 21:00:00"), ticked("07-30 00:00:00")]


async def test_rows_do_not_depend_on_where_batches_are_cut(tenant: Bench, engines: Engines) -> None:
    events = [*busy_week(seed=17), shadowed("07-20 00:00:00"), *after_that()]
    await tenant.project(*events)
    async with bench(engines) as other:
        await other.project(calendar(), adopted(LIVE, "one-day"))
        for event in events:
            await other.log.append(event)
        await other.catch_up(events_max=2)
        for query in (STATES, LINES):
            assert await beside(tenant, query) == await beside(other, query)


async def test_a_rebuild_gives_the_second_rows_too_byte_for_byte(tenant: Bench) -> None:
    await tenant.project(shadowed("07-02 00:00:00"))
    await tenant.project(*busy_week(seed=3), events_max=5)
    await tenant.project(said("number.set", "setting/x", "07-20 00:00:00", clause="DAY", value="PT1H",
                              effective_at=FROM_JULY), ticked("07-30 00:00:00"))  # fmt: skip
    made = await rebuild(tenant.owner, tenant.writer, tenant.log)
    assert made.differing == []
    assert {"shadow sla", "shadow penalties"} <= made.live.keys()
    tenant.name = made.switched_to or ""
    assert len(await beside(tenant, STATES)) == 12


async def test_taking_the_draft_away_leaves_nothing_of_it(tenant: Bench) -> None:
    await generation.use(tenant.owner, tenant.name)
    empty = await digests(tenant.owner)
    await tenant.project(shadowed("07-03 08:00:00"), registered("C", "07-04 08:00:00"))
    await tenant.project(unshadowed("07-05 00:00:00"), answered("C", "07-05 06:00:00"))
    await generation.use(tenant.owner, tenant.name)
    now = await digests(tenant.owner)
    assert {name: now[name] for name in now if name.startswith("shadow ")} == {
        name: empty[name] for name in empty if name.startswith("shadow ")
    }
    assert [row[2] for row in await live(tenant, STATES)] == ["met"]


async def test_once_adopted_it_is_a_draft_no_more(tenant: Bench) -> None:
    await tenant.project(shadowed("07-03 08:00:00"), registered("C", "07-04 08:00:00"))
    body: dict[str, Any] = {"pack": "one-day", "edition": 2, "effective_at": FROM_JULY, "content": DRAFT}
    await tenant.project(said("rulebook.adopted", "rulebook/one-day", "07-04 09:00:00", **body))
    assert await beside(tenant, STATES) == []
    assert [row[1] for row in await live(tenant, STATES)] == [2]


async def test_another_draft_takes_the_place_of_the_first(tenant: Bench) -> None:
    third = DRAFT.replace("edition = 2", "edition = 3").replace("PT12H", "PT6H")
    third = third.replace("07-11T20:00:00", "07-11T14:00:00")
    await tenant.project(
        shadowed("07-03 08:00:00"),
        registered("C", "07-04 08:00:00"),
        shadowed("07-04 09:00:00", edition=3, content=third),
    )
    assert await beside(tenant, STATES) == [("complaint/C", 3, "running", at("07-04 14:00:00"))]


async def test_a_draft_with_the_number_of_an_adopted_edition_changes_nothing(tenant: Bench) -> None:
    taken = DRAFT.replace("edition = 2", "edition = 1")
    await tenant.project(shadowed("07-03 08:00:00", edition=1, content=taken), ticked("07-04 00:00:00"))
    assert await beside(tenant, STATES) == []
