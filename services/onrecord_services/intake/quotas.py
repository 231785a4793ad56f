"""Quotas: how much one publisher may hand in, by two token buckets.

Who is over it is told when to come back; nothing is stored.
"""

from collections.abc import Callable

import msgspec


class Quota(msgspec.Struct, frozen=True):
    """Sustained rates; a burst of `burst_s` seconds' worth is allowed."""

    events_per_s: float = 20_000.0
    bytes_per_s: float = 32_000_000.0
    burst_s: float = 2.0


class _Bucket:
    """Fills at a rate, up to a burst. One request may take it below zero, so none is too large for ever."""

    def __init__(self, per_s: float, burst: float, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._level = burst
        self._at = now

    def wait_s(self, now: float) -> float:
        """How long until something may be taken; 0 if now."""
        self._level = min(self._burst, self._level + (now - self._at) * self._per_s)
        self._at = now
        return max(0.0, -self._level / self._per_s) if self._level <= 0 else 0.0

    def take(self, amount: float) -> None:
        """Take what was just handed in."""
        self._level -= amount


class Quotas:
    """The buckets of every publisher. `clock` is monotonic, in seconds."""

    def __init__(self, quota: Quota, clock: Callable[[], float]) -> None:
        self._quota = quota
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[_Bucket, _Bucket]] = {}

    def wait_s(self, tenant: str, publisher: str) -> float:
        """How many seconds this publisher must wait; 0: come in."""
        now = self._clock()
        return max(bucket.wait_s(now) for bucket in self._of(tenant, publisher))

    def take(self, tenant: str, publisher: str, *, events: int, size_bytes: int) -> None:
        """Count what came in, refused or not."""
        for bucket, amount in zip(self._of(tenant, publisher), (events, size_bytes), strict=True):
            bucket.take(amount)

    def _of(self, tenant: str, publisher: str) -> tuple[_Bucket, _Bucket]:
        pair = self._buckets.get((tenant, publisher))
        if pair is None:
            quota, now = self._quota, self._clock()
            rates = (quota.events_per_s, quota.bytes_per_s)
            events, size = (_Bucket(rate, rate * quota.burst_s, now) for rate in rates)
            pair = self._buckets[tenant, publisher] = (events, size)
        return pair
