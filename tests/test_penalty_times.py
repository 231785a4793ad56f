"""The how-manieth time it is: of a case or of each act, within its window, and what is charged once."""

import pytest

from judging_builders import at, policy
from onrecord_projections.judging import Finding, unit_of
from test_penalty_pricing import clause, fined, lines_of, seen, tenant

TWO_DAYS = [
    "2026-06-18 09:00:00 day/d1 violation.observed code=late person=li",
    "2026-06-18 10:00:00 day/d1 violation.observed code=late person=li",
    "2026-06-19 09:00:00 day/d2 violation.observed code=late person=li",
]


@pytest.mark.parametrize(
    ("count_by", "amounts"),
    [
        pytest.param("line", ["20.00", "40.00", "60.00"], id="each-act-is-a-time"),
        pytest.param("case", ["20.00", "20.00", "40.00"], id="a-day-is-a-time"),
    ],
)
def test_a_time_is_an_act_or_a_whole_case(count_by: str, amounts: list[str]) -> None:
    steps = "step = [{ amount = 20 }, { amount = 40 }, { amount = 60 }]"
    book = tenant(fined("X", "late", f'{steps}\ncharges = "event"\ncount_by = "{count_by}"'))
    assert lines_of(book, *TWO_DAYS) == [f"li X: {amount} CNY" for amount in amounts]


def test_clauses_of_two_words_each_charge_the_same_act() -> None:
    line = 'finding_of = ["A"]\namount = 50\ncharged_once_as = '
    book = (
        fined("A", "post-empty", 'amount = 20\ncharged_once_as = "post"'),
        clause("B", f'{line}"post"'),
        clause("C", f'{line}"leaving"'),
    )
    assert lines_of(tenant(*book), seen("06-18", "post-empty")) == ["li A: 20.00 CNY", "li C: 50.00 CNY"]


def test_the_clause_that_stands_first_charges_whoever_found_it() -> None:
    line = 'amount = {}\ncharged_once_as = "outing"\nonce_a = "case"'
    book = (fined("A", "left-late", line.format(50)), fined("B", "missed", line.format(80)))
    day = "day/li.2026-06-18"
    told = [
        f"2026-06-18 09:10:00 {day} violation.observed code=missed person=li",
        f"2026-06-18 17:30:00 {day} violation.observed code=left-late person=li",
    ]
    assert lines_of(tenant(*book), *told) == ["li A: 50.00 CNY"]
    assert lines_of(tenant(*book), told[0]) == ["li B: 80.00 CNY"]


def unit(name: str, *clauses: str) -> str:
    found = Finding("test", 1, name, "defect", "case/1", "e#1", "li", at("2026-06-18 09:00:00"), None, 1, ())
    return unit_of(tenant(*clauses), found)


YEARLY = 'step = [{ amount = 20 }, { amount = 40 }]\nwindow = "year"'
ONCE = '\ncharged_once_as = "post"'


def test_only_what_counts_together_is_assessed_together() -> None:
    apart = (fined("M", "left", "amount = 10"), fined("Y", "late", YEARLY))
    assert (unit("M", *apart), unit("Y", *apart)) == ("2026-06", "2026 test:Y")
    together = (fined("M", "left", "amount = 10" + ONCE), fined("Y", "late", YEARLY + ONCE))
    assert (unit("M", *together), unit("Y", *together)) == ("2026 test:Y", "2026 test:Y")


@pytest.mark.parametrize(
    ("ladder", "named"),
    [
        ('of = ["M"]\nfrom_nth = 2\nfactor = 2', "2026-06"),
        ('of = ["M"]\nfrom_nth = 2\nfactor = 2\nwindow = "year"', "2026 test:L"),
        ('of = ["Z"]\ncounts_too = ["M"]\nfrom_nth = 2\nfactor = 2\nwindow = "ever"', "test:L"),
    ],
)
def test_a_ladder_draws_its_penalties_into_its_window(ladder: str, named: str) -> None:
    book = (
        fined("M", "left", "amount = 10"),
        fined("Z", "late", "amount = 10"),
        clause("L", ladder, "ladder"),
    )
    assert unit("M", *book) == named


def test_of_two_counters_as_wide_the_unit_has_the_first_name() -> None:
    book = (
        fined("B", "late", f'{YEARLY}\ncounter = "zebra"{ONCE}'),
        fined("C", "left", f'{YEARLY}\ncounter = "apple"{ONCE}'),
    )
    assert {unit("B", *book), unit("C", *book)} == {"2026 test:apple"}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("80", "80.00 CNY"),
        ("80.005", "80.01 CNY"),
        ("month", "lacks tenant-number"),
        (None, "lacks tenant-number"),
    ],
)
def test_an_amount_the_policy_leaves_open_is_the_tenants(number: str | None, said: str) -> None:
    settings = tenant(fined("X", "late", "tenant_amount = true"))
    if number is not None:
        settings = settings.evolve(policy(40, "number.set", clause="X", value=number))
    assert lines_of(settings, seen("06-18", "late")) == [f"li X: {said}"]
