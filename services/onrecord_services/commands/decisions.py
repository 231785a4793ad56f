"""Decisions: policy events of the command line, handed in through intake as anybody else's are."""

from datetime import UTC, datetime
from typing import Any

import nats

from onrecord_events.log import EventLog
from onrecord_services.commands.common import owner_of
from onrecord_services.door import door
from onrecord_services.importing.run import Refused
from onrecord_services.site import Site
from onrecord_services.vault import api_keys

SOURCE = "/onrecord/cli"
KEY_NAME = "onrecord-cli"


def event(type_name: str, subject: str, event_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """What was decided, just now."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": type_name,
        "subject": subject,
        "time": datetime.now(UTC).isoformat(),
        "data": body,
    }


async def hand_in(site: Site, tenant: str, events: list[dict[str, Any]]) -> list[Refused]:
    """Append them; the refusals, if any. The key lives as long as the call."""
    reader = await nats.connect(site.nats["reader"], name="rulebook")
    try:
        log = await EventLog.open(reader, tenant)
        if log.clock == "carried":  # such a log knows no other now than its last event's, or the first day's
            last = await log.last_position()
            first_day = events[-1]["data"].get("effective_at", events[-1]["time"])
            now = (await log.event_at(last)).recorded_at.isoformat() if last else first_day
            events = [event | {"time": now, "recordedtime": now} for event in events]
    finally:
        await reader.close()
    async with owner_of(site) as owner:
        key = await api_keys.create(owner, tenant, KEY_NAME, sources=[SOURCE], scopes=["write"])
        try:
            async with door(site.intake_url, key, log.clock) as way_in:
                outcomes = await way_in.accept(events)
        finally:
            await api_keys.revoke(owner, tenant, KEY_NAME)
    return [outcome for outcome in outcomes if isinstance(outcome, Refused)]
