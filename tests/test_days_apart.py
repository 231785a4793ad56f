"""The same event three times, days apart: the server's window has forgotten it, and it still counts once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import nats

from onrecord_events.envelope import New
from onrecord_events.log import EventLog, Receipt
from sending import SINGLE_TYPE, event
from site_process import SiteProcess, site_on, until

SHORTEST_WINDOW_NS = 100_000_000
SEEN_S = 30.0
CASE = "complaint/AGAIN"


@asynccontextmanager
async def forgetful(site: SiteProcess) -> AsyncIterator[EventLog]:
    """The log of `main`, its server's window cut from two minutes to a tenth of a second."""
    connection = await nats.connect(site.site.nats["operator"])
    try:
        asked = msgspec.json.decode((await connection.request("$JS.API.STREAM.INFO.EV_main", b"")).data)
        config = asked["config"] | {"duplicate_window": SHORTEST_WINDOW_NS}
        answer = await connection.request("$JS.API.STREAM.UPDATE.EV_main", msgspec.json.encode(config))
        assert "error" not in msgspec.json.decode(answer.data), answer.data
        yield await EventLog.open(connection, "main")
    finally:
        await connection.close()


def hand_in(site: SiteProcess, said: dict[str, Any]) -> dict[str, Any] | None:
    """The answer; None while intake is away."""
    try:
        with site.client(intake=True) as intake:
            answer = intake.post("/v1/events", json=said, headers={"content-type": SINGLE_TYPE})
    except httpx.TransportError:
        return None
    return dict(answer.json()["results"][0]) if answer.status_code == 200 else None


def events_of_case(site: SiteProcess, wait_for: int) -> int | None:
    """How many events the case has once the rows are as far as `wait_for`."""
    with site.client() as api:
        answer = api.get("/v1/cases", params={"wait_for": wait_for})
    if answer.status_code != 200:
        return None
    (found,) = [case for case in answer.json()["items"] if case["case"] == CASE]
    return int(found["events"])


async def append_until_forgotten(log: EventLog, new: New) -> Receipt:
    """Past intake, as a second intake with an empty memory would."""
    async with asyncio.timeout(SEEN_S):
        while (receipt := await log.append(new)).duplicate:
            pass
    return receipt


async def test_the_same_event_three_times_days_apart_counts_once(tmp_path: Path) -> None:
    said = event(
        "complaint.registered", CASE, datetime.now(UTC),
        severity="minor", channel="phone", customer="c", received_by="chen",
    )  # fmt: skip
    with site_on(tmp_path) as site:
        site.start()
        async with forgetful(site) as log:
            first = hand_in(site, said)
            assert first == {"position": 1, "duplicate": False}
            assert events_of_case(site, 1) == 1

            stored = await log.event_at(1)
            new = New(
                id=stored.id,
                source=stored.source,
                type=stored.type,
                stream=stored.stream,
                occurred_at=stored.occurred_at,
                data=dict(stored.data),
                input_mac=stored.input_mac,
            )
            assert await append_until_forgotten(log, new) == Receipt(2)
            assert events_of_case(site, 2) == 1

            assert site.kill("intake")
            again = until(lambda: hand_in(site, said), SEEN_S, lambda: site.said[-2000:])
            assert again == {"position": 1, "duplicate": True}
            assert await log.last_position() == 2
        assert site.typed("rebuild", "main", "--check").exit_code == 0
