"""Figures moved event by event: what each adds and takes back comes to what the whole case says."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pytest

from kpi_builders import asking, events, kpi
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_projections.judging.figures import Item, items_of_events, moving, stories_of
from onrecord_projections.judging.figures.story import plain

INSPECTED = {
    "denominator": '"archive.inspected"',
    "numerator": '"archive.inspected"',
    "without": '["defects"]',
}
REACHED = {
    "formula": '"coverage"',
    "denominator": '"emergency.opened"',
    "denominator_field": '"affected"',
    "numerator": '"emergency.notified"',
    "value_field": '"customer"',
}
WAIT = {"formula": '"mean"', "starts_on": '"complaint.registered"', "stops_on": '"complaint.answered"'}
LATEST = {"formula": '"sum"', "numerator": '"figure.recorded"', "value_field": '"value"', "latest": "true"}
FIGURES = (
    kpi("FIRST", formula='"cases"', **INSPECTED),
    kpi("LAST", formula='"cases"', pick='"last"', **INSPECTED),
    kpi("EVER", formula='"cases"', met='"ever"', **INSPECTED),
    kpi("REACHED", **REACHED),
    kpi("WAIT", **WAIT),
    kpi("LATEST", **LATEST),
    kpi("CLOSED", formula='"count"', numerator='"complaint.closed"', by='"severity"'),
)
DAYS = [
    "complaint.registered severity=minor received_by=li",
    "archive.inspected consultant=li defects=paper-missing:1",
    "emergency.opened affected=2",
    "figure.recorded figure=x value=150",
    "complaint.answered",
    "emergency.notified customer=c1",
    "archive.inspected consultant=li",
    "complaint.closed",
    "figure.recorded figure=x value=140",
    "complaint.classified severity=major",
    "complaint.registered severity=major received_by=wu",
    "emergency.notified customer=c1",
    "complaint.answered",
    "archive.inspected consultant=li defects=paper-missing:2",
    "complaint.closed",
]
CASE = events(f"2026-06-{day:02} 09:00:00 {what}" for day, what in enumerate(DAYS, 1))
IN_ORDER = list(range(len(CASE)))


def told(found: Iterable[tuple[Item, int]]) -> list[tuple[str, str, int]]:
    return [(item.asked.id, f"{plain(item.above)}/{plain(item.below)}", sign) for item, sign in found]


def whole(settings: Settings, history: list[Recorded]) -> Counter[Item]:
    return Counter(items_of_events(settings, history))


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(IN_ORDER, id="as-it-happened"),
        pytest.param(IN_ORDER[::-1], id="the-last-first"),
        pytest.param([*IN_ORDER[1:], 0], id="the-first-late"),
        pytest.param([*IN_ORDER[:6], *IN_ORDER[7:], 6], id="one-late"),
    ],
)
@pytest.mark.parametrize("at_once", [1, 4], ids=["one-by-one", "four-at-a-time"])
def test_whatever_the_order_of_arrival_what_moved_is_what_the_case_says(
    order: list[int], at_once: int
) -> None:
    settings = asking(*FIGURES)
    arrived, history, sums = [CASE[nth] for nth in order], list[Recorded](), Counter[Item]()
    while arrived:
        fresh, arrived = arrived[:at_once], arrived[at_once:]
        history += fresh
        for item, sign in stories_of(settings).moved("case/1", history, len(fresh)):
            sums[item] += sign
        assert +sums == whole(settings, history)
        assert min(sums.values(), default=0) >= 0


@pytest.mark.parametrize(
    ("figure", "lines", "moved"),
    [
        pytest.param(
            kpi("N", formula='"count"', numerator='"complaint.closed"'),
            ["complaint.closed", "complaint.answered", "complaint.closed"],
            [[("N", "1/0", 1)], [], [("N", "1/0", 1)]],
            id="each-by-itself",
        ),
        pytest.param(
            FIGURES[1],
            ["archive.inspected defects=paper-missing:1", "archive.inspected", "archive.inspected"],
            [
                [("LAST", "0/1", 1)],
                [("LAST", "0/1", -1), ("LAST", "1/1", 1)],
                [("LAST", "1/1", -1), ("LAST", "1/1", 1)],
            ],
            id="a-case-by-its-last",
        ),
        pytest.param(
            FIGURES[0],
            ["archive.inspected defects=paper-missing:1", "archive.inspected"],
            [[("FIRST", "0/1", 1)], []],
            id="a-case-by-its-first",
        ),
        pytest.param(
            FIGURES[3],
            [
                "emergency.opened affected=2",
                "emergency.notified customer=c1",
                "emergency.notified customer=c1",
            ],
            [[("REACHED", "0/2", 1)], [("REACHED", "0/2", -1), ("REACHED", "1/2", 1)], []],
            id="each-reached-once",
        ),
        pytest.param(
            FIGURES[4],
            ["complaint.registered", "complaint.answered", "complaint.answered"],
            [[], [("WAIT", "86400/1", 1)], []],
            id="from-start-to-stop",
        ),
        pytest.param(
            FIGURES[5],
            ["figure.recorded value=150", "figure.recorded value=140"],
            [
                [("LATEST", "150/0", 1)],
                [("LATEST", "150/0", -1), ("LATEST", "140/0", 1)],
            ],
            id="corrected",
        ),
    ],
)
def test_an_event_takes_back_only_what_it_changes(
    figure: str, lines: list[str], moved: list[list[tuple[str, str, int]]]
) -> None:
    settings, history = asking(figure), list[Recorded]()
    for event, then in zip(
        events(f"2026-06-0{day} 09:00:00 {what}" for day, what in enumerate(lines, 1)), moved, strict=True
    ):
        history.append(event)
        assert told(stories_of(settings).moved("case/1", history, 1)) == then


def test_a_history_that_did_not_go_on_as_it_was_told_is_told_again() -> None:
    """A transaction that failed is judged again, perhaps with other events after the same beginning."""
    settings = asking(FIGURES[5])
    first, undone, other = events(
        f"2026-06-0{day} 09:00:00 figure.recorded value={value}" for day, value in ((1, 1), (2, 2), (3, 3))
    )
    stories = stories_of(settings)
    assert told(stories.moved("case/1", [first, undone], 1))[-1] == ("LATEST", "2/0", 1)
    assert told(stories.moved("case/1", [first, other], 1)) == [
        ("LATEST", "1/0", -1),
        ("LATEST", "3/0", 1),
    ]
    assert told(stories.moved("case/1", [first], 1)) == [("LATEST", "1/0", 1)]


@pytest.fixture
def tellings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events were told each time a case had to be told from its beginning."""
    counts, tell = list[int](), moving.Story.of

    def counting(settings: Settings, history: Sequence[Recorded]) -> moving.Story:
        counts.append(len(history))
        return tell(settings, history)

    monkeypatch.setattr(moving.Story, "of", counting)
    return counts


def test_a_case_in_work_is_told_once_until_something_comes_late(tellings: list[int]) -> None:
    settings, late = asking(*FIGURES), CASE[3]
    history = [event for event in CASE if event is not late]
    for end in range(1, len(history) + 1):
        list(stories_of(settings).moved("case/1", history[:end], 1))
    assert tellings == [0]
    list(stories_of(settings).moved("case/1", [*history, late], 1))
    assert sorted(tellings) == [0, 14, 15]


@pytest.mark.parametrize(("held", "told_again"), [(1, [0, 0, 1, 1]), (2, [0, 0])])
def test_as_many_cases_are_held_as_are_in_work_at_once(
    monkeypatch: pytest.MonkeyPatch, tellings: list[int], held: int, told_again: list[int]
) -> None:
    monkeypatch.setattr(moving, "CASES_HELD_MAX", held)
    settings = asking(FIGURES[5])
    lines = [f"2026-06-0{day} 09:00:00 figure.recorded value={day}" for day in (1, 2)]
    cases = {name: events(lines, name) for name in ("case/1", "case/2")}
    for end in (1, 2):
        for name, history in cases.items():
            list(stories_of(settings).moved(name, history[:end], 1))
    assert tellings == told_again


def test_more_cases_than_are_held_move_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "CASES_HELD_MAX", 1)
    settings = asking(FIGURES[5])
    lines = [f"2026-06-0{day} 09:00:00 figure.recorded value={day}" for day in (1, 2)]
    cases = {name: events(lines, name) for name in ("case/1", "case/2", "case/3")}
    for end in (1, 2):
        for name, history in cases.items():
            found = list(stories_of(settings).moved(name, history[:end], 1))
            assert sum((item.above * sign for item, sign in found), Decimal()) == 1
            assert {item.case for item, _ in found} == {name}
