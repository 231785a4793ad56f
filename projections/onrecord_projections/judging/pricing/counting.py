"""Counting: the how-manieth time this is. The same case, or the same finding, is one time whoever asks."""


class Times:
    """The times of one person under one counter, within one window."""

    __slots__ = ("_nth", "_total")

    def __init__(self) -> None:
        self._nth: dict[str, int] = {}
        self._total = 0

    def nth(self, what: str, weight: int = 1) -> int:
        """Which time this is; the first one asked about is the first."""
        known = self._nth.get(what)
        if known is None:
            self._total += weight
            known = self._nth[what] = self._total
        return known


class Counters:
    """All counters of one person, made as they are asked for."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[tuple[str, str, str], Times] = {}

    def of(self, pack: str, counter: str, span: str) -> Times:
        """One counter of a policy within a month, a year or ever."""
        return self._times.setdefault((pack, counter, span), Times())
