"""Lines: of which lines may something go through payroll by a month, as far as the read models know?"""

from typing import NamedTuple

from onrecord_events.envelope import from_bytes
from onrecord_projections.queries.view import View
from onrecord_services.desk.decision import Command
from onrecord_services.desk.needs import QUESTIONS
from onrecord_services.desk.penalty.months import stream_of

_OPEN = (
    "SELECT o.line_id FROM penalty_open o LEFT JOIN penalties p ON p.id = o.line_id "
    "WHERE o.month <= %s ORDER BY p.person, p.at, o.line_id"
)
_PARTS = (
    "SELECT position, recorded_at, raw FROM timeline WHERE case_id = %s AND type = 'payroll.part-exported'"
)


class Open(NamedTuple):
    """What the read models found, and how far they had read the log."""

    position: int
    lines: tuple[str, ...]


async def open_lines(view: View, month: str) -> list[str]:
    """Lines of which something may go through payroll by this month, person by person, the oldest first."""
    return [line for (line,) in await view.fetch(_OPEN, (month,))]


async def still_open(view: View, command: Command) -> Open | None:
    """Those that are in no part of the month's export yet; None where the command names its own."""
    month = getattr(command, "month", "")
    if getattr(command, "lines", None) is not None:
        return None
    parts = await view.fetch(_PARTS, (stream_of(month),))
    went = {row["line"] for position, at, raw in parts for row in from_bytes(raw, position, at).data["rows"]}
    return Open(view.position, tuple(line for line in await open_lines(view, month) if line not in went))


QUESTIONS["open-lines"] = still_open
