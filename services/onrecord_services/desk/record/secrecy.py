"""Secrecy: how secret a thing is, by the last mark on its stream. Pure and total."""

from collections.abc import Iterable

from onrecord_events.envelope import Recorded

MARK = "secrecy-level"
"""The form by which something is marked (CC04-22)."""


def level_of(events: Iterable[Recorded]) -> str | None:
    """The level it is marked with; None if it never was."""
    level: str | None = None
    for event in events:
        if event.type == "record.filed" and event.data["form"] == MARK and event.data.get("kind"):
            level = str(event.data["kind"])
    return level
