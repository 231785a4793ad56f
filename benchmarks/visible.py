"""Visible: from an event accepted over HTTP to the same event visible in the API, under a steady load.

A whole site as `onrecord up` runs it. Every so often one of the events handed in is followed: from intake's
answer to the API's answer that was read at its position or later (`wait_for`).
Bars: at 500 events/s the median under 100 ms; aim for p99: 250 ms.
Run: python benchmarks/visible.py [--rate 500] [--seconds 20]
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from onrecord_services.site import Site

READY = "Ctrl-C stops everything"
TYPE = {"content-type": "application/cloudevents-batch+json"}
BEATS_PER_S = 50
FOLLOWED_AT_ONCE = 4
WARM_S = 3.0


def complaint(nth: int) -> dict[str, Any]:
    """Every second one opens a case, the other tells its customer how it stands."""
    case = f"complaint/V{nth // 2}"
    body = {"severity": "minor", "channel": "phone", "customer": f"c-{nth % 97}", "received_by": "chen"}
    return {
        "specversion": "1.0",
        "id": f"v{nth}",
        "source": "/bench",
        "type": "complaint.progress-shared" if nth % 2 else "complaint.registered",
        "subject": case,
        "time": datetime.now(UTC).isoformat(),
        "data": {} if nth % 2 else body,
    }


class Load:
    """Hands events in at a rate; follows as many as it may at once."""

    def __init__(self, intake: httpx.AsyncClient, api: httpx.AsyncClient, per_beat: int) -> None:
        self.accepted_s: list[float] = []
        self.visible_s: list[float] = []
        self._intake, self._api, self._per_beat = intake, api, per_beat
        self._nth = 0
        self._may_follow = asyncio.Semaphore(FOLLOWED_AT_ONCE)

    async def run(self, seconds: float) -> None:
        """One batch a beat, whether or not the one before was answered."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for beat in range(int(seconds * BEATS_PER_S)):
                await asyncio.sleep(max(0.0, began + beat / BEATS_PER_S - time.perf_counter()))
                group.create_task(self._beat([complaint(self._nth + one) for one in range(self._per_beat)]))
                self._nth += self._per_beat

    async def _beat(self, events: list[dict[str, Any]]) -> None:
        began = time.perf_counter()
        answer = await self._intake.post("/v1/events", json=events, headers=TYPE)
        accepted = time.perf_counter()
        answer.raise_for_status()
        self.accepted_s.append(accepted - began)
        if self._may_follow.locked():
            return
        async with self._may_follow:
            position = answer.json()["results"][-1]["position"]
            seen = await self._api.get("/v1/cases", params={"wait_for": position, "limit": 1})
            seen.raise_for_status()
            self.visible_s.append(time.perf_counter() - accepted)


def told(name: str, found_s: list[float]) -> str:
    ranked = [one * 1e3 for one in sorted(found_s)]
    median, p99 = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.99)]
    return f"{name}: median {median:.0f} ms, p99 {p99:.0f} ms, worst {ranked[-1]:.0f} ms, n {len(ranked)}"


async def measure(site: Site, key: str, rate: int, seconds: float) -> None:
    headers = {"authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with (
        httpx.AsyncClient(base_url=site.intake_url, headers=headers, limits=limits, timeout=30) as intake,
        httpx.AsyncClient(base_url=site.api_url, headers=headers, limits=limits, timeout=30) as api,
    ):
        load = Load(intake, api, rate // BEATS_PER_S)
        await load.run(WARM_S)
        load.accepted_s.clear()
        load.visible_s.clear()
        began = time.perf_counter()
        await load.run(seconds)
        took_s = time.perf_counter() - began
    print(f"{len(load.accepted_s) * load._per_beat / took_s:.0f} events/s handed in for {took_s:.0f} s")  # noqa: SLF001 (our own)
    print(told("accepted", load.accepted_s))
    print(told("visible after accepted", load.visible_s) + "; bar: median 100 ms, aim: p99 250 ms")


def main(rate: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        program = [sys.executable, "-m", "onrecord_services.cli"]
        env = os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "300"}
        with subprocess.Popen(
            [*program, "up", "--data", str(data)], stdout=subprocess.PIPE, text=True, env=env
        ) as up:
            try:
                assert up.stdout is not None
                said = ""
                while READY not in said and (line := up.stdout.readline()):
                    said += line
                shown = re.search(r"shown this once: (\S+)", said)
                assert shown, said
                adopt = [*program, "rulebook", "adopt", "main", "rent-crm", "--data", str(data)]
                subprocess.run(adopt, check=True, env=env)
                asyncio.run(measure(Site.find(data), shown[1], rate, seconds))
            finally:
                up.send_signal(signal.SIGINT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args()
    main(chosen.rate, chosen.seconds)
