"""What time does to a case by itself: a breach that changes a fact, a clock that moves, a look back."""

import pytest

from judging_builders import HEAD, adopting, at, clause, facts, policy, said
from onrecord_projections.judging import CaseFold, evaluate

ESCALATING = clause(on_breach='{ becomes = { severity = "major" } }')
REGISTERED = "2026-03-02 09:00:00 complaint.registered severity=minor"
"""The minor complaint is due at 17:00; a second later it is a major one."""


def test_a_fact_that_time_changes_stops_only_what_waits_for_that_value() -> None:
    waiting = clause(id='"T-2"', target='"PT48H"', stops_on='[{ becomes = { severity = "minor" } }]')
    settings = adopting(HEAD + ESCALATING + waiting)
    seen_at = at("2026-03-03 00:00:00")
    assert said(evaluate(settings, facts(REGISTERED), seen_at), "T-2") == "running, due 2026-03-04 09:00:00"
    minor_again = "2026-03-02 20:00:00 complaint.classified severity=minor"
    assert said(evaluate(settings, facts(REGISTERED, minor_again), seen_at), "T-2") == (
        "met, due 2026-03-04 09:00:00"
    )


def test_of_two_clocks_that_change_a_fact_the_earlier_one_does_so_first() -> None:
    level = clause(id='"T-2"', target='"PT4H"', on_breach='{ becomes = { level = "company" } }')
    settings = adopting(HEAD + ESCALATING + level)
    state = CaseFold.open(settings, "complaint/1")
    for event in facts(REGISTERED.replace("minor", "minor level=station")):
        state.take(event)
    then = state.state_at(at("2026-03-03 00:00:00"))
    assert (then.facts["severity"], then.changed_at["severity"]) == ("major", at("2026-03-02 17:00:01"))
    assert (then.facts["level"], then.changed_at["level"]) == ("company", at("2026-03-02 13:00:01"))


MAJOR = clause(
    id='"T-2"',
    starts_on='[{ becomes = { severity = "major" } }]',
    on_change='"from-change"',
    target='"PT24H"',
)


def test_a_look_back_does_not_know_what_time_did_later() -> None:
    fold = CaseFold.open(adopting(HEAD + ESCALATING + MAJOR), "complaint/1")
    fold.take(facts(REGISTERED)[0])
    assert said(fold.at(at("2026-03-02 18:00:00")), "T-2") == "running, due 2026-03-03 17:00:01"
    assert said(fold.at(at("2026-03-02 17:00:00")), "T-2") == "no clock"
    assert said(fold.at(at("2026-03-02 17:00:01")), "T-2") == "running, due 2026-03-03 17:00:01"


def test_a_look_between_two_seconds_is_a_look_at_the_second_before() -> None:
    settings = adopting(HEAD + ESCALATING)
    seen_at = at("2026-03-02 17:00:00").replace(microsecond=900_000)
    assert said(evaluate(settings, facts(REGISTERED), seen_at)) == "running, due 2026-03-02 17:00:00"


def test_a_fact_that_time_changes_begins_only_what_waits_for_that_value() -> None:
    at_station = clause(id='"T-2"', starts_on='[{ becomes = { level = "station" } }]', target='"PT24H"')
    book = HEAD + clause(on_breach='{ becomes = { level = "company" } }') + at_station
    late = evaluate(adopting(book), facts(REGISTERED), at("2026-03-02 18:00:00"))
    assert said(late, "T-2") == "no clock"
    told = facts(REGISTERED.replace("minor", "minor level=station"))
    assert said(evaluate(adopting(book), told, at("2026-03-02 10:00:00")), "T-2") == (
        "running, due 2026-03-03 09:00:00"
    )


PAUSES = """[
  { cause = "customer", begins_on = ["complaint.customer-asked"], ends_on = ["complaint.customer-answered"] },
]"""


def test_a_clock_that_starts_in_the_past_skips_the_pauses_that_lie_behind_it() -> None:
    settings = adopting(HEAD + clause(starts_on='[{ becomes = { severity = "major" } }]', pause=PAUSES))
    lines = [
        REGISTERED,
        "2026-03-02 10:00:00 complaint.customer-asked question_code=when",
        "2026-03-02 11:00:00 complaint.customer-answered",
        "2026-03-02 12:00:00 complaint.classified severity=major",
    ]
    (clock,) = evaluate(settings, facts(*lines), at("2026-03-02 13:00:00")).clocks
    assert (clock.state, clock.started_at, clock.due_at) == (
        "running",
        at("2026-03-02 09:00:00"),
        at("2026-03-02 18:00:00"),
    )
    assert str(clock.paused) == "1:00:00"


def test_a_clock_that_moves_keeps_the_day_its_own_start_named() -> None:
    named = {"measure": '"until_field"', "due_field": '"due_at"', "starts_on": '["stage.reached"]'}
    first = HEAD + clause(**named, justified_by='["complaint.obstacle-reported"]', drop="target")
    second = HEAD.replace("edition = 1", "edition = 2") + clause(**named, drop="target")
    moved = {"pack": "test", "from_edition": 1, "to_edition": 2, "by": "gao"}
    settings = adopting(first, second.replace("2020-01-01", "2026-03-02")).evolve(
        policy(21, "rulebook.migrated", "2026-03-03T00:00:00+08:00", **moved)
    )
    lines = [
        "2026-03-01 09:00:00 stage.reached stage=agreed due_at=2026-03-05T12:00:00+08:00",
        "2026-03-02 10:00:00 complaint.obstacle-reported",
    ]
    (clock,) = evaluate(settings, facts(*lines), at("2026-03-04 00:00:00")).clocks
    assert (clock.edition, clock.justified, clock.due_at) == (2, True, at("2026-03-05 12:00:00"))


def test_a_clock_moves_although_its_case_was_looked_at_before() -> None:
    first = HEAD + clause()
    second = HEAD.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-03-02") + clause(
        target='"PT2H"'
    )
    settings = adopting(first, second)
    line = "2026-03-01 22:00:00 complaint.registered severity=minor"
    seen_at = at("2026-03-02 01:00:00")
    assert said(evaluate(settings, facts(line), seen_at)) == "running, due 2026-03-02 06:00:00"
    moved = {"pack": "test", "from_edition": 1, "to_edition": 2, "by": "gao"}
    after = settings.evolve(policy(21, "rulebook.migrated", "2026-03-02T00:30:00+08:00", **moved))
    assert said(evaluate(after, facts(line), seen_at)) == "breached, due 2026-03-02 00:30:00"


def test_a_breach_before_its_clock_moves_is_a_breach_of_the_old_edition() -> None:
    first = HEAD + ESCALATING
    second = HEAD.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-03-03") + clause()
    moved = {"pack": "test", "from_edition": 1, "to_edition": 2, "by": "gao"}
    settings = adopting(first, second).evolve(
        policy(21, "rulebook.migrated", "2026-03-04T00:00:00+08:00", **moved)
    )
    fold = CaseFold.open(settings, "complaint/1")
    fold.take(facts(REGISTERED)[0])
    state = fold.state_at(at("2026-03-05 00:00:00"))
    assert (state.facts["severity"], state.changed_at["severity"]) == ("major", at("2026-03-02 17:00:01"))
    assert [(clock.edition, clock.state) for clock in fold.at(at("2026-03-05 00:00:00")).clocks] == [
        (1, "breached")
    ]


@pytest.mark.parametrize(
    ("then", "wakes_at"),
    [
        pytest.param(None, "2026-03-02 17:00:01", id="running"),
        pytest.param("complaint.customer-asked question_code=when", None, id="paused"),
        pytest.param("complaint.answered", None, id="met"),
        pytest.param("complaint.obstacle-reported", None, id="excused"),
    ],
)
def test_only_a_running_clock_changes_by_itself(then: str | None, wakes_at: str | None) -> None:
    settings = adopting(HEAD + clause(pause=PAUSES, excuses_on='["complaint.obstacle-reported"]'))
    fold = CaseFold.open(settings, "complaint/1")
    for event in facts(REGISTERED, *([f"2026-03-02 10:00:00 {then}"] if then else [])):
        fold.take(event)
    fold.at(at("2026-03-02 11:00:00"))
    assert fold.next_due == (at(wakes_at) if wakes_at else None)


def test_what_nobody_looked_at_changes_first_after_its_first_event() -> None:
    fold = CaseFold.open(adopting(HEAD + clause()), "complaint/1")
    assert fold.next_due is None
    for event in facts(REGISTERED, "2026-03-02 20:00:00 complaint.answered"):
        fold.take(event)
    assert fold.next_due == at("2026-03-02 17:00:01")


@pytest.mark.parametrize(
    ("target", "due"),
    [("P5D", "2026-03-07 23:59:59"), ("P1D", "2026-03-04 00:00:00")],
    ids=["the-day-of-the-new-edition", "not-before-it-moved"],
)
def test_a_clock_in_days_moves_to_the_day_the_other_edition_names(target: str, due: str) -> None:
    days = {"measure": '"calendar_days"', "target": '"P2D"'}
    first = HEAD + clause(**days)
    second = HEAD.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-03-03") + clause(
        **{**days, "target": f'"{target}"'}
    )
    moved = {"pack": "test", "from_edition": 1, "to_edition": 2, "by": "gao"}
    settings = adopting(first, second).evolve(
        policy(21, "rulebook.migrated", "2026-03-04T00:00:00+08:00", **moved)
    )
    (clock,) = evaluate(settings, facts(REGISTERED), at("2026-03-04 00:00:00")).clocks
    assert (clock.edition, clock.due_at) == (2, at(due))


def test_a_breach_is_found_once_at_the_second_after_and_says_when_it_was_due() -> None:
    settings = adopting(HEAD + clause(owner='["received_by"]'))
    told = facts(REGISTERED + " received_by=li", "2026-03-02 20:00:00 complaint.answered")
    (one,) = evaluate(settings, told, at("2026-03-03 00:00:00")).findings
    assert (one.code, one.person, one.quantity, one.instance) == ("breach", "li", 1, "example#1")
    assert (one.at, one.due_at) == (at("2026-03-02 17:00:01"), at("2026-03-02 17:00:00"))
    assert one.evidence == (1, 2)
