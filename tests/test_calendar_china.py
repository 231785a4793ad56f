"""China's shipped calendar against the published working days, one by one."""

from collections import Counter
from csv import DictReader
from datetime import date
from pathlib import Path

import pytest

from onrecord_projections.calendar import Calendar, CalendarError, shipped, shipped_ids

COUNCIL = Calendar.parse(shipped("cn-state-council"))
PUBLISHED = Path(__file__).parent / "data" / "cn_workdays.csv"

FIRST_YEAR = 2004
MAKE_UP_DAYS = [6, 6, 8, 7, 5, 6, 8, 6, 6, 12, 5, 5, 6, 5, 7, 6, 6, 7, 7, 7, 8, 5, 6]


def published() -> list[tuple[date, bool]]:
    with PUBLISHED.open(encoding="utf-8") as lines:
        return [(date.fromisoformat(row["date"]), row["workday"] == "1") for row in DictReader(lines)]


def test_every_day_of_23_years_is_as_published() -> None:
    days = published()

    assert len(days) == 8401
    assert [day for day, works in days if COUNCIL.is_working_day(day) is not works] == []


def test_each_year_has_its_make_up_days() -> None:
    found = Counter(day.year for day, _ in published() if COUNCIL.is_working_day(day) and day.weekday() > 4)

    assert found == {FIRST_YEAR + n: count for n, count in enumerate(MAKE_UP_DAYS)}


def test_2026_has_248_working_days() -> None:
    assert sum(COUNCIL.is_working_day(day) for day, _ in published() if day.year == 2026) == 248


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-02", "元旦"),
        ("2026-02-17", "春节"),
        ("2026-04-05", "清明节"),
        ("2026-05-01", "劳动节"),
        ("2026-06-19", "端午节"),
        ("2026-09-25", "中秋节"),
        ("2026-10-01", "国庆节"),
        ("2026-03-04", None),
    ],
)
def test_festivals_have_their_names(day: str, name: str | None) -> None:
    assert COUNCIL.name_of(date.fromisoformat(day)) == name


def test_it_knows_how_far_it_knows() -> None:
    assert (COUNCIL.known_from, COUNCIL.known_until) == (date(2004, 1, 1), date(2026, 12, 31))
    assert COUNCIL.zone.key == "Asia/Shanghai"


def test_shipped_calendars_are_listed_and_read() -> None:
    assert "cn-state-council" in shipped_ids()
    assert [Calendar.parse(shipped(name), shipped).id for name in shipped_ids()] == shipped_ids()


def test_an_unknown_calendar_is_refused_by_name() -> None:
    with pytest.raises(CalendarError, match=r"'\.\./pyproject'"):
        shipped("../pyproject")
