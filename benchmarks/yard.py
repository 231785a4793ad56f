"""Yard: what the benchmarks share: a tenant filled with a simulated log, CPU of all processes, memory."""

import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from nats.aio.client import Client

from onrecord_events.envelope import New
from onrecord_events.log import EventLog
from onrecord_services.engines import Engines
from onrecord_services.intake.parsed import Heard
from onrecord_services.intake.sealing import Sealer
from onrecord_services.intake.translate import translate
from onrecord_services.keystore import KeyStore
from onrecord_services.simulate import many

T = TypeVar("T")

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size`, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


async def filled(operator: Client, keys: Path, events: int, tenant: str = "") -> EventLog:
    """A carried log with so many simulated events."""
    log = await EventLog.create(operator, tenant or f"b{secrets.token_hex(4)}", "carried")
    async for batch in sealed(keys, log.tenant, events):
        await log.append_batch(batch)
    return log


async def sealed(keys: Path, tenant: str, events: int) -> AsyncIterator[list[New]]:
    """So many simulated events, without copies, sealed as intake seals them; in batches as a log takes."""
    sealer = Sealer(KeyStore.open(keys, tenant))
    sent: set[bytes] = set()
    for batch in in_batches(many(events), 1000):
        heard = [_heard(event, tenant) for event in batch]
        known = {one.identity: one for one in heard if one.identity not in sent}  # no copies
        sent |= known.keys()
        sealers = await sealer.sealers_for(known.values())
        yield [sealer.seal(one, sealers) for one in known.values()]


def _heard(event: dict[str, Any], tenant: str) -> Heard:
    (one,) = translate(
        msgspec.json.encode(event),
        "application/cloudevents+json",
        {},
        tenant=tenant,
        publisher="bench",
        now=datetime.now(UTC),
        carried=True,
    )
    assert isinstance(one, Heard), one
    return one


def cpu_s(engines: Engines) -> float:
    """CPU seconds so far: this process and everything the two servers run."""
    times = os.times()
    return times.user + times.system + sum(_tree_cpu_s(pid) for pid in engines.pids.values())


def rss_mb() -> float:
    """Memory this process holds, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _tree_cpu_s(pid: int) -> float:
    """A process with its children, the ended ones included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0.0
    own = sum(int(fields[nth]) for nth in (11, 12, 13, 14)) / _TICKS_PER_S
    return own + sum(_tree_cpu_s(int(child)) for child in children)
