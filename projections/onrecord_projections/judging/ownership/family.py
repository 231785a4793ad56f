"""Family: clients that count as one, from the instant it is known."""

from datetime import datetime


class Family:
    """Streams joined one by one; which belong together depends on when one asks."""

    def __init__(self) -> None:
        self.joins: list[tuple[datetime, str, str, int, str]] = []
        """(at, one, other, position, clause), in the order of time."""

    def join(self, at: datetime, one: str, other: str, position: int, clause: str) -> None:
        """From `at` on these two are one."""
        self.joins.append((at, one, other, position, clause))

    def of(self, stream: str, at: datetime) -> frozenset[str]:
        """Everything that counts as one with this stream at that instant."""
        found, ahead = {stream}, [stream]
        while ahead:
            here = ahead.pop()
            for since, one, other, _, _ in self.joins:
                if since <= at and here in (one, other):
                    ahead += {one, other} - found
                    found |= {one, other}
        return frozenset(found)
