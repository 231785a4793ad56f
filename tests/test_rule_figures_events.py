"""Which events count for a figure, as what, of which period and whom: each edge of the formulas by hand."""

from decimal import Decimal

import pytest

from judging_builders import policy
from kpi_builders import asking, counted, events, kpi, told
from onrecord_projections.judging import Settings
from onrecord_projections.judging.figures import Item, items_of_events

JULY = "2026-07-31 23:59:59"


def items(settings: Settings, *lines: str) -> list[Item]:
    return list(items_of_events(settings, events(lines)))


def figure(settings: Settings, *lines: str, as_of: str = JULY) -> list[str]:
    return told(counted(settings, events(lines), as_of))


CLEAN = kpi(
    "CLEAN",
    formula='"cases"',
    denominator='"archive.inspected"',
    numerator='"archive.inspected"',
    without='["defects"]',
)
DEFECT = "archive.inspected consultant=li defects=paper-missing:1"
FINE = "archive.inspected consultant=li"


@pytest.mark.parametrize(
    ("keys", "lines", "then"),
    [
        pytest.param({}, [DEFECT, FINE], "0/1", id="by-the-first"),
        pytest.param({}, [FINE, DEFECT, DEFECT], "1/1", id="by-the-first-that-is-fine"),
        pytest.param({"pick": '"last"'}, [DEFECT, FINE], "1/1", id="by-the-last"),
        pytest.param({"pick": '"last"'}, [FINE, FINE, DEFECT], "0/1", id="by-the-last-that-is-not"),
        pytest.param({"met": '"ever"'}, [DEFECT, DEFECT, FINE], "1/1", id="by-any"),
        pytest.param({"met": '"ever"'}, [DEFECT, DEFECT], "0/1", id="by-none"),
    ],
)
def test_a_case_counts_once_by_the_event_that_is_asked_for(
    keys: dict[str, str], lines: list[str], then: str
) -> None:
    asked = asking(
        CLEAN.replace("without", "\n".join(f"{key} = {word}" for key, word in keys.items()) + "\nwithout")
    )
    days = [f"2026-06-0{nth} 10:00:00 archive/1 {line}" for nth, line in enumerate(lines, 1)]
    assert figure(asked, *days) == [f"CLEAN 2026-06: {then}"]


def test_a_case_rests_on_what_counted_it_and_on_what_showed_it() -> None:
    ever = asking(CLEAN.replace("without", 'met = "ever"\nwithout'))
    lines = [
        f"2026-06-0{day} 10:00:00 archive/1 {what}" for day, what in ((1, DEFECT), (2, DEFECT), (3, FINE))
    ]
    (shown,) = items(ever, *lines)
    assert (shown.id, shown.evidence, shown.at.day) == ("case", (1, 3), 1)
    (itself,) = items(ever, lines[2], lines[0])
    assert itself.evidence == (2, 1)
    (alone,) = items(asking(CLEAN), lines[2])
    assert alone.evidence == (1,)


def test_an_event_that_counts_by_itself_is_named_by_itself_and_brings_no_value() -> None:
    asked = asking(kpi("N", formula='"count"', numerator='"complaint.closed"'))
    found = items(
        asked, "2026-06-01 09:00:00 complaint.closed @id=a", "2026-06-02 09:00:00 complaint.closed @id=b"
    )
    assert [(each.id, each.above, each.value, each.evidence) for each in found] == [
        ("example#a", Decimal(1), None, (1,)),
        ("example#b", Decimal(1), None, (2,)),
    ]


@pytest.mark.parametrize(("formula", "values"), [("mean", [None, None]), ("median", ["3", "0.5"])])
def test_only_a_figure_that_needs_its_values_one_by_one_keeps_them(
    formula: str, values: list[str | None]
) -> None:
    asked = asking(kpi("V", formula=f'"{formula}"', numerator='"figure.recorded"', value_field='"value"'))
    lines = [f"2026-06-01 09:00:00 figure.recorded figure=x value={value}" for value in ("3.00", "0.50")]
    assert [each.value for each in items(asked, *lines)] == values


def test_of_two_copies_of_an_event_the_first_in_the_log_counts() -> None:
    asked = asking(kpi("N", formula='"count"', numerator='"complaint.closed"'))
    there = events(["2026-06-01 09:00:00 complaint.closed @id=a"] * 2)
    for arrived in (there, there[::-1]):
        assert [each.evidence for each in items_of_events(asked, arrived)] == [(1,)]


@pytest.mark.parametrize(
    ("first", "second", "then"),
    [("2", "1", "1/1"), ("1", "2", "0/1"), ("1", "1", "0/1")],
)
def test_of_events_of_one_second_the_source_says_which_was_first(first: str, second: str, then: str) -> None:
    lines = [
        f"2026-06-01 10:00:00 archive/1 {DEFECT} @sequence={first}",
        f"2026-06-01 10:00:00 archive/1 {FINE} @sequence={second}",
    ]
    assert figure(asking(CLEAN), *lines) == [f"CLEAN 2026-06: {then}"]


NUMBERS = kpi("SUM", formula='"sum"', numerator='"stage.reached"', value_field='"%s"')


@pytest.mark.parametrize(
    ("field", "lines", "then"),
    [
        pytest.param("count", ["", "count=3"], "4", id="left-out-is-one"),
        pytest.param("about", ["about=2.5", ""], "2.5", id="not-said"),
        pytest.param("about", ["about=2", "about=park"], "2", id="a-word"),
        pytest.param("about", ["about=2", "about=NaN"], "2", id="no-number"),
        pytest.param("about", ["about=2", "about=1e19"], "2", id="too-much"),
        pytest.param("about", ["about=1e18"], "1000000000000000000", id="as-much-as-may-be"),
        pytest.param("about", ["about=-1e19"], None, id="nothing-at-all"),
        pytest.param("about", ["about=0.0000014"], "0.000001", id="to-the-millionth"),
    ],
)
def test_a_sum_adds_up_what_can_be_read_as_a_number(field: str, lines: list[str], then: str | None) -> None:
    days = [f"2026-06-0{nth} 10:00:00 stage.reached stage=a {line}" for nth, line in enumerate(lines, 1)]
    assert figure(asking(NUMBERS % field), *days) == ([f"SUM 2026-06: {then}"] if then else [])


def test_an_event_that_names_no_period_counts_in_that_of_its_time() -> None:
    asked = asking(
        kpi(
            "SUM",
            formula='"sum"',
            numerator='"figure.recorded"',
            value_field='"value"',
            period_field='"about"',
        )
    )
    lines = [
        f"2026-06-0{nth} 10:00:00 figure.recorded figure=x value={nth}{more}"
        for nth, more in ((1, ""), (2, " about=2026-05"), (4, " about=soon"))
    ]
    assert figure(asked, *lines) == ["SUM 2026-05: 2", "SUM 2026-06: 5"]


@pytest.mark.parametrize(("word", "then"), [("on", ["N 2026-06: 1"]), ("off", [])])
def test_a_figure_counts_what_happened_while_its_switch_was_on(word: str, then: list[str]) -> None:
    switch = '{ reading = "r4.roll-over", value = "on" }'
    asked = asking(kpi("N", formula='"count"', numerator='"complaint.closed"', switch=switch))
    since = "2026-06-02T00:00:00+08:00"
    asked = asked.evolve(policy(70, "reading.set", since, reading="r4.roll-over", value=word))
    lines = [f"2026-06-0{day} 00:00:00 complaint.closed" for day in (1, 2)]
    assert figure(asked, *lines) == then


def test_what_happens_later_is_in_no_figure_yet() -> None:
    asked = asking(kpi("N", formula='"count"', numerator='"complaint.closed"', every='"year"'))
    lines = [f"2026-06-0{day} 09:00:00 complaint.closed" for day in (1, 2, 3)]
    assert figure(asked, *lines, as_of="2026-06-02 09:00:00") == ["N 2026: 2"]


def test_a_figure_counts_only_events_that_say_what_it_asks_for() -> None:
    asked = asking(
        kpi(
            "N", formula='"count"', numerator='{ event = "complaint.closed", facts = { severity = "major" } }'
        )
    )
    lines = [
        "2026-06-01 09:00:00 complaint/1 complaint.registered severity=minor received_by=li",
        "2026-06-02 09:00:00 complaint/1 complaint.closed",
        "2026-06-01 09:00:00 complaint/2 complaint.registered severity=major received_by=li",
        "2026-06-02 09:00:00 complaint/2 complaint.closed",
        "2026-06-03 09:00:00 complaint/3 complaint.closed",
    ]
    assert figure(asked, *lines) == ["N 2026-06: 1"]


REACHED = kpi(
    "REACHED",
    formula='"coverage"',
    denominator='"emergency.opened"',
    denominator_field='"affected"',
    numerator='"emergency.notified"',
    value_field='"customer"',
)


def test_coverage_adds_up_what_was_opened_and_never_exceeds_it() -> None:
    opened = [f"2026-06-01 0{nth}:00:00 emergency/1 emergency.opened affected=1" for nth in (1, 2)]
    reached = [f"2026-06-02 0{nth}:00:00 emergency/1 emergency.notified customer=c{nth}" for nth in (1, 2, 3)]
    assert figure(asking(REACHED), *opened, *reached[:1]) == ["REACHED 2026-06: 1/2"]
    assert figure(asking(REACHED), *opened, *reached) == ["REACHED 2026-06: 2/2"]
    (item,) = items(asking(REACHED), *opened, *reached[:1])
    assert (item.id, item.evidence, item.missing) == ("case", (1, 2, 3), ())


def test_coverage_is_asked_for_if_its_edition_held_when_the_case_was_opened() -> None:
    """The rulebook holds from 2020 on."""
    lines = [
        "2019-12-31 23:00:00 emergency/1 emergency.opened affected=1",
        "2020-01-01 01:00:00 emergency/1 emergency.opened affected=1",
    ]
    assert figure(asking(REACHED), *lines) == []
    assert figure(asking(REACHED), lines[1]) == ["REACHED 2020-01: 0/1"]
