"""Survival: how soon had half of them come to the end, and nine tenths, while some have not come there yet?

Kaplan and Meier (1958): at each length of time the share still waiting is multiplied by the share of those
then waiting who waited on. Between two who drop out that product is a plain share, so only those are walked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain
from math import ceil
from typing import TypeVar

HALF, NINE_TENTHS = 0.5, 0.1
"""The shares still waiting when the median and the 90th percentile are reached."""
_NEARLY = 1e-9
"""A product of shares that should come to a half may come out a hair above it."""

Length = TypeVar("Length", int, float)


def reached(ended: Iterable[Length], left: Iterable[Length], shares: Sequence[float]) -> list[Length | None]:
    """The first length of time that no more than each share outlast; None where too many had not ended.

    `ended` came to their end after so long, `left` had not when they were last seen. Shares fall.
    """
    ends, dropped = sorted(ended), sorted(left)
    waiting, outlast, done = len(ends) + len(dropped), 1.0, 0
    found: list[Length | None] = []
    for until in chain((bisect_right(ends, length) for length in dropped), [len(ends)]):
        while len(found) < len(shares) and waiting:
            needed = ceil(waiting * (1 - (shares[len(found)] + _NEARLY) / outlast))
            if done + needed > until:
                break
            found.append(ends[done + needed - 1])
        if len(found) == len(shares) or waiting <= until - done:
            break
        outlast *= 1 - (until - done) / waiting
        waiting -= until - done + 1
        done = until
    return found + [None] * (len(shares) - len(found))
