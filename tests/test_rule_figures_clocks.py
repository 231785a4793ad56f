"""Which promises count for a figure, when, as what and whose: by hand."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from judging_builders import adopting, at, policy
from kpi_builders import ANSWER, PROMISE, asking, book, counted, events, kpi, told
from onrecord_projections.judging import Clock, Settings
from onrecord_projections.judging.figures import Item, items_of_clocks, plan_of
from onrecord_projections.judging.verdict import State

DUE = "2026-07-01 00:00:00"


def clock(state: State, *, stopped: bool, due_at: datetime | None = None) -> Clock:
    """A promise of the case `complaint/1`, a minute of which was used."""
    due_at = due_at or at(DUE)
    return Clock(
        "test", 1, "ANSWER", "complaint/1", "example#1", "clock", "li", state,
        due_at - timedelta(days=1), due_at, due_at if stopped else None,
        timedelta(seconds=60), timedelta(), None, False, "", (), (1, 2), "", None,
    )  # fmt: skip


def item(settings: Settings, one: Clock, facts: Mapping[str, Any] | None = None) -> Item | None:
    found = list(items_of_clocks(settings, [one], facts))
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("state", "stopped", "in_time", "done"),
    [
        ("met", True, 1, 1),
        ("breached", True, 0, 1),
        ("breached", False, 0, 0),
        ("running", False, 0, 0),
        ("paused", False, 0, 0),
        ("cancelled", True, None, None),
        ("excused", True, None, None),
    ],
)
def test_a_promise_is_kept_in_time_or_at_all_or_not_owed(
    state: State, *, stopped: bool, in_time: int | None, done: int | None
) -> None:
    for counts, above in (("in-time", in_time), ("done", done)):
        asked = asking(PROMISE, kpi("RATE", of='["ANSWER"]', counts=f'"{counts}"'))
        found = item(asked, clock(state, stopped=stopped))
        assert (found and (found.above, found.below)) == (
            None if above is None else (Decimal(above), Decimal(1))
        )


def test_a_promise_without_a_due_time_is_in_no_figure() -> None:
    asked = asking(PROMISE, kpi("RATE", of='["ANSWER"]'))
    assert item(asked, replace(clock("paused", stopped=False), due_at=None)) is None


@pytest.mark.parametrize(("formula", "value"), [("mean", None), ("median", "60")])
def test_the_time_a_promise_took_is_kept_where_it_is_needed_by_itself(
    formula: str, value: str | None
) -> None:
    asked = asking(PROMISE, kpi("TIME", formula=f'"{formula}"', of='["ANSWER"]'))
    found = item(asked, clock("breached", stopped=True))
    assert found is not None
    assert (found.above, found.below, found.value) == (Decimal(60), Decimal(1), value)
    assert item(asked, clock("running", stopped=False)) is None


@pytest.mark.parametrize(
    ("by", "facts", "group"),
    [
        ("owner", {"owner": "wu", "severity": "major"}, "li"),
        ("severity", {"owner": "wu", "severity": "major"}, "major"),
        ("severity", {}, ""),
        ("case", {"case": "wu"}, "complaint/1"),
        (None, {"severity": "major"}, ""),
    ],
)
def test_a_promise_is_split_by_its_owner_its_case_or_what_the_case_last_said(
    by: str | None, facts: Mapping[str, Any], group: str
) -> None:
    keys = {} if by is None else {"by": f'"{by}"'}
    found = item(asking(PROMISE, kpi("RATE", of='["ANSWER"]', **keys)), clock("met", stopped=True), facts)
    assert found is not None
    assert (found.group, found.part, found.evidence) == (group, "ANSWER", (1, 2))


def test_a_promise_is_split_by_what_its_case_last_told() -> None:
    asked = asking(PROMISE, kpi("RATE", of='["ANSWER"]', by='"severity"', together="true"))
    lines = [
        "2026-06-29 00:00:00 complaint/1 complaint.registered severity=minor received_by=li",
        "2026-06-30 00:00:00 complaint/1 complaint.answered",
        "2026-06-30 00:00:00 complaint/2 complaint.registered severity=major received_by=li",
    ]
    assert told(counted(asked, events(lines), "2026-07-02 00:00:00")) == [
        "RATE 2026-06 minor: 1/1",
        "RATE 2026-06: 1/1",
        "RATE 2026-07 major: 0/1",
        "RATE 2026-07: 0/1",
    ]


@pytest.mark.parametrize(
    ("keys", "moved_by"),
    [
        ({"by": '"severity"'}, True),
        ({"by": '"owner"'}, False),
        ({"by": '"case"'}, False),
        ({}, False),
    ],
)
def test_only_what_may_tell_the_fact_a_promise_is_split_by_moves_it(
    keys: dict[str, str], *, moved_by: bool
) -> None:
    """A figure of events that is split by a fact moves by itself, and no promise."""
    of_events = kpi("CLOSED", formula='"count"', numerator='"complaint.closed"', by='"received_by"')
    plan = plan_of(asking(PROMISE, kpi("RATE", of='["ANSWER"]', **keys), of_events))
    assert ("complaint.registered" in plan.clocks_by_fact) is moved_by
    assert "complaint.closed" not in plan.clocks_by_fact
    assert bool(plan.clocks_by_fact) is moved_by


def test_a_figure_asks_only_for_the_clocks_of_the_clauses_it_names() -> None:
    other = ANSWER.replace('"ANSWER"', '"OTHER"') + PROMISE.removeprefix(ANSWER)
    asked = asking(
        PROMISE,
        other,
        kpi("BOTH", of='["ANSWER", "OTHER"]', together="true", by='"owner"'),
        kpi("ONE", of='["OTHER"]', by='"owner"'),
        kpi("RANKS", formula='"ranks"', of='["BOTH", "ONE"]', by='"owner"'),
        kpi("CLOSED", formula='"count"', numerator='"complaint.closed"'),
    )
    of_clock = {key: [each.id for each in figures] for key, figures in plan_of(asked).of_clock.items()}
    assert of_clock == {("test", 1, "ANSWER"): ["BOTH"], ("test", 1, "OTHER"): ["BOTH", "ONE"]}
    assert [each.id for each in plan_of(asked).asked if each.of_clocks] == ["BOTH", "ONE"]


@pytest.mark.parametrize(("word", "counts"), [("off", True), ("on", False)])
def test_a_promise_counts_where_its_switch_was_set_when_it_fell_due(word: str, *, counts: bool) -> None:
    rated = kpi("RATE", of='["ANSWER"]', switch='{ reading = "r4.roll-over", value = "off" }')
    asked = adopting(book(PROMISE, rated), readings={"r4.roll-over": "on"})
    since = "2026-07-01T00:00:00+08:00"
    asked = asked.evolve(policy(70, "reading.set", since, reading="r4.roll-over", value=word))
    assert (item(asked, clock("met", stopped=True)) is not None) is counts
    assert item(asked, clock("met", stopped=True, due_at=at(DUE) - timedelta(seconds=1))) is None


def test_a_promise_counts_once_it_has_fallen_due_and_an_event_at_once() -> None:
    asked = asking(
        PROMISE,
        kpi("RATE", of='["ANSWER"]'),
        kpi("CLOSED", formula='"count"', numerator='"complaint.closed"'),
    )
    found = events(
        [
            "2026-06-30 00:00:00 complaint/1 complaint.registered severity=minor received_by=li",
            "2026-06-30 09:00:00 complaint/1 complaint.closed",
        ]
    )
    assert told(counted(asked, found, "2026-06-30 08:59:59")) == []
    assert told(counted(asked, found, "2026-06-30 09:00:00")) == ["CLOSED 2026-06: 1"]
    assert told(counted(asked, found, "2026-07-01 00:00:00")) == ["CLOSED 2026-06: 1"]
    assert told(counted(asked, found, "2026-07-01 00:00:01")) == [
        "CLOSED 2026-06: 1",
        "RATE ANSWER 2026-07: 0/1",
    ]
