"""Penalty bearers: who bears how much of a line that was split by decision; what does somebody bear?"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from onrecord_projections.judging.pricing.amounts import divided
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

LAST = (
    "position = (SELECT s.position FROM penalty_shares s WHERE s.line_id = p.line_id "
    "ORDER BY s.decided_at DESC, s.position DESC LIMIT 1)"
)
BORNE = f"SELECT p.line_id FROM penalty_shares p WHERE p.person = %s AND p.{LAST}"
"""The lines that somebody bears a share of, by their last split."""


class Bearer(msgspec.Struct, frozen=True):
    """One who bears a share."""

    person: str
    amount: Decimal

    def __str__(self) -> str:
        """As a table has it."""
        return f"{self.person} {self.amount}"


async def shares_known(view: View, lines: Sequence[str]) -> Mapping[str, list[tuple[str, Decimal]]]:
    """How each of these lines was split last, as known then; lines that never were are left out."""
    if not lines:
        return {}
    filters = Filters()
    filters.add("line_id = ANY(%s)", list(lines))
    filters.add("position <= %s", view.position)
    filters.add_if("decided_at <= %s", view.times.as_of)
    rows = await view.fetch(
        f"SELECT line_id, position, person, amount FROM penalty_shares {filters.where} "
        "ORDER BY line_id, decided_at, position, rank",
        filters.values,
    )
    last = {line: position for line, position, *_ in rows}
    found: dict[str, list[tuple[str, Decimal]]] = {}
    for line, position, person, amount in rows:
        if position == last[line]:
            found.setdefault(line, []).append((person, amount))
    return found


async def whose_lines(view: View, person: str) -> set[str]:
    """Whom the lines are of that somebody ever bore a share of."""
    rows = await view.fetch(
        "SELECT d.person FROM penalty_decisions d JOIN penalty_shares s USING (line_id, position) "
        "WHERE s.person = %s AND s.position <= %s",
        (person, view.position),
    )
    return {whose for (whose,) in rows}


def bearers(shares: Sequence[tuple[str, Decimal]], decided: Decimal | None) -> list[Bearer]:
    """Everybody's own of what was decided since, or of what was split."""
    amount = sum((share for _, share in shares), Decimal()) if decided is None else decided
    return [Bearer(person, part) for person, part in divided(amount, shares)]
