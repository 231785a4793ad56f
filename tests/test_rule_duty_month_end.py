"""How a tenant reads the end of a month: its last day, the one before, or the last working day."""

import pytest

from duty_builders import assigned, duty, reading, resting
from judging_builders import at, facts
from onrecord_projections.judging import Settings, evaluate
from onrecord_projections.judging.readings import READINGS, Reading

MONTH_END = "test.end"


@pytest.fixture(autouse=True)
def _month_ends_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        READINGS, MONTH_END, Reading("inclusive", "inclusive|before-last-day|last-working-day", "")
    )


def month_end(reading: str, every: str = "month") -> Settings:
    return duty(f'every = "{every}"\nmonth_end_reading = "{MONTH_END}"', {MONTH_END: reading})


@pytest.mark.parametrize(
    ("word", "as_of", "due", "provisional"),
    [
        ("inclusive", "2026-02-10 09:00:00", "2026-02-28 23:59:59", False),
        ("before-last-day", "2026-02-10 09:00:00", "2026-02-27 23:59:59", False),
        ("last-working-day", "2026-02-10 09:00:00", "2026-02-28 23:59:59", False),
        ("last-working-day", "2026-05-10 09:00:00", "2026-05-29 23:59:59", False),
        ("inclusive", "2031-06-10 09:00:00", "2031-06-30 23:59:59", False),
        ("before-last-day", "2031-06-10 09:00:00", "2031-06-29 23:59:59", False),
        ("last-working-day", "2031-06-10 09:00:00", "2031-06-30 23:59:59", True),
    ],
)
def test_the_end_of_a_month_as_the_tenant_reads_it(
    word: str, as_of: str, due: str, *, provisional: bool
) -> None:
    (clock,) = evaluate(month_end(word), facts(assigned(as_of)), at(as_of)).clocks
    assert (clock.due_at, clock.provisional) == (at(due), provisional)


@pytest.mark.parametrize(
    ("off", "due"),
    [
        ("{ from = 2026-09-15, to = 2026-09-30 }", "2026-09-14 23:59:59"),
        ("{ from = 2026-09-02, to = 2026-09-30 }", "2026-09-01 23:59:59"),
        ("{ from = 2026-09-01, to = 2026-09-30 }", "2026-09-30 23:59:59"),
    ],
)
def test_the_last_working_day_of_a_month_lies_in_it(off: str, due: str) -> None:
    """A month without any working day ends with its last day; 31 August was a working day."""
    settings = resting(month_end("last-working-day"), off)
    (clock,) = evaluate(settings, facts(assigned("2026-09-01 09:00:00")), at("2026-09-01 09:00:00")).clocks
    assert clock.due_at == at(due)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-06-30T23:59:59+08:00", "2026-06-29 23:59:59"),
        ("2026-07-01T00:00:00+08:00", "2026-06-30 23:59:59"),
    ],
)
def test_what_holds_in_the_last_second_of_a_month_says_when_it_ends(since: str, due: str) -> None:
    lines = facts(assigned("2026-06-10 09:00:00"))
    known = resting(month_end("last-working-day"), "2026-06-30", since)
    read = reading(month_end("inclusive"), MONTH_END, "before-last-day", since)
    for settings in (known, read):
        (clock,) = evaluate(settings, lines, at("2026-06-10 10:00:00")).clocks
        assert clock.due_at == at(due)
