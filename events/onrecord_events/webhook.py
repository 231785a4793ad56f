"""Webhook: what became of a subscriber's address. Stream: `webhook/<id>`. Its secret is in no event."""

from typing import ClassVar

from pydantic import AwareDatetime

from onrecord_events.base import Code, Event, Ref


class Disabled(Event):
    """An address failed for so long that nothing is sent there any more until somebody says so."""

    TYPE: ClassVar[str] = "webhook.disabled"

    webhook: Ref
    reason_code: Code
    failing_since: AwareDatetime
    position: int
    """The position of the last event it took; the next one is where a replay goes on."""
