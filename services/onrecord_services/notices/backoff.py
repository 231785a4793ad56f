"""Backoff: when to try again. Longer each time, never all at once."""

import random
from datetime import timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
DOUBLINGS_MAX = 12
"""More would be longer than the longest anyway."""


def wait_after(failures: int, asked_for: timedelta | None = None) -> timedelta:
    """How long to wait after so many failures in a row; at least as long as whoever failed asked for."""
    grown = min(FIRST * (1 << min(failures - 1, DOUBLINGS_MAX)), LONGEST)
    spread = grown * random.uniform(0.8, 1.2)  # noqa: S311 (jitter is no secret)
    return max(spread, min(asked_for or timedelta(), LONGEST))
