"""What an event shows by itself, or with what its case saw before: each check at both sides of its bound."""

import pytest

from judging_builders import HEAD, ZONE, adopting, at, facts
from onrecord_projections.judging import evaluate
from onrecord_projections.judging.check import check
from onrecord_projections.judging.examples import finding_said

NO_EXAMPLE = """
[[clause.example]]
name = "nothing happened"
log = []
as_of = "2026-01-01 00:00:00"
expect = "nothing found"
"""
CLAUSE = """
[[clause]]
id = "T-1"
cites = "1"
says_en = "A rule."
says_zh = "规则。"
"""
LIMIT = """
kind = "limit"
event = [{ event = "expense.recorded", where = { kind = "reception" } }]
value_field = "amount"
per_field = "guests"
finding = "over-cap"
person = "person"
band = [
  { where = { guest_class = "a" }, cap = 500 },
  { where = { guest_class = "b" }, cap = 300 },
]
"""
ESCORTS = """
kind = "limit"
event = ["expense.recorded"]
value_field = "escorts"
band_field = "guests"
finding = "too-many-escorts"
quantity = "excess"
band = [{ from = 1, to = 4, cap = 1 }, { from = 5, to = 9, cap = 2 }, { from = 10, cap = 3 }]
"""
SMOKING = """
kind = "count"
counts = [{ event = "attendance.marked", where = { what = "break" } }]
cap = 2
finding = "one-break-too-many"
person = "person"
"""
IN_A_ROW = """
kind = "count"
counts = [{ event = "client.followed-up", where = { channel = "sms" } }]
resets_on = [{ event = "client.followed-up", where = { channel = ["call", "visit"] } }]
cap = 1
finding = "sms-only"
"""
SIGN_IN = """
kind = "timing"
event = [{ event = "attendance.marked", where = { what = "signed-in" } }]
time_of_day = 08:30:00
finding = "late"
person = "person"
"""
BEFORE_NINE = """
kind = "timing"
event = [{ event = "attendance.marked", where = { what = "left" } }]
must_be = "before"
time_of_day = 09:00:00
finding = "left-too-late"
"""
EARLY = """
kind = "timing"
event = [{ event = "attendance.marked", where = { what = "meeting" } }]
field = "starts_at"
offset = "-PT3M"
finding = "late-for-meeting"
"""
NOTICE = """
kind = "timing"
event = ["leave.requested"]
field = "day"
offset = "-P1D"
measure = "calendar_days"
finding = "asked-too-late"
"""
NO_WEEKENDS = """
kind = "timing"
event = ["leave.requested"]
field = "day"
never_on = ["sat", "sun"]
finding = "no-rest-on-weekends"
"""
PAPERS = """
kind = "checklist"
event = [{ event = "record.filed", where = { form = "tool-bag" } }]
list_field = "papers"
all_of = ["card", "pen", "order-form"]
finding = "item-missing"
"""
FILLED = """
kind = "checklist"
event = ["client.registered"]
filled = ["full_name", "phone_given"]
finding = "no-claim"
"""
TWO_STEPS = """
kind = "approval"
act = [{ event = "act.done", where = { act = "lend" } }]
ordered = true
any_of = [[
  { on = { event = "approval.given", where = { step = "stamp" } } },
  { on = { event = "approval.given", where = { step = "officer" } } },
]]
finding = "lent-without-approval"
person = "by"
"""
QUORUM = """
kind = "approval"
act = [{ event = "stage.reached", where = { stage = "slip-used" } }]
same_day = true
any_of = [
  [{ on = { event = "approval.given", where = { role = "manager" } } }],
  [{ on = { event = "approval.given", where = { role = "leader" } }, times = 2, distinct_field = "by" }],
]
finding = "slip-not-approved"
"""
ROLES = """
kind = "access"
act = [{ event = "act.attempted", where = { act = "read-orders" } }]
allow = [{ where = { role = ["leader", "manager"] } }]
deny = [{ same_as = { by = "person" } }]
person = "by"
"""


def found(kind: str, *lines: str, readings: dict[str, str] | None = None) -> list[str]:
    settings = adopting(HEAD + CLAUSE + kind + NO_EXAMPLE, readings=readings)
    verdict = evaluate(settings, facts(*lines), at("2027-01-01 00:00:00"))
    return [finding_said(finding, ZONE) for finding in verdict.findings]


MEAL = "2026-06-08 19:00:00 expense.recorded kind=reception person=li"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{MEAL} amount=1500.00 guests=3 guest_class=a", []),
        (f"{MEAL} amount=1500.01 guests=3 guest_class=a", ["found over-cap at 2026-06-08 19:00:00"]),
        (f"{MEAL} amount=901.00 guests=3 guest_class=b", ["found over-cap at 2026-06-08 19:00:00"]),
        (f"{MEAL} amount=9000.00 guests=3 guest_class=z", []),
        (f"{MEAL} amount=9000.00 guest_class=a", []),
    ],
)
def test_money_a_head_is_held_against_the_cap_of_its_class(line: str, expected: list[str]) -> None:
    assert found(LIMIT, line) == expected


def test_a_finding_over_a_cap_carries_how_much_over() -> None:
    settings = adopting(HEAD + CLAUSE + LIMIT + NO_EXAMPLE)
    line = f"{MEAL} amount=1500.30 guests=3 guest_class=a"
    (finding,) = evaluate(settings, facts(line), at("2027-01-01 00:00:00")).findings
    assert (str(finding.value), finding.person, finding.quantity) == ("0.10", "li", 1)


def test_what_one_visit_costs_is_added_up_and_each_bill_is_found_for_what_it_adds() -> None:
    added_up = LIMIT.replace('finding = "over-cap"', 'finding = "over-cap"\nadded_up = true')
    lines = [
        f"2026-06-08 {hour}:00:00 expense.recorded kind=reception amount={amount} guests=3 guest_class=a"
        for hour, amount in ((12, "500.00"), (15, "500.00"), (18, "500.00"), (19, "30.00"), (21, "3.00"))
    ]
    settings = adopting(HEAD + CLAUSE + added_up + NO_EXAMPLE)
    findings = evaluate(settings, facts(*lines), at("2027-01-01 00:00:00")).findings
    assert [finding.value for finding in findings] == [10, 1]


@pytest.mark.parametrize(
    ("guests", "escorts", "over"), [(4, 1, 0), (4, 3, 2), (5, 2, 0), (9, 3, 1), (10, 3, 0)]
)
def test_bands_hold_at_both_their_ends(guests: int, escorts: int, over: int) -> None:
    times = f" x {over}" if over > 1 else ""
    expected = [f"found too-many-escorts{times} at 2026-06-08 19:00:00"] if over else []
    assert found(ESCORTS, f"{MEAL} amount=1 guests={guests} escorts={escorts}") == expected


def test_each_one_beyond_the_cap_is_found() -> None:
    breaks = [f"2026-06-16 1{n}:00:00 attendance.marked what=break person=li" for n in range(4)]
    assert found(SMOKING, *breaks[:2]) == []
    assert found(SMOKING, *breaks) == [
        "found one-break-too-many at 2026-06-16 12:00:00",
        "found one-break-too-many at 2026-06-16 13:00:00",
    ]


def test_a_count_in_a_row_starts_anew_after_something_else() -> None:
    sms, call = "client.followed-up by=li channel=sms", "client.followed-up by=li channel=call"
    assert (
        found(
            IN_A_ROW,
            f"2026-06-01 09:00:00 {sms}",
            f"2026-06-02 09:00:00 {call}",
            f"2026-06-03 09:00:00 {sms}",
        )
        == []
    )
    assert found(IN_A_ROW, f"2026-06-01 09:00:00 {sms}", f"2026-06-03 09:00:00 {sms}") == [
        "found sms-only at 2026-06-03 09:00:00"
    ]


MEETING = "attendance.marked what=meeting person=li starts_at=2026-06-16T10:00:00+08:00"


@pytest.mark.parametrize(
    ("kind", "line", "late"),
    [
        (SIGN_IN, "2026-06-01 08:30:00 attendance.marked what=signed-in person=li", False),
        (SIGN_IN, "2026-06-02 08:30:01 attendance.marked what=signed-in person=li", True),
        (BEFORE_NINE, "2026-06-16 08:59:59 attendance.marked what=left person=li", False),
        (BEFORE_NINE, "2026-06-16 09:00:00 attendance.marked what=left person=li", True),
        (EARLY, f"2026-06-16 09:57:00 {MEETING}", False),
        (EARLY, f"2026-06-16 09:57:01 {MEETING}", True),
        (NOTICE, "2026-06-16 23:59:59 leave.requested person=li day=2026-06-17", False),
        (NOTICE, "2026-06-17 00:00:00 leave.requested person=li day=2026-06-17", True),
        (NO_WEEKENDS, "2026-06-20 09:00:00 leave.requested person=li day=2026-06-26", False),
        (NO_WEEKENDS, "2026-06-24 09:00:00 leave.requested person=li day=2026-06-27", True),
    ],
)  # fmt: skip
def test_time_is_kept_to_the_second(kind: str, line: str, *, late: bool) -> None:
    assert bool(found(kind, line)) is late


def test_a_tenant_may_count_by_the_minute() -> None:
    line = "2026-06-02 08:30:59 attendance.marked what=signed-in person=li"
    assert found(SIGN_IN, line, readings={"r1.precision": "minute"}) == []
    assert found(SIGN_IN, line) == ["found late at 2026-06-02 08:30:59"]


def test_each_paper_that_is_not_listed_counts() -> None:
    filed = "2026-06-16 09:00:00 record.filed form=tool-bag"
    assert found(PAPERS, f"{filed} papers=card,pen,order-form,map") == []
    assert found(PAPERS, f"{filed} papers=card") == ["found item-missing x 2 at 2026-06-16 09:00:00"]


def test_a_field_that_says_no_is_not_filled() -> None:
    seen = "2026-03-01 10:00:00 client.registered salesperson=a full_name=true"
    assert found(FILLED, f"{seen} phone_given=true") == []
    assert found(FILLED, f"{seen} phone_given=false") == ["found no-claim at 2026-03-01 10:00:00"]


STAMP = "approval.given step=stamp by=head"
OFFICER = "approval.given step=officer by=wu"
LENT = "act.done act=lend by=li"


@pytest.mark.parametrize(
    ("acts", "fine"),
    [
        ((STAMP, OFFICER, LENT), True),
        ((OFFICER, STAMP, LENT), False),
        ((OFFICER, LENT), False),
        ((LENT, STAMP, OFFICER), False),
    ],
)
def test_an_act_needs_its_approvals_before_it_and_in_their_order(
    acts: tuple[str, ...], *, fine: bool
) -> None:
    lines = [f"2026-03-03 1{nth}:00:00 {act}" for nth, act in enumerate(acts)]
    assert bool(found(TWO_STEPS, *lines)) is not fine


USED = "2026-06-16 18:00:00 stage.reached stage=slip-used"


@pytest.mark.parametrize(
    ("given", "fine"),
    [
        (["2026-06-16 09:00:00 approval.given step=sign role=manager by=ma"], True),
        (["2026-06-15 09:00:00 approval.given step=sign role=manager by=ma"], False),
        (["2026-06-16 09:00:00 approval.given step=sign role=leader by=a"], False),
        (["2026-06-16 09:00:00 approval.given step=sign role=leader by=a",
          "2026-06-16 09:01:00 approval.given step=sign role=leader by=a"], False),
        (["2026-06-16 09:00:00 approval.given step=sign role=leader by=a",
          "2026-06-16 09:01:00 approval.given step=sign role=leader by=b"], True),
    ],
)  # fmt: skip
def test_a_quorum_is_of_different_people_and_of_the_day(given: list[str], *, fine: bool) -> None:
    assert bool(found(QUORUM, *given, USED)) is not fine


@pytest.mark.parametrize(
    ("line", "denied"),
    [
        ("2026-06-16 09:00:00 act.attempted act=read-orders by=li role=leader", False),
        ("2026-06-16 09:00:00 act.attempted act=read-orders by=li role=consultant", True),
        ("2026-06-16 09:00:00 act.attempted act=read-orders by=zhao role=leader", True),
    ],
)
def test_roles_let_in_and_the_one_concerned_stays_out(line: str, *, denied: bool) -> None:
    accused = "2026-06-15 09:00:00 violation.observed code=rude person=zhao"
    assert bool(found(ROLES, accused, line)) is denied


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        (ESCORTS, ("from = 5", "from = 4"), "bands overlap: 1..4 and 4..9"),
        (ESCORTS, ('band_field = "guests"\n', ""), "need the `band_field`"),
        (LIMIT, ('"guests"', '"heads"'), "expense.recorded has no field 'heads'"),
        (EARLY, ('offset = "-PT3M"', 'offset = "-P3M"'), "elapsed time knows no months"),
        (SIGN_IN, ("time_of_day = 08:30:00", ""), "give either a `time_of_day` or the `field`"),
        (PAPERS, ('"papers"', '"sheets"'), "record.filed has no field 'sheets'"),
        (QUORUM, ('"by"', '"signer"'), "approval.given has no field 'signer'"),
        (ROLES, ("role = [", "rank = ["), "act.attempted has no field 'rank'"),
    ],
)
def test_a_check_that_cannot_work_is_refused_with_its_line(
    kind: str, change: tuple[str, str], words: str
) -> None:
    assert change[0] in kind
    faults = check(HEAD + CLAUSE + kind.replace(*change) + NO_EXAMPLE, "rules.toml")
    assert any(words in fault.message and fault.clause == "T-1" and fault.line > 8 for fault in faults), (
        faults
    )
