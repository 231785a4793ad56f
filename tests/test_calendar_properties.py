"""What must hold on every calendar: the laws of adding and counting, and equality with a walking oracle."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord_projections.calendar import Calendar, shipped, union_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)
ZONES = (
    "Asia/Shanghai",
    "Europe/Paris",
    "America/New_York",
    "America/Sao_Paulo",  # changed its clocks at midnight
    "America/St_Johns",  # changed its clocks a minute after midnight
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # backward for Ramadan
    "Africa/Cairo",  # skips midnight
    "Asia/Kathmandu",
)
CHANGES = (  # days about which some of these zones change their clocks, and ordinary ones
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2017, 10, 15),
    date(2018, 2, 18),
    date(2010, 11, 7),
    date(2026, 4, 5),
    date(2026, 2, 15),
    date(2026, 4, 24),
    date(2026, 10, 29),
    date(2026, 12, 31),
    date(2026, 7, 8),
)
OFFICE = Calendar.parse(
    'id = "office"\nversion = "1"\nextends = "cn-state-council"\n'
    '[weekly]\nmon-fri = ["09:00-12:00", "13:30-18:00"]\n',
    shipped,
)
NIGHTS = Calendar.parse(
    'id = "nights"\nversion = "1"\nzone = "Europe/Paris"\n[weekly]\nmon-sat = ["22:00-06:00"]\n'
)

calm = settings(deadline=None)  # machines are shared: a slow example is not a wrong one
seconds = st.integers(0, 10 * 366 * 86_400).map(lambda s: timedelta(seconds=s))
instants = st.datetimes(datetime(2004, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
calendars = st.sampled_from([OFFICE, NIGHTS])


@calm
@given(calendars, instants, seconds)
def test_the_time_added_is_the_time_counted(calendar: Calendar, start: datetime, work: timedelta) -> None:
    assert calendar.working_between(start, calendar.add_working(start, work).at) == work
    assert calendar.working_between(calendar.add_working(start, -work).at, start) == work


@calm
@given(calendars, instants, seconds)
def test_adding_then_taking_away_returns_to_a_start_inside_hours(
    calendar: Calendar, start: datetime, work: timedelta
) -> None:
    start = calendar.next_opening(start).at + timedelta(seconds=1)

    there = calendar.add_working(start, work).at
    assert calendar.add_working(there, -work).at.astimezone(UTC) == start.astimezone(UTC)


@calm
@given(calendars, instants, instants, instants)
def test_the_parts_of_a_span_sum_to_the_whole(
    calendar: Calendar, a: datetime, b: datetime, c: datetime
) -> None:
    whole = calendar.working_between(a, c)

    assert calendar.working_between(a, b) + calendar.working_between(b, c) == whole
    assert calendar.working_between(c, a) == -whole


@calm
@given(calendars, instants, seconds, seconds)
def test_adding_in_two_steps_is_adding_at_once(
    calendar: Calendar, start: datetime, one: timedelta, two: timedelta
) -> None:
    halfway = calendar.add_working(start, one).at

    assert calendar.add_working(halfway, two).at == calendar.add_working(start, one + two).at


@calm
@given(calendars, instants, seconds)
def test_a_due_instant_never_comes_before_a_smaller_targets(
    calendar: Calendar, start: datetime, work: timedelta
) -> None:
    less, more = calendar.add_working(start, work), calendar.add_working(start, work + timedelta(seconds=1))

    assert less.at.astimezone(UTC) < more.at.astimezone(UTC)
    assert more.provisional or not less.provisional


@calm
@given(calendars, instants, seconds.filter(bool), st.integers(0, 5))
def test_case_13_a_pause_outside_hours_changes_nothing(
    calendar: Calendar, start: datetime, work: timedelta, days: int
) -> None:
    day = calendar.local_day(start) + timedelta(days)
    closed = next(d for d in (day + timedelta(n) for n in range(30)) if calendar.working_intervals(d))
    closes = calendar.working_intervals(closed)[-1][1]
    pause = (closes, calendar.next_opening(closes).at)

    assert calendar.add_working(start, work, pauses=[pause]) == calendar.add_working(start, work)


@calm
@given(
    calendars,
    instants,
    seconds,
    st.lists(st.tuples(st.integers(-9000, 90_000), st.integers(0, 9000)), max_size=5),
)
def test_case_14_due_moves_by_the_union_of_the_pauses(
    calendar: Calendar, start: datetime, work: timedelta, drawn: list[tuple[int, int]]
) -> None:
    pauses = [(start + at * MINUTE, start + (at + length) * MINUTE) for at, length in drawn]

    due = calendar.add_working(start, work, pauses=pauses).at
    lost = sum(
        (
            calendar.working_between(max(begin, start), end)
            for begin, end in union_of([(a, min(b, due)) for a, b in pauses if a < due])
            if end > start
        ),
        timedelta(),
    )
    assert calendar.working_between(start, due) - lost == work


@calm
@given(instants, seconds, st.dates(date(2027, 1, 1), date(2030, 1, 1)))
def test_an_edit_of_a_later_year_changes_nothing_inside_the_horizon(
    start: datetime, work: timedelta, edited: date
) -> None:
    later = Calendar.parse(OFFICE.dump() + f"[[exceptions]]\noff = [{edited}]\n")

    for due, again in (
        (OFFICE.add_working(start, work), later.add_working(start, work)),
        (OFFICE.add_working_days(start, work.days), later.add_working_days(start, work.days)),
        (OFFICE.add_legal_days(start, work.days), later.add_legal_days(start, work.days)),
    ):
        assert due == again or due.provisional


@calm
@given(calendars, st.dates(date(2004, 1, 1), date(2030, 1, 1)), st.integers(1, 4000))
def test_the_nth_working_day_has_n_working_days_up_to_it(calendar: Calendar, day: date, days: int) -> None:
    start = datetime.combine(day, datetime.min.time(), calendar.zone)
    due = calendar.local_day(calendar.add_working_days(start, days).at)

    counted = [day + timedelta(n) for n in range(1, (due - day).days + 1)]
    assert sum(map(calendar.is_working_day, counted)) == days
    assert calendar.is_working_day(due)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", ["09:00-18:00", "22:00-06:00", "00:00-24:00"])
def test_years_that_share_a_layout_hold_what_their_days_hold(zone: str, hours: str) -> None:
    calendar = Calendar.parse(f'id = "c"\nversion = "1"\nzone = "{zone}"\n[weekly]\nmon-sat = ["{hours}"]\n')
    for year in (1949, 1987, 1999, 2000, 2010, 2018, 2026, 2037, 2050, 2087, 2100):
        first, last = (datetime(y, 1, 1, tzinfo=calendar.zone).astimezone(UTC) for y in (year, year + 1))
        days = [date(year, 1, 1) + timedelta(n) for n in range(-1, 366)]
        spans = [span for day in days for span in calendar.working_intervals(day)]
        inside = [min(b.astimezone(UTC), last) - max(a.astimezone(UTC), first) for a, b in spans]

        assert calendar.working_between(first, last) == sum(
            (max(length, timedelta()) for length in inside), timedelta()
        )


@st.composite
def any_hours(draw: st.DrawFn, earliest: int) -> list[str]:
    """Shifts of one day, none before `earliest`; the last may run past midnight up to that minute."""
    count = draw(st.integers(0, 3))
    marks = sorted(draw(st.sets(st.integers(earliest, 1439), min_size=2 * count, max_size=2 * count)))
    shifts = [(a, b) for a, b in pairwise(marks)][::2]
    if shifts and earliest and draw(st.booleans()):
        shifts[-1] = (shifts[-1][0], draw(st.integers(0, earliest)))
    return [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in shifts]


@st.composite
def any_calendar(draw: st.DrawFn) -> tuple[Calendar, date]:
    """A calendar in any zone, with odd hours and exceptions about a day on which clocks may change."""
    middle = draw(st.sampled_from(CHANGES))
    earliest = draw(st.integers(0, 480))
    week = {day: draw(any_hours(earliest)) for day in WEEKDAYS}
    week["wed"] = week["wed"] or ["12:00-13:00"]
    lines = [f'id = "any"\nversion = "1"\nzone = "{draw(st.sampled_from(ZONES))}"\n[weekly]']
    lines += [f"{day} = {hours}".replace("'", '"') for day, hours in week.items()]
    lines += ["[[exceptions]]"]
    odd = draw(st.dictionaries(st.integers(-4, 4), any_hours(earliest), max_size=4))
    work = [(middle + timedelta(n), hours) for n, hours in odd.items() if hours]
    off = [middle + timedelta(n) for n, hours in odd.items() if not hours]
    lines += ["work = [" + ", ".join(f"{{ on = {d}, hours = {h} }}" for d, h in work).replace("'", '"') + "]"]
    lines += ["off = [" + ", ".join(map(str, off)) + "]"]
    return Calendar.parse("\n".join(lines)), middle


def walked(calendar: Calendar, middle: date) -> list[datetime]:
    """The oracle: every working minute of eleven days, found by watching the wall clock minute by minute."""
    start = datetime.combine(middle - timedelta(8), datetime.min.time(), UTC)
    clock = [start + n * MINUTE for n in range(16 * 1440)]
    wall = [moment.astimezone(calendar.zone).replace(tzinfo=None) for moment in clock]

    def reached(day: date, minute: int) -> int:
        reading = datetime.combine(day, datetime.min.time()) + minute * MINUTE
        return next(n for n, shown in enumerate(wall) if shown >= reading)

    working: set[int] = set()
    for day in (middle + timedelta(n) for n in range(-6, 6)):
        for opens, closes in calendar._hours.of(day):  # type: ignore[attr-defined,unused-ignore]
            working |= set(range(reached(day, opens), reached(day, closes)))
    return [clock[n] for n in sorted(working)]


@settings(max_examples=60, deadline=None)
@given(any_calendar(), st.data())
def test_it_agrees_with_an_oracle_that_walks_minute_by_minute(
    drawn: tuple[Calendar, date], data: st.DataObject
) -> None:
    calendar, middle = drawn
    worked = walked(calendar, middle)
    noon = datetime.combine(middle, datetime.min.time(), UTC) + timedelta(hours=12)
    starts = data.draw(st.lists(st.integers(-4 * 1440, 0), min_size=8, max_size=8))

    for minute in starts:
        start = noon + minute * MINUTE
        ahead = [moment for moment in worked if moment >= start]
        behind = [moment for moment in worked if moment < start]
        until = noon + 3 * 1440 * MINUTE
        assert calendar.working_between(start, until) == MINUTE * sum(moment < until for moment in ahead)
        assert calendar.is_open(start) == (start in ahead[:1])
        for n in {0, 1, len(ahead) // 3, len(ahead) // 2} & set(range(len(ahead))):
            assert calendar.add_working(start, (n + 1) * MINUTE).at.astimezone(UTC) == ahead[n] + MINUTE
        for n in {1, len(behind) // 3} & set(range(1, len(behind))):
            assert calendar.add_working(start, -n * MINUTE).at.astimezone(UTC) == behind[-n]
