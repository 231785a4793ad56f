"""What-if on real engines: what would the same events have come to under other rules?"""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from onrecord_events.envelope import New
from onrecord_projections import generation
from onrecord_projections.digest import digests
from onrecord_projections.judging import Settings, shipped_rulebook
from onrecord_projections.timeline import of_policies
from onrecord_projections.whatif import BadChange, Changes
from onrecord_projections.whatif.changes import Text, decisions
from onrecord_projections.whatif.totals import Moved
from onrecord_services.engines import Engines
from onrecord_services.simulate import month
from onrecord_services.whatif.run import NothingToCompare
from onrecord_services.whatif.workers import reading
from projecting import Bench, adopted, at, bench, calendar, said
from whatif_asking import TYPHOON, Answered, clock_said, line_said, rulebook, typhoon, what_if

BOOK, TEXT = shipped_rulebook("cc02-archive")
PEOPLE: dict[str, Any] = {"person": "li", "clause": "CC02-E1", "edition": 2, "amount": "100.00"}


@pytest.fixture
async def dealer(engines: Engines) -> AsyncIterator[Bench]:
    async with bench(engines) as made:
        await made.project(calendar(), adopted(TEXT, BOOK.pack, BOOK.edition))
        yield made


def delivered(car: str, when: str) -> New:
    return said("vehicle.delivered", f"archive/{car}", when, car=car, consultant="li")


def handed_over(car: str, when: str) -> New:
    return said("archive.handed-over", f"archive/{car}", when, by="li")


def registered(car: str, when: str) -> New:
    return said("archive.registered", f"archive/{car}", when)


async def july(dealer: Bench) -> None:
    """Three papers by one consultant, each three working days: all late, the typhoon between two of them."""
    await dealer.project(
        delivered("A", "07-06 10:00:00"),
        handed_over("A", "07-10 10:00:00"),
        registered("A", "07-10 11:00:00"),
        delivered("B", "07-13 10:00:00"),
        delivered("C", "07-14 10:00:00"),
        handed_over("B", "07-17 10:00:00"),
        registered("B", "07-17 11:00:00"),
        handed_over("C", "07-21 10:00:00"),
        registered("C", "07-21 11:00:00"),
        said("clock.ticked", "clock/tick", "07-31 12:00:00"),
    )


async def test_a_typhoon_closure_moves_what_ran_over_it_and_what_follows_on_the_ladder(
    dealer: Bench, engines: Engines, tmp_path: Path
) -> None:
    await july(dealer)
    found = await what_if(engines, dealer, typhoon(), tmp_path)
    assert list(map(clock_said, found.clocks)) == [
        ("changed", "archive/B", "CC02-D1a", "breached", "07-16 23:59:59", "met", "07-17 23:59:59"),
        ("changed", "archive/C", "CC02-D1a", "breached", "07-17 23:59:59", "breached", "07-20 23:59:59"),
    ]
    assert sorted(map(line_said, found.lines)) == [
        ("changed", "li", "archive/C", "CC02-E1", "100.00", "100.00"),
        ("removed", "li", "archive/B", "CC02-E1", "100.00", None),
    ]
    assert (found.overall.before.broken, found.overall.after.broken) == (3, 2)
    assert found.overall.before.owed == {"CNY": Decimal(250)}
    assert found.overall.after.owed == {"CNY": Decimal(150)}
    assert found.persons["li"].lines == Moved(removed=1, changed=1)
    assert found.clauses.keys() == {"CC02-D1a", "CC02-E1"}


async def test_a_waived_line_is_owed_under_neither(dealer: Bench, engines: Engines, tmp_path: Path) -> None:
    await july(dealer)
    ((line,),) = await dealer.rows("SELECT id FROM penalties WHERE case_id = 'archive/A'")
    await dealer.project(said("penalty.waived", f"penalty/{line}", "07-31 13:00:00", **PEOPLE))
    found = await what_if(engines, dealer, typhoon(), tmp_path)
    assert found.overall.before.owed == {"CNY": Decimal(150)}, "B is the first now, C the second"
    assert found.overall.after.owed == {"CNY": Decimal(50)}, "C is the first"
    assert sorted(map(line_said, found.lines)) == [
        ("changed", "li", "archive/C", "CC02-E1", "100.00", "50.00"),
        ("removed", "li", "archive/B", "CC02-E1", "50.00", None),
    ]


async def test_only_what_lies_in_the_period_is_told(dealer: Bench, engines: Engines, tmp_path: Path) -> None:
    await july(dealer)
    found = await what_if(engines, dealer, typhoon(), tmp_path, begin="2026-07-18")
    assert [clock_said(clock)[1] for clock in found.clocks] == ["archive/C"], "started before, stopped in it"
    assert [line_said(line)[:3] for line in found.lines] == [("changed", "li", "archive/C")]
    assert (found.overall.before.broken, found.overall.before.lines) == (1, 1)


async def test_the_edition_in_force_gives_an_empty_difference(
    dealer: Bench, engines: Engines, tmp_path: Path
) -> None:
    await july(dealer)
    found = await what_if(engines, dealer, rulebook(TEXT), tmp_path)
    assert (found.clocks, found.lines, found.clauses, found.persons) == ([], [], {}, {})
    assert found.overall.before == found.overall.after
    assert found.overall.before.owed == {"CNY": Decimal(250)}


class June(NamedTuple):
    """The simulated month: three policies, some 4,400 events; what everything at once would come to."""

    tenant: Bench
    alone: Answered
    shared: Answered
    """By three processes."""
    written: list[str]
    """The tables, and the log, that are not what they were before the questions."""


@pytest.fixture(scope="module")
async def june(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[June]:
    async with bench(engines) as made:
        known: dict[tuple[str, str], New] = {}
        for event in month():
            known.setdefault((event["source"], event["id"]), as_new(event))
        for batch in in_thousands(list(known.values())):
            await made.log.append_batch(batch)
        await made.catch_up()
        before = await state_of(made)
        folder, asked = tmp_path_factory.mktemp("june"), everything()
        alone = await what_if(engines, made, asked, folder, **JUNE)
        shared = await what_if(engines, made, asked, folder, **JUNE, processes=3)
        now = await state_of(made)
        written = [name for name in now.keys() | before if now.get(name) != before.get(name)]
        yield June(made, alone, shared, written)


async def state_of(tenant: Bench) -> dict[str, Any]:
    """Every table's digest, and the last position of the log."""
    await generation.use(tenant.owner, tenant.name)
    return {"the log": await tenant.log.last_position(), **await digests(tenant.owner)}


def in_thousands(events: Sequence[New]) -> list[Sequence[New]]:
    return [events[start : start + 1000] for start in range(0, len(events), 1000)]


def as_new(event: dict[str, Any]) -> New:
    return New(
        id=event["id"],
        source=event["source"],
        type=event["type"],
        stream=event["subject"],
        occurred_at=datetime.fromisoformat(event["time"]),
        recorded_at=datetime.fromisoformat(event["recordedtime"]),
        data=event["data"],
        actor=event.get("actor"),
        correlation=event.get("correlationid"),
        sequence=event.get("sequence"),
    )


def everything() -> Changes:
    """A new edition, a closed day, another reading, a number: all at once."""
    book, text = shipped_rulebook("rent-crm")
    number = f"edition = {book.edition}"
    return Changes(
        rulebooks=(Text("draft.toml", text.replace(number, "edition = 9", 1)),),
        calendars=(Text("closed.toml", TYPHOON.replace("2026-07-15", "2026-06-10")),),
        readings=(("r6.month", "due"), ("r9.tolerance-minutes", "5")),
        numbers=(("RENT-CRM-2.5", "PT1H"),),
        from_start=True,
    )


JUNE: dict[str, Any] = {"begin": "2026-06-01", "end": "2030-01-01"}


def test_the_answer_does_not_depend_on_how_many_work_on_it(june: June) -> None:
    assert june.shared.json == june.alone.json
    assert june.alone.overall.clocks.changed > 0
    assert june.alone.overall.lines != Moved()
    read = json.loads(june.alone.json)
    assert len(read["clocks"]) == len(june.alone.clocks)
    assert len(read["lines"]) == len(june.alone.lines)


def test_it_writes_nothing(june: June) -> None:
    assert june.written == []


CLOCKS = "SELECT case_id, clause, instance, state, due_at, stopped_at, owner, used, note FROM sla"
LINES = "SELECT id, amount, counted_as, at, month, state, currency FROM penalties"


async def test_it_tells_what_adopting_the_same_would_do_to_the_rows(june: June) -> None:
    tenant, found = june.tenant, june.alone
    clocks, lines = await keyed(tenant, CLOCKS, 3), await keyed(tenant, LINES, 1)
    await tenant.project(*(await adopting(tenant)))
    assert await keyed(tenant, CLOCKS, 3) == after(clocks, clock_sides(found))
    assert await keyed(tenant, LINES, 1) == after(lines, line_sides(found))


async def keyed(tenant: Bench, query: str, keys: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {row[:keys]: row[keys:] for row in await tenant.rows(query)}


async def adopting(tenant: Bench) -> list[New]:
    """The events that would put the changes in force, at the end of the log."""
    await generation.use(tenant.owner, tenant.name)
    settings = Settings()
    for event in await of_policies(tenant.owner):
        settings = settings.evolve(event)
    return [
        said(one.type, f"policy/{nth}", "07-01 00:00:00", effective_at=one.since.isoformat(), **one.body)
        for nth, one in enumerate(decisions(settings, everything(), at("06-01 00:00:00")))
    ]


Sides = Sequence[tuple[Any, Any]]


def clock_sides(found: Answered) -> Sides:
    return [
        tuple(
            side
            and (
                (side.case, side.clause, side.instance),
                (side.state, side.due_at, side.stopped_at, side.owner, side.used, side.note),
            )
            for side in (one.before, one.after)
        )  # type: ignore[misc]  # two of them
        for one in found.clocks
    ]


def line_sides(found: Answered) -> Sides:
    return [
        tuple(
            side
            and (
                (side.line.id,),
                (
                    side.line.amount,
                    side.line.counted_as,
                    side.line.at,
                    side.line.month,
                    side.state,
                    side.line.currency,
                ),
            )
            for side in (one.before, one.after)
        )  # type: ignore[misc]  # two of them
        for one in found.lines
    ]


def after(rows: dict[Any, Any], sides: Sides) -> dict[Any, Any]:
    """The rows with every difference made."""
    made = dict(rows)
    for gone, _ in sides:
        if gone is not None:
            assert made.pop(gone[0]) == gone[1]
    made.update(come for _, come in sides if come is not None)
    return made


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        ("2026-07-10", "2026-07-10", "does not lie before"),
        ("2026-08-01", "2026-09-01", "nothing happened since 2026-08-01: the last event is of 2026-07-31"),
        ("July", "2026-09-01", "'July' is no day such as"),
    ],
)
async def test_a_period_with_nothing_in_it_is_refused(
    dealer: Bench, engines: Engines, tmp_path: Path, begin: str, end: str, words: str
) -> None:
    await july(dealer)
    with pytest.raises(NothingToCompare, match=words):
        await what_if(engines, dealer, typhoon(), tmp_path, begin=begin, end=end)


async def test_a_bad_draft_starts_no_process(dealer: Bench, engines: Engines, tmp_path: Path) -> None:
    await july(dealer)
    with pytest.raises(BadChange, match=r"draft\.toml:"):
        await what_if(engines, dealer, rulebook("pack = 3"), tmp_path)


async def test_no_time_limit_of_the_readers_role_ends_a_long_answer(engines: Engines) -> None:
    async with reading(engines.postgres_dsn("onrecord_reader")) as rows:
        for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
            assert await (await rows.execute(f"SHOW {limit}")).fetchone() == ("0",)
        assert await (await rows.execute("SHOW transaction_read_only")).fetchone() == ("on",)
