"""Every entry of the catalogue is carried, and every clause is missed when it is left out or changed."""

from datetime import UTC, datetime
from functools import cache
from random import Random

import pytest

from judging_builders import EXAMPLE, HEAD, clause
from onrecord_events.vocabulary import event_types
from onrecord_projections.judging import Rulebook, load, shipped_rulebooks
from onrecord_projections.judging.clauses import SupportedClause
from onrecord_projections.judging.coverage import Entry, coverage, entries, mutants, survivors

CLAUSES_MAX = 60
TODAY = datetime.now(UTC).toordinal()


@cache
def books() -> dict[str, Rulebook]:
    return {book.pack: book for book in map(load, shipped_rulebooks().values())}


def test_the_catalogue_has_717_entries_of_25_policies() -> None:
    assert len(entries()) == 717
    assert len({entry.pack for entry in entries()}) == 25
    assert sum(entry.owed != "prose" for entry in entries()) == 641


@pytest.mark.parametrize("pack", sorted({entry.pack for entry in entries()}))
def test_a_policy_carries_all_it_owes(pack: str) -> None:
    short = [item for item in coverage(books(), [e for e in entries() if e.pack == pack]) if not item.enough]
    assert [f"{item.entry}: {item.state}, owed {item.owed}" for item in short] == []


@pytest.mark.parametrize("pack", sorted({entry.pack for entry in entries()}))
def test_an_example_notices_every_clause_left_out_and_every_number_changed(pack: str) -> None:
    """Of a long policy a sample that changes every day; `onrecord rulebook coverage --prove` takes all."""
    book = books()[pack]
    asked = list(book.clause)
    if len(asked) > CLAUSES_MAX:
        asked = Random(TODAY).sample(asked, CLAUSES_MAX)
    assert [str(item) for clause in asked for item in survivors(book, clause)] == [], f"sample of day {TODAY}"


@pytest.mark.parametrize("pack", sorted({entry.pack for entry in entries()}))
def test_what_supports_an_entry_can_be_sent(pack: str) -> None:
    for supported in (item for item in books()[pack].clause if isinstance(item, SupportedClause)):
        for selector in supported.events:
            known = event_types()[selector.event].model_fields
            sent = {field: wanted[0] for field, wanted in selector.where.items()}
            for field, value in sent.items():
                one = event_types()[selector.event].__pydantic_validator__
                one.validate_assignment(event_types()[selector.event].model_construct(), field, value)
            assert sent.keys() <= known.keys()


def test_a_clause_is_missed_where_its_example_says_more_than_nothing() -> None:
    silent = load(HEAD + clause())
    assert {item.what for item in survivors(silent, silent.clause[0])} == {
        "left out",
        "target = PT9H instead of PT8H",
        "target = PT7H instead of PT8H",
    }
    shown = EXAMPLE.replace("log = []", 'log = ["2025-12-01 09:00:00 complaint.registered"]').replace(
        '"no clock"', '"breached, due 2025-12-01 17:00:00"'
    )
    loud = load(HEAD + clause().replace(EXAMPLE.strip(), shown.strip()))
    assert list(survivors(loud, loud.clause[0])) == []


def test_mutants_change_numbers_and_leave_codes_alone() -> None:
    (asked,) = load(
        HEAD
        + """
[[clause]]
id = "T-1"
cites = "1"
says_en = "Cap."
says_zh = "上限。"
kind = "limit"
event = [{ event = "interaction.logged", where = { kind = "call" } }]
value_field = "duration_seconds"
band = [{ cap = 180.5, where = { about = "3" } }]
finding = "too-long"
"""
        + EXAMPLE.replace("no clock", "nothing found")
    ).clause
    assert [mutant.what for mutant in mutants(asked)] == [
        "left out",
        "band.0.cap = 180.6 instead of 180.5",
        "band.0.cap = 180.4 instead of 180.5",
    ]


def test_an_entry_nobody_wrote_is_missing() -> None:
    (item,) = coverage({}, [Entry("X-1", "nowhere", "execute")])
    assert (item.state, item.enough) == ("missing", False)
