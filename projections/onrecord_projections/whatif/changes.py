"""Changes: the rules a what-if tries out, put over the tenant's own as the very events that would set them.

A draft holds from its own first day (or from the period's begin), a number and a reading from the period's
begin, and an amended calendar takes the place of the one in force then, from that one's first instant: a
clock counts on the calendar of its start, and a typhoon also stops the clocks that ran when it came.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import Calendar, CalendarError, shipped, shipped_ids
from onrecord_projections.judging import Rulebook, Settings, check, load
from onrecord_projections.judging.policy import Timed


class Text(msgspec.Struct, frozen=True):
    """A file by its name and content."""

    name: str
    content: str


class Changes(msgspec.Struct, frozen=True):
    """What is tried out; at least one of them is given."""

    rulebooks: tuple[Text, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    """(clause, value); a value such as `PT4H` or `PT4H@cn-state-council`."""
    readings: tuple[tuple[str, str], ...] = ()
    calendars: tuple[Text, ...] = ()
    from_start: bool = False
    """Drafts hold from the begin of the period instead of from their own first day."""

    @property
    def any(self) -> bool:
        """Whether something is tried out at all."""
        return bool(self.rulebooks or self.numbers or self.readings or self.calendars)


class BadChange(ValueError):
    """A change that cannot be tried out; `faults` says all that is wrong with it, a line each."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Decision(NamedTuple):
    """One change as the event that would make it."""

    type: str
    since: datetime
    body: dict[str, Any]


def changed(live: Settings, changes: Changes, begin: datetime) -> Settings:
    """The tenant's settings with these changes over them. Raises BadChange with every fault of a draft."""
    settings = live
    for decision in decisions(live, changes, begin):
        body = {**decision.body, "effective_at": decision.since.isoformat()}
        after = settings.evolve(_event(decision.type, body))
        if len(after.problems) > len(settings.problems):
            raise BadChange(after.problems[-1].message)
        settings = after
    _refuse_unknown_clauses(settings, changes)
    return settings


def decisions(live: Settings, changes: Changes, begin: datetime) -> Iterator[Decision]:
    """What would have to be decided, and from when it would hold. Raises BadChange."""
    for text in changes.calendars:
        calendar = _calendar(text)
        body = {"calendar": calendar.id, "content": calendar.dump()}
        yield Decision("calendar.adopted", _amended_since(live, calendar.id, begin), body)
    for text in changes.rulebooks:
        book = _draft(text)
        since = begin if changes.from_start else book.effective_at
        if book.calendar not in live.calendars and book.calendar in shipped_ids():
            named = {"calendar": book.calendar, "content": shipped(book.calendar)}
            yield Decision("calendar.adopted", since, named)  # as adopting the edition would bring it
        edition = {"pack": book.pack, "edition": book.edition, "content": text.content}
        yield Decision("rulebook.adopted", since, edition)
    for clause, said in changes.numbers:
        value, _, named_calendar = said.partition("@")
        on_calendar = {"calendar": named_calendar} if named_calendar else {}
        yield Decision("number.set", begin, {"clause": clause, "value": value, **on_calendar})
    for reading, value in changes.readings:
        yield Decision("reading.set", begin, {"reading": reading, "value": value})


def told(live: Settings, changes: Changes, begin: datetime) -> list[dict[str, str]]:
    """The changes for a report: what, from when, and the digest of what is too long to show."""
    shown = []
    for decision in decisions(live, changes, begin):
        short = {name: str(value) for name, value in decision.body.items() if name != "content"}
        if content := decision.body.get("content"):
            short["sha256"] = sha256(content.encode()).hexdigest()
        shown.append({"type": decision.type, "since": decision.since.isoformat(), **short})
    return shown


def _draft(text: Text) -> Rulebook:
    if faults := check(text.content, text.name):
        raise BadChange(*map(str, faults))
    return load(text.content, text.name)


def _calendar(text: Text) -> Calendar:
    try:
        return Calendar.parse(text.content, shipped)  # it may extend a shipped one
    except CalendarError as error:
        raise BadChange(f"{text.name}: {error}") from None


def _amended_since(live: Settings, name: str, begin: datetime) -> datetime:
    """From when the calendar in force at the begin holds; where there is none, the begin."""
    held = live.calendars.get(name, Timed[Calendar]())
    earlier = [since for since in held.since if since <= begin]
    return earlier[-1] if earlier else begin


def _refuse_unknown_clauses(settings: Settings, changes: Changes) -> None:
    """A misspelt clause would change nothing, and look like an answer."""
    books = [book for timed in settings.packs.values() for book in timed.values if book]
    known = {clause.id for book in books for clause in book.clause}
    missing = [clause for clause, _ in changes.numbers if clause not in known]
    if missing:
        raise BadChange(*(f"{clause}: no clause of a policy this tenant has" for clause in missing))


def _event(type_name: str, body: Mapping[str, Any]) -> Recorded:
    epoch = datetime.fromtimestamp(0, UTC)
    return Recorded(
        position=0,
        recorded_at=epoch,
        occurred_at=epoch,
        id=type_name,
        source="/onrecord/whatif",
        type=type_name,
        stream="policy/whatif",
        data=body,
    )
