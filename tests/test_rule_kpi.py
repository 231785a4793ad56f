"""Figures as rules: the golden scenarios' numbers and the edges of each formula, by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from judging_builders import ZONE, at, policy
from kpi_builders import PROMISE, asking, book, counted, events, kpi, told
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Clock, RulebookError, check, load
from onrecord_projections.judging.figures import (
    bottom_findings,
    days_of,
    figures,
    in_words,
    items_of_clocks,
    period_of,
    standings,
    summed,
)


def visits(person: str, *, visits: int, deals: int, phones: int, drives: int) -> list[str]:
    """S74: two months of one consultant, a client a visit."""
    lines = []
    for n in range(visits):
        stream = f"client/{person}{n}"
        phone = "true" if n < phones else "false"
        lines.append(
            f"2026-07-01 10:00:00 {stream} client.registered salesperson={person} "
            f"full_name=true phone_given={phone}"
        )
        if n < deals:
            lines.append(f"2026-08-31 23:59:59 {stream} client.dealt by={person}")
        if n < drives:
            lines.append(f"2026-08-01 00:00:00 {stream} stage.reached stage=test-drive by={person}")
    return lines


RANKED = (
    kpi(
        "DEALS",
        formula='"cases"',
        denominator='"client.registered"',
        numerator='"client.dealt"',
        met='"ever"',
        by='"salesperson"',
        every='"two-months"',
    ),
    kpi(
        "PHONES",
        formula='"cases"',
        denominator='"client.registered"',
        numerator='{ event = "client.registered", where = { phone_given = true } }',
        by='"salesperson"',
        every='"two-months"',
    ),
    kpi(
        "DRIVES",
        formula='"cases"',
        denominator='"client.registered"',
        numerator='{ event = "stage.reached", where = { stage = "test-drive" } }',
        met='"ever"',
        by='"salesperson"',
        every='"two-months"',
    ),
    kpi(
        "B28",
        formula='"ranks"',
        of='["DEALS", "PHONES", "DRIVES"]',
        by='"salesperson"',
        every='"two-months"',
    ),
)
HALL = [
    *visits("li", visits=40, deals=8, phones=30, drives=20),
    *visits("wang", visits=50, deals=9, phones=40, drives=15),
    *visits("zhao", visits=20, deals=5, phones=10, drives=12),
]


def test_s74_two_monthly_rates_by_consultant_and_of_the_shop() -> None:
    found = told(counted(asking(*RANKED), events(HALL), "2026-09-01 00:00:00"))
    assert found == [
        "DEALS 2026-07..08 li: 8/40",
        "DEALS 2026-07..08 wang: 9/50",
        "DEALS 2026-07..08 zhao: 5/20",
        "DEALS 2026-07..08: 22/110",
        "DRIVES 2026-07..08 li: 20/40",
        "DRIVES 2026-07..08 wang: 15/50",
        "DRIVES 2026-07..08 zhao: 12/20",
        "DRIVES 2026-07..08: 47/110",
        "PHONES 2026-07..08 li: 30/40",
        "PHONES 2026-07..08 wang: 40/50",
        "PHONES 2026-07..08 zhao: 10/20",
        "PHONES 2026-07..08: 80/110",
    ]


def test_s74_the_last_by_mean_of_ranks_is_proposed() -> None:
    settings = asking(*RANKED)
    ranked = standings(settings, counted(settings, events(HALL), "2026-09-01 00:00:00"))
    assert [(each.group, each.ranks, str(each.mean), each.last) for each in ranked] == [
        ("li", (2, 2, 2), "2", False),
        ("wang", (3, 1, 3), "7/3", True),
        ("zhao", (1, 3, 1), "5/3", False),
    ]
    (finding,) = bottom_findings(settings, ranked)
    assert (finding.clause, finding.code, finding.person) == ("B28", "bottom-ranked", "wang")
    assert finding.at == at("2026-09-01 00:00:00")
    assert finding.instance == "2026-07..08+wang"


def test_equals_share_a_rank_and_nobody_is_last_of_equals_or_alone() -> None:
    settings = asking(*RANKED)
    same = [*visits("li", visits=2, deals=1, phones=1, drives=1)]
    alone = standings(settings, counted(settings, events(same), "2026-09-01 00:00:00"))
    assert [(each.group, each.ranks, each.last) for each in alone] == [("li", (1, 1, 1), False)]
    same += visits("wu", visits=4, deals=2, phones=2, drives=2)
    equal = standings(settings, counted(settings, events(same), "2026-09-01 00:00:00"))
    assert [(each.ranks, each.last) for each in equal] == [((1, 1, 1), False), ((1, 1, 1), False)]
    same += visits("xu", visits=4, deals=0, phones=0, drives=0) + visits(
        "ye", visits=1, deals=0, phones=0, drives=0
    )
    both = standings(settings, counted(settings, events(same), "2026-09-01 00:00:00"))
    assert [(each.group, each.ranks, each.last) for each in both] == [
        ("li", (1, 1, 1), False),
        ("wu", (1, 1, 1), False),
        ("xu", (3, 3, 3), True),
        ("ye", (3, 3, 3), True),
    ]


COMPLETE = kpi(
    "COMPLETE",
    formula='"cases"',
    denominator='"archive.inspected"',
    numerator='"archive.inspected"',
    without='["defects"]',
)


def test_s16_a_file_is_complete_if_its_first_inspection_found_nothing() -> None:
    lines = [
        f"2026-04-{n + 1:02} 10:00:00 archive/{n} archive.inspected consultant=li"
        + (" defects=paper-missing:1" if n < 3 else "")
        for n in range(18)
    ]
    lines += [f"2026-04-29 10:00:00 archive/{n} archive.inspected consultant=li" for n in range(3)]
    lines += ["2026-03-31 23:59:59 archive/m archive.inspected consultant=li"]
    lines += ["2026-04-02 09:00:00 archive/m archive.inspected consultant=li defects=paper-missing:2"]
    found = told(counted(asking(COMPLETE), events(lines), "2026-05-01 00:00:00"))
    assert found == ["COMPLETE 2026-03: 1/1", "COMPLETE 2026-04: 15/18"]


def clock(nth: int, due_at: datetime, *, met: bool = True, clause: str = "ANSWER", used_s: int = 60) -> Clock:
    """A promise that fell due, kept or still open."""
    return Clock(
        "test", 1, clause, f"case/{nth}", f"{nth}", "clock", "li", "met" if met else "breached",
        due_at - timedelta(days=1), due_at, due_at - timedelta(hours=1) if met else None,
        timedelta(seconds=used_s), timedelta(), None, False, "", (), (nth,), "", None,
    )  # fmt: skip


def clocks_told(clauses: tuple[str, ...], clocks: list[Clock]) -> list[str]:
    settings = asking(*clauses)
    return told(figures(settings, summed(settings, items_of_clocks(settings, clocks))))


def test_s98_thirty_patrols_with_one_missed_and_daily_reports_by_person() -> None:
    patrols = [clock(n, at(f"2026-06-{n:02} 23:59:59"), met=n != 17) for n in range(1, 31)]
    asked = (PROMISE, kpi("PATROL", of='["ANSWER"]', by='"owner"', together="true"))
    assert clocks_told(asked, patrols) == ["PATROL 2026-06 li: 29/30", "PATROL 2026-06: 29/30"]


def test_s29_a_rate_of_one_is_missed_by_one_of_twenty_five() -> None:
    repairs = [clock(n, at(f"2026-07-{n:02} 12:00:00"), met=n != 3) for n in range(1, 26)]
    august = [clock(99, at("2026-08-01 23:30:00"))]
    asked = (PROMISE, kpi("RATE", of='["ANSWER"]', counts='"done"', target="1.00"))
    assert clocks_told(asked, [*repairs, *august]) == [
        "RATE ANSWER 2026-07: 24/25 missed",
        "RATE ANSWER 2026-08: 1/1 reached",
    ]


def test_a_promise_counts_once_it_has_fallen_due_and_not_when_it_is_no_longer_owed() -> None:
    settings = asking(PROMISE, kpi("RATE", of='["ANSWER"]'))
    lines = ["2026-06-30 00:00:00 complaint/1 complaint.registered severity=minor received_by=li"]
    answered = [*lines, "2026-06-30 01:00:00 complaint/1 complaint.answered"]
    assert told(counted(settings, events(answered), "2026-07-01 00:00:00")) == []
    assert told(counted(settings, events(answered), "2026-07-01 00:00:01")) == ["RATE ANSWER 2026-07: 1/1"]
    assert told(counted(settings, events(lines), "2026-07-01 00:00:01")) == ["RATE ANSWER 2026-07: 0/1"]


COMMUNICATION = (
    PROMISE,
    kpi("TIMELY", of='["ANSWER"]', every='"quarter"', together="true"),
    kpi(
        "COMPLAINTS",
        formula='"share"',
        numerator='"complaint.registered"',
        denominator='{ event = "figure.recorded", where = { figure = "active-customers" } }',
        denominator_field='"value"',
        period_field='"period"',
        every='"quarter"',
    ),
    kpi(
        "MEAN",
        formula='"mean"',
        starts_on='"complaint.registered"',
        stops_on='"complaint.answered"',
        every='"quarter"',
    ),
    kpi("MEDIAN", formula='"median"', of='["ANSWER"]', every='"quarter"', together="true"),
    kpi(
        "TASKS",
        formula='"share"',
        numerator='{ event = "duty.done", where = { duty = "contact" } }',
        denominator='{ event = "task.set", where = { task = "contact" } }',
        every='["quarter", "year"]',
        target="0.9",
    ),
)


def test_s81_communication_figures_of_a_quarter() -> None:
    lines = []
    for n, seconds in enumerate((30, 90, 600)):
        begin = datetime(2026, 5, 4 + n, 9, tzinfo=ZONE)
        answer = begin + timedelta(seconds=seconds)
        lines += [
            f"{begin:%Y-%m-%d %H:%M:%S} complaint/{n} complaint.registered severity=minor received_by=li",
            f"{answer:%Y-%m-%d %H:%M:%S} complaint/{n} complaint.answered",
        ]
    lines += [
        f"2026-06-01 09:00:00 complaint/{n} complaint.registered severity=minor received_by=li"
        for n in (3, 4, 5)
    ]
    lines += ["2026-07-02 09:00:00 figure/a figure.recorded figure=active-customers value=150 period=2026-Q2"]
    lines += [f"2026-04-01 09:00:00 plan/{n} task.set task=contact person=li" for n in range(20)]
    lines += [f"2026-06-30 23:59:59 plan/{n} duty.done duty=contact" for n in range(18)]
    assert told(counted(asking(*COMMUNICATION), events(lines), "2026-07-03 00:00:00")) == [
        "COMPLAINTS 2026-Q2: 6/150",
        "MEAN 2026-Q2: 720/3",
        "MEDIAN 2026-Q2: 90/1",
        "TASKS 2026: 18/20 reached",
        "TASKS 2026-Q2: 18/20 reached",
        "TIMELY 2026-Q2: 3/6",
    ]


def test_s81_complaints_belong_to_the_quarter_they_fall_due_in() -> None:
    due = [clock(n, at("2026-04-01 10:00:00"), met=n != 5) for n in range(2)]
    due += [clock(n, at("2026-06-30 23:59:59"), met=n != 5) for n in range(2, 8)]
    asked = (PROMISE, kpi("TIMELY", of='["ANSWER"]', every='"quarter"', together="true"))
    assert clocks_told(asked, due) == ["TIMELY 2026-Q2: 7/8"]
    half = [clock(n, at("2026-05-05 10:00:00"), met=n < 45) for n in range(50)]
    assert clocks_told(asked, half) == ["TIMELY 2026-Q2: 45/50"]


def test_a_number_handed_in_again_replaces_the_one_before() -> None:
    asked = kpi(
        "CUSTOMERS", formula='"sum"', numerator='"figure.recorded"', value_field='"value"', latest="true"
    )
    lines = [
        "2026-06-01 09:00:00 figure/a figure.recorded figure=active value=150",
        "2026-06-02 09:00:00 figure/a figure.recorded figure=active value=140.5",
        "2026-06-02 09:00:00 figure/b figure.recorded figure=active value=10",
    ]
    assert told(counted(asking(asked), events(lines), "2026-07-01 00:00:00")) == ["CUSTOMERS 2026-06: 150.5"]


COVERAGE = kpi(
    "COVERAGE",
    formula='"coverage"',
    denominator='"emergency.opened"',
    denominator_field='"affected"',
    numerator='"emergency.notified"',
    value_field='"customer"',
    by='"case"',
    target="1.00",
)


def test_s86_thirty_eight_of_forty_notified_each_once() -> None:
    lines = ["2026-06-30 23:00:00 emergency/1 emergency.opened affected=40"]
    lines += [f"2026-07-01 09:{n:02}:00 emergency/1 emergency.notified customer=c{n}" for n in range(38)]
    lines += ["2026-07-01 11:00:00 emergency/1 emergency.notified customer=c0"]
    assert told(counted(asking(COVERAGE), events(lines), "2026-07-02 00:00:00")) == [
        "COVERAGE 2026-06 emergency/1: 38/40 missed",
        "COVERAGE 2026-06: 38/40 missed",
    ]
    lines += ["2026-07-01 12:00:00 emergency/1 emergency.notified customer=c38"]
    lines += ["2026-07-01 12:00:00 emergency/1 emergency.notified customer=c39"]
    whole = told(counted(asking(COVERAGE), events(lines), "2026-07-02 00:00:00"))
    assert whole[0] == "COVERAGE 2026-06 emergency/1: 40/40 reached"


def test_s70_three_of_four_road_shows_and_different_places() -> None:
    shows = kpi(
        "SHOWS",
        formula='"count"',
        numerator='{ event = "stage.reached", where = { stage = "road-show" } }',
        out_of="4",
        target="1",
    )
    places = kpi(
        "PLACES",
        formula='"count"',
        numerator='{ event = "stage.reached", where = { stage = "road-show" } }',
        distinct='"about"',
    )
    lines = [
        f"2026-06-{day} 10:00:00 show/{day} stage.reached stage=road-show about={place}"
        for day, place in (("05", "park"), ("15", "mall"), ("25", "park"))
    ]
    assert told(counted(asking(shows, places), events(lines), "2026-07-01 00:00:00")) == [
        "PLACES 2026-06: 2",
        "SHOWS 2026-06: 3/4 missed",
    ]
    lines += ["2026-06-30 23:59:59 show/30 stage.reached stage=road-show about=park"]
    assert told(counted(asking(shows), events(lines), "2026-07-01 00:00:00")) == [
        "SHOWS 2026-06: 4/4 reached"
    ]


@pytest.mark.parametrize(
    ("formula", "percent", "values", "then"),
    [
        pytest.param("median", None, (3, 1), "4/2", id="two-middles-halved"),
        pytest.param("median", None, (9, 1, 1), "1/1", id="the-middle-of-three"),
        pytest.param("percentile", 90, tuple(range(1, 11)), "9/1", id="nine-of-ten"),
        pytest.param("percentile", 90, (5,), "5/1", id="one-alone"),
        pytest.param("percentile", 50, (1, 2), "1/1", id="nearest-rank"),
        pytest.param("mean", None, (1, 2, 4), "7/3", id="mean"),
    ],
)
def test_values_one_by_one(formula: str, percent: int | None, values: tuple[int, ...], then: str) -> None:
    more = {"percent": str(percent)} if percent else {}
    asked = kpi("F", formula=f'"{formula}"', numerator='"figure.recorded"', value_field='"value"', **more)
    lines = [
        f"2026-06-0{n % 9 + 1} 09:00:00 figure/{n} figure.recorded figure=test value={value}"
        for n, value in enumerate(values)
    ]
    assert told(counted(asking(asked), events(lines), "2026-07-01 00:00:00")) == [f"F 2026-06: {then}"]


def test_an_empty_denominator_is_no_data_and_no_event_no_figure() -> None:
    asked = COMMUNICATION[-1]
    lines = ["2026-06-30 23:59:59 plan/1 duty.done duty=contact"]
    (figure, *_) = counted(asking(asked), events(lines), "2026-07-01 00:00:00")
    assert (figure.numerator, figure.denominator) == (Decimal(1), Decimal(0))
    assert figure.value is None
    assert figure.reached is None
    assert counted(asking(asked), [], "2026-07-01 00:00:00") == []


def test_waiting_starts_again_after_each_stop() -> None:
    asked = kpi(
        "WAIT",
        formula='"mean"',
        starts_on='{ event = "stage.reached", where = { stage = "called" } }',
        stops_on='{ event = "stage.reached", where = { stage = "arrived" } }',
    )
    lines = [
        f"2026-06-01 {time} case/1 stage.reached stage={stage}"
        for time, stage in (
            ("08:00:00", "arrived"),
            ("09:00:00", "called"),
            ("09:05:00", "called"),
            ("09:10:00", "arrived"),
            ("09:20:00", "arrived"),
            ("10:00:00", "called"),
            ("10:00:30", "arrived"),
            ("11:00:00", "called"),
        )
    ]
    assert told(counted(asking(asked), events(lines), "2026-07-01 00:00:00")) == ["WAIT 2026-06: 630/2"]


def test_a_figure_is_split_by_what_the_case_last_said_where_the_event_says_nothing() -> None:
    asked = kpi("ANSWERED", formula='"count"', numerator='"complaint.closed"', by='"received_by"')
    lines = [
        "2026-06-01 09:00:00 complaint/1 complaint.registered severity=minor received_by=li",
        "2026-06-02 09:00:00 complaint/1 complaint.closed",
        "2026-06-02 09:00:00 complaint/2 complaint.closed",
    ]
    assert told(counted(asking(asked), events(lines), "2026-07-01 00:00:00")) == [
        "ANSWERED 2026-06: 1",
        "ANSWERED 2026-06 li: 1",
        "ANSWERED 2026-06: 2",
    ]


@pytest.mark.parametrize(
    ("every", "day", "name", "first", "after"),
    [
        ("day", "2026-06-12", "2026-06-12", "2026-06-12", "2026-06-13"),
        ("week", "2027-01-03", "2026-W53", "2026-12-28", "2027-01-04"),
        ("month", "2026-12-31", "2026-12", "2026-12-01", "2027-01-01"),
        ("two-months", "2026-08-31", "2026-07..08", "2026-07-01", "2026-09-01"),
        ("quarter", "2026-04-01", "2026-Q2", "2026-04-01", "2026-07-01"),
        ("half-year", "2026-12-31", "2026-H2", "2026-07-01", "2027-01-01"),
        ("year", "2026-01-01", "2026", "2026-01-01", "2027-01-01"),
    ],
)
def test_periods_have_names(every: str, day: str, name: str, first: str, after: str) -> None:
    assert period_of(datetime.fromisoformat(day).date(), every) == name
    assert [str(part) for part in days_of(name)] == [first, after, every]


@pytest.mark.parametrize(
    "word", ["", "2026-13", "2026-W54", "2026-08..09", "2026-07..09", "2026-Q5", "26", "2026-02-30"]
)
def test_what_names_no_period_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        days_of(word)


def test_the_last_year_of_the_calendar_has_an_end() -> None:
    for every in ("day", "week", "month", "two-months", "quarter", "half-year", "year"):
        assert days_of(period_of(datetime(9999, 12, 31, tzinfo=UTC).date(), every))[2] == every


def test_a_figure_belongs_to_the_edition_in_force_and_to_local_days() -> None:
    asked = kpi("F", formula='"count"', numerator='"complaint.closed"')
    lines = [
        "2026-06-30T15:59:59+00:00 complaint/1 complaint.closed",
        "2026-06-30T16:00:00+00:00 complaint/1 complaint.closed",
    ]
    assert told(counted(asking(asked), events(lines), "2026-07-03 00:00:00")) == [
        "F 2026-06: 1",
        "F 2026-07: 1",
    ]
    before = ["2019-12-31 23:59:59 complaint/1 complaint.closed"]
    assert counted(asking(asked), events(before), "2026-07-03 00:00:00") == []


WORDS = {
    "SHARE": ("figure.recorded (figure=active-customers)", "占"),
    "MEAN": ("the seconds from complaint.registered to complaint.answered", "的秒数"),
    "MEDIAN": ("the middle one of the seconds counted by ANSWER", "中位数"),
    "TIMELY": ("promises under ANSWER that fell due in the period, those met in time", "按时完成"),
    "COVERAGE": (
        "of those emergency.opened names (affected), how many emergency.notified reached",
        "各计一次",
    ),
    "COMPLETE": ("where that event is archive.inspected with no defects", "且defects为空"),
    "B28": ("the mean of the ranks in DEALS, PHONES, DRIVES", "末位由人决定"),
}


def test_every_formula_has_words_in_both_languages() -> None:
    settings = load(book(*COMMUNICATION, COVERAGE, COMPLETE, *RANKED))
    said = {each.id: (in_words(each, "en"), in_words(each, "zh")) for each in settings.figures}
    said["SHARE"] = said["COMPLAINTS"]
    for name, (english, chinese) in WORDS.items():
        assert english in said[name][0], said[name][0]
        assert chinese in said[name][1], said[name][1]


FAULTS = [
    pytest.param(
        {"formula": '"share"', "numerator": '"complaint.closed"'},
        "needs a `numerator` and a",
        id="half-a-share",
    ),
    pytest.param({"formula": '"clocks"'}, "clocks needs what it is `of`", id="of-nothing"),
    pytest.param({"formula": '"mean"'}, "take values from one", id="mean-of-nothing"),
    pytest.param({"formula": '"percentile"', "of": '["ANSWER"]'}, "needs its `percent`", id="no-percent"),
    pytest.param({"of": '["NOBODY"]'}, "'NOBODY' is no clause", id="of-a-stranger"),
    pytest.param(
        {"formula": '"ranks"', "of": '["ANSWER"]', "by": '"by"'},
        "no figure of this rulebook",
        id="ranks-clocks",
    ),
    pytest.param(
        {"formula": '"sum"', "numerator": '"complaint.closed"', "value_field": '"money"'},
        "complaint.closed has no field 'money'",
        id="no-such-value",
    ),
    pytest.param(
        {"formula": '"count"', "numerator": '"complaint.closed"', "by": '"moon"'},
        "no event has a field 'moon'",
        id="by",
    ),
    pytest.param(
        {"formula": '"count"', "numerator": '{ becomes = { severity = "major" } }'},
        "counts events",
        id="fact",
    ),
    pytest.param({"of": '["ANSWER"]', "every": '"fortnight"'}, "month", id="no-such-period"),
]


@pytest.mark.parametrize(("keys", "said"), FAULTS)
def test_a_figure_that_cannot_be_counted_is_refused_with_what_to_do(keys: dict[str, str], said: str) -> None:
    with pytest.raises(RulebookError, match=r"BAD") as refused:
        load(book(PROMISE, kpi("BAD", **keys)))
    assert said in str(refused.value)


def test_worked_examples_of_figures_are_held_to_their_word() -> None:
    example = """
[[clause.example]]
name = "one of two"
log = [
  "2026-04-01 10:00:00 archive/1 archive.inspected consultant=li",
  "2026-04-01 10:00:00 archive/2 archive.inspected consultant=li defects=paper-missing:1",
]
as_of = "2026-05-01 00:00:00"
expect = "%s"
"""
    right = book(kpi("C", **_COMPLETE, target="0.50") + example % "2026-04: 1/2, reached")
    assert list(check(right, "f")) == []
    assert [fault.clause for fault in check(right.replace("0.50", "0.51"), "f")] == ["C"]


_COMPLETE = {
    "formula": '"cases"',
    "denominator": '"archive.inspected"',
    "numerator": '"archive.inspected"',
    "without": '["defects"]',
}


def test_the_same_event_twice_counts_once_and_the_order_of_arrival_does_not_matter() -> None:
    settings = asking(COMPLETE)
    lines = [
        "2026-04-01 10:00:00 archive/1 archive.inspected consultant=li defects=paper-missing:1 @id=a",
        "2026-04-02 10:00:00 archive/1 archive.inspected consultant=li @id=b",
    ]
    there = events(lines)
    back: list[Recorded] = [*reversed(there), *there]
    for found in (there, back):
        assert told(counted(settings, found, "2026-05-01 00:00:00")) == ["COMPLETE 2026-04: 0/1"]


def test_the_tenants_own_number_is_the_target_where_the_policy_has_none() -> None:
    settings = asking(kpi("C", **_COMPLETE))
    number = policy(50, "number.set", "2026-04-15T00:00:00+08:00", clause="C", value="0.8")
    settings = settings.evolve(number)
    lines = [f"2026-0{month}-01 10:00:00 archive/{month} archive.inspected consultant=li" for month in (3, 4)]
    found = counted(settings, events(lines), "2026-05-01 00:00:00")
    assert [(each.period, each.target, each.reached) for each in found] == [
        ("2026-03", None, None),
        ("2026-04", Decimal("0.8"), True),
    ]
