"""A figure goes on from where the story of its case stood: what that gives, and what begins it anew."""

from collections import Counter
from dataclasses import dataclass, field

import pytest

from kpi_builders import asking, events, kpi
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_projections.judging.figures import Item, items_of_events, parts_of
from onrecord_projections.judging.figures.moving import Stories
from onrecord_projections.judging.figures.story import Place, place_of

FIGURES = (
    kpi("SUM", formula='"sum"', numerator='"figure.recorded"', value_field='"value"', by='"person"'),
    kpi("LAST", formula='"sum"', numerator='"figure.recorded"', value_field='"value"', latest="true"),
    kpi("SPAN", formula='"median"', starts_on='"repair.ordered"', stops_on='"repair.done"'),
    kpi("EVER", formula='"cases"', denominator='"repair.ordered"', numerator='"repair.done"', met='"ever"'),
)
ORDERED = "2026-04-01 10:00:00 repair.ordered received_by=wu"
FIRST = "2026-04-02 10:00:00 figure.recorded figure=test value=5 person=li"
DONE = "2026-04-03 10:00:00 repair.done"
SECOND = "2026-04-04 10:00:00 figure.recorded figure=test value=7 person=wu"
HISTORY = (ORDERED, FIRST, DONE, SECOND)
WHOLE = [
    ("EVER", "", "1"),
    ("LAST", "", "7.000000"),
    ("SPAN", "", "172800.0"),
    ("SUM", "li", "5.000000"),
    ("SUM", "wu", "7.000000"),
]


@dataclass
class Case:
    """One case as it grows, and what stands of its figures."""

    settings: Settings = field(default_factory=lambda: asking(*FIGURES))
    history: list[Recorded] = field(default_factory=list)
    standing: Counter[Item] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.stories = Stories(self.settings)

    def take(self, *fresh: Recorded) -> list[tuple[str, int]]:
        self.history += fresh
        moved = list(self.stories.moved("case/1", self.history, len(fresh)))
        for item, sign in moved:
            self.standing[item] += sign
        return [(item.asked.id, sign) for item, sign in moved]

    @property
    def held(self) -> list[tuple[str, str, str]]:
        assert min(self.standing.values()) >= 0
        return sorted((item.asked.id, item.group, str(item.above)) for item in self.standing.elements())


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_however_it_is_cut_the_same_stands(size: int) -> None:
    case, told = Case(), events(HISTORY, "case/1")
    for begin in range(0, len(told), size):
        case.take(*told[begin : begin + size])
    assert case.held == WHOLE
    assert Counter(items_of_events(case.settings, told)) == +case.standing


@pytest.mark.parametrize("late", range(4))
def test_an_event_that_came_late_takes_its_place(late: int) -> None:
    told = events(HISTORY, "case/1")
    on_time, last = [event for event in told if event is not told[late]], told[late]
    case = Case()
    case.take(*on_time)
    case.take(last)
    assert case.held == WHOLE


def test_what_did_not_change_is_neither_taken_away_nor_added_again() -> None:
    case, (ordered, first, done, second) = Case(), events(HISTORY, "case/1")
    assert case.take(ordered) == [("EVER", 1)]
    assert case.take(first) == [("SUM", 1), ("LAST", 1)]
    assert case.take(second) == [("SUM", 1), ("LAST", -1), ("LAST", 1)]
    assert sorted(case.take(done)) == [("EVER", -1), ("EVER", 1), ("SPAN", 1)]


def test_a_case_is_told_once_however_long_it_becomes(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    def looking(settings: Settings, event: Recorded) -> Place:
        looked_at.append(event.position)
        return place_of(settings, event)

    monkeypatch.setattr("onrecord_projections.judging.figures.moving.place_of", looking)
    lines = [f"2026-04-01 10:{n:02}:00 figure.recorded figure=test value=1" for n in range(60)]
    case = Case()
    for event in events(lines, "case/1"):
        case.take(event)
    assert looked_at == list(range(1, 61))


def test_a_history_that_was_read_again_is_told_again() -> None:
    case, told = Case(), events(HISTORY, "case/1")
    case.take(*told[:3])
    case.history = events(HISTORY[:3], "case/1")
    case.take(told[3])
    assert case.held == WHOLE


def test_a_case_that_no_longer_fits_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord_projections.judging.figures.moving.CASES_HELD_MAX", 0)
    case = Case()
    for event in events(HISTORY, "case/1"):
        case.take(event)
    assert case.held == WHOLE


def test_what_a_failed_batch_told_is_forgotten() -> None:
    case, told = Case(), events(HISTORY, "case/1")
    case.take(*told[:2])
    case.stories.moved("case/1", [*case.history, told[2]], 1)  # and its transaction fails
    case.take(told[2], told[3])
    assert case.held == WHOLE


@pytest.mark.parametrize(
    ("period", "every", "parts"),
    [
        ("2026-Q2", ["month", "quarter"], ["2026-04", "2026-05", "2026-06"]),
        ("2026-05", ["month", "quarter"], ["2026-05"]),
        ("2026-H2", ["two-months", "quarter", "half-year"], ["2026-07..08", "2026-09..10", "2026-11..12"]),
        ("2026-Q3", ["two-months", "quarter", "half-year"], ["2026-Q3"]),
        ("2026-W24", ["week", "month"], ["2026-W24"]),
        ("2026-02", ["day", "month"], [f"2026-02-{day:02}" for day in range(1, 29)]),
    ],
)
def test_longer_periods_are_made_up_of_the_finest(period: str, every: list[str], parts: list[str]) -> None:
    assert parts_of(period, every) == parts  # type: ignore[arg-type]  # names of periods, given as text


def test_the_case_of_the_same_name_in_another_log_is_another_story() -> None:
    case, other = Case(), events([FIRST, SECOND, DONE], "case/1")
    case.take(*events([ORDERED, FIRST], "case/1"))
    moved = case.stories.moved("case/1", other, 1)
    assert [item.asked.id for item, _ in moved] == []
