"""Door: how our own commands hand events in: over HTTP with a key, as everybody else does."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

import httpx
import msgspec

from onrecord_events.errors import LogUnavailable, OutcomeUnknown
from onrecord_services.importing.run import Accepted, Outcome, Refused

BATCH_TYPE = "application/cloudevents-batch+json"
TIMEOUT_S = 60.0
_COME_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class TurnedAway(Exception):
    """Intake will not take it, now or ever; the words are its own."""


@dataclass(frozen=True)
class Door:
    """One key's way into one tenant's log."""

    client: httpx.AsyncClient
    clock: Literal["server", "carried"]

    async def accept(self, events: Sequence[dict[str, Any]]) -> list[Outcome]:
        """One outcome an event. Raises LogUnavailable, OutcomeUnknown (try the same again), TurnedAway."""
        try:
            answer = await self.client.post(
                "/v1/events", content=msgspec.json.encode(events), headers={"content-type": BATCH_TYPE}
            )
        except httpx.ConnectError as error:
            raise LogUnavailable(f"intake cannot be reached: {error}") from error
        except httpx.TransportError as error:
            raise OutcomeUnknown(f"intake did not answer: {type(error).__name__}") from error
        if answer.status_code in _COME_AGAIN:
            raise LogUnavailable(f"intake says: come again ({answer.status_code})")
        if answer.status_code != HTTPStatus.OK and b'"results"' not in answer.content:
            raise TurnedAway(f"intake says {answer.status_code}: {answer.text[:300]}")
        return [_outcome(result) for result in answer.json()["results"]]


@asynccontextmanager
async def door(intake_url: str, key: str, clock: Literal["server", "carried"]) -> AsyncIterator[Door]:
    """The way in, open."""
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=intake_url, headers=headers, timeout=TIMEOUT_S) as client:
        yield Door(client, clock)


def _outcome(result: dict[str, Any]) -> Outcome:
    if "refused" in result:
        return Refused(result["refused"], result.get("where", ""))
    return Accepted(result["position"], result.get("duplicate", False))
