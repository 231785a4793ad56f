"""Place: where an application's events and tracking live, or its snapshots; the JetStream stream for them."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from onrecord_events import subjects
from onrecord_events.jetstream import closed_stream, info
from onrecord_events.wire import Refused, Wire, api

_EXISTS = 10058


@dataclass(frozen=True)
class Place:
    """One application's JetStream stream, or the second one with its snapshots."""

    application: str
    snapshots: bool = False

    @property
    def name(self) -> str:
        """The JetStream stream."""
        return subjects.application_name(self.application, snapshots=self.snapshots)

    def subject(self, originator_id: UUID | str) -> str:
        """The one subject of an aggregate. Raises UnreadableEvent if its id is too long for one."""
        return subjects.aggregate_subject(self.application, str(originator_id), snapshots=self.snapshots)

    @property
    def all_events(self) -> str:
        """Every aggregate's subject, and no tracking."""
        return subjects.application_subjects(self.application, snapshots=self.snapshots)[0]

    def tracking(self, upstream: str) -> str:
        """The subject that says how far an upstream application's events were processed."""
        return subjects.tracking_subject(self.application, upstream)

    async def create(self, wire: Wire, replicas: int) -> None:
        """Make it if there is none. Only the operator's account may."""
        config = closed_stream(
            self.name,
            subjects.application_subjects(self.application, snapshots=self.snapshots),
            replicas=replicas,
            metadata={"onrecord.epoch": secrets.token_hex(16)},
        )
        try:
            await api(wire, f"STREAM.CREATE.{self.name}", config)
        except Refused as refused:
            if refused.code != _EXISTS:
                raise

    async def check(self, wire: Wire) -> None:
        """Raises LogUnavailable if there is none."""
        await info(wire, self.name)
