"""Matters: what customers came with, and what became of it: answered when, settled when, by whom?

Pure. A case holds at most one matter (a complaint, a repair, a paid service, a case of another system), the
tasks set in it, and the contacts customers made. Each is one item; events count when reading R9 says.
"""

from collections import OrderedDict
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
CONTACT, CALLED_BACK = "interaction.logged", "callback.made"
TASK_SET, TASK_DONE = "task.set", "task.done"
TAKEN, WORKED_ON = "handover.accepted", "case.activity-done"
TYPES = (
    ANSWERED
    | SETTLED
    | {*OPENED, WITHDRAWN, REPEATED, REOPENED, CONTACT, CALLED_BACK, TASK_SET, TASK_DONE, TAKEN, WORKED_ON}
)
"""Everything that can move an item."""
MATTERS = tuple(OPENED.values())
THE_MATTER = ""
"""The item of the case itself; the others are named by the position of the event that began them."""


class Item(NamedTuple):
    """One thing to be answered, done or counted."""

    case: str
    item: str
    kind: str
    """One of `MATTERS`, `task` or `contact`."""
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

CASES_HELD_MAX = 5_000
"""About as many as are in work at once; one more is read again from its history."""


def items_of(settings: Settings, history: Iterable[Recorded]) -> dict[str, Item]:
    """Every item of one case by its name, whatever order its events arrived in."""
    return _items(_told(settings, history))


class Memory:
    """Cases in work, with what they said last: an event is placed once, however often its case moves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: OrderedDict[str, _Kept] = OrderedDict()

    def moved(
        self, case: str, history: Sequence[Recorded], new: int
    ) -> tuple[dict[str, Item], dict[str, Item]]:
        """The items of a case before its last `new` events, and after them."""
        end = len(history) - new
        kept = self._held.pop(case, None)
        if kept is None or kept.taken != end or (end and history[end - 1] is not kept.last):
            told = _told(self._settings, history[:end])
            kept = _Kept(end, None, told, _items(told))
        told = [*kept.told, *_told(self._settings, history[end:])]
        told.sort(key=_PLACE)
        after = _items(told)
        self._held[case] = _Kept(len(history), history[-1], told, after)
        if len(self._held) > CASES_HELD_MAX:
            self._held.popitem(last=False)
        return kept.items, after


class _Kept(NamedTuple):
    """A case as far as it was read: how many events, the last of them, and what they said."""

    taken: int
    last: Recorded | None
    told: list[Told]
    items: dict[str, Item]


_PLACE = itemgetter(0, 1, 2)


def _told(settings: Settings, history: Iterable[Recorded]) -> list[Told]:
    found = [
        (effective_at(settings, event), event.sequence or 0, event.position, event)
        for event in history
        if event.type in TYPES
    ]
    found.sort(key=_PLACE)
    return found


def _items(told: Sequence[Told]) -> dict[str, Item]:
    matter = _matter(told)
    building = matter.building if matter else ""
    found = [*([matter] if matter else ()), *_tasks(told, building), *_contacts(told, building)]
    return {item.item: item for item in found}


def _matter(told: Sequence[Told]) -> Item | None:
    for nth, (at, _, position, event) in enumerate(told):
        kind = OPENED.get(event.type)
        if kind is not None:
            data = event.data
            person = data.get("received_by") or data.get("owner") or ""
            return _followed(
                event.case,
                (kind, at, person, data.get("channel") or "", data.get("building") or "", position),
                told[nth + 1 :],
            )
    return None


def _followed(case: str, opened: tuple[str, datetime, str, str, str, int], later: Sequence[Told]) -> Item:
    """What became of it, event by event."""
    kind, opened_at, person, channel, building, position = opened
    held_by, held_at, evidence = person, opened_at, [position]
    answered_at: datetime | None = None
    settled_at: datetime | None = None
    ended_at: datetime | None = None
    settled_last: datetime | None = None
    repeats = reopened = 0
    for at, _, moved_by, event in later:
        name = event.type
        if name in SETTLED and settled_at is None:
            settled_at = settled_last = at
            answered_at = answered_at or at
        elif answered_at is None and _answers(event):
            answered_at = at
        elif name == WITHDRAWN and settled_at is None and ended_at is None:
            ended_at = at
        elif name == REPEATED:
            repeats += 1
            if settled_at is not None:
                reopened, settled_at = reopened + 1, None
        elif name == REOPENED:
            reopened += settled_at is not None
            goes_on_elsewhere = event.data["mode"] == "new-episode"
            settled_at = settled_last if goes_on_elsewhere else None
            ended_at = ended_at if goes_on_elsewhere else None
        elif settled_at is None and (taker := _taker(event)) and taker != held_by:
            held_by, held_at = taker, at
        else:
            continue
        evidence.append(moved_by)
    return Item(
        case, THE_MATTER, kind, opened_at, person, held_by, held_at, channel, building,
        answered_at, settled_at, ended_at, None, repeats, reopened, evidence,
    )  # fmt: skip


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
