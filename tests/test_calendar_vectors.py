"""The vectors worked out by hand and by minute-walking: what the calendars must answer, to the second."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from onrecord_projections.calendar import Calendar, elapsed_between, shipped, started_days, union_of

SHANGHAI, PARIS = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Paris")

SHOP = Calendar.parse(
    """
    id = "shop"
    version = "1"
    extends = "cn-state-council"
    [weekly]
    mon-fri = ["09:00-12:00", "13:30-18:00"]
    """,
    shipped,
)
COUNCIL = Calendar.parse(shipped("cn-state-council"))
COUNTER = Calendar.parse(
    """
    id = "counter"
    version = "1"
    zone = "Europe/Paris"
    [weekly]
    mon-sun = ["09:00-18:00"]
    """
)


def cn(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def fr(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("start", "work", "due"),
    [
        pytest.param("2026-02-13 17:00", 8, "2026-02-14 17:30", id="V1-case-01-over-a-make-up-saturday"),
        pytest.param("2026-03-04 11:00", 4, "2026-03-04 16:30", id="V2-case-03-over-lunch"),
        pytest.param("2026-03-05 18:00", 0.5, "2026-03-06 09:30", id="V3-case-07-start-exactly-at-close"),
        pytest.param("2026-09-29 16:00", 15, "2026-10-08 16:00", id="V4-over-the-national-holiday"),
    ],
)
def test_working_time_ends_where_it_was_counted_by_hand(start: str, work: float, due: str) -> None:
    found = SHOP.add_working(cn(start), hours(work))

    assert found.at == cn(due)
    assert not found.provisional


@pytest.mark.parametrize(
    ("start", "work", "pauses", "due", "paused_minutes"),
    [
        pytest.param(
            "2026-09-29 16:00",
            15,
            [("2026-09-30 17:00", "2026-10-08 10:00")],
            "2026-10-08 18:00",
            120,
            id="V5-case-12-a-pause-over-the-holiday-costs-two-hours",
        ),
        pytest.param(
            "2026-03-04 09:00",
            4,
            [("2026-03-04 10:00", "2026-03-04 11:00"), ("2026-03-04 10:30", "2026-03-04 14:00")],
            "2026-03-04 17:00",
            150,
            id="V6-case-14-two-causes-at-once-are-a-union",
        ),
        pytest.param(
            "2026-03-06 15:00",
            8,
            [("2026-03-06 18:30", "2026-03-09 08:30")],
            "2026-03-09 15:30",
            0,
            id="V7-case-13-a-pause-outside-hours-changes-nothing",
        ),
    ],
)
def test_pauses_move_the_due_instant_by_the_working_time_inside_them(
    start: str, work: float, pauses: list[tuple[str, str]], due: str, paused_minutes: int
) -> None:
    spans = union_of([(cn(begin), cn(end)) for begin, end in pauses])

    assert sum((SHOP.working_between(*span) for span in spans), timedelta()) == timedelta(
        minutes=paused_minutes
    )
    assert SHOP.add_working(cn(start), hours(work), pauses=spans).at == cn(due)


@pytest.mark.parametrize(
    ("start", "days", "due", "provisional"),
    [
        pytest.param("2026-09-16", 15, "2026-10-08", False, id="V8-case-45-a-holiday-rolls-over"),
        pytest.param("2026-09-05", 15, "2026-09-20", False, id="V9-case-45-a-make-up-sunday-does-not-roll"),
        pytest.param("2026-11-21", 60, "2027-01-20", True, id="V13-case-02-past-the-horizon-is-provisional"),
    ],
)
def test_legal_days_end_on_a_working_day(start: str, days: int, due: str, provisional: bool) -> None:  # noqa: FBT001
    found = SHOP.add_legal_days(cn(f"{start} 10:00"), days)

    assert found.at == cn(f"{due} 23:59:59")
    assert found.provisional is provisional


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        pytest.param("2026-09-18", 10, "2026-10-09", id="V10-case-01-make-up-sunday-counts"),
        pytest.param("2026-02-11", 10, "2026-03-03", id="V11-case-01-two-make-up-saturdays-count"),
    ],
)
def test_working_days_count_make_up_days(start: str, days: int, due: str) -> None:
    assert SHOP.add_working_days(cn(f"{start} 10:00"), days).at == cn(f"{due} 23:59:59")


@pytest.mark.parametrize(
    ("length", "days"),
    [("23:59:59", 1), ("24:00:00", 1), ("24:00:01", 2), ("49:00:00", 3)],
    ids=lambda value: f"V12-case-46-{value}",
)
def test_every_started_24_hours_is_a_day(length: str, days: int) -> None:
    hour, minute, second = map(int, length.split(":"))
    begin = cn("2026-03-04 10:00")
    end = begin + timedelta(hours=hour, minutes=minute, seconds=second)

    assert started_days([(begin, end)]) == days


def test_v14_case_09_a_25_hour_day_in_autumn_holds_no_more_work() -> None:
    assert COUNTER.working_between(fr("2026-10-24 00:30"), fr("2026-10-26 00:30")) == hours(18)
    assert elapsed_between(fr("2026-10-24 00:30"), fr("2026-10-26 00:30")) == hours(49)


def test_v15_case_08_a_23_hour_day_in_spring_holds_no_less_work() -> None:
    assert COUNTER.working_between(fr("2026-03-28 23:30"), fr("2026-03-30 12:00")) == hours(12)
    assert elapsed_between(fr("2026-03-28 23:30"), fr("2026-03-30 12:00")) == hours(35.5)


@pytest.mark.parametrize("day", ["2026-12-25", "2026-12-31", "2027-01-01"])
def test_v16_case_10_a_yearly_holiday_may_span_new_year(day: str) -> None:
    calendar = Calendar.parse(
        COUNTER.dump() + '[[off_every_year]]\nfrom = "12-24"\nto = "01-02"\nname = "Noël"\n'
    )

    assert not calendar.is_working_day(date.fromisoformat(day))
    assert calendar.is_working_day(date(2026, 12, 23))
    assert calendar.is_working_day(date(2027, 1, 3))
