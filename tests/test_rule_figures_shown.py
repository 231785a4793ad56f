"""What figures come to: targets, middles, percentiles, sums that can be taken back, and rankings, by hand."""

from decimal import Decimal

import pytest

from judging_builders import at, policy
from kpi_builders import asking, by_case, counted, events, kpi, told
from onrecord_projections.judging import Settings
from onrecord_projections.judging.figures import (
    Cell,
    Item,
    Sums,
    bottom_findings,
    example_said,
    figures,
    items_of_events,
    plan_of,
    standings,
)

AUGUST = "2026-08-01 00:00:00"


def recorded(*values: float, day: str = "2026-06-01") -> list[str]:
    return [f"{day} 09:00:00 figure/{n} figure.recorded figure=x value={v}" for n, v in enumerate(values)]


def shown(settings: Settings, lines: list[str], as_of: str = AUGUST) -> list[str]:
    return told(counted(settings, events(lines), as_of))


def of_values(formula: str, **keys: str) -> str:
    return kpi("F", formula=f'"{formula}"', numerator='"figure.recorded"', value_field='"value"', **keys)


@pytest.mark.parametrize(
    ("target_is", "value", "then"),
    [
        ("at-least", 4, "missed"),
        ("at-least", 5, "reached"),
        ("at-least", 6, "reached"),
        ("at-most", 4, "reached"),
        ("at-most", 5, "reached"),
        ("at-most", 6, "missed"),
    ],
)
def test_a_target_is_reached_from_one_side_and_by_equality(target_is: str, value: int, then: str) -> None:
    asked = asking(of_values("sum", target="5", target_is=f'"{target_is}"'))
    assert shown(asked, recorded(value)) == [f"F 2026-06: {value} {then}"]


@pytest.mark.parametrize(
    ("since", "value", "then"),
    [
        ("2026-06-30T23:59:59+08:00", "5", " reached"),
        ("2026-07-01T00:00:00+08:00", "5", ""),
        ("2026-06-30T23:59:59+08:00", "5.1", " missed"),
        ("2026-06-30T23:59:59+08:00", "month", ""),
    ],
)
def test_a_tenants_number_is_the_target_if_it_held_as_the_period_ended(
    since: str, value: str, then: str
) -> None:
    asked = asking(of_values("sum")).evolve(policy(50, "number.set", since, clause="F", value=value))
    assert shown(asked, recorded(5)) == [f"F 2026-06: 5{then}"]


@pytest.mark.parametrize(
    ("formula", "percent", "number", "then"),
    [
        pytest.param("median", None, 51, "26/1", id="the-middle-of-fifty-one"),
        pytest.param("median", None, 50, "51/2", id="between-the-middles-of-fifty"),
        pytest.param("percentile", 56, 9, "6/1", id="a-little-over-five"),
        pytest.param("percentile", 10, 101, "11/1", id="a-little-over-ten"),
        pytest.param("percentile", 1, 3, "1/1", id="not-less-than-the-first"),
        pytest.param("percentile", 99, 100, "99/1", id="ninety-nine-of-a-hundred"),
    ],
)
def test_middles_and_percentiles_are_by_nearest_rank(
    formula: str, percent: int | None, number: int, then: str
) -> None:
    """The values are 1, 2, 3, …: the n-th smallest is n."""
    more = {"percent": f"{percent}"} if percent else {}
    lines = recorded(*range(number, 0, -1))
    assert shown(asking(of_values(formula, **more)), lines) == [f"F 2026-06: {then}"]


def of(above: str = "0", below: str = "0", value: str | None = None) -> Item:
    (item,) = items_of_events(asking(of_values("mean")), events(recorded(1)))
    return Item(item.asked, "", "case/1", "x", item.at, "", Decimal(above), Decimal(below), value, ())


@pytest.mark.parametrize("item", [of(), of("1"), of("0", "1"), of("0", "0", "3"), of("-1", "1", "3")])
def test_what_was_added_and_taken_away_again_leaves_nothing(item: Item) -> None:
    sums = Sums()
    assert not sums.moved
    sums.add(item)
    assert sums.moved
    sums.add(item, -1)
    assert (sums.moved, sums.values) == (False, {})


@pytest.mark.parametrize(
    ("added", "taken"), [(of("1"), of("2")), (of("0", "1"), of("0", "2")), (of(value="1"), of(value="2"))]
)
def test_one_item_in_place_of_another_is_a_move(added: Item, taken: Item) -> None:
    sums = Sums()
    sums.add(added)
    sums.add(taken, -1)
    assert (sums.items, sums.moved) == (0, True)


def test_what_no_edition_asks_for_is_shown_by_none() -> None:
    """Cells are kept by edition; one that the tenant never adopted says nothing about the others."""
    sums = Sums()
    sums.add(of("3", "1"))
    cells = {
        Cell(pack, edition, name, "", "2026-06", ""): sums
        for pack, edition, name in (("alien", 1, "F"), ("test", 1, "E"), ("test", 1, "F"), ("test", 2, "F"))
    }
    assert told(figures(asking(of_values("sum")), cells)) == ["F 2026-06: 3"]


def rate(name: str, **keys: str) -> str:
    """Complaints closed, of those registered, by who received them."""
    return kpi(
        name, formula='"share"', numerator='"complaint.closed"', denominator='"complaint.registered"',
        by='"received_by"', **keys,
    )  # fmt: skip


RANKED = (
    rate("HIGH"),
    rate("LOW", best='"low"'),
    kpi("BY-HIGH", formula='"ranks"', of='["HIGH"]', by='"received_by"'),
    kpi("BY-LOW", formula='"ranks"', of='["LOW"]', by='"received_by"'),
)


def complaints(person: str, *, registered: int, closed: int) -> list[str]:
    said = f"complaint.registered severity=minor received_by={person}"
    lines = [f"2026-06-01 09:00:00 complaint/{person}{n} {said}" for n in range(registered)]
    return lines + [f"2026-06-02 09:00:00 complaint/{person}{n} complaint.closed" for n in range(closed)]


HALL = [
    *complaints("li", registered=4, closed=1),
    *complaints("wu", registered=2, closed=1),
    *complaints("xu", registered=4, closed=3),
]


def test_whose_figure_is_best_is_first_whether_high_or_low() -> None:
    asked = asking(*RANKED)
    found = standings(asked, counted(asked, events(HALL), AUGUST))
    assert [(each.kpi, each.group, each.ranks, each.last) for each in found] == [
        ("BY-HIGH", "li", (3,), True),
        ("BY-HIGH", "wu", (2,), False),
        ("BY-HIGH", "xu", (1,), False),
        ("BY-LOW", "li", (1,), False),
        ("BY-LOW", "wu", (2,), False),
        ("BY-LOW", "xu", (3,), True),
    ]
    assert {(each.pack, each.edition, each.period) for each in found} == {("test", 1, "2026-06")}


def test_who_comes_last_is_proposed_once_as_of_the_end_of_the_period() -> None:
    asked = asking(*RANKED)
    found = list(bottom_findings(asked, standings(asked, counted(asked, events(HALL), AUGUST))))
    assert [(each.clause, each.person, each.quantity, each.at) for each in found] == [
        ("BY-HIGH", "li", 1, at("2026-07-01 00:00:00")),
        ("BY-LOW", "xu", 1, at("2026-07-01 00:00:00")),
    ]


def test_who_has_no_data_is_not_ranked() -> None:
    """Of zhao a case of May was closed in June, and none was registered in it."""
    asked = asking(*RANKED)
    said = "complaint.registered severity=minor received_by=zhao"
    lines = [
        *HALL,
        f"2026-05-31 09:00:00 complaint/z {said}",
        "2026-06-02 09:00:00 complaint/z complaint.closed",
    ]
    found = standings(asked, counted(asked, events(lines), AUGUST))
    assert [each.group for each in found if each.period == "2026-06" and each.kpi == "BY-HIGH"] == [
        "li",
        "wu",
        "xu",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("HIGH", "2026-06 li: 1/4 | 2026-06 wu: 1/2 | 2026-06 xu: 3/4"),
        ("LOW", "2026-06 li: 1/4 | 2026-06 wu: 1/2 | 2026-06 xu: 3/4"),
        ("BY-HIGH", "2026-06 li: ranks 3, last | 2026-06 wu: ranks 2 | 2026-06 xu: ranks 1"),
        ("BY-LOW", "2026-06 li: ranks 1 | 2026-06 wu: ranks 2 | 2026-06 xu: ranks 3, last"),
        ("ALL", "2026-06: 5/10, missed"),
        ("NONE", "no figure"),
    ],
)
def test_a_worked_example_shows_one_figure_and_no_other(name: str, said: str) -> None:
    whole = kpi(
        "ALL", formula='"share"', numerator='"complaint.closed"', denominator='"complaint.registered"',
        target="0.9",
    )  # fmt: skip
    asked = asking(*RANKED, whole, kpi("NONE", formula='"count"', numerator='"duty.done"'))
    (clause,) = (each.clause for each in plan_of(asked).asked if each.id == name)
    cases = [(case, ()) for case in by_case(events(HALL)).values()]
    assert example_said(asked, clause, cases, at(AUGUST)) == said
