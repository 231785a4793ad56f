"""Duties against a brute-force oracle: every day listed, periods decided naively, no code shared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duty_builders import duty
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, evaluate

LOCAL = timezone(timedelta(hours=8))
FIRST = date(2026, 1, 1)
SECOND = timedelta(seconds=1)
_REST = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)]
OFF = {date.fromisoformat(f"2026-{day}") + timedelta(days=n) for day, days in _REST for n in range(days)}
MADE_UP = {
    date.fromisoformat(f"2026-{day}") for day in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
}


@dataclass(frozen=True)
class Kind:
    """One way in which a duty comes round."""

    every: str
    grace_days: int = 0
    times: int = 1
    weekday: int | None = None
    window: bool = False

    def settings(self) -> Settings:
        text = f'every = "{self.every}"\ntimes = {self.times}\n'
        if self.grace_days:
            text += f'due_after = "P{self.grace_days}D"\n'
        if self.weekday is not None:
            text += f'weekday = "{("mon", "tue", "wed", "thu", "fri", "sat", "sun")[self.weekday]}"\n'
        if self.window:
            text += 'window = { opens = "03-25", closes = "03-30" }\n'
        return duty(text)


KINDS = [
    Kind("day"),
    Kind("day", grace_days=3),
    Kind("day", times=2),
    Kind("working-day"),
    Kind("working-day", grace_days=2),
    Kind("week"),
    Kind("week", weekday=0),
    Kind("week", weekday=3, times=3),
    Kind("week", grace_days=10),
    Kind("month"),
    Kind("month", grace_days=10),
    Kind("month", grace_days=40, times=2),
    Kind("two-months"),
    Kind("quarter", times=2),
    Kind("half-year", grace_days=5),
    Kind("year"),
    Kind("year", window=True),
]
ADOPTED = {kind: kind.settings() for kind in KINDS}


@dataclass(frozen=True)
class Told:
    """One event: who was assigned, that it ended, or what was done."""

    at: datetime
    what: str
    person: str = ""
    named: str | None = None
    count: int = 1


@dataclass
class Span:
    """One period, day by day."""

    name: str
    days: list[date]
    opens: datetime
    ends: datetime
    due: datetime
    begins: datetime | None = None
    total: int = 0
    parts: list[tuple[int, Told]] = field(default_factory=list)


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)


def name_of(every: str, day: date) -> str | None:
    """The name of the period a day is in; None for a day on which nothing can be owed."""
    works = day in MADE_UP or (day.weekday() < 5 and day not in OFF)
    odd = day.month - 1 + day.month % 2
    return {
        "day": f"{day}",
        "working-day": f"{day}" if works else None,
        "week": f"{day:%G-W%V}",
        "month": f"{day:%Y-%m}",
        "two-months": f"{day:%Y}-M{odd:02}-{odd + 1:02}",
        "quarter": f"{day:%Y}-Q{(day.month + 2) // 3}",
        "half-year": f"{day:%Y}-H{1 if day.month < 7 else 2}",
        "year": f"{day:%Y}",
    }[every]


@cache
def days_of(every: str) -> dict[str, list[date]]:
    """Every period of two years, day by day."""
    days: dict[str, list[date]] = {}
    day = date(2025, 12, 29)
    while day < date(2028, 1, 1):
        name = name_of(every, day)
        if name is not None:
            days.setdefault(name, []).append(day)
        day += timedelta(days=1)
    return days


def spans_of(kind: Kind) -> list[Span]:
    spans = []
    for name, members in days_of(kind.every).items():
        first, last = members[0], members[-1]
        opens, ends = start_of(first), start_of(last + timedelta(days=1))
        due_on = last + timedelta(days=kind.grace_days)
        if kind.weekday is not None:
            due_on = next(day for day in members if day.weekday() == kind.weekday)
        if kind.window:
            opens, due_on = start_of(date(first.year, 3, 25)), date(first.year, 3, 30)
        spans.append(Span(name, members, opens, ends, start_of(due_on + timedelta(days=1)) - SECOND))
    return spans


def holdings(told: Sequence[Told]) -> list[tuple[datetime, datetime | None]]:
    """The stretches of time in which somebody had the duty."""
    stretches: list[tuple[datetime, datetime | None]] = []
    for item in told:
        held = bool(stretches) and stretches[-1][1] is None
        if item.what == "assigned" and not held:
            stretches.append((item.at, None))
        elif item.what == "ended" and held:
            stretches[-1] = (stretches[-1][0], item.at)
    return [(begin, end) for begin, end in stretches if begin != end]


@cache
def named_days() -> dict[str, set[date]]:
    """Every name that an event may give, with its days."""
    found: dict[str, set[date]] = {}
    for n in range(1095):
        day = date(2025, 1, 1) + timedelta(days=n)
        for every in ("day", "week", "month", "quarter", "half-year", "year"):
            found.setdefault(name_of(every, day) or "", set()).add(day)
    return found


def lay_down(kind: Kind, told: Sequence[Told]) -> list[Span]:
    """Every period anybody owed, with what was done for it."""
    spans = spans_of(kind)
    stretches = holdings(told)
    for span in spans:
        since = [
            max(begin, span.opens)
            for begin, end in stretches
            if begin < span.ends and (end is None or end > span.opens) and max(begin, span.opens) < span.ends
        ]
        begins = min(since, default=None)
        span.begins = begins if begins is not None and begins <= span.due else None
    for nth, item in enumerate(told):
        if item.what != "done":
            continue
        meant = span_for(kind, spans, told[: nth + 1], item)
        if meant is not None and meant.total < kind.times:
            meant.total += item.count
            meant.parts.append((nth, item))
    return [span for span in spans if span.begins is not None]


def span_for(kind: Kind, spans: list[Span], until: Sequence[Told], item: Told) -> Span | None:
    wanted = {item.at.astimezone(LOCAL).date()}
    if item.named is not None:
        wanted = named_days()[item.named]
    elif kind.grace_days:
        stretches = holdings(until)
        if stretches and stretches[-1][1] is None:
            begun = [span for span in spans if span.begins is not None and span.begins <= item.at]
            ended = [span for span in begun if span.ends <= item.at]
            last = ended[-1] if ended and ended[-1].ends > stretches[-1][0] else None
            still = [span for span in begun if span.due >= item.at or span is last]
            undone = [span for span in still if span.total < kind.times]
            if undone:
                return undone[0]
    return next((span for span in spans if span.days[0] <= min(wanted) and wanted <= {*span.days}), None)


Row = tuple[str, str, str, datetime, datetime, datetime | None]


def expected(kind: Kind, told: Sequence[Told], as_of: datetime) -> list[Row]:
    rows = []
    told = [item for item in told if item.at <= as_of]
    for span in lay_down(kind, told):
        assert span.begins is not None
        if span.begins > as_of:
            continue
        acts = [(nth, item) for nth, item in enumerate(told) if item.what != "done"]
        by_due = [(nth, item) for nth, item in acts if item.at <= span.due]
        ended = None
        held = False
        for nth, item in by_due:
            if item.what == "ended" and held:
                held, ended = False, (nth, item)
            elif item.what == "assigned":
                held, ended = True, None
        done = span.parts[-1] if span.total >= kind.times else None
        in_time = done is not None and done[1].at <= span.due and (ended is None or done[0] < ended[0])
        stopped: datetime | None
        if in_time and done is not None:
            state, stopped, until = "met", done[1].at, done[0]
        elif ended is not None:
            state, stopped, until = "cancelled", ended[1].at, len(told)
        else:
            state = "breached" if as_of > span.due else "running"
            stopped, until = (done[1].at if done else None), len(told)
        people = [item.person for nth, item in by_due if item.what == "assigned" and nth < until]
        owner = people[-1] if people else next(i.person for i in told if i.what == "assigned")
        rows.append((span.name, state, owner, span.begins, span.due, stopped))
    return rows


def events_of(told: Sequence[Told]) -> list[Recorded]:
    found = []
    for nth, item in enumerate(told, 1):
        data: dict[str, object] = {"duty": "x"}
        if item.what == "assigned":
            data["person"] = item.person
        elif item.what == "done":
            data |= {"count": item.count, "complete": True}
            if item.named is not None:
                data["period"] = item.named
        found.append(
            Recorded(
                position=nth,
                id=f"{nth}",
                source="test",
                type=f"duty.{item.what}",
                stream="duty/1",
                occurred_at=item.at,
                recorded_at=item.at,
                data=data if item.what != "ended" else {},
            )
        )
    return found


def actual(verdict_of: CaseFold, as_of: datetime) -> list[Row]:
    return [
        (
            clock.instance,
            clock.state,
            str(clock.owner),
            clock.started_at,
            clock.due_at or as_of,
            clock.stopped_at,
        )
        for clock in verdict_of.at(as_of).clocks
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Kind, list[Told], datetime]:
    kind = draw(st.sampled_from(KINDS))
    days = 40 if kind.every in ("day", "working-day", "week") else 500
    moments = st.builds(
        lambda day, second: start_of(FIRST + timedelta(days=day)) + timedelta(seconds=second),
        st.integers(0, days),
        st.sampled_from([0, 1, 32_400, 43_200, 86_399]),
    )
    names = st.one_of(
        st.none(),
        st.none(),
        st.integers(0, days).map(lambda n: f"{FIRST + timedelta(days=n)}"),
        st.integers(0, days).map(lambda n: name_of("week", FIRST + timedelta(days=n))),
        st.integers(0, days).map(lambda n: name_of("month", FIRST + timedelta(days=n))),
        st.sampled_from(["2026-Q1", "2026-Q3", "2026-H1", "2027-H1", "2026", "2027"]),
    )
    item = st.one_of(
        st.builds(Told, moments, st.just("assigned"), st.sampled_from(["gao", "wu"])),
        st.builds(Told, moments, st.just("ended")),
        st.builds(Told, moments, st.just("done"), named=names, count=st.integers(1, 2)),
        st.builds(Told, moments, st.just("done"), named=names, count=st.integers(1, 2)),
    )
    told = sorted(draw(st.lists(item, max_size=14)), key=lambda item: item.at)
    first = Told(draw(moments), "assigned", "gao")
    told = sorted([first, *told], key=lambda item: item.at)
    return kind, told, draw(moments)


@settings(max_examples=400, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_duties_are_what_listing_every_day_says(
    history: tuple[Kind, list[Told], datetime], chance: Random
) -> None:
    kind, told, as_of = history
    events = events_of(told)
    arrived = [*events, *chance.sample(events, chance.randint(0, len(events)))]
    chance.shuffle(arrived)
    fold = CaseFold.open(ADOPTED[kind], "duty/1")
    for event in arrived:
        fold.take(event)
        if chance.random() < 0.3:
            fold.at(chance.choice(events).recorded_at)
    assert actual(fold, as_of) == expected(kind, told, as_of)
    end = max(as_of, told[-1].at)
    assert actual(fold, end) == expected(kind, told, end)
    assert fold.at(end) == evaluate(ADOPTED[kind], events, end)


@settings(max_examples=250, deadline=None)
@given(histories(), st.integers(0, 100 * 86_400), st.floats(0, 1))
def test_between_two_looks_nothing_changes_before_it_said_it_would(
    history: tuple[Kind, list[Told], datetime], ahead: int, share: float
) -> None:
    kind, told, _ = history
    fold = CaseFold.open(ADOPTED[kind], "duty/1")
    for event in events_of(told):
        fold.take(event)
    now = told[-1].at + timedelta(seconds=ahead)
    seen = fold.at(now)
    change = fold.next_due
    between = (
        now + (min(change or now + timedelta(days=400), now + timedelta(days=400)) - SECOND - now) * share
    )
    assert evaluate(ADOPTED[kind], events_of(told), between) == seen
    if change is not None:
        assert change > now
        assert evaluate(ADOPTED[kind], events_of(told), change) != seen


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_oracle_has_something_to_say_of_each_kind(kind: Kind) -> None:
    monday = start_of(date(2026, 1, 5))
    told = [Told(monday, "assigned", "gao"), Told(monday, "done", count=9)]
    states = [state for _, state, *_ in expected(kind, told, datetime(2027, 12, 31, tzinfo=UTC))]
    assert {*states} >= {"met", "breached"} or kind == Kind("year")
