"""Settings: what a tenant decided its rules to be, folded from its policy events; each takes effect by time.

Content that cannot be used changes nothing: it is listed under `problems`, with the position it came from.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import Calendar, CalendarError
from onrecord_projections.judging.durations import DurationError
from onrecord_projections.judging.faults import RulebookError
from onrecord_projections.judging.index import MOVING, Index
from onrecord_projections.judging.numbers import check_number
from onrecord_projections.judging.readings import READINGS
from onrecord_projections.judging.rule import Term
from onrecord_projections.judging.rulebook import Rulebook, load
from onrecord_projections.judging.trigger import Plan

BEARING = "handover.penalty"
"""The reading that says who bears the penalty of a broken clock whose case was handed over."""

SHADOW_TYPES = frozenset({"rulebook.shadowed", "rulebook.unshadowed"})
"""What moves a draft that runs beside, and nothing that is in force."""

POLICY_TYPES = SHADOW_TYPES | {
    "rulebook.adopted",
    "rulebook.amended",
    "rulebook.migrated",
    "rulebook.withdrawn",
    "calendar.adopted",
    "reading.set",
    "number.set",
    "source.declared",
}


@dataclass(frozen=True)
class Number:
    """A tenant's own number for a clause that states none."""

    value: str
    calendar: str | None


T = TypeVar("T")


@dataclass(frozen=True)
class Timed(Generic[T]):
    """Values by the instant they take effect at; of two at one instant the later decision holds."""

    since: tuple[datetime, ...] = ()
    values: tuple[T, ...] = ()

    def at(self, instant: datetime) -> T | None:
        """What is in force at this instant."""
        nth = bisect_right(self.since, instant)
        return self.values[nth - 1] if nth else None

    def put(self, instant: datetime, value: T) -> "Timed[T]":
        """The same with one more decision."""
        nth = bisect_right(self.since, instant)
        return Timed(
            (*self.since[:nth], instant, *self.since[nth:]), (*self.values[:nth], value, *self.values[nth:])
        )


@dataclass(frozen=True)
class Draft:
    """An edition that runs beside what is in force, and from when it would hold."""

    since: datetime
    book: Rulebook


@dataclass(frozen=True)
class Problem:
    """A decision that could not take effect, and why."""

    position: int
    message: str


@dataclass(frozen=True)
class Move:
    """Running clocks of one edition are measured by another from an instant on."""

    pack: str
    from_edition: int
    to_edition: int
    at: datetime


@dataclass(frozen=True)
class Settings:
    """Immutable; `evolve` gives the next one."""

    packs: Mapping[str, Timed[Rulebook | None]] = field(default_factory=dict)
    calendars: Mapping[str, Timed[Calendar]] = field(default_factory=dict)
    readings: Mapping[str, Timed[str]] = field(default_factory=dict)
    numbers: Mapping[str, Timed[Number]] = field(default_factory=dict)
    publishers: Mapping[str, datetime] = field(default_factory=dict)
    shadows: Mapping[str, Draft] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    problems: tuple[Problem, ...] = ()

    def evolve(self, recorded: Recorded) -> "Settings":
        """Total: events that are no policy, or no use, leave everything in force as it was."""
        if recorded.type not in POLICY_TYPES:
            return self
        body = recorded.data
        try:
            since = recorded.recorded_at if recorded.type == "rulebook.unshadowed" else body["effective_at"]
            after = _EVOLVE[recorded.type](self, body, _instant(since))
        except (RulebookError, CalendarError, DurationError, KeyError, ValueError) as error:
            problem = Problem(recorded.position, f"{recorded.type}: {error}")
            after = replace(self, problems=(*self.problems, problem))
        same_rules = after.packs is self.packs and after.moves is self.moves
        if same_rules and "index" in self.__dict__:
            after.__dict__["index"] = self.index
        return after

    def reading(self, name: str, at: datetime) -> str:
        """How the tenant reads this at that instant."""
        set_here = self.readings.get(name)
        value = set_here.at(at) if set_here else None
        return READINGS[name].default if value is None else value

    def calendar(self, name: str, at: datetime) -> Calendar | None:
        """The working calendar of this name at that instant."""
        known = self.calendars.get(name)
        return known.at(at) if known else None

    def number(self, clause: str, at: datetime) -> Number | None:
        """The tenant's number for this clause at that instant."""
        known = self.numbers.get(clause)
        return known.at(at) if known else None

    def edition(self, pack: str, number: int) -> Rulebook | None:
        """One adopted edition."""
        return self._editions.get((pack, number))

    @cached_property
    def _editions(self) -> Mapping[tuple[str, int], Rulebook]:
        """Every edition that was ever adopted; made once for each settings."""
        return {
            (pack, book.edition): book for pack, timed in self.packs.items() for book in timed.values if book
        }

    def in_force(self, pack: str, at: datetime) -> Rulebook | None:
        """The edition of a policy that holds at that instant."""
        terms = self.packs.get(pack)
        return terms.at(at) if terms is not None else None

    @cached_property
    def shadow(self) -> "Settings | None":
        """The same with every draft in force from its instant on; None where none runs beside."""
        if not self.shadows:
            return None
        packs = dict(self.packs)
        for pack, draft in self.shadows.items():
            packs[pack] = packs.get(pack, Timed[Rulebook | None]()).put(draft.since, draft.book)
        return replace(self, packs=packs, shadows={})

    @cached_property
    def penalties_move(self) -> bool:
        """Whether a penalty may ever go with a case to somebody else than its clause names."""
        default = READINGS[BEARING].default
        return any(value != default for value in self.readings.get(BEARING, Timed[str]()).values)

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """What each event type sets off; with penalties that move, hand-overs count in every case."""
        if not self.penalties_move:
            return self.index.plans
        return {**{name: Plan((), []) for name in MOVING}, **self.index.plans}

    @cached_property
    def index(self) -> Index:
        """Which clauses each event type can move; built once for each set of editions."""
        return Index.of(terms_of(self.packs, self.moves))


def terms_of(packs: Mapping[str, Timed[Rulebook | None]], moves: Sequence[Move] = ()) -> list[Term]:
    """Every edition with the stretches of time in which clocks may start under it."""
    terms: dict[tuple[str, int], Term] = {}
    for pack in sorted(packs):
        timed = packs[pack]
        for nth, book in enumerate(timed.values):
            if book is None:
                continue
            later = timed.since[nth + 1] if nth + 1 < len(timed.since) else None
            withdrawn = tuple(
                at for at, other in zip(timed.since, timed.values, strict=True) if other is None
            )
            was = terms.get((pack, book.edition))
            spans = (*(was.spans if was else ()), (timed.since[nth], later))
            moved = tuple(
                (move.at, move.to_edition)
                for move in moves
                if (move.pack, move.from_edition) == (pack, book.edition)
            )
            terms[pack, book.edition] = Term(book, spans, withdrawn, moved)
    return list(terms.values())


def _adopt(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    book = _edition_in(settings, body)
    timed = settings.packs.get(book.pack, Timed[Rulebook | None]())
    drafts = {
        pack: draft
        for pack, draft in settings.shadows.items()
        if (pack, draft.book.edition) != (book.pack, book.edition)
    }
    return replace(settings, packs={**settings.packs, book.pack: timed.put(at, book)}, shadows=drafts)


def _amend(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    before = settings.in_force(body["pack"], at)
    if before is None or before.edition != body["amends"]:
        held = "nothing" if before is None else f"edition {before.edition}"
        raise ValueError(f"it amends edition {body['amends']}, but at {at.isoformat()} {held} is in force")
    return _adopt(settings, body, at)


def _migrate(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    pack, old, new = body["pack"], body["from_edition"], body["to_edition"]
    for edition in (old, new):
        if settings.edition(pack, edition) is None:
            raise ValueError(f"{pack} edition {edition} was never adopted")
    return replace(settings, moves=(*settings.moves, Move(pack, old, new, at)))


def _shadow(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    book = _edition_in(settings, body)
    return replace(settings, shadows={**settings.shadows, book.pack: Draft(at, book)})


def _unshadow(settings: Settings, body: Mapping[str, Any], _: datetime) -> Settings:
    pack = body["pack"]
    if pack not in settings.shadows:
        raise ValueError(f"no draft of {pack} runs beside")
    return replace(settings, shadows={name: d for name, d in settings.shadows.items() if name != pack})


def _edition_in(settings: Settings, body: Mapping[str, Any]) -> Rulebook:
    """The edition an event carries; an adopted number means the adopted content."""
    book = load(body["content"])
    told = body.get("content_sha256")
    if told is not None and told != sha256(body["content"].encode()).hexdigest():
        raise ValueError("the content is not the one whose SHA-256 the event names")
    if (book.pack, book.edition) != (body["pack"], body["edition"]):
        raise ValueError(f"the content is {book.pack} edition {book.edition}, not what the event names")
    held = settings.edition(book.pack, book.edition)
    if held is not None and held != book:
        raise ValueError(
            f"{book.pack} edition {book.edition} is adopted already; a correction is a new edition"
        )
    return book


def _withdraw(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    pack = body["pack"]
    if pack not in settings.packs:
        raise ValueError(f"{pack} was never adopted")
    return replace(settings, packs={**settings.packs, pack: settings.packs[pack].put(at, None)})


def _take_calendar(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    calendar = Calendar.parse(body["content"])
    name = body["calendar"]
    timed = settings.calendars.get(name, Timed[Calendar]())
    return replace(settings, calendars={**settings.calendars, name: timed.put(at, calendar)})


def _set_reading(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    name, value = body["reading"], body["value"]
    if name not in READINGS or not READINGS[name].takes(value):
        raise ValueError(f"no reading {name} = {value}")
    if name == "r1.zone":
        ZoneInfo(value)
    timed = settings.readings.get(name, Timed[str]())
    return replace(settings, readings={**settings.readings, name: timed.put(at, value)})


def _set_number(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    clause, number = body["clause"], Number(body["value"], body.get("calendar"))
    check_number(number.value, on_calendar=number.calendar is not None)
    timed = settings.numbers.get(clause, Timed[Number]())
    return replace(settings, numbers={**settings.numbers, clause: timed.put(at, number)})


def _declare(settings: Settings, body: Mapping[str, Any], at: datetime) -> Settings:
    publisher = body["publisher"]
    first = min(at, settings.publishers.get(publisher, at))
    return replace(settings, publishers={**settings.publishers, publisher: first})


_EVOLVE = {
    "rulebook.adopted": _adopt,
    "rulebook.amended": _amend,
    "rulebook.migrated": _migrate,
    "rulebook.withdrawn": _withdraw,
    "rulebook.shadowed": _shadow,
    "rulebook.unshadowed": _unshadow,
    "calendar.adopted": _take_calendar,
    "reading.set": _set_reading,
    "number.set": _set_number,
    "source.declared": _declare,
}


def _instant(text: str | datetime) -> datetime:
    instant = datetime.fromisoformat(text) if isinstance(text, str) else text
    if instant.tzinfo is None:
        raise ValueError("effective_at names no time zone")
    return instant.astimezone(UTC)
