"""One more: what one more event of an old case costs, with ten thousand cases behind it and with a million.

Both sizes lie in the same engines, two events a case, and take turns; each event is a transaction of its own,
and no case is in the projector's memory. Bar: the same (the ratio is 1 but for the depth of indexes).
Run: python benchmarks/one_more.py                     (a million cases: about ten minutes)
     python benchmarks/one_more.py --cases 2000 50000  (about a minute)
"""

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import nats
import psycopg
import uvloop
from nats.aio.client import Client
from projections import yard
from yard import cpu_s, in_batches

from onrecord_events.envelope import New
from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from onrecord_projections import generation
from onrecord_projections.calendar import shipped
from onrecord_projections.judging import shipped_rulebook
from onrecord_projections.runner import Runner
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.engines.roles import Role
from onrecord_services.memory import spare_the_collector

BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
APART = timedelta(seconds=10)
"""Between two cases."""
EVENTS_A_ROUND = 100
SHARED = {"channel": "phone"}


class Filled(NamedTuple):
    """A tenant filled and projected, and what asks for more of it."""

    tenant: str
    cases: int
    log: EventLog
    """Through the operator, who may append."""


class Spent(NamedTuple):
    """Of one event."""

    wall_ms: float
    cpu_ms: float


def event(nth: str, kind: str, stream: str, at: datetime, data: dict[str, Any]) -> New:
    return New(
        id=nth, source="benchmark", type=kind, stream=stream, occurred_at=at, recorded_at=at, data=data
    )


def told(cases: int) -> Iterator[New]:
    """The rules, then each case: registered, and answered five seconds later."""
    book, text = shipped_rulebook("rent-crm")
    since = {"effective_at": BEGIN.isoformat()}
    adopted = {"pack": book.pack, "edition": book.edition, "content": text, "approved_by": "gm", **since}
    calendar = {"calendar": "cn-state-council", "content": shipped("cn-state-council"), **since}
    yield event("calendar", "calendar.adopted", "calendar/cn-state-council", BEGIN, calendar)
    yield event("rulebook", "rulebook.adopted", "rulebook/rent-crm", BEGIN, adopted)
    registered = {"severity": "minor", "channel": "phone", "customer": "c", "received_by": "chen"}
    for nth in range(cases):
        at = BEGIN + (nth + 1) * APART
        yield event(f"{nth}a", "complaint.registered", f"complaint/{nth}", at, registered)
        yield event(f"{nth}b", "complaint.progress-shared", f"complaint/{nth}", at + APART / 2, SHARED)


async def filled(operator: Client, engines: Engines, cases: int) -> Filled:
    """A log of so many cases, projected."""
    tenant, began = f"c{cases}", time.perf_counter()
    log = await EventLog.create(operator, tenant, "carried")
    for batch in in_batches(told(cases), 1000):
        await log.append_batch(batch)
    async with await _connected(engines, "onrecord_owner") as owner:
        await tenants.prepare(owner)
        await generation.activate(owner, tenant, await generation.create(owner, tenant, log.epoch))
        await projected(engines, tenant, await log.last_position(), events_max=2000)
        await generation.enter(owner, tenant)
        await generation.analyze(owner)
    print(f"{cases:,} cases appended and projected in {time.perf_counter() - began:.0f} s", flush=True)
    return Filled(tenant, cases, log)


async def projected(engines: Engines, tenant: str, until: int, *, events_max: int) -> Spent:
    """Up to a position by a projector that remembers nothing; what it took in all."""
    reader = QuickReader()
    await reader.connect(engines.nats_url("reader"))
    async with await _connected(engines, "onrecord_writer") as writer:
        name = await generation.active(writer, tenant)
        assert name is not None
        runner = Runner(writer, await EventLog.open(reader, tenant), name, live=True)
        await runner.begin()
        cpu, wall = cpu_s(engines), time.perf_counter()
        await runner.run(until=until, events_max=events_max)
        spent = Spent((time.perf_counter() - wall) * 1e3, (cpu_s(engines) - cpu) * 1e3)
    await reader.close()
    return spent


async def one_more(engines: Engines, old: Filled, nth: int, chance: random.Random) -> Spent:
    """What one of a hundred new events, each of another old case, takes."""
    at = BEGIN + (old.cases + 1) * APART + timedelta(minutes=nth)
    chosen = chance.sample(range(old.cases), EVENTS_A_ROUND)
    await old.log.append_batch(
        [
            event(f"more-{nth}-{case}", "complaint.progress-shared", f"complaint/{case}", at, SHARED)
            for case in chosen
        ]
    )
    last = await old.log.last_position()
    wall_ms, cpu_ms = await projected(engines, old.tenant, last, events_max=1)
    return Spent(wall_ms / EVENTS_A_ROUND, cpu_ms / EVENTS_A_ROUND)


async def _connected(engines: Engines, role: Role) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(engines.postgres_dsn(role), autocommit=True)


async def compare(engines: Engines, sizes: list[int], rounds: int) -> None:
    """Turn and turn about, so that a noisy minute hits both."""
    operator, chance = await nats.connect(engines.nats_url("operator")), random.Random(7)  # noqa: S311
    few, many = [await filled(operator, engines, cases) for cases in sizes]
    pairs = []
    for nth in range(rounds):
        pairs.append([await one_more(engines, size, nth, chance) for size in (few, many)])
        print("  " + ", ".join(f"{wall:.2f} ms ({cpu:.2f} ms CPU)" for wall, cpu in pairs[-1]), flush=True)
    await operator.close()
    wall, cpu = (statistics.median(after[part] / before[part] for before, after in pairs) for part in (0, 1))
    print(
        f"one more event, {many.cases:,} cases / {few.cases:,}: {wall:.2f} in time, {cpu:.2f} in CPU (bar 1)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, nargs=2, default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    spare_the_collector()  # as the service does
    with yard(2 * sum(asked.cases)) as (engines, _):
        uvloop.run(compare(engines, asked.cases, asked.rounds))
