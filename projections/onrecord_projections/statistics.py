"""Statistics: what a share or a score of so few answers can be worth. Pure arithmetic on counts."""

from math import sqrt
from typing import NamedTuple

Z = 1.959964
"""Two-sided 95 %."""
FEW = 30
"""Under so many answers a score is shown with a warning, and nobody is ranked by it."""


class Estimate(NamedTuple):
    """A figure and the interval it may as well be anywhere in, at 95 %."""

    value: float
    low: float
    high: float


def share(count: int, n: int) -> Estimate | None:
    """A share, from 0 to 1, with Wilson's interval; None of nothing."""
    assert 0 <= count <= n, "a part of a whole"
    if not n:
        return None
    p = count / n
    scale = 1 + Z * Z / n
    centre = (p + Z * Z / (2 * n)) / scale
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / scale
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half))


def net_promoter_score(promoters: int, detractors: int, n: int) -> Estimate | None:
    """NPS, from -100 to 100, with the adjusted Wald interval (3 answers more, shared out evenly)."""
    assert 0 <= promoters + detractors <= n, "nobody is both"
    if not n:
        return None
    adjusted = n + 3
    p, d = (promoters + 0.75) / adjusted, (detractors + 0.75) / adjusted
    centre, half = p - d, Z * sqrt((p + d - (p - d) ** 2) / adjusted)
    low, high = 100 * (centre - half), 100 * (centre + half)
    return Estimate(100 * (promoters - detractors) / n, max(-100.0, low), min(100.0, high))
