"""Run: a month's export from the lock to the seal, part by part; broken off anywhere, it is run again.

Every part is all or nothing, and what went through is passed over when it is asked for again. So whoever runs
it once more, or at the same time, ends with the one export of the month.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from onrecord_events.log import EventLog
from onrecord_services.api.reads import Reads
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.payroll.commands import LINES_MAX, Export
from onrecord_services.desk.payroll.lines import open_lines
from onrecord_services.desk.payroll.state import Month, folded
from onrecord_services.desk.penalty.months import stream_of

Ask = Callable[[str, dict[str, Any]], Awaitable[Answer]]
"""Asks the desk for a command by name, and waits for its answer."""

PATIENCE_S = 30.0


class NotExported(Exception):
    """The desk said no, or the read models do not follow; what went through so far stays."""


async def export(ask: Ask, log: EventLog, reads: Reads, month: str, lines_max: int = LINES_MAX) -> Month:
    """The month's whole export, made now or before. Raises NotExported."""
    known = await month_of(log, month)
    if known.whole is not None:
        return known
    begun = await _asked(ask, {"month": month, "lines": [], "last": False})
    if await reads.reach(log.tenant, begun.position, PATIENCE_S) < begun.position:
        raise NotExported("the read models do not follow: run it again when they do")
    lines = await reads.ask(log.tenant, lambda view: open_lines(view, month))
    parts = [lines[nth : nth + lines_max] for nth in range(0, len(lines), lines_max)] or [[]]
    for nth, part in enumerate(parts, start=1):
        await _asked(ask, {"month": month, "lines": part, "last": nth == len(parts)})
    return await month_of(log, month)


async def month_of(log: EventLog, month: str) -> Month:
    """How far a month's export is, by the log."""
    return folded(await log.read_stream(stream_of(month)))


async def _asked(ask: Ask, data: dict[str, Any]) -> Answer:
    answer = await ask(Export.NAME, data)
    if answer.outcome == "refused":
        raise NotExported(f"refused: {answer.reason} {answer.facts or ''}".rstrip())
    return answer
