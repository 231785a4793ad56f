"""Staff: which roles somebody holds, by the events of his own stream."""

from collections.abc import Iterable
from datetime import datetime

from onrecord_events.envelope import Recorded


def stream_of(person: str) -> str:
    """Where it is said who somebody is here."""
    return f"person/{person}"


def roles_at(events: Iterable[Recorded], person: str, at: datetime) -> frozenset[str]:
    """The roles that were assigned and not ended by then, whatever the area."""
    held: set[tuple[str, str | None]] = set()
    for event in sorted(events, key=lambda one: (one.occurred_at, one.position)):
        if event.occurred_at > at or event.data.get("person") != person:
            continue
        if event.type == "staff.left":
            held.clear()
            continue
        named = event.data.get("role"), event.data.get("area")
        if event.type == "role.assigned":
            held.add(named)  # type: ignore[arg-type]  # the vocabulary says they are words
        elif event.type == "role.ended":
            held.discard(named)
    return frozenset(role for role, _ in held)
