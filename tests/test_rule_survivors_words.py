"""What two editions say differently, in plain words: mutants of the words lived as no pure test read them."""

import pytest

from judging_builders import HEAD, clause
from onrecord_projections.judging import load
from onrecord_projections.judging.differences import Lang, differences


def said(old: str, new: str, lang: Lang = "en") -> list[str]:
    found = differences(load(HEAD + old), load(HEAD + new), lang)
    return [f"{one.what} {one.clause}: {'; '.join(one.words)}" for one in found]


@pytest.mark.parametrize(
    ("target", "lang", "words"),
    [
        ('"PT1H"', "en", "the limit: 1 hour instead of 8 hours"),
        ('"PT2M"', "en", "the limit: 2 minutes instead of 8 hours"),
        ('"PT30M1S"', "en", "the limit: 30 minutes 1 second instead of 8 hours"),
        ('"PT12H"', "zh", "期限：由8小时改为12小时"),
    ],
)
def test_another_limit_is_said_in_words_of_time(target: str, lang: Lang, words: str) -> None:
    assert said(clause(), clause(target=target), lang) == [f"changed T-1: {words}"]


def test_what_came_and_what_went_is_said_by_what_it_says() -> None:
    other = clause(id='"T-2"', says_en='"A call in time."')
    assert said(clause(), other) == ["added T-2: A call in time.", "removed T-1: An answer in time."]


def test_another_example_is_no_difference() -> None:
    renamed = clause().replace('name = "nothing happened"', 'name = "quiet"')
    assert said(clause(), renamed) == []
    assert said(clause(), clause()) == []


LIMIT = """
[[clause]]
id = "T-1"
cites = "1"
says_en = "A cap."
says_zh = "上限。"
kind = "limit"
event = ["expense.recorded"]
value_field = "amount"
band_field = "guests"
finding = "over"
band = [{ from = 1, to = 4, cap = 200 }]

[[clause.example]]
name = "nothing happened"
log = []
as_of = "2026-01-01 00:00:00"
expect = "nothing found"
"""


def test_a_band_is_said_by_its_ends_as_the_policy_writes_them() -> None:
    assert said(LIMIT, LIMIT.replace("from = 1", "from = 2")) == [
        "changed T-1: the bands: from=2 to=4 cap=200 instead of from=1 to=4 cap=200"
    ]
    assert said(LIMIT, LIMIT.replace("band = [{ from = 1, to = 4, cap = 200 }]", "")) == [
        "changed T-1: the bands: nothing instead of from=1 to=4 cap=200"
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"stops_on": '["complaint.closed"]'},
            "what ends it: complaint.closed instead of complaint.answered",
        ),
        (
            {"starts_on": '[{ event = "complaint.classified", where = { severity = ["major"] } }]'},
            "what starts it: complaint.classified where severity=major instead of complaint.registered",
        ),
        ({"owner": '["received_by"]'}, "who owes it: received_by instead of nothing"),
        ({"instances": '"each"'}, "`instances`: each instead of nothing"),
    ],
)
def test_another_event_is_said_by_its_name(change: dict[str, str], words: str) -> None:
    assert said(clause(), clause(**change)) == [f"changed T-1: {words}"]
