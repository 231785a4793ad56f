"""What acts and findings are proposed to cost: amounts, steps, values, shares, sanctions, rewards."""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from judging_builders import EXAMPLE, HEAD, adopting, at, facts
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import CaseFold, Settings, assess, line_said, pays_of

FOUND = EXAMPLE.replace('"no clock"', '"no fine"')


def clause(name: str, lines: str, kind: str = "penalty") -> str:
    """One clause that prices something."""
    words = 'cites = "1"\nsays_en = "A price."\nsays_zh = "罚款。"'
    return f'\n[[clause]]\nid = "{name}"\nkind = "{kind}"\n{words}\n{lines}\n{FOUND}'


def act(code: str, kind: str = "violation") -> str:
    return f'event = [{{ event = "{kind}.observed", where = {{ code = "{code}" }} }}]'


def fined(name: str, code: str, lines: str) -> str:
    return clause(name, f"{act(code)}\n{lines}")


def tenant(*clauses: str, readings: dict[str, str] | None = None) -> Settings:
    return adopting(HEAD + "".join(clauses), readings=readings)


def lines_of(settings: Settings, *told: str) -> list[str]:
    """`person month clause: what`, in the order of person and instant."""
    folds: dict[str, CaseFold] = {}
    events: list[Recorded] = []
    for nth, line in enumerate(told, 1):
        (event,) = facts(line, case=f"violation/{nth}")
        moved = replace(event, position=nth, id=f"{nth}")
        folds.setdefault(moved.case, CaseFold(settings, moved.case)).take(moved)
        events.append(moved)
    found = [one for fold in folds.values() for one in fold.at(at("2026-12-31 00:00:00")).findings]
    return [
        f"{line.person} {line.clause}: {line_said(line)}"
        for line in assess(settings, found, pays=pays_of(events))
    ]


def seen(day: str, code: str, person: str = "li", more: str = "") -> str:
    return f"2026-{day} 10:00:00 violation.observed code={code} person={person} {more}".rstrip()


BREAKFAST = fined(
    "B3", "breakfast", 'step = [{ amount = 20 }, { amount = 20, sanction = "resignation-urged" }]'
)
LATE = fined(
    "B5a", "late", 'step = [{ amount = 20 }, { amount = 40 }]\ncounter = "late"\nto_nth = 2'
) + fined("B5b", "late", 'sanction = "resignation-urged"\ncounter = "late"\nfrom_nth = 3')
EARLY = fined("B5c", "early", 'step = [{ amount = 20 }, { amount = 40 }, { sanction = "resignation-urged" }]')


def test_s43_early_leave_has_a_ladder_of_its_own() -> None:
    days = (seen("06-02", "late"), seen("06-04", "early"), seen("06-11", "early"), seen("06-16", "late"))
    assert lines_of(tenant(LATE, EARLY), *days) == [
        "li B5a: 20.00 CNY",
        "li B5c: 20.00 CNY",
        "li B5c: 40.00 CNY",
        "li B5a: 40.00 CNY",
    ]


def test_s43_read_as_one_counter_the_third_and_the_fourth_cost_the_post() -> None:
    both = LATE.replace('where = { code = "late" }', 'where = { code = ["late", "early"] }')
    days = (seen("06-02", "late"), seen("06-04", "early"), seen("06-11", "early"), seen("06-16", "late"))
    assert lines_of(tenant(both), *days) == [
        "li B5a: 20.00 CNY",
        "li B5a: 40.00 CNY",
        "li B5b: resignation-urged",
        "li B5b: resignation-urged",
    ]


def test_s45_the_second_time_costs_and_asks_to_resign() -> None:
    assert lines_of(tenant(BREAKFAST), seen("06-03", "breakfast"), seen("06-17", "breakfast")) == [
        "li B3: 20.00 CNY",
        "li B3: 20.00 CNY, resignation-urged",
    ]


def test_a_month_begins_anew_and_no_window_never_does() -> None:
    days = (seen("06-30", "late"), seen("07-01", "late"))
    assert lines_of(tenant(LATE), *days) == ["li B5a: 20.00 CNY", "li B5a: 20.00 CNY"]
    ever = fined(
        "F8c", "papers", 'step = [{ amount = 20 }, { sanction = "resignation-urged" }]\nwindow = "ever"'
    )
    found = (seen("01-09", "papers"), seen("06-24", "papers"), seen("11-02", "papers", "wang"))
    assert lines_of(tenant(ever), *found) == [
        "li F8c: 20.00 CNY",
        "li F8c: resignation-urged",
        "wang F8c: 20.00 CNY",
    ]


def test_a_year_is_counted_by_itself() -> None:
    year = fined("Y", "papers", 'step = [{ amount = 20 }, { amount = 30 }]\nwindow = "year"')
    told = ("2025-12-31 10:00:00", "2026-01-01 10:00:00", "2026-12-30 10:00:00")
    acts = [f"{when} violation.observed code=papers person=li" for when in told]
    assert lines_of(tenant(year), *acts) == ["li Y: 20.00 CNY", "li Y: 20.00 CNY", "li Y: 30.00 CNY"]


def test_s48_one_bad_day_summed() -> None:
    book = (
        fined("B23b", "no-welcome", 'amount = 10\nper = "item"\nquantity_field = "count"'),
        fined("B12", "price-told", "amount = 20"),
        fined("B30", "tools-missing", 'amount = 20\nper = "item"\nquantity_field = "count"'),
    )
    told = (
        seen("06-16", "no-welcome", more="count=3"),
        seen("06-16", "price-told"),
        seen("06-16", "tools-missing", more="count=2"),
        seen("06-17", "no-welcome"),
    )
    assert sorted(lines_of(tenant(*book), *told)) == [
        "li B12: 20.00 CNY",
        "li B23b: 10.00 CNY",
        "li B23b: 30.00 CNY",
        "li B30: 40.00 CNY",
    ]


def test_s50_of_two_clauses_for_one_act_the_first_charges() -> None:
    once = 'charged_once_as = "empty-post"'
    both = (
        fined("B14", "post-empty", f"amount = 20\n{once}"),
        clause("F15", f'finding_of = ["B14"]\namount = 50\n{once}'),
    )
    assert lines_of(tenant(*both), seen("06-18", "post-empty")) == ["li B14: 20.00 CNY"]


def test_s65_everybody_involved_pays_the_whole_and_loses_the_post() -> None:
    swapped = fined("I2b", "swapped", 'amount = 100\namong_field = "among"')
    dismissed = fined("B22", "swapped-credit", 'sanction = "dismissal"\namong_field = "among"')
    told = (
        seen("06-23", "swapped", more="among=wang,li"),
        seen("06-24", "swapped-credit", more="among=wang"),
    )
    assert lines_of(tenant(swapped, dismissed), *told) == [
        "li I2b: 100.00 CNY",
        "li B22: dismissal",
        "wang I2b: 100.00 CNY",
        "wang B22: dismissal",
    ]


@pytest.mark.parametrize(
    ("loss", "each"),
    [
        pytest.param("500", ["100.00"] * 5, id="s93-a-dent-for-a-team-of-five"),
        pytest.param("100.02", ["20.01", "20.01", "20.00", "20.00", "20.00"], id="cents-go-to-the-first"),
    ],
)
def test_a_team_shares_a_cost_to_the_cent(loss: str, each: list[str]) -> None:
    dent = fined(
        "F6b",
        "dent",
        'line = "cost"\ntimes_value = 1\nvalue_field = "value"\namong_field = "among"\namong = "equal"',
    )
    told = seen("06-24", "dent", "a", f"value={loss} among=b,c,d,e")
    assert lines_of(tenant(dent), told) == [
        f"{person} F6b: cost {money} CNY" for person, money in zip("abcde", each, strict=True)
    ]


def test_s70_ten_times_the_gift_and_s93_half_the_repair() -> None:
    gift = fined("E1c", "gift", 'times_value = 10\nvalue_field = "value"')
    scratch = fined("F5", "scratch", 'line = "cost"\npercent_of_value = 50\nvalue_field = "value"')
    told = (seen("06-01", "gift", more="value=88"), seen("06-24", "scratch", more="value=1200"))
    assert lines_of(tenant(gift, scratch), *told) == ["li E1c: 880.00 CNY", "li F5: cost 600.00 CNY"]


def test_s93_the_cost_comes_on_top_of_the_fine() -> None:
    key = fined("F3", "key-lost", 'amount = 50\nper = "item"\nquantity_field = "count"')
    cost = fined(
        "F3-cost", "key-lost", 'line = "cost"\ntimes_value = 1\nvalue_field = "value"\npart_of = "F3"'
    )
    found = lines_of(tenant(key, cost), seen("06-24", "key-lost", more="value=600"))
    assert sorted(found) == ["li F3-cost: cost 600.00 CNY", "li F3: 50.00 CNY"]


def test_a_value_nobody_named_leaves_the_line_without_an_amount() -> None:
    gift = fined("E1c", "gift", 'times_value = 10\nvalue_field = "value"')
    assert lines_of(tenant(gift), seen("06-01", "gift")) == ["li E1c: lacks value"]


BASE = (
    clause(
        "G1a",
        f'{act("late")}\nline = "deduction"\n'
        f'pay = {{ of = "base-pay", percent = 1 }}\ncounter = "l"\nto_nth = 2',
    ),
    clause(
        "G1b",
        'finding_of = ["G1a"]\nline = "deduction"\n'
        'pay = { of = "base-pay", percent = 5 }\ncounter = "l"\nfrom_nth = 3',
    ),
)


def paid(month: str, amount: str, kind: str = "base-pay", person: str = "li") -> str:
    return (
        f"2026-01-05 09:00:00 pay/{person} pay.set person={person} pay={kind} month={month} amount={amount}"
    )


def test_cc10_lateness_is_a_share_of_the_months_base_pay() -> None:
    days = [seen(f"06-{day:02}", "late") for day in (2, 3, 4, 5)]
    assert lines_of(tenant(*BASE), *days, paid("2026-06", "4000"), paid("2026-07", "9999")) == [
        "li G1a: deduction 40.00 CNY",
        "li G1a: deduction 40.00 CNY",
        "li G1b: deduction 200.00 CNY",
        "li G1b: deduction 200.00 CNY",
    ]


def test_without_pay_on_record_the_line_says_what_lacks() -> None:
    assert lines_of(tenant(*BASE), seen("06-02", "late"), paid("2026-05", "4000")) == [
        "li G1a: deduction lacks base-pay 2026-06"
    ]


def test_the_last_pay_on_record_holds() -> None:
    told = (seen("06-02", "late"), paid("2026-06", "4000"), paid("2026-06", "5000.50"))
    assert lines_of(tenant(*BASE), *told) == ["li G1a: deduction 50.01 CNY"]


SERVICE = (
    fined("E3", "contact", "amount = 50"),
    fined("E5a", "incomplete", 'amount = 20\nper = "item"\nquantity_field = "count"'),
    fined("E10", "uncorrected", 'times_value = 1\nvalue_field = "value"'),
    clause("E6b", 'of = ["E3", "E5a"]\ncounts_too = ["E10"]\nfrom_nth = 3\nfactor = 2', "ladder"),
    clause(
        "E6c",
        'of = ["E3", "E5a"]\nfrom_nth = 3\n'
        'then = { pay = { of = "performance-pay", from_percent = 10, to_percent = 30 } }',
        "ladder",
    ),
)


def test_s09_the_third_case_doubles_and_opens_a_range_for_a_person_to_decide() -> None:
    told = (
        seen("05-12", "contact", "wang"),
        seen("05-14", "incomplete", "wang", "count=3"),
        seen("05-26", "incomplete", "wang", "count=2"),
        seen("05-27", "contact", "wang"),
        seen("06-01", "contact", "wang"),
        paid("2026-05", "3000", "performance-pay", "wang"),
    )
    assert sorted(lines_of(tenant(*SERVICE), *told)) == sorted(
        [
            "wang E3: 50.00 CNY",
            "wang E5a: 60.00 CNY",
            "wang E5a: 80.00 CNY",
            "wang E6c: deduction 300.00 to 900.00 CNY",
            "wang E3: 100.00 CNY",
            "wang E3: 50.00 CNY",
        ]
    )


def test_a_repeat_counts_on_the_ladder_but_keeps_its_amount() -> None:
    told = (
        seen("05-12", "contact"),
        seen("05-13", "uncorrected", more="value=50"),
        seen("05-14", "contact"),
        seen("05-15", "uncorrected", more="value=50"),
    )
    fines = [line for line in lines_of(tenant(*SERVICE), *told) if "E6c" not in line]
    assert fines == ["li E3: 50.00 CNY", "li E10: 50.00 CNY", "li E3: 100.00 CNY", "li E10: 50.00 CNY"]


def test_a_ladder_may_count_for_ever_and_bring_a_sanction_once_or_each_time() -> None:
    short = fined("E2b", "short", 'amount = 20\nper = "item"\nquantity_field = "count"')
    six = 'of = ["E2b"]\nfrom_nth = 3\nwindow = "ever"\nthen = { sanction = "resignation-urged" }'
    told = [seen(day, "short", more="count=2") for day in ("01-05", "02-05", "03-05", "04-05")]
    once = lines_of(tenant(short, clause("E2b-then", six, "ladder")), *told)
    assert sorted(once) == ["li E2b-then: resignation-urged", *["li E2b: 40.00 CNY"] * 4]
    again = six.replace('urged"', 'urged", again = true')
    each = lines_of(tenant(short, clause("E2b-then", again, "ladder")), *told)
    assert sorted(each) == [*["li E2b-then: resignation-urged"] * 2, *["li E2b: 40.00 CNY"] * 4]
    items = clause("E2b-then", six + '\ncount_by = "item"', "ladder")
    assert "li E2b-then: resignation-urged" in lines_of(tenant(short, items), *told[:2])


def test_s75_rewards_are_lines_of_their_own_kind() -> None:
    referred = clause("E8", f"{act('referred', 'merit')}\namount = 200", "reward")
    inserts = clause(
        "H4a", f'{act("inserts", "merit")}\namount = 20\nsanction = "rest-day"\ndays = 1', "reward"
    )
    out = clause(
        "E2a",
        f'{act("out", "merit")}\nline = "allowance"\namount = 20\nper = "item"\nquantity_field = "count"',
        "reward",
    )
    told = (
        "2026-06-13 10:00:00 merit.observed code=inserts person=zhao",
        "2026-06-20 10:00:00 merit.observed code=referred person=old",
        "2026-06-30 18:00:00 merit.observed code=out person=x count=22",
    )
    assert lines_of(tenant(referred, inserts, out), *told) == [
        "old E8: reward 200.00 CNY",
        "x E2a: allowance 440.00 CNY",
        "zhao H4a: reward 20.00 CNY, rest-day for 1 days",
    ]


def test_a_retraction_takes_the_act_back_and_the_next_counts_one_less() -> None:
    told = [seen("06-02", "late"), seen("06-03", "late")]
    back = "2026-06-04 09:00:00 violation/1 violation.retracted reason_code=mistaken"
    assert lines_of(tenant(LATE), *told) == ["li B5a: 20.00 CNY", "li B5a: 40.00 CNY"]
    assert lines_of(tenant(LATE), *told, back) == ["li B5a: 20.00 CNY"]


def test_a_person_another_field_names_pays() -> None:
    leader = clause("H1-leader", f'{act("promotion")}\nperson = "leader"\namount = 50')
    member = fined("H1", "promotion", "amount = 10")
    told = seen("06-24", "promotion", more="leader=zhou")
    assert lines_of(tenant(member, leader), told) == ["li H1: 10.00 CNY", "zhou H1-leader: 50.00 CNY"]


def test_what_the_policy_leaves_open_is_the_tenants_number() -> None:
    book = fined("X", "open", "tenant_amount = true")
    assert lines_of(tenant(book), seen("06-24", "open")) == ["li X: lacks tenant-number"]


def test_a_switch_lets_a_price_hold_under_one_reading_only() -> None:
    line = 'amount = 50\nswitch = { reading = "cc02.count-unit", value = "line" }'
    book = fined("X", "open", line)
    assert lines_of(tenant(book), seen("06-24", "open")) == []
    switched = tenant(book, readings={"cc02.count-unit": "line"})
    assert lines_of(switched, seen("06-24", "open")) == ["li X: 50.00 CNY"]


def test_every_event_of_a_case_charges_where_the_clause_says_so() -> None:
    many = fined("X", "smoked", 'amount = 20\ncharges = "event"')
    told = [
        "2026-06-16 10:00:00 day/li.2026-06-16 violation.observed code=smoked person=li",
        "2026-06-16 11:00:00 day/li.2026-06-16 violation.observed code=smoked person=li",
    ]
    assert lines_of(tenant(many), *told) == ["li X: 20.00 CNY"] * 2
    assert lines_of(tenant(many.replace('charges = "event"', "")), *told) == ["li X: 20.00 CNY"]


def total(said: Iterable[str]) -> Decimal:
    return sum((Decimal(line.split()[2]) for line in said), Decimal(0))


def test_s89_flat_single_fines_sum_up() -> None:
    flat = (20, 20, 10, 20, 50, 50, 100, 20, 200, 20, 20, 50, 50, 20, 100, 20, 50, 50, 50, 20, 50, 50, 10)
    more = (50, 50, 50, 10, 50, 100, 100, 20, 50)
    book = [fined(f"C{nth}", f"act-{nth}", f"amount = {amount}") for nth, amount in enumerate((*flat, *more))]
    told = [seen("06-24", f"act-{nth}") for nth in range(len(book))]
    assert total(lines_of(tenant(*book), *told)) == Decimal("1530.00")


def test_the_first_step_is_for_the_first_time_that_charges() -> None:
    book = fined("X", "late", "step = [{ amount = 30 }, { amount = 60 }]\nfrom_nth = 2")
    days = [seen(f"06-{day:02}", "late") for day in (2, 3, 4, 5)]
    assert lines_of(tenant(book), *days) == ["li X: 30.00 CNY", "li X: 60.00 CNY", "li X: 60.00 CNY"]


def test_s69_several_misses_of_one_day_may_be_one_fine() -> None:
    line = 'amount = 50\ncharged_once_as = "outing"'
    book = (fined("L", "left-late", line), fined("R", "roll-call-missed", line))
    day = "day/li.2026-06-18"
    told = [
        f"2026-06-18 09:10:00 {day} violation.observed code=left-late person=li",
        f"2026-06-18 17:30:00 {day} violation.observed code=roll-call-missed person=li",
    ]
    assert lines_of(tenant(*book), *told) == ["li L: 50.00 CNY", "li R: 50.00 CNY"]
    by_day = (clause_.replace('"outing"', '"outing"\nonce_a = "case"') for clause_ in book)
    assert lines_of(tenant(*by_day), *told) == ["li L: 50.00 CNY"]
