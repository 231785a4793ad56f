"""A sender as real ones are: it paces itself, tries again with the same ids until answered, and remembers.

What it remembers is what the product promised: which event stands at which position.
"""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

BATCH_TYPE = "application/cloudevents-batch+json"
SINGLE_TYPE = "application/cloudevents+json"
SOURCE = "/front-desk"
COME_AGAIN = frozenset({429, 503})
ANSWER_S = 12.0
PATIENCE_S = 0.1


class Sender:
    """Sends made-up complaints of its own until told to stop; `acknowledged` is id to position."""

    def __init__(self, nth: int, chance: random.Random, client: httpx.AsyncClient) -> None:
        self.acknowledged: dict[str, int] = {}
        self.retries = 0
        self._client = client
        self._chance = chance
        self._story = story(nth, chance)
        self._told = False

    def stop(self) -> None:
        """After the body in hand is answered."""
        self._told = True

    async def run(self, pause_s: float) -> None:
        """Bodies of one event or several, one after the other; now and then an old one again."""
        sent: list[list[dict[str, Any]]] = []
        while not self._told:
            if sent and self._chance.random() < 0.05:
                events = self._chance.choice(sent)
            else:
                events = [next(self._story) for _ in range(self._chance.choice((1, 1, 2, 5, 20)))]
                sent.append(events)
            self._remember(events, await self._until_answered(events))
            await asyncio.sleep(pause_s)

    async def _until_answered(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        one = len(events) == 1
        body = msgspec.json.encode(events[0] if one else events)
        headers = {"content-type": SINGLE_TYPE if one else BATCH_TYPE}
        while True:
            try:
                answer = await self._client.post(
                    "/v1/events", content=body, headers=headers, timeout=ANSWER_S
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in COME_AGAIN:
                assert answer.status_code == 200, (answer.status_code, answer.text)
                results: list[dict[str, Any]] = answer.json()["results"]
                return results
            self.retries += 1
            await asyncio.sleep(PATIENCE_S)

    def _remember(self, events: list[dict[str, Any]], results: list[dict[str, Any]]) -> None:
        for event, result in zip(events, results, strict=True):
            assert "refused" not in result, (event, result)
            before = self.acknowledged.setdefault(event["id"], result["position"])
            assert before == result["position"], f"{event['id']} stood at {before}, now {result}"


def story(nth: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Endless complaints: registered lately, most of them told, settled and called back."""
    case = 0
    while True:
        case += 1
        subject = f"complaint/K{nth}-{case}"
        opened_at = datetime.now(UTC) - timedelta(minutes=chance.uniform(0, 50))
        severity = chance.choice(("minor", "major"))
        yield event(
            "complaint.registered", subject, opened_at,
            severity=severity, channel="phone", customer=f"c-{chance.randrange(50)}", received_by="chen",
        )  # fmt: skip
        if chance.random() < 0.7:
            yield event("complaint.progress-shared", subject, opened_at + timedelta(minutes=5))
        if severity == "major" and chance.random() < 0.5:
            yield event("complaint.major-reported", subject, opened_at + timedelta(minutes=8), to="head")
        if chance.random() < 0.5:
            yield event("complaint.resolved", subject, datetime.now(UTC))


def event(type_name: str, subject: str, occurred_at: datetime, **data: Any) -> dict[str, Any]:
    """One CloudEvent of the front desk."""
    return {
        "specversion": "1.0",
        "id": f"{type_name} {subject}",
        "source": SOURCE,
        "type": type_name,
        "subject": subject,
        "time": min(occurred_at, datetime.now(UTC)).isoformat(),
        "data": data,
    }
