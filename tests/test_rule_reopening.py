"""An ended complaint that comes back: its clocks go on, begin anew or stay; a breach behind it stays."""

import pytest

from judging_builders import HEAD, adopting, at, facts, said, shipping
from judging_builders import clause as clock
from onrecord_projections.judging import Settings, evaluate, explain

TAKEN = "2026-07-13 08:00:00 complaint.registered severity=minor received_by=chen area_manager=gao"
SETTLED = "2026-07-13 12:00:00 complaint.resolved"
CLOSED = "2026-07-13 13:00:00 complaint.closed"


def back(mode: str, when: str = "2026-07-14 08:00:00") -> str:
    return f"{when} complaint.reopened mode={mode}"


def elapsed() -> Settings:
    return adopting(HEAD + clock(stops_on='["complaint.closed"]'))


def looked_at(settings: Settings, as_of: str, *lines: str, by: str = "T-1") -> str:
    return said(evaluate(settings, facts(*lines), at(as_of)), by)


def test_continued_the_time_between_does_not_count() -> None:
    """Eight hours from 08:00, closed after five, back 19 hours later: three hours are left."""
    case = (TAKEN, CLOSED, back("continue"))
    assert looked_at(elapsed(), "2026-07-14 08:00:00", *case) == "running, due 2026-07-14 11:00:00"
    assert looked_at(elapsed(), "2026-07-14 07:59:59", *case) == "met, due 2026-07-13 16:00:00"
    again = "2026-07-14 11:00:00 complaint.closed"
    assert looked_at(elapsed(), "2026-07-20 08:00:00", *case, again) == "met, due 2026-07-14 11:00:00"
    late = "2026-07-14 11:00:01 complaint.closed"
    assert (
        looked_at(elapsed(), "2026-07-20 08:00:00", *case, late)
        == "breached, due 2026-07-14 11:00:00, late 0:00:01"
    )


def test_restarted_all_of_it_runs_again_and_the_first_stays_as_it_was() -> None:
    case = (TAKEN, CLOSED, back("restart"))
    assert (
        looked_at(elapsed(), "2026-07-14 08:00:00", *case)
        == "met, due 2026-07-13 16:00:00 | running, due 2026-07-14 16:00:00"
    )


def test_of_a_new_episode_nothing_moves_here() -> None:
    case = (TAKEN, CLOSED, back("new-episode"))
    assert looked_at(elapsed(), "2026-07-20 08:00:00", *case) == "met, due 2026-07-13 16:00:00"


@pytest.mark.parametrize("mode", ["continue", "restart"])
def test_a_breach_that_lies_behind_stays(mode: str) -> None:
    late = "2026-07-13 16:00:01 complaint.closed"
    found = looked_at(elapsed(), "2026-07-14 09:00:00", TAKEN, late, back(mode))
    assert found.split(" | ")[0] == "breached, due 2026-07-13 16:00:00, late 0:00:01"
    assert len(found.split(" | ")) == (2 if mode == "restart" else 1)


def test_twice_ended_and_twice_continued_only_open_time_counts() -> None:
    case = (
        TAKEN,
        CLOSED,
        back("continue"),
        "2026-07-14 10:00:00 complaint.closed",
        back("continue", "2026-07-20 08:00:00"),
    )
    assert looked_at(elapsed(), "2026-07-20 08:00:00", *case) == "running, due 2026-07-20 09:00:00"


def test_a_clock_that_is_open_is_left_alone() -> None:
    for mode in ("continue", "restart"):
        case = (TAKEN, back(mode, "2026-07-13 09:00:00"))
        assert looked_at(elapsed(), "2026-07-13 10:00:00", *case) == "running, due 2026-07-13 16:00:00"


def test_whole_days_move_on_by_the_days_it_was_closed() -> None:
    """CC03-26: seven days from the 13th is the 20th; closed for three days and a half, the 24th."""
    chain = shipping("cc03-complaints")
    case = (TAKEN, "2026-07-15 20:00:00 complaint.closed", back("continue", "2026-07-19 08:00:00"))
    assert looked_at(chain, "2026-07-19 08:00:00", *case, by="CC03-26") == "running, due 2026-07-24 23:59:59"
    assert (
        looked_at(
            chain, "2026-07-19 08:00:00", TAKEN, CLOSED, back("restart", "2026-07-19 08:00:00"), by="CC03-26"
        )
        == "met, due 2026-07-20 23:59:59 | running, due 2026-07-26 23:59:59"
    )


def test_a_restart_begins_only_what_the_case_is_now() -> None:
    """A minor one owes word within 24 hours again, whoever told him before; a major one owes its own."""
    rent = shipping("rent-crm")
    told = "2026-07-13 09:00:00 complaint.progress-shared"
    minor = (TAKEN, told, SETTLED, back("restart"))
    assert (
        looked_at(rent, "2026-07-14 08:00:00", *minor, by="RENT-CRM-1.2-4C")
        == "met, due 2026-07-14 08:00:00 | running, due 2026-07-15 08:00:00"
    )
    assert looked_at(rent, "2026-07-14 08:00:00", *minor, by="RENT-CRM-1.2-5B") == "no clock"
    major = (TAKEN, "2026-07-13 09:30:00 complaint.classified severity=major", CLOSED, back("restart"))
    assert (
        looked_at(rent, "2026-07-14 08:00:00", *major, by="RENT-CRM-1.2-5B")
        == "met, due 2026-07-13 21:30:00 | running, due 2026-07-14 20:00:00"
    )
    assert (
        looked_at(rent, "2026-07-14 08:00:00", *major, by="RENT-CRM-1.2-4C")
        == "cancelled, due 2026-07-14 08:00:00"
    )


def test_continued_the_ten_days_still_make_it_major() -> None:
    rent = shipping("rent-crm")
    case = (TAKEN, SETTLED, back("continue", "2026-07-15 12:00:00"))
    assert (
        looked_at(rent, "2026-07-20 00:00:00", *case, by="RENT-CRM-1.1-2D")
        == "running, due 2026-07-25 23:59:59"
    )
    assert (
        looked_at(rent, "2026-07-26 00:05:00", *case, by="RENT-CRM-1.2-5A")
        == "running, due 2026-07-26 00:10:00"
    )


def test_a_day_that_an_event_named_is_not_asked_for_once_it_is_over() -> None:
    rent = shipping("rent-crm")
    letter = "2026-07-13 09:00:00 work-letter.sent to=engineering due_at=2026-07-15T18:00:00+08:00"
    for when, expected in (
        ("2026-07-15 18:00:00", "running, due 2026-07-15 18:00:00"),
        ("2026-07-15 18:00:01", "met, due 2026-07-15 18:00:00"),
    ):
        case = (TAKEN, letter, SETTLED, back("continue", when))
        assert looked_at(rent, when, *case, by="RENT-CRM-1.2-2") == expected


def test_the_order_of_arrival_changes_nothing_and_the_story_is_told() -> None:
    told = facts(TAKEN, CLOSED, back("continue"))
    now = at("2026-07-14 09:00:00")
    straight = evaluate(elapsed(), told, now)
    assert evaluate(elapsed(), reversed(told), now) == straight
    explained = explain(elapsed(), told, "T-1", "example#1", now)
    assert explained is not None
    assert [(step.what, step.position) for step in explained.steps] == [
        ("start", 1),
        ("stop", 2),
        ("pause", 2),
        ("resume", 3),
    ]
    assert [(part.kind, part.why) for part in explained.intervals] == [
        ("counted", "elapsed time"),
        ("paused", "ended"),
        ("counted", "elapsed time"),
    ]


def test_what_needs_several_stops_needs_all_of_them_again() -> None:
    both = adopting(HEAD + clock(stops_on='["complaint.answered", "complaint.closed"]', all_stops="true"))
    answered = "2026-07-13 09:00:00 complaint.answered"
    case = (TAKEN, answered, CLOSED, back("continue"), "2026-07-14 09:00:00 complaint.closed")
    assert looked_at(both, "2026-07-14 10:00:00", *case) == "running, due 2026-07-14 11:00:00"


def test_a_start_that_asks_for_a_fact_is_none_once_the_fact_is_another() -> None:
    start = '[{ event = "complaint.registered", facts = { severity = "minor" } }]'
    minor = adopting(HEAD + clock(starts_on=start, stops_on='["complaint.closed"]'))
    judged = "2026-07-13 09:30:00 complaint.classified severity=major"
    case = (TAKEN, judged, CLOSED, back("restart"))
    assert looked_at(minor, "2026-07-14 08:00:00", *case) == "met, due 2026-07-13 16:00:00"
