"""Matters: what customers came with, and what became of it: answered when, settled when, by whom?

Pure. A case holds at most one matter (a complaint, a repair, a paid service, a case of another system), the
tasks set in it, and the contacts customers made. Each is one item; events count when reading R9 says.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_projections.judging.effective import effective_at

OPENED = {
    "complaint.registered": "complaint",
    "repair.ordered": "repair",
    "service.ordered": "service",
    "case.opened": "case",
}
"""What opens a matter, and of which kind."""
ANSWERED = frozenset(
    {"complaint.answered", "complaint.progress-shared", "complaint.customer-asked", "complaint.discussed"}
)
"""The customer heard from us; so does one whom we contacted or called back, or whose matter was settled."""
SETTLED = frozenset({"complaint.resolved", "complaint.closed", "repair.done", "service.done", "case.closed"})
WITHDRAWN = "complaint.withdrawn"
REPEATED, REOPENED = "complaint.repeated", "complaint.reopened"
COMING_BACK = frozenset({REPEATED, REOPENED})
CONTACT, CALLED_BACK = "interaction.logged", "callback.made"
TASK_SET, TASK_DONE = "task.set", "task.done"
TAKEN, WORKED_ON = "handover.accepted", "case.activity-done"
TYPES = (
    ANSWERED
    | SETTLED
    | COMING_BACK
    | {*OPENED, WITHDRAWN, CONTACT, CALLED_BACK, TASK_SET, TASK_DONE, TAKEN, WORKED_ON}
)
"""Everything that can move an item."""
THE_MATTER = ""
"""The item of the case itself; the others are named by the position of the event that began them."""


class Item(NamedTuple):
    """One thing to be answered, done or counted."""

    case: str
    item: str
    kind: str
    """One of `OPENED`, `task` or `contact`."""
    opened_at: datetime
    person: str
    """Who took it, or is to do it; empty: nobody is named."""
    held_by: str
    """Who had it when it was settled, or has it now."""
    held_at: datetime
    """Since when."""
    channel: str
    building: str
    answered_at: datetime | None
    settled_at: datetime | None
    """After the last time it came back."""
    ended_at: datetime | None
    """Withdrawn: neither settled nor open."""
    due_at: datetime | None
    repeats: int
    reopened: int
    """How often it came back after it had been settled."""
    evidence: list[int]


Told = tuple[datetime, int, int, Recorded]
"""An event with its place: when it counts, the source's order, the log's."""

PLACE = itemgetter(0, 1, 2)


def items_of(settings: Settings, history: Iterable[Recorded]) -> dict[str, Item]:
    """Every item of one case by its name, whatever order its events arrived in."""
    return items_told(told_of(settings, history))


def told_of(settings: Settings, history: Iterable[Recorded]) -> list[Told]:
    """Its events that can move an item, in the order they count."""
    found = [
        (effective_at(settings, event), event.sequence or 0, event.position, event)
        for event in history
        if event.type in TYPES
    ]
    found.sort(key=PLACE)
    return found


def items_told(told: Sequence[Told]) -> dict[str, Item]:
    """The same of events in their order."""
    matter = _matter(told)
    building = matter.building if matter else ""
    found = [*([matter] if matter else ()), *_tasks(told, building), *_contacts(told, building)]
    return {item.item: item for item in found}


def _matter(told: Sequence[Told]) -> Item | None:
    for nth, (at, _, _, event) in enumerate(told):
        kind = OPENED.get(event.type)
        if kind is not None:
            data = event.data
            person = data.get("received_by") or data.get("owner") or ""
            opened = _single(kind, event, at, person, data.get("channel") or "", data.get("building") or "")
            course = _Course(opened._replace(item=THE_MATTER))
            for later_at, _, _, later in told[nth + 1 :]:
                course.take(later_at, later)
            return course.item()
    return None


class _Course:
    """What became of a matter, event by event."""

    __slots__ = (
        "answered_at", "ended_at", "evidence", "held_at", "held_by", "opened", "reopened", "repeats",
        "settled_at", "settled_last",
    )  # fmt: skip

    def __init__(self, opened: Item) -> None:
        self.opened, self.evidence = opened, list(opened.evidence)
        self.held_by, self.held_at = opened.held_by, opened.held_at
        self.answered_at: datetime | None = None
        self.settled_at: datetime | None = None
        self.settled_last: datetime | None = None
        self.ended_at: datetime | None = None
        self.repeats = self.reopened = 0

    def take(self, at: datetime, event: Recorded) -> None:
        """Go on; what changes nothing is no evidence."""
        if self._moved(at, event):
            self.evidence.append(event.position)

    def item(self) -> Item:
        """What is known by now."""
        return self.opened._replace(
            held_by=self.held_by,
            held_at=self.held_at,
            answered_at=self.answered_at,
            settled_at=self.settled_at,
            ended_at=self.ended_at,
            repeats=self.repeats,
            reopened=self.reopened,
            evidence=self.evidence,
        )

    def _moved(self, at: datetime, event: Recorded) -> bool:
        name = event.type
        if name in SETTLED:
            return self._settled(at)
        if name in COMING_BACK:
            return self._came_back(event)
        if self.answered_at is None and _answers(event):
            self.answered_at = at
            return True
        if self.settled_at is not None:
            return False
        if name == WITHDRAWN:
            known, self.ended_at = self.ended_at, self.ended_at or at
            return known is None
        return self._handed_over(at, _taker(event))

    def _settled(self, at: datetime) -> bool:
        if self.settled_at is not None:
            return False
        self.settled_at = self.settled_last = at
        self.answered_at = self.answered_at or at
        return True

    def _came_back(self, event: Recorded) -> bool:
        """Raised again, or taken up again: here, or as another complaint."""
        self.repeats += event.type == REPEATED
        self.reopened += self.settled_at is not None
        if event.type == REPEATED:
            self.settled_at = None
        elif event.data["mode"] == "new-episode":
            self.settled_at = self.settled_last
        else:
            self.settled_at = self.ended_at = None
        return True

    def _handed_over(self, at: datetime, taker: str | None) -> bool:
        if not taker or taker == self.held_by:
            return False
        self.held_by, self.held_at = taker, at
        return True


def _answers(event: Recorded) -> bool:
    """Whether the customer heard from us."""
    if event.type == CONTACT:
        return bool(event.data["direction"] == "out")
    return event.type in ANSWERED or (event.type == CALLED_BACK and event.data.get("reached", True))


def _taker(event: Recorded) -> str | None:
    """Who has it from here on."""
    if event.type == TAKEN:
        return str(event.data["taker"])
    return event.data.get("by") if event.type == WORKED_ON else None


def _tasks(told: Sequence[Told], building: str) -> Iterator[Item]:
    """Each task that was set, done or not; one that was only done was set when it was done."""
    open_: dict[tuple[str, str], list[Item]] = {}
    for at, _, position, event in told:
        if event.type not in {TASK_SET, TASK_DONE}:
            continue
        key = event.data["task"], event.data["person"]
        waiting = open_.setdefault(key, [])
        if event.type == TASK_DONE and waiting:
            item = waiting.pop(0)
            yield item._replace(settled_at=at, evidence=[*item.evidence, position])
            continue
        due_at = event.data.get("due_at")
        item = _single("task", event, at, key[1], "", building)
        item = item._replace(due_at=datetime.fromisoformat(due_at) if due_at else None)
        if event.type == TASK_SET:
            waiting.append(item)
        else:
            yield item._replace(settled_at=at)
    for waiting in open_.values():
        yield from waiting


def _contacts(told: Sequence[Told], building: str) -> Iterator[Item]:
    """Each time a customer came to us."""
    for at, _, _, event in told:
        if event.type == CONTACT and event.data["direction"] == "in":
            person = event.data.get("staff") or ""
            yield _single("contact", event, at, person, event.data["kind"], building)


def _single(kind: str, event: Recorded, at: datetime, person: str, channel: str, building: str) -> Item:
    """An item of one event."""
    position = event.position
    return Item(
        event.case, str(position), kind, at, person, person, at, channel, building,
        None, None, None, None, 0, 0, [position],
    )  # fmt: skip
