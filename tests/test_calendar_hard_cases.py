"""Time computations that other systems get wrong; the number in a test's id is the case's in our list."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from onrecord_projections.calendar import (
    Calendar,
    CalendarError,
    elapsed_between,
    shipped,
    started_days,
    union_of,
)

HEAD = 'id = "x"\nversion = "1"\n'


def calendar(body: str, zone: str = "Asia/Shanghai") -> Calendar:
    return Calendar.parse(f'{HEAD}zone = "{zone}"\n{body}', shipped)


def chinese(body: str) -> Calendar:
    return Calendar.parse(f'{HEAD}extends = "cn-state-council"\n{body}', shipped)


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


OFFICE = chinese('[weekly]\nmon-fri = ["09:00-12:00", "13:30-18:00"]\n')
COUNCIL = Calendar.parse(shipped("cn-state-council"))
HOUR = timedelta(hours=1)


def test_case_01_a_make_up_saturday_may_have_hours_of_its_own() -> None:
    shop = chinese(
        '[weekly]\nmon-fri = ["09:00-18:00"]\n[[exceptions]]\n'
        'work = [{ on = 2026-02-14, hours = ["10:00-15:00"] }]\n'
    )

    assert shop.working_intervals(date(2026, 2, 14)) == ((at("2026-02-14 10:00"), at("2026-02-14 15:00")),)
    assert shop.working_intervals(date(2026, 2, 28)) == ((at("2026-02-28 09:00"), at("2026-02-28 18:00")),)


def test_case_01_a_make_up_day_on_a_short_saturday_keeps_the_saturdays_hours() -> None:
    shop = chinese('[weekly]\nmon-fri = ["09:00-18:00"]\nsat = ["10:00-14:00"]\n')

    assert shop.working_intervals(date(2026, 2, 14)) == ((at("2026-02-14 10:00"), at("2026-02-14 14:00")),)


def test_case_02_past_the_published_plan_an_answer_is_provisional() -> None:
    inside = OFFICE.add_working(at("2026-12-30 17:00"), 8.5 * HOUR)
    outside = OFFICE.add_working(at("2026-12-30 17:00"), 8.5 * HOUR + timedelta(microseconds=1))

    assert (inside.at, inside.provisional) == (at("2026-12-31 18:00"), False)
    assert outside.provisional
    assert OFFICE.is_provisional(at("2026-12-31 10:00"), at("2027-01-04 10:00"))
    assert not OFFICE.is_provisional(at("2026-03-01 10:00"), at("2026-12-31 23:00"))
    assert OFFICE.version == "1 on cn-state-council 2026.1"


def test_case_02_the_last_known_working_day_is_not_provisional_and_the_next_is() -> None:
    assert not COUNCIL.add_working_days(at("2026-12-30 10:00"), 1).provisional
    assert COUNCIL.add_working_days(at("2026-12-30 10:00"), 2).provisional
    assert not COUNCIL.add_working(at("2026-12-31 00:00"), 24 * HOUR).provisional


def test_case_02_before_the_first_known_year_is_provisional_too() -> None:
    assert COUNCIL.add_working_days(at("2004-01-02 10:00"), -2).provisional
    assert not COUNCIL.add_working_days(at("2004-01-06 10:00"), -2).provisional


def test_case_02_counting_from_the_first_known_day_is_known() -> None:
    assert not COUNCIL.add_working_days(at("2003-12-31 10:00"), 1).provisional
    assert COUNCIL.add_working_days(at("2003-12-30 10:00"), 1).provisional


def test_case_02_days_that_need_no_calendar_are_never_provisional() -> None:
    assert not OFFICE.add_calendar_days(at("2026-11-21 10:00"), 60).provisional
    assert not OFFICE.add_elapsed(at("2026-12-31 10:00"), 1000 * HOUR).provisional
    assert not OFFICE.add_months(at("2026-11-21 10:00"), 6).provisional


def test_case_03_a_day_may_have_any_number_of_shifts() -> None:
    clinic = calendar('[weekly]\nmon-sun = ["07:00-08:00", "12:00-12:30", "19:15-20:00", "21:00-22:45"]\n')

    assert clinic.working_between(at("2026-03-04 00:00"), at("2026-03-05 00:00")) == 4 * HOUR
    assert clinic.add_working(at("2026-03-04 07:30"), 1.25 * HOUR).at == at("2026-03-04 19:30")


def test_case_04_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    guard = calendar(
        '[weekly]\nmon-fri = ["22:00-06:00"]\n[[exceptions]]\noff = [2026-03-04]\nwork = [2026-03-07]\n'
    )

    assert guard.working_intervals(date(2026, 3, 3)) == ((at("2026-03-03 22:00"), at("2026-03-04 06:00")),)
    assert guard.working_intervals(date(2026, 3, 4)) == ()
    assert guard.is_open(at("2026-03-04 03:00"))  # Tuesday's shift, on a Wednesday that is off
    assert not guard.is_open(at("2026-03-05 03:00"))
    assert guard.is_open(at("2026-03-08 03:00"))  # Saturday's make-up shift


def test_case_04_a_night_shift_runs_through_new_year() -> None:
    guard = calendar('[weekly]\nmon-sun = ["22:00-06:00"]\n')

    assert guard.add_working(at("2026-12-31 23:00"), 3 * HOUR).at == at("2027-01-01 02:00")
    assert guard.add_working(at("2026-12-31 23:00"), 8 * HOUR).at == at("2027-01-01 23:00")
    assert guard.add_working(at("2027-01-01 02:00"), -3 * HOUR).at == at("2026-12-31 23:00")
    assert guard.working_between(at("2026-12-31 00:00"), at("2027-01-02 00:00")) == 16 * HOUR


def test_case_04_a_closed_new_years_eve_closes_the_night_after_it() -> None:
    guard = calendar('[weekly]\nmon-sun = ["22:00-06:00"]\n[[exceptions]]\noff = [2027-12-31]\n')
    assert guard.working_between(at("2000-01-01 00:00"), at("2000-01-01 12:00")) == 6 * HOUR  # as 2028 falls

    assert guard.working_between(at("2028-01-01 00:00"), at("2028-01-01 12:00")) == timedelta()
    assert guard.add_working(at("2027-12-31 12:00"), HOUR).at == at("2028-01-01 23:00")


def test_case_04_the_night_that_begins_on_the_last_known_day_is_known() -> None:
    guard = calendar('known_until = 2026-12-31\n[weekly]\nmon-sun = ["22:00-06:00"]\n')

    assert not guard.add_working(at("2026-12-31 22:00"), 8 * HOUR).provisional
    assert guard.add_working(at("2026-12-31 22:00"), 8.5 * HOUR).provisional


def test_case_05_half_a_day_may_be_closed_or_opened() -> None:
    eve = calendar(
        '[weekly]\nmon-fri = ["09:00-18:00"]\n[[exceptions]]\n'
        'off = [{ on = 2026-12-31, hours = ["13:00-18:00"], name = "New Year\'s Eve" }]\n'
        'work = [{ on = 2027-01-02, hours = ["09:00-11:00"] }]\n'
    )

    assert eve.add_working(at("2026-12-31 12:00"), 2 * HOUR).at == at("2027-01-01 10:00")
    assert eve.working_between(at("2027-01-02 00:00"), at("2027-01-03 00:00")) == 2 * HOUR
    assert eve.name_of(date(2026, 12, 31)) == "New Year's Eve"


def test_case_06_a_calendar_without_working_time_is_refused() -> None:
    with pytest.raises(CalendarError, match="weekly"):
        calendar("[weekly]\nmon-fri = []\n")
    with pytest.raises(CalendarError, match="weekly"):
        calendar("[[exceptions]]\nwork = [2026-02-14]\n")


def test_case_06_a_search_is_bounded() -> None:
    with pytest.raises(CalendarError, match="2199"):
        OFFICE.add_working(at("2026-03-04 10:00"), timedelta(days=365_000))
    with pytest.raises(CalendarError, match="1900"):
        OFFICE.add_working_days(at("2026-03-04 10:00"), -1_000_000)
    with pytest.raises(CalendarError, match="9999"):
        OFFICE.add_months(at("2026-03-04 10:00"), 120_000)


@pytest.mark.parametrize(
    ("start", "opening"),
    [
        pytest.param("2026-03-05 18:00", "2026-03-06 09:00", id="at-close"),
        pytest.param("2026-03-04 12:00", "2026-03-04 13:30", id="at-lunch"),
        pytest.param("2026-03-07 11:00", "2026-03-09 09:00", id="on-a-saturday"),
        pytest.param("2026-10-03 11:00", "2026-10-08 09:00", id="in-the-national-holiday"),
        pytest.param("2026-03-04 09:00", "2026-03-04 09:00", id="at-opening"),
    ],
)
def test_case_07_outside_hours_no_time_is_consumed(start: str, opening: str) -> None:
    assert OFFICE.next_opening(at(start)).at == at(opening)
    assert OFFICE.working_between(at(start), at(opening)) == timedelta()
    assert OFFICE.add_working(at(start), HOUR).at == at(opening) + HOUR


def test_case_08_a_skipped_hour_is_not_worked() -> None:
    night = calendar('[weekly]\nmon-sun = ["22:00-06:00"]\n', "Europe/Paris")
    begin, end = at("2026-03-28 22:00", "Europe/Paris"), at("2026-03-29 06:00", "Europe/Paris")

    assert night.working_between(begin, end) == 7 * HOUR
    assert night.add_working(begin, 7 * HOUR).at == end


def test_case_08_a_shift_that_starts_in_the_skipped_hour_starts_with_the_jump() -> None:
    early = calendar('[weekly]\nmon-sun = ["02:30-05:00"]\n', "Europe/Paris")

    ((opens, closes),) = early.working_intervals(date(2026, 3, 29))
    assert opens.isoformat() == "2026-03-29T03:00:00+02:00"
    assert elapsed_between(opens, closes) == 2 * HOUR


def test_case_08_a_shift_wholly_skipped_is_no_working_day() -> None:
    early = calendar('[weekly]\nsun = ["02:00-03:00"]\nmon = ["02:00-03:00"]\n', "Europe/Paris")

    assert not early.is_working_day(date(2026, 3, 29))
    assert early.add_working_days(at("2026-03-28 12:00", "Europe/Paris"), 1).at.day == 30


def test_case_09_a_repeated_hour_is_worked_twice_in_real_time() -> None:
    night = calendar('[weekly]\nmon-sun = ["22:00-06:00"]\n', "Europe/Paris")
    begin = at("2026-10-24 22:00", "Europe/Paris")

    assert night.add_working(begin, 9 * HOUR).at.isoformat() == "2026-10-25T06:00:00+01:00"
    assert night.add_working(begin, 5 * HOUR).at.isoformat() == "2026-10-25T02:00:00+01:00"
    assert night.add_working(begin, 4 * HOUR).at.isoformat() == "2026-10-25T02:00:00+02:00"


def test_case_09_an_ambiguous_reading_is_told_apart_by_its_offset() -> None:
    night = calendar('[weekly]\nmon-sun = ["22:00-06:00"]\n', "Europe/Paris")
    first = datetime.fromisoformat("2026-10-25T02:30:00+02:00")
    second = datetime.fromisoformat("2026-10-25T02:30:00+01:00")

    assert night.working_between(first, second) == HOUR
    paris = ZoneInfo("Europe/Paris")
    assert night.working_between(first.astimezone(paris), second.astimezone(paris)) == HOUR


def test_case_09_a_change_of_offset_that_is_no_summer_time() -> None:
    """Morocco leaves its summer offset for Ramadan: on Sunday 2026-02-15 at 03:00, back on 2026-03-22."""
    day = calendar('[weekly]\nmon-sun = ["09:00-18:00"]\n', "Africa/Casablanca")
    night = calendar('[weekly]\nmon-sun = ["22:00-06:00"]\n', "Africa/Casablanca")
    begin, end = at("2026-02-14 12:00", "Africa/Casablanca"), at("2026-02-15 12:00", "Africa/Casablanca")

    assert elapsed_between(begin, end) == 25 * HOUR
    assert day.working_between(begin, end) == 9 * HOUR
    assert night.working_between(begin, end) == 9 * HOUR


def test_case_09_a_day_whose_last_hour_repeats_ends_with_the_second_pass() -> None:
    """São Paulo put its clocks back from midnight to 23:00 on 17 February 2018."""
    shop = calendar('[weekly]\nmon-sun = ["09:00-18:00"]\n', "America/Sao_Paulo")

    due = shop.add_calendar_days(at("2018-02-16 10:00", "America/Sao_Paulo"), 1)
    assert due.at.isoformat() == "2018-02-17T23:59:59-03:00"


def test_case_08_a_day_that_never_was_ends_when_the_day_before_did() -> None:
    """Samoa crossed the date line: there was no 30 December 2011."""
    shop = calendar('[weekly]\nmon-sun = ["09:00-18:00"]\n', "Pacific/Apia")

    assert not shop.is_working_day(date(2011, 12, 30))
    due = shop.add_calendar_days(at("2011-12-29 10:00", "Pacific/Apia"), 1)
    assert due.at.isoformat() == "2011-12-29T23:59:59-10:00"


def test_case_11_lunar_holidays_are_dated_and_do_not_repeat() -> None:
    assert COUNCIL.name_of(date(2026, 2, 17)) == "春节"
    assert not COUNCIL.is_working_day(date(2026, 2, 17))
    assert COUNCIL.is_working_day(date(2025, 2, 17))


def test_case_12_a_pause_costs_its_working_time_and_not_its_length() -> None:
    pause = (at("2026-03-06 17:00"), at("2026-03-09 10:00"))

    assert OFFICE.working_between(*pause) == 2 * HOUR
    assert elapsed_between(*pause) == 65 * HOUR
    assert OFFICE.add_working(at("2026-03-06 16:00"), 2 * HOUR, pauses=[pause]).at == at("2026-03-09 11:00")


def test_case_12_an_elapsed_clock_loses_the_length_of_the_pause() -> None:
    pauses = [
        (at("2026-03-04 12:00"), at("2026-03-06 12:00")),
        (at("2026-03-05 12:00"), at("2026-03-06 18:00")),
        (at("2026-03-30 12:00"), at("2026-03-31 12:00")),
    ]

    due = OFFICE.add_elapsed(at("2026-03-04 10:00"), 48 * HOUR, pauses=pauses)
    assert due.at == at("2026-03-08 16:00")


def test_case_14_pauses_of_several_causes_are_a_union() -> None:
    one = (at("2026-03-04 10:00"), at("2026-03-04 11:00"))
    two = (at("2026-03-04 10:30"), at("2026-03-04 14:00"))
    touching = (at("2026-03-04 14:00"), at("2026-03-04 15:00"))

    assert union_of([two, one]) == [(one[0], two[1])]
    assert union_of([touching, two, one]) == [(one[0], touching[1])]
    assert union_of([(one[0], one[0])]) == []
    assert union_of([(one[0], touching[1]), two]) == [(one[0], touching[1])]


def test_case_15_nothing_is_rounded() -> None:
    start = at("2026-03-04 11:59:59.999999")
    pause = (at("2026-03-04 14:00:00.000001"), at("2026-03-04 14:00:59.000002"))

    assert OFFICE.add_working(start, timedelta(microseconds=2)).at == at("2026-03-04 13:30:00.000001")
    paused = OFFICE.add_working(at("2026-03-04 13:30"), HOUR, pauses=[pause])
    assert paused.at == at("2026-03-04 14:30:59.000001")


def test_case_16_a_pause_that_begins_when_the_work_is_done_changes_nothing() -> None:
    pause = (at("2026-03-04 10:00"), at("2026-03-04 11:00"))

    assert OFFICE.add_working(at("2026-03-04 09:00"), HOUR, pauses=[pause]).at == at("2026-03-04 10:00")


def test_case_16_a_clock_that_starts_paused_waits_for_the_end_of_the_pause() -> None:
    pause = (at("2026-03-04 08:00"), at("2026-03-04 10:00"))

    assert OFFICE.add_working(at("2026-03-04 09:00"), HOUR, pauses=[pause]).at == at("2026-03-04 11:00")
    assert OFFICE.add_working(at("2026-03-04 10:00"), HOUR, pauses=[pause]).at == at("2026-03-04 11:00")


def test_case_20_a_calendar_edited_afterwards_is_another_calendar() -> None:
    typhoon = Calendar.parse(OFFICE.dump() + "[[exceptions]]\noff = [2026-07-08]\n")

    assert typhoon != OFFICE
    assert typhoon.digest != OFFICE.digest
    assert typhoon.add_working(at("2026-07-07 18:00"), HOUR).at == at("2026-07-09 10:00")
    assert OFFICE.add_working(at("2026-07-07 18:00"), HOUR).at == at("2026-07-08 10:00")


def test_case_37_a_warning_two_hours_before_crosses_the_night_backward() -> None:
    assert OFFICE.add_working(at("2026-03-05 10:00"), -2 * HOUR).at == at("2026-03-04 17:00")
    assert OFFICE.add_working(at("2026-02-24 10:00"), -2 * HOUR).at == at("2026-02-14 17:00")
    assert OFFICE.add_working(at("2026-03-05 18:00"), -7.5 * HOUR).at == at("2026-03-05 09:00")


def test_case_39_delivery_has_a_window_of_its_own() -> None:
    delivery = calendar('[weekly]\nmon-sun = ["08:00-20:00"]\n')
    due = at("2026-03-07 23:30")

    assert delivery.next_opening(due).at == at("2026-03-08 08:00")
    assert OFFICE.next_opening(due).at == at("2026-03-09 09:00")


def test_case_44_outside_hours_means_outside_this_calendars_hours() -> None:
    assert OFFICE.is_open(at("2026-02-14 10:00"))
    assert not OFFICE.is_open(at("2026-02-16 10:00"))
    assert not OFFICE.is_open(at("2026-03-04 18:00"))
    assert OFFICE.is_open(datetime(2026, 3, 4, 9, 59, 59, tzinfo=UTC))


def test_case_46_each_episode_is_rounded_up_alone_without_the_transport_of_parts() -> None:
    first = (at("2026-03-01 09:00"), at("2026-03-02 09:00:01"))
    second = (at("2026-03-10 09:00"), at("2026-03-10 10:00"))
    transport = (at("2026-03-01 20:00"), at("2026-03-01 21:00"))

    assert started_days([first, second]) == 3
    assert started_days([first, second], excluded=[transport, transport]) == 2
    assert started_days([]) == 0


def test_case_46_time_excluded_twice_is_excluded_once() -> None:
    episode = (at("2026-03-01 09:00"), at("2026-03-02 10:00"))
    transport = (at("2026-03-01 20:00"), at("2026-03-01 20:40"))

    assert started_days([episode], excluded=[transport, transport]) == 2


class TestCivilCode:
    """Case 45. Articles 200 to 204: how a period that a law or contract names is counted."""

    def test_200_hours_run_from_the_agreed_moment(self) -> None:
        assert COUNCIL.add_elapsed(at("2026-03-04 10:15"), 48 * HOUR).at == at("2026-03-06 10:15")

    def test_201_the_first_day_does_not_count(self) -> None:
        assert COUNCIL.add_calendar_days(at("2026-03-04 00:00"), 1).at == at("2026-03-05 23:59:59")
        assert COUNCIL.add_calendar_days(at("2026-03-04 23:59:59"), 1).at == at("2026-03-05 23:59:59")
        assert COUNCIL.add_calendar_days(at("2026-03-04 23:59:59"), 0).at == at("2026-03-04 23:59:59")

    @pytest.mark.parametrize(
        ("start", "months", "last"),
        [
            ("2026-01-15", 1, "2026-02-15"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2026-12-31", 2, "2027-02-28"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2028-02-29", 12, "2029-02-28"),
        ],
    )
    def test_202_a_month_ends_on_the_corresponding_day_else_on_its_last(
        self, start: str, months: int, last: str
    ) -> None:
        assert COUNCIL.add_months(at(f"{start} 12:00"), months).at == at(f"{last} 23:59:59")

    def test_202_a_year_is_twelve_months(self) -> None:
        assert COUNCIL.add_years(at("2028-02-29 12:00"), 1).at == at("2029-02-28 23:59:59")
        assert COUNCIL.add_years(at("2026-02-28 12:00"), 2).at == at("2028-02-28 23:59:59")

    def test_203_a_last_day_of_rest_moves_to_the_next_working_day(self) -> None:
        assert COUNCIL.add_legal_days(at("2026-03-04 12:00"), 3).at == at("2026-03-09 23:59:59")
        assert COUNCIL.add_legal_days(at("2026-03-04 12:00"), 2).at == at("2026-03-06 23:59:59")
        assert COUNCIL.add_legal_months(at("2026-01-15 12:00"), 1).at == at("2026-02-24 23:59:59")

    def test_203_only_the_last_day_rolls_for_a_legal_period_not_for_a_company_clock(self) -> None:
        assert COUNCIL.add_calendar_days(at("2026-03-04 12:00"), 3).at == at("2026-03-07 23:59:59")

    def test_203_it_ends_at_closing_where_the_calendar_says_so(self) -> None:
        counter = chinese('day_ends = "closing"\n[weekly]\nmon-fri = ["09:00-17:30"]\n')

        assert counter.add_legal_days(at("2026-03-04 12:00"), 2).at == at("2026-03-06 17:30")
        assert counter.add_working_days(at("2026-03-04 12:00"), 2).at == at("2026-03-06 17:30")

    def test_204_a_tenant_may_agree_otherwise_by_a_calendar_of_its_own(self) -> None:
        assert calendar('[weekly]\nmon-sun = ["00:00-24:00"]\n').add_legal_days(
            at("2026-03-04 12:00"), 3
        ).at == at("2026-03-07 23:59:59")


class TestScenarios:
    """The calendar side of the golden scenarios, by their ids."""

    def test_s03_working_days_over_the_spring_festival(self) -> None:
        assert COUNCIL.add_working_days(at("2026-02-12 16:00"), 3).at == at("2026-02-24 23:59:59")

    def test_s06_open_every_day(self) -> None:
        dealer = calendar('[weekly]\nmon-sun = ["00:00-24:00"]\n')

        assert COUNCIL.add_working_days(at("2026-03-13 10:00"), 3).at == at("2026-03-18 23:59:59")
        assert dealer.add_working_days(at("2026-03-13 10:00"), 3).at == at("2026-03-16 23:59:59")

    def test_s06_closing_hour_cut_off(self) -> None:
        dealer = chinese('day_ends = "closing"\n[weekly]\nmon-fri = ["09:00-17:30"]\n')

        assert dealer.add_working_days(at("2026-03-13 10:00"), 3).at == at("2026-03-18 17:30")

    def test_s06_whole_days_that_end_at_closing_end_at_midnight(self) -> None:
        whole = chinese('day_ends = "closing"\n')

        assert whole.add_working_days(at("2026-03-13 10:00"), 3).at == at("2026-03-18 23:59:59")

    def test_s83_four_working_hours_over_a_weekend(self) -> None:
        tenant_b = chinese('[weekly]\nmon-fri = ["09:00-18:00"]\n')

        assert tenant_b.add_working(at("2026-06-12 16:00"), 4 * HOUR).at == at("2026-06-15 11:00")

    def test_june_2026_has_21_working_days(self) -> None:
        june = [date(2026, 6, day) for day in range(1, 31)]

        assert sum(map(COUNCIL.is_working_day, june)) == 21
        assert COUNCIL.month_end(at("2026-06-11 09:00")).at == at("2026-06-30 23:59:59")
        assert COUNCIL.month_end(at("2026-11-30 09:00"), 3).at == at("2027-02-28 23:59:59")
