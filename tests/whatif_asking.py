"""Builders for tests of what-if: a question about a tenant of one's own, its answer as plain values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from onrecord_projections.whatif import Changes, ClockDifference, LineDifference, Tally
from onrecord_projections.whatif.changes import Text
from onrecord_services.engines import Engines
from onrecord_services.whatif.report import write_json
from onrecord_services.whatif.run import Asked, compared
from projecting import Bench

SHANGHAI = ZoneInfo("Asia/Shanghai")
TYPHOON = """
id = "cn-state-council"
version = "2026.1 with the typhoon of 15 July"
source = "made up for tests"
extends = "cn-state-council"

[[exceptions]]
source = "closed by order of the city"
off = [{ on = 2026-07-15, name = "台风停工" }]
"""


@dataclass
class Answered:
    """The lists and figures of one what-if, whole."""

    clocks: list[ClockDifference]
    lines: list[LineDifference]
    overall: Tally
    clauses: dict[str, Tally]
    persons: dict[str, Tally]
    json: bytes


async def what_if(
    engines: Engines,
    tenant: Bench,
    changes: Changes,
    tmp_path: Path,
    *,
    begin: str = "2026-07-01",
    end: str = "2026-08-01",
    processes: int = 1,
) -> Answered:
    """Ask about July, unless told otherwise."""
    asked = Asked(tenant.log.tenant, changes, begin, end)
    async with compared(engines.postgres_dsn("onrecord_reader"), asked, processes=processes) as found:
        write_json(found, tmp_path / "answer.json")
        return Answered(
            list(found.clocks()),
            list(found.lines()),
            found.totals.overall(),
            found.totals.by_clause(),
            found.totals.by_person(),
            (tmp_path / "answer.json").read_bytes(),
        )


def rulebook(text: str) -> Changes:
    """A draft, in force from its own first day."""
    return Changes(rulebooks=(Text("draft.toml", text),))


def typhoon() -> Changes:
    """15 July does not count."""
    return Changes(calendars=(Text("typhoon.toml", TYPHOON),))


def clock_said(difference: ClockDifference) -> tuple[Any, ...]:
    """What happened to which clock: (what, case, clause, state and due before, state and due after)."""
    sides = [
        part
        for clock in (difference.before, difference.after)
        for part in ((clock.state, _wall(clock.due_at)) if clock else (None, None))
    ]
    return (difference.what, difference.clock.case, difference.clock.clause, *sides)


def line_said(difference: LineDifference) -> tuple[Any, ...]:
    """What happened to which line: (what, person, case, clause, owed before, owed after)."""
    line = difference.shown.line
    owed = [shown and str(shown.owed) for shown in (difference.before, difference.after)]
    return (difference.what, line.person, line.case, line.clause, *owed)


def _wall(at: Any) -> str | None:
    return at and f"{at.astimezone(SHANGHAI):%m-%d %H:%M:%S}"
