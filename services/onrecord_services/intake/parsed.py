"""What a body becomes: an event we understood, or a refusal. Nothing else, and never an exception."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from onrecord_events.envelope import identity_of
from onrecord_events.intake import Reason

REFUSALS = "onrecord/intake/"
OWN_SOURCES = (REFUSALS, "/onrecord/clock", "/onrecord/desk/", "/onrecord/notices")
"""Sources of what our own services say; no publisher may speak for one."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A valid event, its personal fields still in clear: it must be sealed before it goes anywhere."""

    id: str
    source: str
    type: str
    stream: str
    occurred_at: datetime
    version: int
    data: dict[str, Any]
    """The body as the log stores it, without the personal fields."""
    clear: dict[str, str]
    """The personal fields."""
    person: str | None
    """Under whose key they are sealed."""
    canonical: bytes
    """All that was said except the personal fields, as bytes that a retry reproduces."""
    actor: str | None = None
    correlation: str | None = None
    causation: str | None = None
    sequence: int | None = None
    recorded_at: datetime | None = None
    captured_at: datetime | None = None
    identity: bytes
    """16 bytes that stand for (source, id)."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A body that is no event of ours: why, and the bytes themselves, to be kept sealed."""

    publisher: str
    reason: Reason
    where: str
    digest: str
    raw: bytes
    identity: bytes
    """16 bytes that stand for (source, digest)."""

    @classmethod
    def of(cls, raw: bytes, publisher: str, reason: Reason, where: str) -> "Refusal":
        """Refuse these bytes. Their digest is the identity, so the same bytes are refused once."""
        digest = hashlib.sha256(raw).hexdigest()
        return cls(
            publisher=publisher,
            reason=reason,
            where=where[:500],
            digest=digest,
            raw=raw,
            identity=identity_of(REFUSALS + publisher, digest),
        )

    @property
    def source(self) -> str:
        """Refusals are intake's own words."""
        return REFUSALS + self.publisher


Parsed = Heard | Refusal
