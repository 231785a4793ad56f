"""onrecord import: a file's history, into the site that runs on a data folder."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats

from onrecord_events.log import EventLog
from onrecord_services.commands.common import owner_of
from onrecord_services.door import Door, door
from onrecord_services.importing.commands import import_command
from onrecord_services.site import Site
from onrecord_services.vault import api_keys


@asynccontextmanager
async def _into(tenant: str, /, *, data: Path) -> AsyncIterator[Door]:
    """The way into one tenant's log, with a key that lives as long as the import."""
    site = Site.find(data)
    operator = await nats.connect(site.nats["reader"], name="import")
    try:
        log = await EventLog.open(operator, tenant)
    finally:
        await operator.close()
    async with owner_of(site) as owner:
        name = f"import-{secrets.token_hex(4)}"  # of two imports at once, neither ends the other's key
        key = await api_keys.create(owner, tenant, name, sources=["*"], scopes=["write"])
        try:
            async with door(site.intake_url, key, log.clock) as way_in:
                yield way_in
        finally:
            await api_keys.revoke(owner, tenant, name)


import_file = import_command(_into)
