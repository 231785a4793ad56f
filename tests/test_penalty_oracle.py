"""Any findings, in any order and twice, come to what a plain count of them comes to."""

from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from judging_builders import HEAD, adopting, at
from onrecord_projections.judging import Finding, assess, unit_of
from test_penalty_pricing import clause, fined

BOOK = adopting(
    HEAD
    + fined("LATE", "late", 'step = [{ amount = 20 }, { amount = 40 }]\ncounter = "late"\nto_nth = 2')
    + clause("OUT", 'finding_of = ["LATE"]\nsanction = "resignation-urged"\ncounter = "late"\nfrom_nth = 3')
    + fined("EVER", "ever", 'step = [{ amount = 5 }, { amount = 7 }, { amount = 11 }]\nwindow = "ever"')
    + fined("YEAR", "year", 'step = [{ amount = 3 }, { amount = 13 }]\nwindow = "year"\ncount_by = "case"')
    + fined("ITEM", "item", 'amount = 2\nper = "item"\nquantity_field = "count"')
    + clause("TWICE", 'of = ["ITEM"]\nfrom_nth = 2\nfactor = 2\nthen = { sanction = "warning" }', "ladder")
)

TOLD = st.lists(
    st.tuples(
        st.sampled_from(("LATE", "EVER", "YEAR", "ITEM")),
        st.sampled_from(("li", "wang")),
        st.integers(0, 7),
        st.integers(0, 14),
        st.integers(1, 28),
        st.integers(1, 3),
    ),
    max_size=14,
    unique_by=lambda said: said[:3],
)


def finding(said: tuple[str, str, int, int, int, int]) -> Finding:
    name, person, case, month, day, quantity = said
    year, month = 2026 + month // 12, month % 12 + 1
    when = at(f"{year}-{month:02}-{day:02} 10:00:00")
    return Finding(
        "test", 1, name, "defect", f"{person}-{case}", f"{name}-{case}", person, when, None, quantity, ()
    )


def plainly(found: list[Finding], waived: set[str]) -> list[tuple[str, str, str, str]]:
    """Person, clause, case and price of every line, counted by hand: each finding asks who came before it."""
    standing = [one for one in found if one.case not in waived]
    lines: list[tuple[str, str, str, str]] = []
    warned: set[tuple[str, str]] = set()
    for one in sorted(standing, key=lambda one: (one.at, one.case)):
        before = [
            other
            for other in standing
            if other.person == one.person
            and other.clause == one.clause
            and (other.at, other.case) <= (one.at, one.case)
        ]
        month = [other for other in before if f"{other.at:%Y-%m}" == f"{one.at:%Y-%m}"]
        year = [other for other in before if other.at.year == one.at.year]
        assert one.person is not None
        price, name = "", one.clause
        if name == "LATE":
            price = {1: "20.00", 2: "40.00"}.get(len(month), "resignation-urged")
            name = "LATE" if len(month) < 3 else "OUT"
        elif name == "EVER":
            price = {1: "5.00", 2: "7.00"}.get(len(before), "11.00")
        elif name == "YEAR":
            price = "3.00" if len(year) == 1 else "13.00"
        else:
            price = str(Decimal("2.00") * one.quantity * (1 if len(month) == 1 else 2))
        lines.append((one.person, name, one.case, price))
        if name == "ITEM" and len(month) >= 2 and (one.person, f"{one.at:%Y-%m}") not in warned:
            warned.add((one.person, f"{one.at:%Y-%m}"))
            lines.append((one.person, "TWICE", one.case, "warning"))
    return sorted(lines)


@settings(max_examples=300, deadline=None)
@given(
    TOLD, st.sets(st.sampled_from([f"{who}-{n}" for who in ("li", "wang") for n in range(8)])), st.randoms()
)
def test_lines_are_what_a_plain_count_says(
    told: list[tuple[str, str, int, int, int, int]], waived: set[str], chance: Random
) -> None:
    found = [finding(said) for said in told]
    given_twice = [*found, *found]
    chance.shuffle(given_twice)
    lines = assess(BOOK, given_twice, waived)
    said = sorted(
        (
            line.person,
            line.clause,
            line.case,
            str(line.amount) if line.amount is not None else str(line.sanction),
        )
        for line in lines
    )
    assert said == plainly(found, waived)
    assert len({line.id for line in lines}) == len(lines)


@given(TOLD)
def test_each_unit_alone_comes_to_its_part_of_the_whole(
    told: list[tuple[str, str, int, int, int, int]],
) -> None:
    found = [finding(said) for said in told]
    units = {(one.person, unit_of(BOOK, one)) for one in found}
    apart = [
        line
        for person, unit in units
        for line in assess(BOOK, [one for one in found if (one.person, unit_of(BOOK, one)) == (person, unit)])
    ]
    assert sorted(line.id for line in apart) == sorted(line.id for line in assess(BOOK, found))
    assert set(apart) == set(assess(BOOK, found))


def test_units_are_no_wider_than_what_counts() -> None:
    day = (0, 5, 16, 1)
    named = {name: unit_of(BOOK, finding((name, "li", *day))) for name in ("LATE", "EVER", "YEAR", "ITEM")}
    assert named == {"LATE": "2026-06", "EVER": "test:EVER", "YEAR": "2026 test:YEAR", "ITEM": "2026-06"}
