"""From where a clock takes its limit: whose calendar counts, when its days end, what is no number for it."""

import pytest

from judging_builders import HEAD, OFFICE, adopting, at, clause, facts, policy, said
from onrecord_projections.calendar import Calendar, shipped
from onrecord_projections.judging import Settings, Verdict, evaluate

FRIDAY = "2026-06-12 16:00:00 complaint.registered severity=minor"
"""The office closes at 18:00 and opens on Monday the 15th, at 09:00."""


def with_calendar(settings: Settings, name: str, change: tuple[str, str]) -> Settings:
    text = Calendar.parse(OFFICE.replace('"office"', f'"{name}"').replace(*change), shipped).dump()
    return settings.evolve(policy(60, "calendar.adopted", calendar=name, content=text))


def looked_at(settings: Settings, line: str = FRIDAY) -> Verdict:
    return evaluate(settings, facts(line), at("2026-06-12 16:00:00"))


@pytest.mark.parametrize(
    ("measure", "target", "due"),
    [
        pytest.param("working_days", "P1D", "2026-06-13 23:59:59", id="days-by-the-tenants-calendar"),
        pytest.param("working", "PT4H", "2026-06-15 11:00:00", id="hours-by-the-clauses-own"),
    ],
)
def test_a_tenant_may_count_working_days_by_another_calendar(measure: str, target: str, due: str) -> None:
    text = HEAD + clause(measure=f'"{measure}"', target=f'"{target}"')
    settings = adopting(text, readings={"r3.calendar": "shop"})
    settings = with_calendar(settings, "shop", ("mon-fri", "mon-sun"))
    assert said(looked_at(settings)) == f"running, due {due}"


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        ("", "2026-06-15 18:00:00"),
        ("24:00", "2026-06-15 23:59:59"),
        ("17:30", "2026-06-15 17:30:00"),
    ],
)
def test_a_working_day_ends_when_the_tenant_says(ends: str, due: str) -> None:
    text = HEAD.replace('"office"', '"closing"') + clause(measure='"working_days"', target='"P1D"')
    settings = adopting(text, readings={"r3.day-ends": ends})
    settings = with_calendar(settings, "closing", ("[weekly]", 'day_ends = "closing"\n[weekly]'))
    assert said(looked_at(settings)) == f"running, due {due}"


@pytest.mark.parametrize("value", ["300.00", "month", "a>=90, b>=60", "card, pen"])
def test_a_number_of_another_kind_makes_no_clock(value: str) -> None:
    settings = adopting(HEAD + clause(measure='"tenant_number"', drop="target"))
    verdict = looked_at(settings.evolve(policy(70, "number.set", clause="T-1", value=value)))
    assert verdict.clocks == ()
    assert [one.reason for one in verdict.unmeasured] == ["no-number"]


NAMED = {"measure": '"until_field"', "due_field": '"due_at"', "starts_on": '["stage.reached"]'}
AGREED = "2026-06-12 16:00:00 stage.reached stage=agreed due_at=2026-06-20T10:00:00+08:00"


@pytest.mark.parametrize(
    ("ahead", "value", "due", "note"),
    [
        ("P1D", None, "2026-06-19 23:59:59", "due date named by the event"),
        ("tenant_number", "3 days", "2026-06-17 23:59:59", "number from tenant, not from policy"),
        ("tenant_number", "PT48H", "2026-06-18 23:59:59", "number from tenant, not from policy"),
    ],
)
def test_a_day_ahead_is_counted_back_from_the_day_the_event_names(
    ahead: str, value: str | None, due: str, note: str
) -> None:
    settings = adopting(HEAD + clause(**NAMED, ahead=f'"{ahead}"', drop="target"))
    if value is not None:
        settings = settings.evolve(policy(70, "number.set", clause="T-1", value=value))
    (clock,) = looked_at(settings, AGREED).clocks
    assert (clock.due_at, clock.note) == (at(due), note)


@pytest.mark.parametrize("value", [None, "PT36H", "3 working days", "300.00"])
def test_nothing_lies_ahead_by_a_number_that_is_no_whole_days(value: str | None) -> None:
    settings = adopting(HEAD + clause(**NAMED, ahead='"tenant_number"', drop="target"))
    if value is not None:
        settings = settings.evolve(policy(70, "number.set", clause="T-1", value=value))
    verdict = looked_at(settings, AGREED)
    assert verdict.clocks == ()
    assert [one.reason for one in verdict.unmeasured] == ["no-number"]


def test_an_event_that_names_no_day_starts_no_clock_ahead_of_it() -> None:
    settings = adopting(HEAD + clause(**NAMED, ahead='"P1D"', drop="target"))
    verdict = looked_at(settings, "2026-06-12 16:00:00 stage.reached stage=agreed")
    assert verdict.clocks == ()
    assert [one.reason for one in verdict.unmeasured] == ["no-number"]


@pytest.mark.parametrize(
    ("measure", "target", "rolls", "due"),
    [
        ("calendar_days", "P1D", "off", "2026-06-13 23:59:59"),
        ("calendar_days", "P1D", "on", "2026-06-15 23:59:59"),
        ("legal_days", "P1D", "off", "2026-06-15 23:59:59"),
        ("months", "P1M", "off", "2026-07-12 23:59:59"),
        ("months", "P1M", "on", "2026-07-13 23:59:59"),
        ("years", "P1Y", "off", "2027-06-12 23:59:59"),
        ("years", "P1Y", "on", "2027-06-14 23:59:59"),
        ("elapsed", "PT25H", "on", "2026-06-13 17:00:00"),
        ("started_24h", "P1D", "on", "2026-06-13 16:00:00"),
    ],
)
def test_each_measure_ends_where_it_says_and_may_roll_over(
    measure: str, target: str, rolls: str, due: str
) -> None:
    text = HEAD + clause(measure=f'"{measure}"', target=f'"{target}"')
    (clock,) = looked_at(adopting(text, readings={"r4.roll-over": rolls})).clocks
    assert clock.due_at == at(due)
