"""One clock: start, stop, pause, cancel, several instances, and the instants at which each word changes."""

from datetime import timedelta

import pytest

from judging_builders import HEAD, adopting, at, clause, facts, said, story
from onrecord_projections.judging import CaseFold, Settings, evaluate

REGISTERED = "2026-03-02 09:00:00 complaint.registered severity=minor received_by=chen"
PAUSES = """[
  { cause = "customer", begins_on = ["complaint.customer-asked"], ends_on = ["complaint.customer-answered"] },
  { cause = "parts", begins_on = ["complaint.forwarded"], ends_on = ["complaint.disposal-form-returned"] },
]"""
ASKED = "complaint.customer-asked question_code=access"
BACK = "complaint.customer-answered"
PARTS = "complaint.forwarded to=store"
PARTS_HERE = "complaint.disposal-form-returned department=store"


def tenant(**changes: str) -> Settings:
    return adopting(HEAD + clause(**changes))


ELAPSED = tenant(pause=PAUSES, cancels_on='["complaint.withdrawn"]')
WORKING = tenant(pause=PAUSES, measure='"working"')


@pytest.mark.parametrize(
    ("lines", "as_of", "then"),
    [
        pytest.param([], "2026-03-02 10:00:00", "no clock", id="nothing-started"),
        pytest.param(
            [REGISTERED], "2026-03-02 17:00:00", "running, due 2026-03-02 17:00:00", id="due-now-is-not-late"
        ),
        pytest.param(
            [REGISTERED], "2026-03-02 17:00:01", "breached, due 2026-03-02 17:00:00", id="one-second-past"
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 17:00:00 complaint.answered"],
            "2026-03-03 00:00:00",
            "met, due 2026-03-02 17:00:00",
            id="answered-on-the-last-second",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 17:00:01 complaint.answered"],
            "2026-03-03 00:00:00",
            "breached, due 2026-03-02 17:00:00, late 0:00:01",
            id="answered-one-second-late",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 16:00:00 complaint.answered"],
            "2026-03-02 15:00:00",
            "running, due 2026-03-02 17:00:00",
            id="not-yet-answered",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 16:00:00 complaint.answered", "2026-03-02 18:00:00 complaint.answered"],
            "2026-03-03 00:00:00",
            "met, due 2026-03-02 17:00:00",
            id="first-stop-wins",
        ),
        pytest.param(
            ["2026-03-02 08:00:00 complaint.answered", REGISTERED],
            "2026-03-02 10:00:00",
            "running, due 2026-03-02 17:00:00",
            id="an-answer-before-the-start-stops-nothing",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 12:00:00 complaint.registered severity=minor"],
            "2026-03-02 12:00:01",
            "running, due 2026-03-02 17:00:00",
            id="registered-twice-is-one-clock",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 16:00:00 complaint.withdrawn"],
            "2026-03-03 00:00:00",
            "cancelled, due 2026-03-02 17:00:00",
            id="withdrawn-in-time",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 17:00:00 complaint.withdrawn"],
            "2026-03-03 00:00:00",
            "cancelled, due 2026-03-02 17:00:00",
            id="withdrawn-on-the-last-second",
        ),
        pytest.param(
            [REGISTERED, "2026-03-02 18:00:00 complaint.withdrawn"],
            "2026-03-03 00:00:00",
            "breached, due 2026-03-02 17:00:00, late 1:00:00",
            id="withdrawn-after-the-breach-mends-nothing",
        ),
    ],
)
def test_start_stop_and_cancel(lines: list[str], as_of: str, then: str) -> None:
    assert story(ELAPSED, lines, as_of) == then


@pytest.mark.parametrize(
    ("lines", "as_of", "then"),
    [
        pytest.param(
            [f"2026-03-02 10:00:00 {ASKED}"],
            "2026-03-05 00:00:00",
            "paused",
            id="a-pause-has-no-end-in-sight",
        ),
        pytest.param(
            [f"2026-03-02 10:00:00 {ASKED}", f"2026-03-03 10:00:00 {BACK}"],
            "2026-03-03 12:00:00",
            "running, due 2026-03-03 17:00:00",
            id="due-moves-by-the-pause",
        ),
        pytest.param(
            [f"2026-03-02 10:00:00 {ASKED}", f"2026-03-02 11:00:00 {ASKED}", f"2026-03-03 10:00:00 {BACK}"],
            "2026-03-03 12:00:00",
            "running, due 2026-03-03 17:00:00",
            id="asking-twice-pauses-once",
        ),
        pytest.param(
            [
                f"2026-03-02 10:00:00 {ASKED}",
                f"2026-03-02 12:00:00 {BACK}",
                f"2026-03-02 13:00:00 {ASKED}",
                f"2026-03-02 14:00:00 {BACK}",
            ],
            "2026-03-02 15:00:00",
            "running, due 2026-03-02 20:00:00",
            id="two-pauses-in-a-row",
        ),
        pytest.param(
            [
                f"2026-03-02 10:00:00 {ASKED}",
                f"2026-03-02 10:30:00 {PARTS}",
                f"2026-03-02 11:00:00 {BACK}",
                f"2026-03-02 14:00:00 {PARTS_HERE}",
            ],
            "2026-03-02 15:00:00",
            "running, due 2026-03-02 21:00:00",
            id="overlapping-causes-are-a-union",
        ),
        pytest.param(
            [f"2026-03-02 10:00:00 {ASKED}", "2026-03-04 10:00:00 complaint.answered"],
            "2026-03-05 00:00:00",
            "met, due 2026-03-04 17:00:00",
            id="answered-while-paused",
        ),
        pytest.param(
            [f"2026-03-02 10:00:00 {ASKED}", "2026-03-04 10:00:00 complaint.withdrawn"],
            "2026-03-05 00:00:00",
            "cancelled, due 2026-03-04 17:00:00",
            id="withdrawn-while-paused",
        ),
        pytest.param(
            [f"2026-03-02 17:00:00 {ASKED}"], "2026-03-05 00:00:00", "paused", id="paused-on-the-last-second"
        ),
        pytest.param(
            [f"2026-03-02 17:00:01 {ASKED}", f"2026-03-02 18:00:00 {BACK}"],
            "2026-03-05 00:00:00",
            "breached, due 2026-03-02 17:00:00",
            id="a-pause-after-the-breach-mends-nothing",
        ),
        pytest.param(
            [f"2026-03-02 10:00:00 {BACK}"],
            "2026-03-02 12:00:00",
            "running, due 2026-03-02 17:00:00",
            id="an-end-without-a-beginning",
        ),
        pytest.param(
            [f"2026-03-02 08:00:00 {ASKED}", f"2026-03-02 12:00:00 {BACK}"],
            "2026-03-02 13:00:00",
            "running, due 2026-03-02 20:00:00",
            id="opened-already-paused",
        ),
        pytest.param(
            [f"2026-03-02 07:00:00 {ASKED}", f"2026-03-02 08:00:00 {BACK}"],
            "2026-03-02 13:00:00",
            "running, due 2026-03-02 17:00:00",
            id="a-pause-before-the-start-changes-nothing",
        ),
    ],
)
def test_pauses_of_elapsed_time(lines: list[str], as_of: str, then: str) -> None:
    assert story(ELAPSED, [REGISTERED, *lines], as_of) == then


def test_pauses_take_working_time_only_v5() -> None:
    settings = tenant(pause=PAUSES, measure='"working"', target='"PT15H"')
    lines = [
        "2026-09-29 16:00:00 complaint.registered severity=minor",
        f"2026-09-30 17:00:00 {ASKED}",
        f"2026-10-08 10:00:00 {BACK}",
    ]
    (clock,) = evaluate(settings, facts(*lines), at("2026-10-08 10:00:00")).clocks
    assert (clock.due_at, clock.paused) == (at("2026-10-08 18:00:00"), timedelta(minutes=120))


def test_overlapping_pauses_are_a_union_v6() -> None:
    settings = tenant(pause=PAUSES, measure='"working"', target='"PT4H"')
    lines = [
        "2026-03-04 09:00:00 complaint.registered severity=minor",
        f"2026-03-04 10:00:00 {ASKED}",
        f"2026-03-04 10:30:00 {PARTS}",
        f"2026-03-04 11:00:00 {BACK}",
        f"2026-03-04 14:00:00 {PARTS_HERE}",
    ]
    (clock,) = evaluate(settings, facts(*lines), at("2026-03-04 14:00:00")).clocks
    assert (clock.due_at, clock.paused) == (at("2026-03-04 17:00:00"), timedelta(minutes=150))


def test_a_pause_outside_hours_changes_nothing_v7() -> None:
    settings = tenant(pause=PAUSES, measure='"working"', target='"PT8H"')
    lines = [
        "2026-03-06 15:00:00 complaint.registered severity=minor",
        f"2026-03-06 18:30:00 {ASKED}",
        f"2026-03-09 08:30:00 {BACK}",
        "2026-03-09 15:30:00 complaint.answered",
    ]
    (clock,) = evaluate(settings, facts(*lines), at("2026-03-10 00:00:00")).clocks
    assert (clock.state, clock.due_at, clock.used) == ("met", at("2026-03-09 15:30:00"), timedelta(hours=8))
    assert clock.paused == timedelta()


@pytest.mark.parametrize(
    ("changes", "start", "due"),
    [
        pytest.param(
            {"measure": '"working"'}, "2026-02-13 17:00:00", "2026-02-14 17:30:00", id="v1-make-up-saturday"
        ),
        pytest.param(
            {"measure": '"working"', "target": '"PT30M"'},
            "2026-03-05 18:00:00",
            "2026-03-06 09:30:00",
            id="v3",
        ),
        pytest.param(
            {"measure": '"legal_days"', "target": '"P15D"', "calendar": '"cn-state-council"'},
            "2026-09-16 10:00:00",
            "2026-10-08 23:59:59",
            id="v8-last-day-of-rest-moves",
        ),
        pytest.param(
            {"measure": '"calendar_days"', "target": '"P15D"'},
            "2026-09-16 10:00:00",
            "2026-10-01 23:59:59",
            id="r4-off",
        ),
        pytest.param(
            {"measure": '"calendar_days"', "target": '"P0D"'},
            "2026-09-16 10:00:00",
            "2026-09-16 23:59:59",
            id="the-same-day",
        ),
        pytest.param(
            {"measure": '"working_days"', "target": '"P10D"'},
            "2026-09-18 10:00:00",
            "2026-10-09 23:59:59",
            id="v10",
        ),
        pytest.param(
            {"measure": '"months"', "target": '"P1M"'},
            "2026-01-31 10:00:00",
            "2026-02-28 23:59:59",
            id="months",
        ),
        pytest.param(
            {"measure": '"years"', "target": '"P2Y"'},
            "2026-02-10 10:00:00",
            "2028-02-10 23:59:59",
            id="years",
        ),
        pytest.param(
            {"measure": '"started_24h"', "target": '"P2D"'},
            "2026-03-02 09:00:00",
            "2026-03-04 09:00:00",
            id="24h",
        ),
    ],
)
def test_each_measure_has_its_due_instant(changes: dict[str, str], start: str, due: str) -> None:
    (clock,) = evaluate(
        tenant(**changes), facts(f"{start} complaint.registered severity=minor"), at(start)
    ).clocks
    assert clock.due_at == at(due)


def test_a_date_past_the_published_calendar_is_provisional() -> None:
    settings = tenant(measure='"working_days"', target='"P10D"')
    line = "2026-12-28 10:00:00 complaint.registered severity=minor"
    assert story(settings, [line], "2026-12-28 10:00:00") == "running, due 2027-01-11 23:59:59, provisional"


def test_roll_over_is_a_switch_of_the_tenant() -> None:
    text = HEAD + clause(measure='"calendar_days"', target='"P15D"')
    settings = adopting(text, readings={"r4.roll-over": "on"})
    line = "2026-09-16 10:00:00 complaint.registered severity=minor"
    assert story(settings, [line], "2026-09-16 10:00:00") == "running, due 2026-10-08 23:59:59"


def test_a_month_that_ends_on_a_holiday_rolls_over_by_the_same_switch() -> None:
    text = HEAD + clause(measure='"months"', target='"P2M"', calendar='"cn-state-council"')
    settings = adopting(text, readings={"r4.roll-over": "on"})
    line = "2026-03-02 10:00:00 complaint.registered severity=minor"
    assert story(settings, [line], "2026-03-02 10:00:00") == "running, due 2026-05-06 23:59:59"


@pytest.mark.parametrize(
    ("reading", "start", "due"),
    [
        ("does-not-count", "2026-03-02 09:00:00", "2026-05-02 23:59:59"),
        ("counts", "2026-03-02 09:00:00", "2026-05-01 23:59:59"),
        ("counts", "2026-07-31 09:00:00", "2026-09-30 23:59:59"),
    ],
)
def test_a_reading_may_count_the_first_day(reading: str, start: str, due: str) -> None:
    text = HEAD + clause(measure='"months"', target='"P2M"', first_day_reading='"cc13.trial-first-day"')
    settings = adopting(text, readings={"cc13.trial-first-day": reading})
    assert story(settings, [f"{start} complaint.registered severity=minor"], start) == f"running, due {due}"


@pytest.mark.parametrize(
    ("instances", "then"),
    [
        ("once", "met, due 2026-03-02 18:00:00"),
        ("open", "met, due 2026-03-02 18:00:00 | running, due 2026-03-03 18:00:00"),
        (
            "each",
            "met, due 2026-03-02 18:00:00 | met, due 2026-03-02 19:00:00 | running, due 2026-03-03 18:00:00",
        ),
        (
            "restart",
            (
                "cancelled, due 2026-03-02 18:00:00 | met, due 2026-03-02 19:00:00 | "
                "running, due 2026-03-03 18:00:00"
            ),
        ),
    ],
)
def test_a_customer_who_writes_three_times_and_gets_one_answer(instances: str, then: str) -> None:
    settings = tenant(starts_on='["complaint.repeated"]', instances=f'"{instances}"')
    lines = [
        "2026-03-02 10:00:00 complaint.repeated",
        "2026-03-02 11:00:00 complaint.repeated",
        "2026-03-02 12:00:00 complaint.answered",
        "2026-03-03 10:00:00 complaint.repeated",
    ]
    assert story(settings, lines, "2026-03-03 11:00:00") == then


def test_an_instance_for_each_key_stops_by_its_own_key() -> None:
    settings = tenant(
        starts_on='["complaint.disposal-form-received"]',
        stops_on='["complaint.disposal-plan-signed"]',
        keyed_by='"department"',
        owner='"department"',
    )
    lines = [
        "2026-03-02 10:00:00 complaint.disposal-form-received department=a",
        "2026-03-02 11:00:00 complaint.disposal-form-received department=b",
        "2026-03-02 12:00:00 complaint.disposal-plan-signed department=b",
    ]
    verdict = evaluate(settings, facts(*lines), at("2026-03-02 18:30:00"))
    assert [(clock.owner, clock.state) for clock in verdict.clocks] == [("a", "breached"), ("b", "met")]


def test_one_event_can_stop_a_clock_and_begin_a_pause() -> None:
    cause = 'begins_on = ["complaint.answered"], ends_on = ["complaint.customer-answered"]'
    pause = f'[{{ cause = "customer", {cause} }}]'
    settings = tenant(pause=pause, starts_on='["complaint.repeated"]', instances='"open"')
    lines = [
        "2026-03-02 10:00:00 complaint.repeated",
        "2026-03-02 11:00:00 complaint.answered",
        "2026-03-02 12:00:00 complaint.repeated",
        f"2026-03-02 13:00:00 {BACK}",
    ]
    assert (
        story(settings, lines, "2026-03-02 14:00:00")
        == "met, due 2026-03-02 18:00:00 | running, due 2026-03-02 21:00:00"
    )


def test_an_excused_breach_does_not_vanish() -> None:
    settings = tenant(excuses_on='["complaint.obstacle-reported"]')
    lines = [
        REGISTERED,
        "2026-03-02 20:00:00 complaint.answered",
        "2026-03-03 09:00:00 complaint.obstacle-reported",
    ]
    verdict = evaluate(settings, facts(*lines), at("2026-03-04 00:00:00"))
    assert said(verdict) == "excused, due 2026-03-02 17:00:00, late 3:00:00"
    assert verdict.findings == ()


def test_a_clock_names_its_events_its_owner_and_its_edition() -> None:
    lines = [REGISTERED, f"2026-03-02 10:00:00 {ASKED}", "2026-03-02 11:00:00 complaint.answered"]
    (clock,) = evaluate(
        tenant(pause=PAUSES, owner='"received_by"'), facts(*lines), at("2026-03-03 00:00:00")
    ).clocks
    assert (clock.pack, clock.edition, clock.clause, clock.case) == ("test", 1, "T-1", "complaint/1")
    assert (clock.owner, clock.instance, clock.evidence) == ("chen", "example#1", (1, 2, 3))
    assert (clock.started_by, clock.stopped_by) == ("example#1", "example#3")
    assert (clock.used, clock.paused) == (timedelta(hours=1), timedelta(hours=1))


def test_seconds_are_the_finest_grain() -> None:
    answered = "2026-03-02T17:00:00.900+08:00 complaint.answered"
    assert story(ELAPSED, [REGISTERED, answered], "2026-03-03 00:00:00") == "met, due 2026-03-02 17:00:00"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="names no time zone"):
        evaluate(ELAPSED, facts(REGISTERED), at("2026-03-02 10:00:00").replace(tzinfo=None))


def test_looking_late_and_then_at_the_last_second_shows_it_running() -> None:
    fold = CaseFold.open(ELAPSED, "complaint/1")
    fold.take(facts(REGISTERED)[0])
    assert said(fold.at(at("2026-03-02 17:00:01"))) == "breached, due 2026-03-02 17:00:00"
    assert said(fold.at(at("2026-03-02 17:00:00"))) == "running, due 2026-03-02 17:00:00"
    assert fold.at(at("2026-03-02 17:00:00")).findings == ()


def test_saying_again_what_is_so_already_begins_nothing() -> None:
    settings = tenant(starts_on='[{ becomes = { severity = "minor" } }]', instances='"each"')
    lines = [REGISTERED, "2026-03-02 10:00:00 complaint.classified severity=minor"]
    assert story(settings, lines, "2026-03-02 11:00:00") == "running, due 2026-03-02 17:00:00"


def test_asking_again_while_paused_is_no_evidence() -> None:
    lines = [REGISTERED, f"2026-03-02 10:00:00 {ASKED}", f"2026-03-02 11:00:00 {ASKED}"]
    (clock,) = evaluate(ELAPSED, facts(*lines), at("2026-03-02 12:00:00")).clocks
    assert clock.evidence == (1, 2)


def test_an_event_ends_the_old_clock_before_it_begins_the_new_one() -> None:
    repeated = '["complaint.repeated"]'
    settings = tenant(starts_on=repeated, stops_on=repeated, instances='"open"')
    lines = ["2026-03-02 10:00:00 complaint.repeated", "2026-03-02 11:00:00 complaint.repeated"]
    then = "met, due 2026-03-02 18:00:00 | running, due 2026-03-02 19:00:00"
    assert story(settings, lines, "2026-03-02 12:00:00") == then


def test_an_excused_clock_escalates_nothing() -> None:
    settings = tenant(
        excuses_on='["complaint.obstacle-reported"]',
        starts_on='[{ becomes = { severity = "minor" } }]',
        on_breach='{ becomes = { severity = "major" } }',
    )
    lines = [REGISTERED, "2026-03-02 10:00:00 complaint.obstacle-reported"]
    fold = CaseFold.open(settings, "complaint/1")
    for event in facts(*lines):
        fold.take(event)
    assert fold.state_at(at("2026-03-03 00:00:00")).facts["severity"] == "minor"
    assert said(fold.at(at("2026-03-03 00:00:00"))) == "excused, due 2026-03-02 17:00:00"
