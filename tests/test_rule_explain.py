"""Why a clock says what it says: steps, intervals, arithmetic, and where the number came from."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging_builders import HEAD, ZONE, adopting, at, clause, facts, policy, shipping
from onrecord_projections.judging import Settings, explain
from onrecord_projections.judging.explaining import ClockTold
from onrecord_projections.judging.limit import counted_between

ASKED = 'begins_on = ["complaint.customer-asked"], ends_on = ["complaint.customer-answered"]'
PAUSES = f'[{{ cause = "customer", {ASKED} }}]'
ELAPSED = adopting(HEAD + clause(pause=PAUSES))
WORKING = adopting(HEAD + clause(pause=PAUSES, measure='"working"'))
STORY = (
    "2026-03-06 15:00:00 complaint.registered severity=minor",
    "2026-03-06 16:00:00 complaint.customer-asked question_code=access",
    "2026-03-09 10:00:00 complaint.customer-answered",
    "2026-03-09 14:30:00 complaint.answered",
)


def told(tenant: Settings, *lines: str, as_of: str = "2026-03-31 00:00:00", by: str = "T-1") -> ClockTold:
    explained = explain(tenant, facts(*lines), by, "example#1", at(as_of))
    assert explained is not None
    return explained


def stretches(explained: ClockTold) -> list[tuple[str, str, str, str, int]]:
    return [
        (_local(part.begin), _local(part.end), part.kind, part.why, part.position)
        for part in explained.intervals
    ]


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(ZONE):%d %H:%M}"


def test_elapsed_time_is_counted_or_paused() -> None:
    assert stretches(told(ELAPSED, *STORY)) == [
        ("06 15:00", "06 16:00", "counted", "elapsed time", 1),
        ("06 16:00", "09 10:00", "paused", "customer", 2),
        ("09 10:00", "09 14:30", "counted", "elapsed time", 3),
    ]


def test_working_time_is_cut_at_the_hours_of_the_calendar() -> None:
    assert stretches(told(WORKING, *STORY)) == [
        ("06 15:00", "06 16:00", "counted", "office", 1),
        ("06 16:00", "09 10:00", "paused", "customer", 2),
        ("09 10:00", "09 12:00", "counted", "office", 3),
        ("09 12:00", "09 13:30", "outside-hours", "office", 3),
        ("09 13:30", "09 14:30", "counted", "office", 3),
    ]


def test_a_clock_that_still_runs_is_told_up_to_the_look() -> None:
    assert stretches(told(ELAPSED, STORY[0], as_of="2026-03-06 17:00:00")) == [
        ("06 15:00", "06 17:00", "counted", "elapsed time", 1)
    ]


def test_the_steps_name_every_event_that_moved_the_clock() -> None:
    steps = [(step.what, step.cause, step.event, step.position) for step in told(ELAPSED, *STORY).steps]
    assert steps == [
        ("start", "", "example#1", 1),
        ("pause", "customer", "example#2", 2),
        ("resume", "customer", "example#3", 3),
        ("stop", "", "example#4", 4),
    ]


def sums(explained: ClockTold) -> list[tuple[str, dict[str, object], object]]:
    return [(step.op, dict(step.of), step.gives) for step in explained.arithmetic]


def test_the_arithmetic_can_be_followed() -> None:
    assert sums(told(ELAPSED, *STORY)) == [
        ("start", {}, at("2026-03-06 15:00:00")),
        ("limit", {"measure": "elapsed"}, 8 * 3600),
        ("paused", {}, 66 * 3600),
        ("due", {}, at("2026-03-09 17:00:00")),
        ("stop", {}, at("2026-03-09 14:30:00")),
        ("state", {}, "met"),
    ]


def test_working_days_are_named_one_by_one() -> None:
    lines = (
        "2026-02-12 16:00:00 vehicle.delivered car=V2 consultant=li",
        "2026-02-25 09:30:00 archive.handed-over by=li",
    )
    explained = told(shipping("cc02-archive"), *lines, by="CC02-D1a")
    assert explained.limit is not None
    assert [str(day.on) for day in explained.limit.days if day.works] == [
        "2026-02-13",
        "2026-02-14",
        "2026-02-24",
    ]
    assert len(explained.limit.days) == 12
    assert sums(explained)[1:] == [
        ("limit", {"measure": "working_days", "working": 3}, 3),
        ("due", {}, at("2026-02-24 23:59:59")),
        ("stop", {}, at("2026-02-25 09:30:00")),
        ("late", {}, 9 * 3600 + 30 * 60 + 1),
        ("state", {}, "breached"),
    ]
    assert (explained.rules[0].cites, explained.limit.origin) == ("流程 1", "policy")


def test_where_the_number_came_from_is_told() -> None:
    tenant = shipping("lease-comm").evolve(policy(9, "number.set", clause="LEASE-COMM-4.4a-2", value="PT4H"))
    assert origin(told(tenant, STORY[0], by="LEASE-COMM-4.4a-2")) == "tenant"
    letter = "2026-03-06 15:00:00 work-letter.sent to=x due_at=2026-03-09T18:00:00+08:00"
    assert origin(told(shipping("rent-crm"), letter, by="RENT-CRM-1.2-2")) == "event"


def origin(explained: ClockTold) -> str:
    assert explained.limit is not None
    return explained.limit.origin


def test_a_monthly_duty_is_explained_too() -> None:
    line = "2026-05-10 09:00:00 duty.assigned duty=complaint-analysis person=gao"
    explained = explain(
        shipping("rent-crm"), facts(line), "RENT-CRM-2.6", "2026-05", at("2026-06-02 00:00:00")
    )
    assert explained is not None
    assert explained.clock.state == "breached"
    assert sums(explained)[1] == ("due", {}, at("2026-05-31 23:59:59"))


def test_a_clock_that_is_not_there_cannot_be_explained() -> None:
    assert explain(ELAPSED, facts(*STORY), "T-1", "example#9", at("2026-03-31 00:00:00")) is None
    assert explain(ELAPSED, [], "T-1", "example#1", at("2026-03-31 00:00:00")) is None


MINUTES = st.integers(0, 60 * 24 * 6)


@pytest.mark.parametrize("tenant", [ELAPSED, WORKING], ids=["elapsed", "working"])
@given(st.lists(MINUTES, min_size=1, max_size=6, unique=True))
@settings(max_examples=60, deadline=None)
def test_the_intervals_add_up_to_the_clock(tenant: Settings, minutes: list[int]) -> None:
    began = at("2026-03-05 08:00:00")
    kinds = ("complaint.customer-asked question_code=x", "complaint.customer-answered")
    lines = [
        f"{(began + timedelta(minutes=minute)).isoformat()} {kinds[nth % 2]}"
        for nth, minute in enumerate(sorted(minutes))
    ]
    last = began + timedelta(days=7)
    explained = told(
        tenant,
        f"{began.isoformat()} complaint.registered severity=minor",
        *lines,
        f"{last.isoformat()} complaint.answered",
    )
    parts = explained.intervals
    assert [part.begin for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert (parts[0].begin, parts[-1].end) == (began, last)
    counted = sum((part.end - part.begin for part in parts if part.kind == "counted"), timedelta())
    assert counted == explained.clock.used
    calendar = tenant.calendar("office", began) if tenant is WORKING else None
    paused = (counted_between(calendar, part.begin, part.end) for part in parts if part.kind == "paused")
    assert sum(paused, timedelta()) == explained.clock.paused
