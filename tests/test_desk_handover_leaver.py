"""A leaver: all he has goes to somebody by name in one go, or is listed; nobody leaves it behind unseen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deciding import Desked, desked
from desk_ruled import NO, SO, YES, hired, local, why
from onrecord_events.order import RepairDone, RepairOrdered
from onrecord_events.staff import Left
from onrecord_projections import generation
from onrecord_projections.runner import Runner
from onrecord_services.engines import Engines

MINE = ("complaint/CP-1", "complaint/CP-2", "repair/R-1")


async def catch_up(desk: Desked, engines: Engines) -> None:
    """Carry everything in the log into the rows."""
    dsn = engines.postgres_dsn("onrecord_writer")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as writer:
        name = await generation.enter(writer, desk.log.tenant)
        runner = Runner(writer, desk.log, name, live=True)
        await runner.begin()
        await runner.run(until=await desk.log.last_position())


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    """Chen has two complaints and a repair; one more repair is done."""
    async with desked(engines, tmp_path, at=local("07-11 08:00:00"), read_models=True) as made:
        said: dict[str, Any] = {"severity": "minor", "channel": "phone", "customer": "C-7"}
        for complaint in ("CP-1", "CP-2"):
            await made.ask("complaint.register", "chen", complaint=complaint, **said)
        await made.happened("repair/R-1", RepairOrdered(customer="C-7", received_by="chen"))
        await made.happened(
            "repair/R-2", RepairOrdered(customer="C-7", received_by="chen"), RepairDone(by="chen")
        )
        await hired(made, boss="department_head")
        await catch_up(made, engines)
        yield made


def to(**takers: str) -> list[dict[str, str]]:
    names = {"one": MINE[0], "two": MINE[1], "repair": MINE[2]}
    return [{"thing": names[name], "taker": taker} for name, taker in takers.items()]


async def test_everything_is_offered_in_one_batch_or_listed(desk: Desked) -> None:
    answer = await desk.ask("handover.leaver", "boss", leaver="chen", to=to(one="wang", repair="wu"))
    assert [(said.stream, said.type, said.data) for said in answer.events] == [
        (MINE[0], "handover.offered", {"giver": "chen", "taker": "wang", "reason_code": "leaving"}),
        (MINE[2], "handover.offered", {"giver": "chen", "taker": "wu", "reason_code": "leaving"}),
        (
            "person/chen",
            "handover.leaver-listed",
            {"leaver": "chen", "offered": [MINE[0], MINE[2]], "unoffered": [MINE[1]]},
        ),
    ]
    positions = [said.position for said in answer.events]
    assert positions == list(range(positions[0], positions[0] + 3))


async def test_one_thing_that_cannot_go_keeps_all_where_they_are(desk: Desked) -> None:
    async def hand_over(by: str, *listed: dict[str, str]) -> tuple[str, str | None, str | None]:
        return why(await desk.ask("handover.leaver", by, leaver="chen", to=list(listed)))

    assert await hand_over("wang", *to(one="wang")) == (NO, "not-his-to-give", None)
    assert await hand_over("boss", *to(one="wang"), *to(one="li")) == (NO, "named-twice", None)
    assert await hand_over("boss", *to(one="wang", two="chen")) == (NO, "to-himself", None)
    done = {"thing": "repair/R-2", "taker": "wu"}
    assert await hand_over("boss", *to(one="wang"), done) == (NO, "over-already", None)
    other = {"thing": "complaint/CP-9", "taker": "wu"}
    assert await hand_over("boss", *to(one="wang"), other) == (NO, "unknown-thing", None)
    await desk.happened("person/li", Left(person="li"))
    assert await hand_over("boss", *to(one="wang", two="li")) == (NO, "has-left", None)
    assert "handover.offered" not in await desk.types(MINE[0])
    assert await hand_over("chen", *to(one="wang", two="wang")) == YES
    assert await hand_over("chen", *to(two="wu")) == (NO, "offered-already", None)


async def test_nobody_leaves_while_something_is_his(desk: Desked, engines: Engines) -> None:
    refused = await desk.ask("staff.leave", "boss", leaver="chen")
    assert why(refused) == (NO, "something-left", None)
    assert refused.facts == {"things": "3", "first": MINE[0]}
    await desk.ask("handover.leaver", "boss", leaver="chen", to=to(one="wang", two="wang", repair="wu"))
    for thing, taker in ((MINE[0], "wang"), (MINE[1], "wang"), (MINE[2], "wu")):
        assert why(await desk.ask("handover.accept", taker, thing=thing)) == YES
    await catch_up(desk, engines)
    assert why(await desk.ask("staff.leave", "boss", leaver="chen")) == YES
    assert why(await desk.ask("staff.leave", "boss", leaver="chen")) == SO


async def test_what_is_left_behind_knowingly_is_on_record_with_the_leaving(desk: Desked) -> None:
    answer = await desk.ask("staff.leave", "boss", leaver="chen", left_behind=True)
    assert [(said.type, said.data) for said in answer.events] == [
        ("handover.leaver-listed", {"leaver": "chen", "offered": [], "unoffered": list(MINE)}),
        ("staff.left", {"person": "chen"}),
    ]
