"""How soon half came to the end, and nine tenths, where some are still open: by hand, and by the book."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onrecord_projections.survival import HALF, NINE_TENTHS, reached

LASTED = st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=40)
TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("ended", "left", "then"),
    [
        pytest.param([], [], [None, None], id="nothing"),
        pytest.param([5], [], [5, 5], id="one"),
        pytest.param([], [5], [None, None], id="open"),
        pytest.param([4, 2, 3, 1], [], [2, 4], id="all-ended"),
        pytest.param([1, 2], [3, 3], [2, None], id="exactly-half-outlast-two"),
        pytest.param([1, 2, 6], [3], [2, 6], id="the-last-one-waits-alone"),
        pytest.param([3], [3], [3, None], id="ended-before-who-dropped-out-at-the-same-length"),
        pytest.param([3, 5], [1, 2], [3, 5], id="who-dropped-out-before-anybody-ended-says-nothing"),
        pytest.param([10, 72], [6, 192], [72, None], id="as-a-month-of-four"),
    ],
)
def test_by_hand(ended: list[int], left: list[int], then: list[int | None]) -> None:
    assert reached(ended, left, (HALF, NINE_TENTHS)) == then


@given(LASTED)
@example([(1, True), (1, False), (1, True), (2, True)])
def test_it_is_the_kaplan_meier_estimate(lasted: list[tuple[int, bool]]) -> None:
    ended = [length for length, came in lasted if came]
    left = [length for length, came in lasted if not came]
    assert reached(ended, left, (HALF, NINE_TENTHS)) == [
        by_the_book(lasted, Fraction(1, 2)),
        by_the_book(lasted, TENTH),
    ]


def by_the_book(lasted: list[tuple[int, bool]], share: Fraction) -> int | None:
    """In fractions: the first length of time that no more than a share outlast."""
    left = Fraction(1)
    for length in sorted({each for each, _ in lasted}):
        waiting = sum(each >= length for each, _ in lasted)
        left *= 1 - Fraction(sum(each == length and came for each, came in lasted), waiting)
        if left <= share:
            return length
    return None
