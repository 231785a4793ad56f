"""A calendar file: what it may say, and how a fault is named by its key."""

from datetime import UTC, date, datetime, timedelta

import pytest

from onrecord_projections.calendar import Calendar, CalendarError, shipped, started_days, union_of

PLAIN = """
id = "plain"
version = "3"
zone = "Asia/Shanghai"
[weekly]
mon-fri = ["09:00-18:00"]
"""


def exceptions(body: str) -> str:
    return f"{PLAIN}[[exceptions]]\n{body}\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("id = ", "not TOML", id="broken-toml"),
        pytest.param(PLAIN.replace("version", "verson"), "version: Field required", id="missing-key"),
        pytest.param("holiday = 1" + PLAIN, "holiday: Extra inputs", id="unknown-key"),
        pytest.param(PLAIN.replace('"plain"', '"Plain Shop"'), "id: ", id="bad-id"),
        pytest.param(PLAIN.replace("Asia/Shanghai", "Asia/Nowhere"), "zone: 'Asia/Nowhere'", id="bad-zone"),
        pytest.param(PLAIN.replace("Asia/Shanghai", "../etc/passwd"), "zone: ", id="zone-outside"),
        pytest.param(PLAIN.replace('zone = "Asia/Shanghai"', ""), "zone: missing", id="no-zone"),
        pytest.param(PLAIN.replace("mon-fri", "mon-fry"), "weekly: 'mon-fry'", id="bad-weekday"),
        pytest.param(PLAIN.replace("mon-fri", "fri-mon"), "weekly: 'fri-mon' runs backward", id="week-back"),
        pytest.param(PLAIN + 'tue = ["09:00-10:00"]', "weekly: tue is named twice", id="day-twice"),
        pytest.param(PLAIN.replace("09:00-18:00", "9-18"), "weekly: '9' is not a time", id="bad-time"),
        pytest.param(PLAIN.replace("18:00", "24:30"), "weekly: '24:30'", id="time-past-midnight"),
        pytest.param(PLAIN.replace("18:00", "18:60"), "weekly: '18:60'", id="sixty-minutes"),
        pytest.param(PLAIN.replace("18:00", "09:00"), "weekly: '09:00-09:00' is empty", id="empty-hours"),
        pytest.param(PLAIN.replace('"]', '", "17:00-19:00"]'), "weekly: working hours overlap", id="overlap"),
        pytest.param(PLAIN.replace("09:00-18:00", '09:00-09:30", "20:00-10:00'), "weekly: day 1", id="late"),
        pytest.param('day_ends = "noon"' + PLAIN, "day_ends: ", id="bad-day-ends"),
        pytest.param("known_until = 20261231" + PLAIN, "known_until: ", id="a-number-is-no-date"),
        pytest.param("known_until = 2026-12-31T00:00:00" + PLAIN, "known_until: ", id="instant"),
        pytest.param(
            "known_from = 2026-01-01\nknown_until = 2025-01-01" + PLAIN, "known_until", id="horizon-backward"
        ),
        pytest.param(exceptions('off = ["2026-01-01"]'), "exceptions.0.off.0", id="a-text-is-no-date"),
        pytest.param(
            exceptions("off = [2026-01-01]\nwork = [2026-01-01]"),
            "2026-01-01 is named twice",
            id="twice",
        ),
        pytest.param(
            exceptions("off = [{ from = 2026-01-03, to = 2026-01-01 }]"),
            "`to` lies before",
            id="range-back",
        ),
        pytest.param(exceptions("off = [{ from = 2026-01-03 }]"), "give either `on`", id="range-without-end"),
        pytest.param(exceptions("off = [{ on = 2026-01-03, hour = [] }]"), "off.0.hour: Extra", id="extra"),
        pytest.param(exceptions("work = [1899-12-31]"), "outside 1900 to 2199", id="too-early"),
        pytest.param(
            exceptions('work = [{ on = 2026-01-03, hours = ["10:00-10:00"] }]'),
            "exceptions.0.work.0.hours",
            id="empty-hours-of-a-day",
        ),
        pytest.param(
            exceptions('work = [{ on = 2026-03-01, hours = ["22:00-10:00"] }]'),
            "2026-03-01: the shift past midnight",
            id="a-dated-night-into-the-next-morning",
        ),
        pytest.param(
            PLAIN + '[[off_every_year]]\nfrom = "13-01"\nto = "01-02"',
            "off_every_year.0.from",
            id="bad-yearly",
        ),
        pytest.param('extends = "cn-state-council"' + PLAIN, "extends: nothing given", id="nobody-to-ask"),
    ],
)
def test_a_faulty_file_is_refused_and_the_key_named(text: str, fault: str) -> None:
    with pytest.raises(CalendarError) as refused:
        Calendar.parse(text)

    assert fault in str(refused.value)


def test_a_chain_of_calendars_that_comes_back_to_itself_is_refused() -> None:
    ring = {
        "a": 'id = "a"\nversion = "1"\nextends = "b"',
        "b": 'id = "b"\nversion = "1"\nextends = "a"',
    }

    with pytest.raises(CalendarError, match="extends itself"):
        Calendar.parse(ring["a"], ring.__getitem__)


def test_an_unknown_base_is_named() -> None:
    with pytest.raises(CalendarError, match="no shipped calendar 'mars'"):
        Calendar.parse('id = "a"\nversion = "1"\nextends = "mars"', shipped)


def test_own_exceptions_win_over_those_extended() -> None:
    shop = Calendar.parse(
        'id = "shop"\nversion = "2"\nextends = "cn-state-council"\n[weekly]\nmon-fri = ["09:00-18:00"]\n'
        "[[exceptions]]\nwork = [2026-10-01]\noff = [2026-10-10]\n",
        shipped,
    )

    assert shop.is_working_day(date(2026, 10, 1))
    assert not shop.is_working_day(date(2026, 10, 10))
    assert not shop.is_working_day(date(2026, 10, 2))
    assert shop.known_until == date(2026, 12, 31)


def test_a_dated_day_wins_over_a_yearly_one() -> None:
    shop = Calendar.parse(
        PLAIN + '[[off_every_year]]\nfrom = "12-24"\nto = "12-26"\n[[exceptions]]\nwork = [2026-12-24]\n'
        'off = [{ on = 2026-12-25, hours = ["09:00-12:00"] }]\n'
    )

    assert [shop.is_working_day(date(2026, 12, day)) for day in (23, 24, 25, 28)] == [True, True, False, True]
    assert not shop.is_working_day(date(2027, 12, 24))


def test_29_february_may_be_a_yearly_day() -> None:
    shop = Calendar.parse(PLAIN + '[[off_every_year]]\nfrom = "02-29"\nto = "02-29"\n')

    assert not shop.is_working_day(date(2028, 2, 29))
    assert shop.is_working_day(date(2028, 2, 28))
    assert shop.is_working_day(date(2028, 3, 1))


def test_a_dump_reads_alone_and_means_the_same() -> None:
    text = (
        'id = "shop"\nversion = "2"\nextends = "cn-state-council"\nday_ends = "closing"\n'
        '[weekly]\nmon-fri = ["09:00-12:00", "13:30-18:00"]\n[[off_every_year]]\nfrom = "12-24"\n'
        'to = "01-02"\nname = "quotes \\" and \\\\ and 春"\n[[exceptions]]\nsource = "us"\n'
        'off = [{ on = 2026-07-08, hours = ["13:30-18:00"] }]\n'
    )
    shop = Calendar.parse(text, shipped)

    alone = Calendar.parse(shop.dump())
    assert alone == shop
    assert hash(alone) == hash(shop)
    assert alone.dump() == shop.dump()
    assert alone.version == "2 on cn-state-council 2026.1"
    assert alone.day_ends == "closing"


def test_equal_content_is_an_equal_calendar() -> None:
    assert Calendar.parse(PLAIN) == Calendar.parse(PLAIN)
    assert Calendar.parse(PLAIN) != Calendar.parse(PLAIN.replace("18:00", "17:00"))
    assert Calendar.parse(PLAIN) != "plain"
    assert repr(Calendar.parse(PLAIN)) == "Calendar('plain', '3')"


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 3, 4, 10)  # noqa: DTZ001
    aware = datetime(2026, 3, 4, 10, tzinfo=UTC)
    plain = Calendar.parse(PLAIN)

    for ask in (
        lambda: plain.add_working(naive, timedelta(hours=1)),
        lambda: plain.working_between(aware, naive),
        lambda: plain.add_calendar_days(naive, 1),
        lambda: plain.add_elapsed(naive, timedelta(hours=1)),
        lambda: started_days([(naive, aware)]),
    ):
        with pytest.raises(CalendarError, match="names no time zone"):
            ask()


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    early, late = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)

    with pytest.raises(CalendarError, match="before it begins"):
        union_of([(late, early)])
    with pytest.raises(CalendarError, match="before it begins"):
        started_days([(late, early)])


def test_pauses_are_for_going_forward() -> None:
    early, late = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)

    with pytest.raises(CalendarError, match="forward only"):
        Calendar.parse(PLAIN).add_working(late, timedelta(hours=-1), pauses=[(early, late)])
