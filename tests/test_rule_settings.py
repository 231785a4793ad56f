"""What a tenant decided takes effect by time, and only if it can be used."""

from typing import Any

import pytest

from judging_builders import (
    ADOPTED,
    HEAD,
    OFFICE,
    adopting,
    at,
    calendars,
    clause,
    facts,
    policy,
    said,
    story,
)
from onrecord_events.envelope import Recorded
from onrecord_projections.calendar import Calendar, shipped
from onrecord_projections.judging import CaseFold, Settings, evaluate

FIRST = HEAD + clause()
SECOND = HEAD.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-03-03") + clause(
    target='"PT2H"'
)
REGISTERED = "2026-03-02 23:59:59 complaint.registered severity=minor"
NEXT_DAY = "2026-03-03 00:00:00 complaint.registered severity=minor"


def adopted(settings: Settings, position: int, text: str, since: str, edition: int = 1) -> Settings:
    return settings.evolve(
        policy(position, "rulebook.adopted", since, pack="test", edition=edition, content=text)
    )


def test_an_event_is_judged_by_the_edition_in_force_when_it_occurred() -> None:
    settings = adopting(FIRST, SECOND)
    assert story(settings, [REGISTERED], "2026-03-03 01:00:00") == "running, due 2026-03-03 07:59:59"
    assert story(settings, [NEXT_DAY], "2026-03-03 01:00:00") == "running, due 2026-03-03 02:00:00"


def test_a_running_clock_stays_with_its_edition_and_its_stops() -> None:
    other = SECOND.replace('stops_on = ["complaint.answered"]', 'stops_on = ["complaint.closed"]')
    lines = [REGISTERED, "2026-03-03 05:00:00 complaint.answered"]
    (clock,) = evaluate(adopting(FIRST, other), facts(*lines), at("2026-03-04 00:00:00")).clocks
    assert (clock.edition, clock.state) == (1, "met")


def test_before_the_first_edition_there_is_no_clock() -> None:
    assert story(adopting(SECOND), [REGISTERED], "2026-03-04 00:00:00") == "no clock"


@pytest.mark.parametrize(
    ("withdrawn", "then"),
    [
        ("2026-03-03T07:00:00+08:00", "cancelled, due 2026-03-03 07:59:59"),
        ("2026-03-03T07:59:59+08:00", "cancelled, due 2026-03-03 07:59:59"),
        ("2026-03-03T09:00:00+08:00", "breached, due 2026-03-03 07:59:59, late 1:00:01"),
        ("2026-04-01T00:00:00+08:00", "breached, due 2026-03-03 07:59:59"),
    ],
)
def test_a_withdrawn_policy_cancels_open_clocks_and_leaves_breaches(withdrawn: str, then: str) -> None:
    settings = adopting(FIRST).evolve(policy(20, "rulebook.withdrawn", withdrawn, pack="test"))
    assert story(settings, [REGISTERED], "2026-03-10 00:00:00") == then


def test_a_withdrawn_policy_starts_nothing_until_it_is_adopted_again() -> None:
    settings = adopting(FIRST).evolve(
        policy(20, "rulebook.withdrawn", "2026-03-02T00:00:00+08:00", pack="test")
    )
    assert story(settings, [REGISTERED], "2026-03-03 00:00:00") == "no clock"
    again = adopted(settings, 21, FIRST, "2026-03-03T00:00:00+08:00")
    assert story(again, [REGISTERED], "2026-03-03 00:00:00") == "no clock"
    assert story(again, [NEXT_DAY], "2026-03-03 00:00:00") == "running, due 2026-03-03 08:00:00"


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("rulebook.adopted", {"pack": "test", "edition": 2, "content": FIRST}, "not what the event names"),
        ("rulebook.adopted", {"pack": "test", "edition": 1, "content": "pack = 3"}, "edition: missing"),
        ("rulebook.adopted", {"pack": "test", "edition": 1, "content": "["}, "not TOML"),
        ("rulebook.withdrawn", {"pack": "other"}, "never adopted"),
        ("calendar.adopted", {"calendar": "x", "content": OFFICE}, "nothing given to find"),
        ("reading.set", {"reading": "r4.roll-over", "value": "perhaps"}, "no reading"),
        ("reading.set", {"reading": "r99", "value": "on"}, "no reading"),
        ("reading.set", {"reading": "r1.zone", "value": "Mars/Olympus"}, "Mars"),
        ("number.set", {"clause": "T-1", "value": "soon"}, "no duration"),
        ("source.declared", {}, "publisher"),
    ],
)
def test_what_cannot_be_used_changes_nothing_and_is_reported(
    kind: str, body: dict[str, Any], why: str
) -> None:
    before = calendars()
    after = before.evolve(policy(77, kind, **body))
    (problem,) = after.problems
    assert problem.position == 77
    assert why in problem.message
    assert (after.packs, after.calendars, after.readings) == (before.packs, before.calendars, before.readings)


def test_an_edition_with_other_content_is_refused() -> None:
    settings = adopted(adopting(FIRST), 20, FIRST.replace("PT8H", "PT9H"), ADOPTED)
    assert "a correction is a new edition" in settings.problems[0].message
    assert story(settings, [REGISTERED], "2026-03-03 01:00:00") == "running, due 2026-03-03 07:59:59"


def test_a_policy_event_of_another_kind_is_no_policy() -> None:
    settings = calendars()
    assert settings.evolve(facts(REGISTERED)[0]) is settings


def test_a_reading_holds_from_its_day_on() -> None:
    text = HEAD + clause(measure='"calendar_days"', target='"P1D"')
    settings = adopting(text).evolve(
        policy(40, "reading.set", "2026-03-07T00:00:00+08:00", reading="r4.roll-over", value="on")
    )
    friday = "2026-03-06 10:00:00 complaint.registered severity=minor"
    saturday = "2026-03-07 10:00:00 complaint.registered severity=minor"
    assert story(settings, [friday], "2026-03-06 11:00:00") == "running, due 2026-03-07 23:59:59"
    assert story(settings, [saturday], "2026-03-07 11:00:00") == "running, due 2026-03-09 23:59:59"


def test_a_calendar_edited_later_moves_no_clock_that_runs() -> None:
    typhoon = Calendar.parse(OFFICE + "\n[[exceptions]]\noff = [2026-03-03]\n", shipped).dump()
    text = HEAD + clause(measure='"working_days"', target='"P2D"')
    settings = adopting(text).evolve(
        policy(50, "calendar.adopted", "2026-03-02T12:00:00+08:00", calendar="office", content=typhoon)
    )
    morning = "2026-03-02 10:00:00 complaint.registered severity=minor"
    afternoon = "2026-03-02 14:00:00 complaint.registered severity=minor"
    assert story(settings, [morning], "2026-03-02 15:00:00") == "running, due 2026-03-04 23:59:59"
    assert story(settings, [afternoon], "2026-03-02 15:00:00") == "running, due 2026-03-05 23:59:59"


def test_a_calendar_published_for_the_same_time_replaces_a_provisional_one() -> None:
    known = shipped("cn-state-council").replace("known_until = 2026-12-31", "known_until = 2027-12-31")
    text = HEAD.replace('"office"', '"cn-state-council"') + clause(measure='"working_days"', target='"P10D"')
    line = "2026-12-28 10:00:00 complaint.registered severity=minor"
    before = adopting(text)
    after = before.evolve(policy(60, "calendar.adopted", calendar="cn-state-council", content=known))
    assert "provisional" in story(before, [line], "2026-12-28 10:00:00")
    assert "provisional" not in story(after, [line], "2026-12-28 10:00:00")


def test_a_clock_without_its_calendar_is_only_reported() -> None:
    settings = Settings().evolve(
        policy(1, "rulebook.adopted", pack="test", edition=1, content=HEAD + clause(measure='"working"'))
    )
    verdict = evaluate(settings, facts(REGISTERED), at("2026-03-10 00:00:00"))
    assert (verdict.clocks, verdict.unmeasured[0].reason) == ((), "no-calendar")


NUMBERLESS = HEAD + clause(measure='"tenant_number"', suggested='"4 working hours"', drop="target")


def test_without_a_number_there_is_no_clock_but_the_time_is_told() -> None:
    lines = [
        "2026-06-12 16:00:00 complaint.registered severity=minor",
        "2026-06-15 11:00:01 complaint.answered",
    ]
    verdict = evaluate(adopting(NUMBERLESS), facts(*lines), at("2026-06-30 00:00:00"))
    (item,) = verdict.unmeasured
    assert verdict.clocks == ()
    assert (item.suggested, str(item.elapsed), item.evidence) == (
        "4 working hours",
        "2 days, 19:00:01",
        (1, 2),
    )


@pytest.mark.parametrize(
    ("value", "calendar", "due"),
    [
        ("PT4H", None, "2026-06-12 20:00:00"),
        ("PT4H", "office", "2026-06-15 11:00:00"),
        ("4 working hours", "office", "2026-06-15 11:00:00"),
        ("4 working hours", None, "2026-06-15 11:00:00"),
        ("3 working days", None, "2026-06-17 23:59:59"),
        ("3 days", None, "2026-06-15 23:59:59"),
        ("7 legal days", None, "2026-06-22 23:59:59"),
        ("1 month", None, "2026-07-12 23:59:59"),
    ],
)
def test_a_number_of_the_tenant_makes_the_clock(value: str, calendar: str | None, due: str) -> None:
    named = {"calendar": calendar} if calendar else {}
    settings = adopting(NUMBERLESS).evolve(policy(70, "number.set", clause="T-1", value=value, **named))
    line = "2026-06-12 16:00:00 complaint.registered severity=minor"
    verdict = evaluate(settings, facts(line), at("2026-06-12 16:00:00"))
    assert said(verdict) == f"running, due {due}"
    assert verdict.clocks[0].note == "number from tenant, not from policy"


def test_a_number_holds_for_clocks_that_start_after_it() -> None:
    since = "2026-06-13T00:00:00+08:00"
    settings = adopting(NUMBERLESS).evolve(policy(70, "number.set", since, clause="T-1", value="PT4H"))
    assert (
        story(settings, ["2026-06-12 16:00:00 complaint.registered severity=minor"], "2026-06-14 00:00:00")
        == "no clock"
    )


def registered(occurred: str, recorded: str, captured: str | None = None) -> Recorded:
    more = f" @captured={captured}" if captured else ""
    (event,) = facts(f"{occurred} complaint.registered severity=minor @recorded={recorded}{more}")
    return event


@pytest.mark.parametrize(
    ("occurred", "recorded", "counts_from"),
    [
        pytest.param(
            "2026-03-02T09:00+08:00", "2026-03-02T23:59:59+08:00", "2026-03-02 09:00:00", id="same-local-day"
        ),
        pytest.param(
            "2026-03-02T23:30+08:00", "2026-03-03T00:30+08:00", "2026-03-02 23:30:00", id="within-the-hour"
        ),
        pytest.param(
            "2026-03-02T23:30+08:00", "2026-03-03T00:30:01+08:00", "2026-03-03 00:30:01", id="past-the-hour"
        ),
        pytest.param(
            "2026-03-02T06:00+08:00", "2026-03-02T07:30+08:00", "2026-03-02 06:00:00", id="local-not-utc-day"
        ),
        pytest.param(
            "2026-03-01T09:00+08:00", "2026-03-02T09:00+08:00", "2026-03-02 09:00:00", id="entered-next-day"
        ),
    ],
)
def test_which_of_the_two_times_counts_r9(occurred: str, recorded: str, counts_from: str) -> None:
    (clock,) = evaluate(adopting(FIRST), [registered(occurred, recorded)], at("2026-03-05 00:00:00")).clocks
    assert clock.started_at == at(counts_from)


def test_the_tolerance_of_r9_is_a_switch() -> None:
    settings = adopting(FIRST, readings={"r9.tolerance-minutes": "120"})
    event = registered("2026-03-02T23:30+08:00", "2026-03-03T00:30:01+08:00")
    (clock,) = evaluate(settings, [event], at("2026-03-05 00:00:00")).clocks
    assert clock.started_at == at("2026-03-02 23:30:00")


@pytest.mark.parametrize(
    ("publisher", "since", "counts_from"),
    [
        ("example", "2026-01-01T00:00:00+08:00", "2026-03-01 09:00:00"),
        ("example", "2026-03-06T00:00:00+08:00", "2026-03-05 12:00:00"),
        ("exam*", "2026-01-01T00:00:00+08:00", "2026-03-01 09:00:00"),
        ("exam", "2026-01-01T00:00:00+08:00", "2026-03-05 12:00:00"),
        ("another", "2026-01-01T00:00:00+08:00", "2026-03-05 12:00:00"),
    ],
)
def test_captured_time_counts_for_declared_publishers_only(
    publisher: str, since: str, counts_from: str
) -> None:
    settings = adopting(FIRST).evolve(policy(80, "source.declared", since, publisher=publisher))
    event = registered("2026-03-01T09:00+08:00", "2026-03-05T12:00+08:00", "2026-03-01T09:10+08:00")
    (clock,) = evaluate(settings, [event], at("2026-03-07 00:00:00")).clocks
    assert clock.started_at == at(counts_from)


def test_what_has_no_clock_ends_by_its_own_stop_only() -> None:
    other = clause(
        id='"T-2"', measure='"tenant_number"', stops_on='["complaint.resolved"]', drop="target suggested"
    )
    lines = [
        "2026-06-12 16:00:00 complaint.registered severity=minor",
        "2026-06-12 17:00:00 complaint.answered",
        "2026-06-12 18:00:00 complaint.registered severity=minor",
    ]
    verdict = evaluate(adopting(NUMBERLESS + other), facts(*lines), at("2026-06-30 00:00:00"))
    told = [(item.clause, str(item.elapsed), item.evidence) for item in verdict.unmeasured]
    assert told == [("T-1", "1:00:00", (1, 2)), ("T-2", "None", (1,))]


@pytest.mark.parametrize(("instances", "count"), [("once", 1), ("open", 2), ("each", 3)])
def test_what_has_no_clock_is_told_as_often_as_there_would_be_clocks(instances: str, count: int) -> None:
    text = HEAD + clause(
        measure='"tenant_number"',
        starts_on='["complaint.repeated"]',
        instances=f'"{instances}"',
        drop="target",
    )
    lines = [
        "2026-06-12 16:00:00 complaint.repeated",
        "2026-06-12 17:00:00 complaint.repeated",
        "2026-06-12 18:00:00 complaint.answered",
        "2026-06-12 19:00:00 complaint.repeated",
    ]
    verdict = evaluate(adopting(text), facts(*lines), at("2026-06-30 00:00:00"))
    assert len(verdict.unmeasured) == count


def test_a_case_wakes_when_its_policy_is_withdrawn() -> None:
    settings = adopting(FIRST).evolve(
        policy(20, "rulebook.withdrawn", "2026-03-03T07:00:00+08:00", pack="test")
    )
    fold = CaseFold.open(settings, "complaint/1")
    fold.take(facts(REGISTERED)[0])
    fold.at(at("2026-03-03 00:00:00"))
    assert fold.next_due == at("2026-03-03 07:00:00")
    assert said(fold.at(at("2026-03-03 07:00:00"))) == "cancelled, due 2026-03-03 07:59:59"
