"""All policies: projecting with every shipped rulebook adopted by one tenant, against RENT-CRM alone.

    python benchmarks/all_policies.py [--events 60000] [--rounds 3]

The same simulated months, twice: once under one policy, once under all of them, projected in turn; the first
tenth, in which the policies are adopted, is not counted. Bar: with all of them at least 60 % of the events a
second. CPU is told beside it: it does not mind what else the machine does.
"""

import argparse
import statistics
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import uvloop
from nats.aio.client import Client
from projections import project, yard
from yard import sealed

from onrecord_events.envelope import New
from onrecord_events.log import EventLog
from onrecord_projections.judging import load, shipped_rulebooks
from onrecord_services.engines import Engines
from onrecord_services.memory import spare_the_collector


def adoptions(first: New, packs: set[str] | None) -> Iterator[New]:
    """Each shipped edition of these policies (of all, if none are named), adopted as the log begins."""
    for text in shipped_rulebooks().values():
        book = load(text)
        if packs is None or book.pack in packs:
            yield New(
                id=f"adopted-{book.pack}-{book.edition}",
                source="benchmark",
                type="rulebook.adopted",
                stream=f"rulebook/{book.pack}",
                occurred_at=first.occurred_at,
                recorded_at=first.recorded_at,
                data={
                    "pack": book.pack,
                    "edition": book.edition,
                    "effective_at": first.occurred_at.isoformat(),
                    "content": text,
                    "approved_by": "gm",
                },
            )


async def told(keys: Path, tenant: str, events: int, packs: set[str] | None) -> AsyncIterator[list[New]]:
    """The simulated events with our adoptions in place of their own."""
    begun = False
    async for batch in sealed(keys, tenant, events):
        if not begun:
            begun = True
            yield [*adoptions(batch[0], packs)]
        yield [event for event in batch if event.type != "rulebook.adopted"]


async def filled(operator: Client, keys: Path, events: int, packs: set[str] | None, tenant: str) -> int:
    """A carried log under these policies; its last position."""
    log = await EventLog.create(operator, tenant, "carried")
    async for batch in told(keys, tenant, events, packs):
        await log.append_batch(batch)
    return await log.last_position()


async def compare(engines: Engines, keys: Path, events: int, rounds: int) -> None:
    """Turn and turn about, so that a noisy minute hits both."""
    operator = await nats.connect(engines.nats_url("operator"))
    kinds = {"rent-crm alone": ("one", {"rent-crm"}), "all policies": ("all", None)}
    last = {
        name: await filled(operator, keys / tenant, events, packs, tenant)
        for name, (tenant, packs) in kinds.items()
    }
    await operator.close()
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, (tenant, _) in kinds.items():
            measured = await project(engines, tenant, until=last[name], mark=last[name] // 10)
            rate, cpu_us = measured["events_per_s"], measured["cpu_us_per_event"]
            rates[name].append((rate, cpu_us))
            print(f"{name:<16}{rate:>10,.0f} events/s, {cpu_us:,.0f} us CPU an event", flush=True)
    pairs = list(zip(*rates.values(), strict=True))
    in_time = statistics.median(every[0] / one[0] for one, every in pairs)
    in_cpu = statistics.median(one[1] / every[1] for one, every in pairs)
    print(f"with all policies {in_time:.0%} of rent-crm alone (bar: 60 %); by CPU {in_cpu:.0%}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=60_000, help="how many simulated events")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is projected")
    asked = parser.parse_args()
    spare_the_collector()  # as the service does
    with yard(asked.events) as (engines, keys):
        uvloop.run(compare(engines, keys, asked.events, asked.rounds))
