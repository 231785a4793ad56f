"""Deciding: how our own commands ask the desk: over HTTP, with a key that lives as long as the call."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

from onrecord_events.errors import LogUnavailable
from onrecord_services.commands.common import owner_of
from onrecord_services.desk.answer import Answer
from onrecord_services.door import TurnedAway
from onrecord_services.site import Site
from onrecord_services.vault import api_keys

TIMEOUT_S = 60.0
TRIES_MAX = 5
_AGAIN_AFTER_S = 1.0

Ask = Callable[[str, dict[str, Any]], Awaitable[Answer]]
"""Asks for a command by name; raises LogUnavailable, TurnedAway."""


@asynccontextmanager
async def desk_of(site: Site, tenant: str, by: str) -> AsyncIterator[Ask]:
    """The desk of a running site, for one person's decisions."""
    name = f"onrecord-cli-{secrets.token_hex(4)}"
    async with owner_of(site) as owner:
        key = await api_keys.create(owner, tenant, name, sources=[], scopes=["decide"])
        headers = {"authorization": f"Bearer {key}"}
        try:
            async with httpx.AsyncClient(
                base_url=site.desk_url, headers=headers, timeout=TIMEOUT_S
            ) as client:
                yield lambda command, data: _asked(client, command, by, data)
        finally:
            await api_keys.revoke(owner, tenant, name)


async def _asked(client: httpx.AsyncClient, command: str, by: str, data: dict[str, Any]) -> Answer:
    """The answer; what got lost on the way is asked for again under its own key."""
    body = {"key": f"cli-{secrets.token_hex(16)}", "by": by, "data": data}
    for _ in range(TRIES_MAX):
        try:
            told = await client.post(f"/v1/commands/{command}", json=body)
        except httpx.TransportError:
            await asyncio.sleep(_AGAIN_AFTER_S)
            continue
        if told.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            await asyncio.sleep(_AGAIN_AFTER_S)
            continue
        found = told.json()
        if told.status_code != HTTPStatus.OK and "outcome" not in found:
            raise TurnedAway(f"the desk says {told.status_code}: {found.get('detail', '')}")
        return msgspec.convert(found, Answer)
    raise LogUnavailable("the desk does not answer; whether it decided is known when it does: ask again")
