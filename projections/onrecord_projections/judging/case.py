"""Case: the evaluation of one case, all at once or as its events come in.

Events count in the order of (effective time, the source's sequence, position). The same event twice counts
once. An event that sorts before another already taken makes the case fold again, so the answer never depends
on the order of arrival.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter

from onrecord_events.envelope import Recorded
from onrecord_projections.judging.bearing import borne
from onrecord_projections.judging.effective import effective_at
from onrecord_projections.judging.hands import hands_by
from onrecord_projections.judging.index import MOVING
from onrecord_projections.judging.limit import instant
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import EVER, NEVER, SECOND, Seen
from onrecord_projections.judging.state import CaseState
from onrecord_projections.judging.trigger import Plan
from onrecord_projections.judging.verdict import Verdict

Key = tuple[datetime, int, int]


class Entry:
    """One event in its place in the case."""

    __slots__ = ("key", "plan", "seen")

    def __init__(self, key: Key, plan: Plan, seen: Seen) -> None:
        self.key, self.plan, self.seen = key, plan, seen


_KEY = attrgetter("key")


class Walk:
    """A case folded up to an instant that lies before some of its events, or before time has acted."""

    __slots__ = ("nth", "state", "to")

    def __init__(self, state: CaseState) -> None:
        self.state, self.nth, self.to = state, 0, NEVER

    def on(self, entries: Sequence[Entry], to: datetime) -> CaseState:
        """As far as an instant that is not before the last one asked for."""
        self.to = to
        while self.nth < len(entries) and entries[self.nth].seen.at <= to:
            entry = entries[self.nth]
            self.state.apply(entry.plan, entry.seen)
            self.nth += 1
        return self.state


class CaseFold:
    """A case that takes events as they come; `at` answers for any instant."""

    __slots__ = (
        "_case",
        "_entries",
        "_looked_at",
        "_moves",
        "_plans",
        "_positions",
        "_settings",
        "_shown",
        "_stale",
        "_state",
        "_wakes_at",
        "_walk",
    )

    def __init__(self, settings: Settings, case: str) -> None:
        self._settings, self._case = settings, case
        self._plans = settings.plans
        self._moves: dict[str, Recorded] | None = {} if settings.penalties_move else None
        """What put the case into somebody's hands, where penalties go with it."""
        self._entries: list[Entry] = []
        self._positions: dict[str, int] = {}
        self._state = CaseState(settings, case)
        self._stale = False
        self._looked_at: datetime | None = None
        self._shown: Verdict | None = None
        self._wakes_at: datetime | None = None
        """Until then nothing changes by itself; as early as the last look where nobody asked."""
        self._walk: Walk | None = None
        """Where a look back stands, so that the next one, a little later, goes on from there."""

    @classmethod
    def open(cls, settings: Settings, case: str) -> "CaseFold":
        """An empty case under these settings; after a policy event it is opened anew and refolded."""
        return cls(settings, case)

    def take(self, recorded: Recorded) -> None:
        """One more event of this case, in whatever order. Events that no clause asks for cost nothing."""
        plan = self._plans.get(recorded.type)
        if plan is None:
            return
        event_id = f"{recorded.source}#{recorded.id}"
        position = recorded.position
        held = self._positions.get(event_id)
        if held is not None:
            if held <= position:
                return
            self._entries = [entry for entry in self._entries if entry.seen.id != event_id]
            self._stale = True
        self._positions[event_id] = position
        if self._moves is not None and recorded.type in MOVING:
            self._moves[event_id] = recorded
        at = effective_at(self._settings, recorded)
        if "effective_at" in recorded.data:  # a decision counts when it takes effect
            at = max(at, instant(recorded.data["effective_at"]))
        second = at.replace(microsecond=0) if at.microsecond else at
        seen = Seen(second, position, event_id, recorded.data, exact_at=at)
        self._insert(Entry((at, recorded.sequence or 0, position), plan, seen))

    def at(self, as_of: datetime) -> Verdict:
        """What is known of the case at `as_of`, if nothing more happens before it."""
        as_of = whole_second(as_of)
        shown, looked_at, wakes_at = self._shown, self._looked_at, self._wakes_at
        if (
            shown is not None
            and looked_at is not None
            and wakes_at is not None
            and looked_at <= as_of < wakes_at
        ):
            return shown
        self._looked_at, self._wakes_at = as_of, as_of + SECOND
        shown = self._state_at(as_of).view(as_of)
        if self._moves:
            shown = borne(self._settings, shown, hands_by(self._settings, self._moves.values(), as_of))
        self._shown = shown
        return shown

    def state_at(self, as_of: datetime) -> CaseState:
        """The folded case, for explanations."""
        return self._state_at(whole_second(as_of))

    @property
    def next_due(self) -> datetime | None:
        """The next instant at which `at` changes by itself, seen from the last one asked for."""
        after = self._looked_at
        if after is None:
            if not self._entries:
                return None
            after = self._entries[0].seen.at
        found = self._state_at(after).next_change(after)
        if self._entries and self._entries[-1].seen.at > after:
            ahead = next(entry.seen.at for entry in self._entries if entry.seen.at > after)
            found = ahead if found is None or ahead < found else found
        self._wakes_at = found or EVER
        return found

    def _insert(self, entry: Entry) -> None:
        entries = self._entries
        self._shown = self._walk = None
        if not entries or entries[-1].key < entry.key:
            entries.append(entry)
            fired = self._state.fired_at
            if self._stale or (fired is not None and fired > entry.seen.at):
                self._stale = True
            else:
                self._state.apply(entry.plan, entry.seen)
        else:
            insort(entries, entry, key=_KEY)
            self._stale = True

    def _state_at(self, as_of: datetime) -> CaseState:
        back = bool(self._entries) and self._entries[-1].seen.at > as_of
        if self._stale and not back:
            self._state, self._stale = self._walked(EVER), False
            self._walk = None
        fired_at = self._state.fired_at
        if back or (fired_at is not None and fired_at > as_of):
            state = self._walked(as_of)
        else:
            state, self._walk = self._state, None
        state.advance(as_of)
        return state

    def _walked(self, to: datetime) -> CaseState:
        walk = self._walk
        if walk is None or to < walk.to:
            walk = self._walk = Walk(CaseState(self._settings, self._case))
        return walk.on(self._entries, to)


def whole_second(at: datetime) -> datetime:
    """An instant in UTC and whole seconds (reading R1). Raises ValueError if it names no zone."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError(f"{at!r} names no time zone")
        at = at.astimezone(UTC)
    return at.replace(microsecond=0) if at.microsecond else at


def evaluate(settings: Settings, events: Iterable[Recorded], as_of: datetime) -> Verdict:
    """What the events of one case mean at `as_of`, in whatever order and however often they are given."""
    listed = sorted(events, key=attrgetter("position"))
    fold = CaseFold(settings, listed[0].case if listed else "")
    for recorded in listed:
        fold.take(recorded)
    return fold.at(as_of)
