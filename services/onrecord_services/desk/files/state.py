"""State: what became of one file, folded from its stream. Pure and total."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from onrecord_events.envelope import Recorded

Data = Mapping[str, Any]
DESTROYING = "destroy-file"
STORED = "archive-stored"


@dataclass(frozen=True)
class File:
    """One file as its events have made it."""

    handed_in_by: str | None = None
    receiver: str | None = None
    """To whom it was handed in."""
    signed: bool = False
    """Whether both signed the last hand-in."""
    complete: bool = False
    registered: bool = False
    """Whether what was handed in last is in the book."""
    consultant: str | None = None
    """Who delivered the car, and so answers for the file."""
    inspected: bool = False
    stored: bool = False
    asked_to_destroy: str | None = None
    destroyed: bool = False


def fold(events: Iterable[Recorded]) -> File:
    """The file of a stream; its events in the order of the log."""
    file = File()
    for event in events:
        step = _STEPS.get(event.type)
        if step is not None:
            file = step(file, event.data)
    return file


def _handed_over(file: File, data: Data) -> File:
    return replace(
        file,
        handed_in_by=data["by"],
        receiver=data.get("received_by"),
        signed=data.get("both_signed", True),
        complete=data.get("complete", True),
        registered=False,
    )


def _reached(file: File, data: Data) -> File:
    return replace(file, stored=True) if data["stage"] == STORED else file


def _done(file: File, data: Data) -> File:
    return replace(file, destroyed=True) if data["act"] == DESTROYING else file


_STEPS: dict[str, Callable[[File, Data], File]] = {
    "vehicle.delivered": lambda file, data: replace(file, consultant=data["consultant"]),
    "archive.handed-over": _handed_over,
    "archive.registered": lambda file, _: replace(file, registered=True),
    "archive.inspected": lambda file, _: replace(file, inspected=True),
    "archive.destruction-requested": lambda file, data: replace(file, asked_to_destroy=data["by"]),
    "stage.reached": _reached,
    "act.done": _done,
}
