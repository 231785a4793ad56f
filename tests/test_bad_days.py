"""Bad days: SIGKILL of engines and services under load, on real processes.

Longer: `ONRECORD_KILLS=1000 ONRECORD_SEED=1 pytest tests/test_bad_days.py -s`. The seed is printed; it fixes
who is killed and when, and what is sent. What the machine makes of it differs from run to run.
"""

import asyncio
import os
import random
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from onrecord_events.log import EventLog
from onrecord_events.wire import QuickReader
from sending import SOURCE, Sender
from site_process import SiteProcess, is_alive, site_on, until

KILLS = int(os.environ.get("ONRECORD_KILLS", "24"))
SEED = int(os.environ.get("ONRECORD_SEED", "0")) or secrets.randbelow(2**32)
VICTIMS = ("nats", "postgres", "projections", "intake")
ENGINES = ("nats", "postgres")
SENDERS = 4
PAUSE_S = 0.08
BETWEEN_KILLS_S = (0.8, 2.4)
VISIBLE_S = 60.0

QUICK_S = 14.0
QUICK_MAX = 3
"""The supervisor gives up on what dies five times in a row within ten seconds of its start, rightly. So who
died three times in quick succession is spared until it has lived longer."""


class Fate:
    """Who dies next, as the seed says."""

    def __init__(self, chance: random.Random) -> None:
        self.deaths = dict.fromkeys(VICTIMS, 0)
        self._chance = chance
        self._quick = dict.fromkeys(VICTIMS, 0)

    def next(self, ages_s: Mapping[str, float]) -> str | None:
        """None: all are spared just now."""
        left = [name for name in VICTIMS if ages_s.get(name, 0.0) >= QUICK_S or not self._is_tired(name)]
        return self._chance.choice(left) if left else None

    def done(self, name: str, age_s: float) -> None:
        self._quick[name] = self._quick[name] + 1 if age_s < QUICK_S else 1
        self.deaths[name] += 1

    def pause_s(self) -> float:
        return self._chance.uniform(*BETWEEN_KILLS_S)

    def _is_tired(self, name: str) -> bool:
        """The engines are counted together."""
        together = ENGINES if name in ENGINES else (name,)
        return sum(self._quick[one] for one in together) >= QUICK_MAX


async def kill_again_and_again(site: SiteProcess, chance: random.Random) -> dict[str, int]:
    """How often each was killed."""
    fate = Fate(chance)
    while sum(fate.deaths.values()) < KILLS:
        await asyncio.sleep(fate.pause_s())
        assert is_alive(site.pid), f"the site ended by itself:\n{site.said[-3000:]}"
        ages_s = site.ages_s
        name = fate.next(ages_s)
        if name and site.kill(name):
            fate.done(name, ages_s.get(name, 0.0))
    return fate.deaths


@asynccontextmanager
async def sending(site: SiteProcess, chance: random.Random) -> AsyncIterator[list[Sender]]:
    """Load while the block runs; on leaving, every body in hand is answered first."""
    headers = {"authorization": f"Bearer {site.key}"}
    async with httpx.AsyncClient(base_url=site.site.intake_url, headers=headers) as client:
        senders = [Sender(nth, random.Random(chance.random()), client) for nth in range(SENDERS)]
        running = [asyncio.create_task(sender.run(PAUSE_S)) for sender in senders]
        try:
            yield senders
        finally:
            for sender in senders:
                sender.stop()
            await asyncio.wait_for(asyncio.gather(*running), VISIBLE_S)


async def log_of(site: SiteProcess) -> list[tuple[str, str]]:
    """(source, id) of every event, at index position - 1."""
    reader = QuickReader()
    await reader.connect(site.site.nats["reader"])
    try:
        log = await EventLog.open(reader, "main")
        last = await log.last_position()
        return [(event.source, event.id) async for batch in log.follow(until=last) for event in batch]
    finally:
        await reader.close()


def wait_until_projected(site: SiteProcess, position: int) -> None:
    def look() -> bool | None:
        try:
            with site.client() as api:
                answer = api.get("/v1/clocks", params={"wait_for": position, "limit": 1})
        except httpx.TransportError:
            return None
        return answer.status_code == 200 or None

    until(look, VISIBLE_S, lambda: f"position {position} is not projected:\n{site.said[-4000:]}")


async def test_nothing_acknowledged_is_lost_or_doubled_however_often_anything_is_killed(
    tmp_path: Path,
) -> None:
    print(f"seed {SEED}, {KILLS} kills")  # noqa: T201 (to try again with)
    chance = random.Random(SEED)
    with site_on(tmp_path) as site:
        site.start()
        assert site.typed("rulebook", "adopt", "main", "rent-crm").exit_code == 0
        async with sending(site, chance) as senders:
            counts = await kill_again_and_again(site, chance)
        acknowledged = {id_: at for sender in senders for id_, at in sender.acknowledged.items()}
        retries = sum(sender.retries for sender in senders)
        stored = await log_of(site)
        said = f"{len(acknowledged)} acknowledged, {retries} sent again, {len(stored)} in the log; {counts}"
        print(said)  # noqa: T201 (what the run proves)

        ours = {id_: nth for nth, (source, id_) in enumerate(stored, start=1) if source == SOURCE}
        assert ours == acknowledged
        assert len(stored) == len(set(stored)), "an event stands twice"
        wait_until_projected(site, len(stored))
        with site.client() as api:
            ready = api.get("/readyz")
        assert ready.status_code == 200, ready.text
        assert "REFUSED" not in site.said
        rebuilt = site.command("rebuild", "main", "--check")
        assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
        assert site.stop() == 0
        assert set(counts) == {name for name in counts if counts[name]}, "each was killed at least once"
