"""Answer: what became of a request, in the words it is told."""

from typing import Any

import msgspec


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One event that came of it."""

    type: str
    stream: str
    position: int
    data: dict[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Decided, or refused. `again`: this very request was answered before, and nothing happened now."""

    outcome: str
    """`decided`, `refused`, or `unchanged` if all of it was so already."""
    position: int
    """Where the last of its events stands; 0 if there is none."""
    events: tuple[Said, ...] = ()
    again: bool = False
    reason: str | None = None
    why: dict[str, str] = {}
    """The reason in words, by language."""
    clause: str | None = None
    facts: dict[str, str] = {}
    says: dict[str, str] = {}
    """The clause in our words, by language, if its policy was adopted."""
    projected: bool | None = None
    """Whether the read models have it; only if the request said that it waits."""
