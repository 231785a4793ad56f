"""Taking: how much of what is owed goes off one month's wage, and what is left for later. Pure.

工资支付暂行规定 article 16: at most a fifth of the month's wage, and what is left is not below the local
minimum wage. Both are measured by the wage of the month it is taken from. What is given back never makes room
for more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

CENT = Decimal("0.01")
ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Terms:
    """What the tenant set; None is switched off."""

    cap_percent: Decimal | None = Decimal(20)
    floor: Decimal | None = None
    carry_over: bool = True

    def room(self, wage: Decimal | None) -> Decimal | None:
        """How much may go off this wage; None if there is no end to it. Without a wage on record: nothing."""
        if self.cap_percent is None and self.floor is None:
            return None
        if wage is None:
            return ZERO
        rooms = []
        if self.cap_percent is not None:
            rooms.append((wage * self.cap_percent / _HUNDRED).quantize(CENT, ROUND_DOWN))
        if self.floor is not None:
            rooms.append(wage - self.floor)
        return max(ZERO, min(rooms))


class Took(NamedTuple):
    """What became of one open sum."""

    taken: Decimal
    carried: Decimal
    lapsed: Decimal


def take(opened: Iterable[Decimal], room: Decimal | None, *, carry_over: bool) -> Iterator[Took]:
    """One person's open sums, the oldest first; what is given back goes whole."""
    left = room
    for sum_ in opened:
        taken = sum_ if left is None else min(sum_, left)
        if left is not None and taken > 0:
            left -= taken
        rest = sum_ - taken
        yield Took(taken, rest, ZERO) if carry_over else Took(taken, ZERO, rest)
