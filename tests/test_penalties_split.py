"""Lines that were split by decision: who bears how much is in the answer, and each of them finds the line."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asking import House, house
from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from onrecord_projections.judging.pricing.amounts import divided
from onrecord_services.engines import Engines
from projecting import adopted, calendar, said

D = Decimal


def of_line(what: str, line: str, when: str, amount: str, **more: Any) -> New:
    body = {"person": "li", "clause": "CC02-E1", "edition": 2, "amount": amount, **more}
    return said(f"penalty.{what}", f"penalty/{line}", when, **body)


def shares(**told: str) -> list[dict[str, str]]:
    return [{"person": person, "amount": amount} for person, amount in told.items()]


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    """Two late files of li's, 50 and 100 yuan. The second is split, split anew, and confirmed for less."""
    async with house(engines) as made:
        book = adopted(shipped_rulebook("cc02-archive")[1], "cc02-archive")
        cars = [
            said("vehicle.delivered", f"archive/{car}", f"03-{day} 10:00:00", car=car, consultant="li")
            for car, day in (("A", 12), ("B", 13))
        ]
        await made.bench.project(
            calendar(), book, *cars, said("clock.ticked", "clock/tick", "03-27 00:00:00")
        )
        _, second = await made.bench.rows("SELECT id FROM penalties ORDER BY at")
        (line,) = second
        await made.bench.project(
            of_line("split", line, "04-01 10:00:00", "100", shares=shares(li="50.00", zhou="50.00")),
            of_line(
                "split", line, "04-02 10:00:00", "100", shares=shares(li="33.33", wang="33.33", sun="33.34")
            ),
            of_line("approved", line, "04-09 10:00:00", "50.00"),
        )
        yield made


async def borne(asked: House, **query: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    found = (await asked.ask("/v1/penalties", **query))["items"]
    return [
        (line["case"], [(one["person"], one["amount"]) for one in line["bearers"]])
        for line in sorted(found, key=lambda line: line["case"])
    ]


CONFIRMED = [("li", "16.67"), ("wang", "16.66"), ("sun", "16.67")]
"""Of 50.00 in proportion: 16.665, 16.665 and 16.67; the cent over goes to the first."""


async def test_a_line_says_who_bears_how_much_and_one_that_was_not_split_nothing(asked: House) -> None:
    assert await borne(asked, person="li") == [("archive/A", []), ("archive/B", CONFIRMED)]


async def test_who_bears_a_share_finds_the_line_and_who_did_before_the_last_split_does_not(
    asked: House,
) -> None:
    assert await borne(asked, person="wang") == [("archive/B", CONFIRMED)]
    assert await borne(asked, person="sun", month="2026-03", state="approved") == [("archive/B", CONFIRMED)]
    assert await borne(asked, person="sun", state="proposed") == []
    assert await borne(asked, person="zhou") == []


@pytest.mark.parametrize(
    ("known_at", "person", "then"),
    [
        ("2026-03-31T12:00:00+08:00", "wang", []),
        ("2026-03-31T12:00:00+08:00", "li", [("archive/A", []), ("archive/B", [])]),
        ("2026-04-01T12:00:00+08:00", "zhou", [("archive/B", [("li", "50.00"), ("zhou", "50.00")])]),
        (
            "2026-04-02T12:00:00+08:00",
            "wang",
            [("archive/B", [("li", "33.33"), ("wang", "33.33"), ("sun", "33.34")])],
        ),
        ("2026-04-02T12:00:00+08:00", "zhou", []),
        ("2026-04-09T12:00:00+08:00", "wang", [("archive/B", CONFIRMED)]),
    ],
)
async def test_as_it_was_known_then(asked: House, known_at: str, person: str, then: object) -> None:
    assert await borne(asked, person=person, known_at=known_at) == then


async def test_a_table_has_them_in_one_cell(asked: House) -> None:
    told = (await asked.http.get("/v1/penalties", params={"person": "wang", "format": "csv"})).text
    head, row = told.splitlines()
    assert head.endswith(",bearers")
    assert row.endswith(",li 16.67 wang 16.66 sun 16.67")


@given(
    cents=st.integers(0, 10**6),
    told=st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any),
)
def test_whatever_is_decided_is_divided_to_the_cent(cents: int, told: list[int]) -> None:
    amount, split = D(cents) / 100, [(f"p{nth}", D(one) / 100) for nth, one in enumerate(told)]
    found = divided(amount, split)
    assert [person for person, _ in found] == [person for person, _ in split]
    assert sum((part for _, part in found), D()) == amount
    assert divided(sum((share for _, share in split), D()), split) == split
