"""Append: through EventLog against a bare nats-py loop doing the same publishes, equally durable, in one run.

Bars (EventLog / bare): one at a time 0.7, 64 in flight 0.6, atomic batches of 1,000 0.6.
Run: python benchmarks/append.py [--rounds 5]
"""

import argparse
import asyncio
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.js.client import JetStreamContext

from onrecord_events.complaint import Registered
from onrecord_events.envelope import New, to_bytes
from onrecord_events.log import EventLog
from onrecord_services.engines import Engines

NOW = datetime(2026, 7, 11, tzinfo=UTC)
BODY = Registered(severity="minor", channel="phone", customer="C-1024", received_by="chen", building="B-3")
ONE_AT_A_TIME, IN_FLIGHT, BATCHES = 1_000, 6_000, 12
BATCH = 1_000


def event(name: str) -> New:
    """A typical event of about 330 bytes."""
    return New.of(BODY, id=name, source="/bench/crm", stream=f"complaint/{name}", occurred_at=NOW)


class Bare:
    """What a careful user of the client would write, without our log."""

    def __init__(self, connection: Client, tenant: str) -> None:
        self.connection, self.tenant = connection, tenant
        self.js: JetStreamContext = connection.jetstream()

    async def one(self, new: New) -> None:
        """A publish with an identity, answered."""
        await self.js.publish(self._subject(new), to_bytes(self.tenant, new), headers={"Nats-Msg-Id": new.id})

    async def batch(self, news: list[New]) -> None:
        """An atomic batch (ADR-50)."""
        named = secrets.token_hex(8)
        for nth, new in enumerate(news, 1):
            headers = {"Nats-Msg-Id": new.id, "Nats-Batch-Id": named, "Nats-Batch-Sequence": str(nth)}
            if nth in {1, len(news)}:
                if nth > 1:
                    headers["Nats-Batch-Commit"] = "1"
                answer = await self.connection.request(
                    self._subject(new), to_bytes(self.tenant, new), timeout=10, headers=headers
                )
                assert "error" not in json.loads(answer.data or b"{}"), answer.data
            else:
                await self.connection.publish(self._subject(new), to_bytes(self.tenant, new), headers=headers)

    def _subject(self, new: New) -> str:
        return f"ev.{self.tenant}.{new.stream.replace('/', '.')}"


async def one_at_a_time(one: Callable[[New], Awaitable[object]]) -> float:
    """Appends a second, each answered before the next."""
    mark = secrets.token_hex(4)
    began = time.perf_counter()
    for nth in range(ONE_AT_A_TIME):
        await one(event(f"{mark}-{nth}"))
    return ONE_AT_A_TIME / (time.perf_counter() - began)


async def in_flight(one: Callable[[New], Awaitable[object]]) -> float:
    """Appends a second by 64 writers, each waiting for its own answer."""
    mark = secrets.token_hex(4)
    names = iter(range(IN_FLIGHT))

    async def writer() -> None:
        for nth in names:
            await one(event(f"{mark}-{nth}"))

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(64)))
    return IN_FLIGHT / (time.perf_counter() - began)


async def in_batches(batch: Callable[[list[New]], Awaitable[object]]) -> float:
    """Events a second in atomic batches of 1,000."""
    mark = secrets.token_hex(4)
    began = time.perf_counter()
    for nth in range(BATCHES):
        await batch([event(f"{mark}-{nth}-{n}") for n in range(BATCH)])
    return BATCHES * BATCH / (time.perf_counter() - began)


async def main(rounds: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "d", ephemeral=True) as engines,
    ):
        operator = await nats.connect(engines.nats_url("operator"))
        log = await EventLog.create(operator, "ours")
        await EventLog.create(operator, "bare")
        bare = Bare(operator, "bare")
        for name, bar, ours, theirs in (
            ("one at a time", 0.7, partial(one_at_a_time, log.append), partial(one_at_a_time, bare.one)),
            ("64 in flight", 0.6, partial(in_flight, log.append), partial(in_flight, bare.one)),
            ("batches of 1,000", 0.6, partial(in_batches, log.append_batch), partial(in_batches, bare.batch)),
        ):
            pairs = [(await ours(), await theirs()) for _ in range(rounds)]
            ratio = statistics.median(one / other for one, other in pairs)
            shown = [f"{statistics.median(side):,.0f}/s" for side in zip(*pairs, strict=True)]
            print(f"{name:<18} EventLog {shown[0]:>10}  bare {shown[1]:>10}  ratio {ratio:.2f}  (bar {bar})")
        await operator.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(main(parser.parse_args().rounds))
