"""Matters: what became of each, story by story; and that order, copies and cuts change nothing."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging_builders import ZONE
from kpi_builders import events
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings
from onrecord_projections.matters import Item, items_of
from onrecord_projections.matters_memory import Memory
from onrecord_projections.staff import GONE, JOINED, LEFT, Move, spans_of

START = datetime(2026, 6, 15, 9, tzinfo=ZONE)
HOUR = timedelta(hours=1)
TAKEN = "2026-06-15 09:00:00 complaint.registered received_by=chen building=B1 channel=phone"
SETTLED = "2026-06-15 12:00:00 complaint.resolved"
CLOSED = "2026-06-15 13:00:00 complaint.closed"
RAISED = "2026-06-15 10:00:00 complaint.repeated"
BACK = "2026-06-16 09:00:00 complaint.repeated"


def matter(*lines: str) -> Item:
    return items_of(Settings(), events(lines, "complaint/1"))[""]


@pytest.mark.parametrize(
    ("lines", "answered", "settled", "repeats", "reopened"),
    [
        pytest.param([], None, None, 0, 0, id="nobody-did-anything"),
        pytest.param(["2026-06-15 10:00:00 complaint.progress-shared"], 1, None, 0, 0, id="answered"),
        pytest.param([SETTLED], 3, 3, 0, 0, id="settled-is-answered"),
        pytest.param(["2026-06-15 08:59:59 complaint.answered"], None, None, 0, 0, id="before-it-was-opened"),
        pytest.param(
            ["2026-06-15 10:00:00 interaction.logged kind=call direction=in customer=c"],
            None, None, 0, 0, id="the-customer-called-us",
        ),
        pytest.param(
            ["2026-06-15 10:00:00 interaction.logged kind=call direction=out customer=c"],
            1, None, 0, 0, id="we-called-the-customer",
        ),
        pytest.param(
            ["2026-06-15 10:00:00 callback.made kind=complaint channel=phone by=chen reached=false"],
            None, None, 0, 0, id="nobody-picked-up",
        ),
        pytest.param(
            ["2026-06-15 10:00:00 callback.made kind=complaint channel=phone by=chen"],
            1, None, 0, 0, id="called-back",
        ),
        pytest.param([SETTLED, CLOSED], 3, 3, 0, 0, id="the-first-settlement"),
        pytest.param([RAISED, SETTLED], 3, 3, 1, 0, id="raised-again-before"),
        pytest.param([SETTLED, BACK], 3, None, 1, 1, id="came-back"),
        pytest.param(
            [SETTLED, BACK, "2026-06-16 10:00:00 complaint.closed"], 3, 25, 1, 1, id="settled-again"
        ),
        pytest.param(
            [SETTLED, "2026-06-16 09:00:00 complaint.reopened mode=restart"], 3, None, 0, 1, id="reopened"
        ),
        pytest.param(
            [SETTLED, BACK, "2026-06-16 10:00:00 complaint.reopened mode=continue"],
            3, None, 1, 1, id="raised-again-and-reopened-is-once",
        ),
        pytest.param(
            [SETTLED, BACK, "2026-06-16 10:00:00 complaint.reopened mode=new-episode"],
            3, 3, 1, 1, id="goes-on-as-another-complaint",
        ),
    ],
)  # fmt: skip
def test_what_became_of_a_complaint(
    lines: list[str], answered: int | None, settled: int | None, repeats: int, reopened: int
) -> None:
    found = matter(TAKEN, *lines)
    hours = [at and (at - found.opened_at) / HOUR for at in (found.answered_at, found.settled_at)]
    assert hours == [answered, settled]
    assert (found.repeats, found.reopened) == (repeats, reopened)


def test_withdrawn_is_neither_settled_nor_open_unless_it_was_settled_before() -> None:
    withdrawn = "2026-06-15 11:00:00 complaint.withdrawn"
    assert matter(TAKEN, withdrawn).ended_at == START + 2 * HOUR
    assert matter(TAKEN, SETTLED, "2026-06-15 13:00:00 complaint.withdrawn").ended_at is None
    assert matter(TAKEN, withdrawn, "2026-06-15 12:00:00 complaint.reopened mode=continue").ended_at is None


def test_it_is_the_takers_from_acceptance_on_until_it_is_settled() -> None:
    offered = "2026-06-15 10:00:00 handover.offered giver=chen taker=wu"
    accepted = "2026-06-15 11:00:00 handover.accepted giver=chen taker=wu"
    late = "2026-06-15 13:00:00 handover.accepted giver=chen taker=wu"
    assert (matter(TAKEN, offered).held_by, matter(TAKEN, offered).held_at) == ("chen", START)
    found = matter(TAKEN, offered, accepted, SETTLED)
    assert (found.person, found.held_by, found.held_at) == ("chen", "wu", START + 2 * HOUR)
    assert matter(TAKEN, offered, SETTLED, late).held_by == "chen"


def test_what_a_matter_rests_on_is_named() -> None:
    idle = "2026-06-15 10:00:00 complaint.progress-shared"
    assert matter(TAKEN, idle, "2026-06-15 11:00:00 complaint.progress-shared", SETTLED).evidence == [1, 2, 4]


def test_contacts_and_tasks_are_items_of_their_own_in_the_building_of_the_matter() -> None:
    found = items_of(
        Settings(),
        events(
            [
                "2026-06-15 08:59:00 interaction.logged kind=call direction=in customer=c staff=wu",
                TAKEN,
                "2026-06-15 09:10:00 task.set task=visit person=li due_at=2026-06-15T18:00:00+08:00",
                "2026-06-15 09:20:00 task.set task=visit person=li",
                "2026-06-15 10:00:00 task.done task=visit person=li",
                "2026-06-15 11:00:00 task.done task=letter person=li",
            ],
            "complaint/1",
        ),
    )
    said = {
        name: (item.kind, item.person, item.channel, item.building, item.settled_at, item.evidence)
        for name, item in found.items()
    }
    assert said == {
        "": ("complaint", "chen", "phone", "B1", None, [2]),
        "1": ("contact", "wu", "call", "B1", None, [1]),
        "3": ("task", "li", "", "B1", START + HOUR, [3, 5]),
        "4": ("task", "li", "", "B1", None, [4]),
        "6": ("task", "li", "", "B1", START + 2 * HOUR, [6]),
    }
    assert found["3"].due_at == START + 9 * HOUR


WHAT = (
    "complaint.registered received_by=chen building=B1",
    "complaint.progress-shared",
    "complaint.resolved",
    "complaint.repeated",
    "complaint.reopened mode=restart",
    "complaint.withdrawn",
    "interaction.logged kind=call direction=in customer=c",
    "interaction.logged kind=call direction=out customer=c",
    "handover.accepted giver=chen taker=wu",
    "task.set task=visit person=li",
    "task.done task=visit person=li",
    "complaint.archived",
)


def history(told: list[tuple[int, str]]) -> list[Recorded]:
    """Positions by the order of arrival, which need not be the order in which it happened."""
    lines = [f"{START + timedelta(minutes=minute):%Y-%m-%d %H:%M:%S} {what}" for minute, what in told]
    return events(lines, "complaint/1")


HISTORIES = st.lists(st.tuples(st.integers(0, 300), st.sampled_from(WHAT)), max_size=14).map(history)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_order_of_reading_changes_nothing(arrived: list[Recorded], chance: object) -> None:
    shuffled = list(arrived)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert items_of(Settings(), shuffled) == items_of(Settings(), arrived)


@given(HISTORIES, st.lists(st.integers(0, 14), max_size=5))
def test_what_is_remembered_moves_as_what_is_read_anew(arrived: list[Recorded], cuts: list[int]) -> None:
    settings = Settings()
    memory = Memory(settings)
    begin = 0
    for end in [*sorted(cuts), len(arrived)]:
        end = min(end, len(arrived))  # noqa: PLW2901
        if end <= begin:
            continue
        before, after = memory.moved("complaint/1", arrived[:end], end - begin)
        assert before == items_of(settings, arrived[:begin])
        assert after == items_of(settings, arrived[:end])
        begin = end


def at(hour: int) -> datetime:
    return START + hour * HOUR


def move(position: int, what: str, team: str, hour: int) -> Move:
    return Move(position, "wu", what, team, at(hour), 0)


@pytest.mark.parametrize(
    ("moves", "then"),
    [
        pytest.param([(JOINED, "a", 0)], [("a", 0, None)], id="stays"),
        pytest.param([(JOINED, "a", 0), (LEFT, "a", 5)], [("a", 0, 5)], id="left"),
        pytest.param([(JOINED, "a", 0), (JOINED, "a", 3), (LEFT, "a", 5)], [("a", 0, 5)], id="joined-twice"),
        pytest.param([(LEFT, "a", 1), (JOINED, "a", 2)], [("a", 2, None)], id="left-before-joining"),
        pytest.param(
            [(JOINED, "a", 0), (LEFT, "a", 2), (JOINED, "a", 4)],
            [("a", 0, 2), ("a", 4, None)],
            id="came-back",
        ),
        pytest.param(
            [(JOINED, "a", 0), (JOINED, "b", 1), (GONE, "", 3)],
            [("a", 0, 3), ("b", 1, 3)],
            id="left-the-house",
        ),
        pytest.param([(JOINED, "a", 0), (LEFT, "b", 1)], [("a", 0, None)], id="left-another"),
        pytest.param([(JOINED, "a", 0), (LEFT, "a", 0)], [], id="for-no-time"),
    ],
)
def test_who_was_in_which_team(
    moves: list[tuple[str, str, int]], then: list[tuple[str, int, int | None]]
) -> None:
    told = [move(position, *one) for position, one in enumerate(moves, 1)]
    expected = [(team, at(since), None if until is None else at(until)) for team, since, until in then]
    for arrived in (told, told[::-1]):
        assert [(span.team, span.since, span.until) for span in spans_of(arrived)] == expected
