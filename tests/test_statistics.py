"""Intervals: the published vectors, and what must hold for every count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord_projections.statistics import Estimate, net_promoter_score, share


def rounded(found: Estimate | None, digits: int) -> tuple[float, ...] | None:
    return found and tuple(round(part, digits) for part in found)


@pytest.mark.parametrize(
    ("count", "n", "then"),
    [
        pytest.param(9, 10, (0.9, 0.596, 0.982), id="nine-of-ten"),
        pytest.param(90, 100, (0.9, 0.826, 0.945), id="ninety-of-a-hundred"),
        pytest.param(10, 10, (1.0, 0.722, 1.0), id="all-of-ten-is-not-certain"),
        pytest.param(0, 10, (0.0, 0.0, 0.278), id="none-of-ten-mirrors-all"),
        pytest.param(0, 0, None, id="nobody-answered"),
    ],
)
def test_a_share_has_wilsons_interval(count: int, n: int, then: tuple[float, ...] | None) -> None:
    assert rounded(share(count, n), 3) == then


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "then"),
    [
        pytest.param(60, 20, 100, (40.0, 23.4, 54.3), id="published"),
        pytest.param(3, 0, 3, (100.0, -6.6, 100.0), id="clipped-at-a-hundred"),
        pytest.param(0, 3, 3, (-100.0, -100.0, 6.6), id="clipped-at-the-other-end"),
        pytest.param(0, 0, 0, None, id="nobody-answered"),
    ],
)
def test_nps_has_the_adjusted_wald_interval(
    promoters: int, detractors: int, n: int, then: tuple[float, ...] | None
) -> None:
    assert rounded(net_promoter_score(promoters, detractors, n), 1) == then


@given(st.integers(1, 10_000), st.data())
def test_a_share_lies_in_its_interval_and_more_answers_narrow_it(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    few, many = share(count, n), share(100 * count, 100 * n)
    assert few is not None
    assert many is not None
    assert 0 <= few.low <= few.value + 1e-12
    assert few.value - 1e-12 <= few.high <= 1
    assert many.high - many.low < few.high - few.low
