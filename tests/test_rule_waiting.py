"""Whose turn it is among those who wait for a car: ranked holders, by hand and against a plain sort."""

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from judging_builders import HEAD, ZONE, adopting, at, facts
from onrecord_projections.judging import RulebookError, load
from onrecord_projections.judging.ownership import evaluate_ownership
from onrecord_projections.judging.ownership.said import span_said

QUEUE = (
    HEAD
    + """
[[clause]]
id = "turn"
cites = "1"
says_en = "Who paid most goes first, then who ordered first."
says_zh = "全款优先。"
kind = "ownership"
rule = "holder"
on = [{ event = "act.done", where = { act = "pay" } }, { event = "act.done", where = { act = "order" } }]
holder = ["about"]
wins = "ranked"
rank_field = "value"
ends_on = [{ event = "act.done", where = { act = "hand-out" } }]

[[clause.example]]
name = "nothing"
log = []
as_of = "2026-01-01 00:00:00"
expect = "no owner"
"""
)


def spans(*told: str) -> list[str]:
    """Who had the turn, from when on."""
    events = facts(*told, case="queue/a")
    found = evaluate_ownership(adopting(QUEUE), events, at("2026-12-31 00:00:00"))
    return [span_said(span, ZONE) for span in found.spans if span.line == "turn"]


def said(day: int, act: str, order: str, more: str = "") -> str:
    return f"2026-06-{day:02} 10:00:00 act.done act={act} by=x about={order} {more}".rstrip()


def test_who_pays_goes_before_who_only_ordered_and_then_the_rest_in_order() -> None:
    told = (
        said(1, "order", "o1"),
        said(2, "order", "o2"),
        said(3, "pay", "o3", "value=100"),
        said(4, "pay", "o2", "value=200"),
        said(5, "hand-out", "o2"),
        said(6, "hand-out", "o3"),
        said(7, "hand-out", "o1"),
    )
    assert spans(*told) == [
        "owner o1 since 2026-06-01 10:00:00",
        "owner o3 since 2026-06-03 10:00:00",
        "owner o2 since 2026-06-04 10:00:00",
        "owner o3 since 2026-06-05 10:00:00",
        "owner o1 since 2026-06-06 10:00:00",
        "nobody since 2026-06-07 10:00:00 (released)",
    ]


def test_a_second_order_does_not_put_back_who_paid() -> None:
    told = (said(1, "pay", "o1", "value=100"), said(2, "order", "o1"), said(3, "order", "o2"))
    assert spans(*told) == ["owner o1 since 2026-06-01 10:00:00"]


@trying(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("pay", "order")), st.integers(1, 3)), min_size=1, max_size=12))
def test_handing_out_car_after_car_gives_the_order_of_a_plain_sort(arrivals: list[tuple[str, int]]) -> None:
    told = [said(nth, act, f"o{nth}", f"value={price}") for nth, (act, price) in enumerate(arrivals, 1)]
    expected = [
        f"o{nth}"
        for nth, (act, price) in sorted(
            enumerate(arrivals, 1), key=lambda one: (one[1][0] != "pay", -one[1][1], one[0])
        )
    ]
    handed_out = [said(12 + nth, "hand-out", order) for nth, order in enumerate(expected, 1)]
    turns = [line.split()[1] for line in spans(*told, *handed_out) if line.startswith("owner")]
    assert turns[-len(expected) :] == expected


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('wins = "ranked"', 'wins = "first"', "`rank_field` belongs to"),
        ('rank_field = "value"', 'rank_field = "salesperson"', "none of these events has a field"),
    ],
)
def test_a_rank_needs_a_number_the_events_have(old: str, new: str, says: str) -> None:
    with pytest.raises(RulebookError, match=says):
        load(QUEUE.replace(old, new))
