"""Telling on real engines: each clock and step once, whoever dies, restarts, races or comes late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from onrecord_events.errors import OutcomeUnknown
from onrecord_services.engines import Engines
from projecting import said
from telling import HOUR, NOW, Office, complaint, live, office, shared, wanted

CHEN = ("person/chen",)
HALF, MOST, BROKEN = ("soon-50", CHEN), ("soon-80", CHEN), ("breach", CHEN)


@pytest.fixture
async def desk(engines: Engines) -> AsyncIterator[Office]:
    async with office(engines) as made:
        yield made


def of(case: str, *steps: tuple[str, tuple[str, ...]], late: bool) -> list[tuple[Any, ...]]:
    return [(case, *step, late) for step in steps]


async def test_steps_are_told_when_they_are_reached_and_once(desk: Office) -> None:
    await desk.project(complaint("A", 3))
    teller = desk.teller()
    assert await teller.round() == 0
    assert teller.next_at() == NOW + 2 * HOUR
    desk.now = NOW + 2 * HOUR
    assert await teller.round() == 1
    assert await teller.round() == 0
    desk.now = NOW + 7 * HOUR
    await desk.project()
    assert await teller.round() == 1  # four fifths, two hours ago; in time to the second is not broken
    desk.now += timedelta(seconds=1)
    await desk.project()
    assert await teller.round() == 1
    assert await desk.told() == [
        *of("A", HALF, late=False),
        *of("A", MOST, late=True),
        *of("A", BROKEN, late=False),
    ]


async def test_a_worker_that_starts_again_tells_only_what_is_new(desk: Office) -> None:
    await desk.project(complaint("A", 6))
    assert await desk.teller().round() == 1
    await desk.project()
    again = desk.teller()
    assert await again.round() == 0
    desk.now = NOW + 9 * HOUR
    assert await again.round() == 2


async def test_a_worker_killed_before_the_rows_knew_does_not_make_the_next_one_tell_again(
    desk: Office,
) -> None:
    """Its append stands in the log, and the next worker asks the log although the rows say nothing of it."""
    await desk.project(complaint("A", 6), complaint("B", 6))
    assert await desk.teller().round() == 2
    next_one = desk.teller()
    next_one._is_fresh = always  # type: ignore[method-assign,assignment]  # as if the rows knew everything
    assert await next_one.round() == 0
    assert len(await desk.told()) == 2


async def always(_: Any) -> bool:
    return True


async def test_two_workers_at_once_tell_once(desk: Office) -> None:
    await desk.project(*(complaint(f"A{nth}", 12) for nth in range(40)))
    tellers = [desk.teller(), desk.teller(), desk.teller()]
    counts = await asyncio.gather(*(teller.round() for teller in tellers))
    assert sum(counts) == 120
    told = await desk.told()
    assert len(told) == len({one[:2] for one in told}) == 120


async def test_a_lost_answer_is_no_second_notice(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.project(complaint("A", 6))
    real = desk.log.append

    async def lost(*given: Any, **named: Any) -> Any:
        await real(*given, **named)
        raise OutcomeUnknown("the answer was lost")

    teller = desk.teller()
    monkeypatch.setattr(desk.log, "append", lost)
    with pytest.raises(OutcomeUnknown):
        await teller.round()
    monkeypatch.undo()
    await desk.project()
    assert await desk.teller().round() == 0
    assert len(await desk.told()) == 1


async def test_after_an_outage_everything_is_told_once_marked_late_even_of_what_ended_meanwhile(
    desk: Office,
) -> None:
    desk.now = NOW - 8 * HOUR
    await desk.project(complaint("A", 12), complaint("B", 12))
    assert await desk.teller().round() == 0
    desk.now = NOW
    await desk.project(shared("B", 1))
    verdicts = await desk.fetch("SELECT case_id, state, due_at FROM sla ORDER BY case_id")
    assert await desk.teller().round() == 6
    await desk.project()
    assert await desk.teller().round() == 0
    assert sorted(await desk.told()) == sorted(
        [*of("A", HALF, MOST, BROKEN, late=True), *of("B", HALF, MOST, BROKEN, late=True)]
    )
    assert await desk.fetch("SELECT case_id, state, due_at FROM sla ORDER BY case_id") == verdicts


async def test_what_was_kept_in_time_is_told_no_more(desk: Office) -> None:
    await desk.project(complaint("A", 6))
    teller = desk.teller()
    assert await teller.round() == 1
    await desk.project(shared("A", 0))
    desk.now = NOW + 48 * HOUR
    assert await teller.round() == 0
    assert teller.next_at() is None


async def test_while_the_rows_lag_behind_nothing_is_told(desk: Office) -> None:
    """Rows that have not read the answer yet would tell that a kept promise was broken."""
    await desk.project(complaint("A", 12))
    await desk.log.append(shared("A", 3))
    teller = desk.teller()
    assert await teller.round() == 0
    await desk.project()
    assert await teller.round() == 2
    assert await desk.told() == of("A", HALF, MOST, late=True)


async def test_history_tells_nobody(desk: Office) -> None:
    await desk.project(complaint("A", 6, captured_at=NOW - 6 * HOUR), complaint("B", 6))
    assert await desk.teller().round() == 1
    assert await desk.told() == of("B", HALF, late=True)


async def test_taking_note_ends_the_escalation(desk: Office) -> None:
    chain = [
        {"after_minutes": 60, "to": "role/supervisor"},
        {"after_minutes": 60, "to": "role/department-head"},
    ]
    await desk.project(wanted(soon_percents=[], chain=chain), complaint("A", 9), complaint("B", 9))
    teller = desk.teller()
    desk.now = NOW + 2 * HOUR + timedelta(seconds=1)
    assert await teller.round() == 8  # what was reached before counts as it was set then
    stream = next(
        e.stream for e in await desk.everything() if e.type == "alert.raised" and e.data["case"][-1] == "A"
    )
    await desk.project(live(said("alert.acknowledged", stream, NOW, by="li")))
    desk.now = NOW + 4 * HOUR
    assert await teller.round() == 1
    assert (await desk.told())[-1] == ("B", "escalation-2", ("role/department-head",), True)


async def test_a_new_policy_counts_from_now_on_and_off_is_off(desk: Office) -> None:
    await desk.project(complaint("A", 6))
    teller = desk.teller()
    assert await teller.round() == 1
    await desk.project(wanted(on=False))
    desk.now = NOW + 48 * HOUR
    assert await teller.round() == 0
    assert len(await desk.told()) == 1


async def test_a_storm_larger_than_a_batch_is_told_whole(desk: Office) -> None:
    percents = [10, 20, 30, 40, 50, 60, 70, 80]
    await desk.project(wanted(soon_percents=percents))
    await desk.log.append_batch([complaint(f"A{nth}", 0) for nth in range(130)])
    await desk.project()
    desk.now = NOW + 11 * HOUR
    assert await desk.teller().round() == 130 * 9
    assert len({one[:2] for one in await desk.told()}) == 130 * 9
