"""Duties: what is owed once every calendar month, from when it is assigned until it ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from onrecord_projections.judging.clauses import (
    RecurringClause,
)
from onrecord_projections.judging.index import Rule
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.run import NOTHING, SECOND, Seen
from onrecord_projections.judging.verdict import Clock, Finding, State


class Duties:
    """The assignments, endings and reports of one duty in one case."""

    __slots__ = ("_assigned", "_released", "_reports")

    def __init__(self) -> None:
        self._assigned: list[tuple[Seen, str | None]] = []
        self._released: list[Seen] = []
        self._reports: dict[str, Seen] = {}

    def assign(self, seen: Seen, person: str | None) -> None:
        """Whoever is assigned last owes what falls due from then on."""
        self._assigned.append((seen, person))

    def release(self, seen: Seen) -> None:
        """Owed no more."""
        self._released.append(seen)

    def report(self, rule: Rule, seen: Seen) -> None:
        """The first report of a period counts."""
        clause = rule.clause
        assert isinstance(clause, RecurringClause)
        self._reports.setdefault(str(seen.data.get(clause.period_field or "period")), seen)

    def clocks(self, rule: Rule, settings: Settings, case: str, as_of: datetime) -> Iterator[Clock]:
        """One clock for each calendar month begun by `as_of`."""
        if not self._assigned:
            return
        begins = _month_of(self._assigned[0][0].at, settings)
        while begins <= as_of:
            ends = _month_after(begins)
            start = max(begins, self._assigned[0][0].at)
            if rule.holds_at(start):
                clock = self._clock(rule, settings, case, begins, ends, as_of)
                if clock is not None:
                    yield clock
            begins = ends

    def breach_of(self, clock: Clock) -> Finding:
        """A month's duty that was not done in time."""
        assert clock.due_at is not None
        return Finding(
            clock.pack,
            clock.edition,
            clock.clause,
            "breach",
            clock.case,
            clock.instance,
            clock.owner,
            clock.due_at + SECOND,
            clock.due_at,
            1,
            clock.evidence,
        )

    def next_change(self, settings: Settings, after: datetime) -> datetime | None:
        """The next month's first second, or the second after a day on which a report may fall due."""
        if not self._assigned or self._over(after):
            return None
        ends = _month_after(_month_of(max(after, self._assigned[0][0].at), settings))
        before_last_day = _last_day_before(ends)
        return before_last_day if before_last_day > after else ends

    def _over(self, at: datetime) -> bool:
        last_end = max((seen.at for seen in self._released), default=None)
        return last_end is not None and last_end <= at and last_end >= self._assigned[-1][0].at

    def _clock(
        self, rule: Rule, settings: Settings, case: str, begins: datetime, ends: datetime, as_of: datetime
    ) -> Clock | None:
        clause = rule.clause
        assert isinstance(clause, RecurringClause)
        due = _due(clause, settings, ends)
        assigned = [(seen, person) for seen, person in self._assigned if seen.at <= due]
        if not assigned or self._released_before(assigned[0][0], assigned[-1][0], begins):
            return None
        seen, owner = assigned[-1]
        released = self._release_within(seen, due)
        period = f"{begins.astimezone(ZoneInfo(settings.reading('r1.zone', begins))):%Y-%m}"
        done = self._reports.get(period)
        started = max(begins, assigned[0][0].at)
        ended = done if released is None or (done and done.at <= released.at) else released
        return Clock(
            rule.pack,
            rule.edition,
            rule.id,
            case,
            period,
            "recurring",
            owner,
            _state(done, released, due, as_of),
            started.astimezone(UTC),
            due.astimezone(UTC),
            ended.at if ended else None,
            max(ended.at - started, NOTHING) if ended else NOTHING,
            NOTHING,
            ended.at - due if ended and ended.at > due else None,
            provisional=False,
            note=clause.note,
            findings=(),
            evidence=(seen.position, ended.position) if ended else (seen.position,),
            started_by=seen.id,
            stopped_by=ended.id if ended else None,
        )

    def _released_before(self, first: Seen, last: Seen, begins: datetime) -> bool:
        """Whether nobody owed the duty at any time of the month."""
        return any(last.at <= seen.at < begins for seen in self._released) and first.at < begins

    def _release_within(self, assigned: Seen, due: datetime) -> Seen | None:
        return next((seen for seen in self._released if assigned.at <= seen.at <= due), None)


def _state(done: Seen | None, released: Seen | None, due: datetime, as_of: datetime) -> State:
    if done is not None and done.at <= due:
        return "met"
    if released is not None:
        return "cancelled"
    return "breached" if as_of > due else "running"


def _due(clause: RecurringClause, settings: Settings, ends: datetime) -> datetime:
    name = clause.month_end_reading
    if name is not None and settings.reading(name, ends - SECOND) == "before-last-day":
        return _last_day_before(ends) - SECOND
    return ends - SECOND


def _last_day_before(ends: datetime) -> datetime:
    """When the last day of the month that ends here begins."""
    local = ends.replace(tzinfo=None) - timedelta(days=1)
    return local.replace(tzinfo=ends.tzinfo)


def _month_of(at: datetime, settings: Settings) -> datetime:
    local = at.astimezone(ZoneInfo(settings.reading("r1.zone", at)))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month_after(begins: datetime) -> datetime:
    year, month = divmod(begins.year * 12 + begins.month, 12)
    return begins.replace(year=year, month=month + 1)
