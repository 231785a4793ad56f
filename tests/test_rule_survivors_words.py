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
