"""A few of the random histories of every kind; the many are judged by hand (CONTRIBUTING)."""

from collections import Counter
from random import Random

import pytest

import random_histories
import random_kinds
from onrecord_projections.judging import checks
from random_kinds import KINDS, kind_of


@pytest.mark.parametrize("kind", KINDS)
def test_random_histories_come_to_what_their_oracle_says(kind: str) -> None:
    for seed in range(20):
        KINDS[kind][0](Random(seed))


def test_a_seed_makes_one_kind_for_ever() -> None:
    assert [kind_of(seed) for seed in range(8)] == [
        "check",
        "duty",
        "check",
        "check",
        "clock",
        "check",
        "check",
        "check",
    ]
    assert {*KINDS} == {kind_of(seed) for seed in range(300)}


def test_a_history_that_disagrees_is_named_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_in_time", lambda *_: True)
    counts, wrong = random_histories.judged(0, 60)
    assert counts == Counter(kind_of(seed) for seed in range(60))
    assert wrong
    assert {kind_of(seed) for seed in wrong} == {"check"}
    monkeypatch.undo()
    assert [random_kinds.judge(seed) for seed in wrong] == ["check"] * len(wrong)
