"""Replay: one share of a tenant's cases under two settings, then one share of its people.

In two passes, because a penalty depends on all findings of a person's month and these come from many cases.
The first pass reads cases and writes what differs of their clocks, in order, and every finding by whom it is
about; the second reads the findings of its people and writes what differs of their lines. Both only read the
database. How cases and people are shared out changes no figure: totals add up, and lists are merged by key.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
from psycopg import AsyncConnection

from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections.findings import Unit
from onrecord_projections.judging import CaseFold, Finding, Settings, Verdict, penalty_month
from onrecord_projections.penalty_decisions import of_persons as decisions_of
from onrecord_projections.whatif.clocks import pairs
from onrecord_projections.whatif.lines import line_pairs, priced
from onrecord_projections.whatif.period import Period
from onrecord_projections.whatif.spill import Spill, read
from onrecord_projections.whatif.totals import Totals

SHARES = 64
"""Of cases; a power of two. Many small ones keep all workers busy to the end."""
PEOPLE_SHARES = 8
CASES_AT_ONCE = 200

_CASES = (
    "SELECT case_id FROM cases WHERE hashtextextended(case_id, 0) & %s = %s "
    'ORDER BY case_id COLLATE "C"'  # Python's own order, wherever PostgreSQL was set up
)
_EVENTS = "SELECT case_id, position, recorded_at, raw FROM timeline WHERE case_id = ANY(%s) ORDER BY position"


@dataclass(frozen=True)
class Question:
    """What is compared, over which days, seen from when; and where the shares leave what they found."""

    live: Settings
    changed: Settings
    period: Period
    as_of: datetime
    folder: Path

    def clocks_file(self, share: int) -> Path:
        """Differences of clocks of one share of cases, by key."""
        return self.folder / f"clocks-{share}"

    def findings_file(self, share: int, people: int) -> Path:
        """Findings out of one share of cases about one share of people."""
        return self.folder / f"findings-{share}-{people}"

    def lines_file(self, people: int) -> Path:
        """Differences of penalty lines of one share of people, by key."""
        return self.folder / f"lines-{people}"


class Found(msgspec.Struct, frozen=True):
    """A finding on its way to the person's month it counts in."""

    changed: bool
    """Under which of the two settings."""
    month: str
    finding: Finding


class Told(msgspec.Struct, frozen=True):
    """What one share came to, and of how many events."""

    totals: Totals
    events: int = 0


async def compare_cases(rows: AsyncConnection[Any], question: Question, share: int) -> Told:
    """Judge one share of the cases twice."""
    totals, events = Totals(), 0
    with ExitStack() as stack:
        clocks = stack.enter_context(Spill(question.clocks_file(share)))
        people = [
            stack.enter_context(Spill(question.findings_file(share, nth))) for nth in range(PEOPLE_SHARES)
        ]
        async for case_id, history in _histories(rows, share):
            events += len(history)
            before, after = _judge(question, case_id, history)
            for pair in pairs(question.period, before, after):
                difference = pair.difference
                totals.take_clocks(pair, difference)
                if difference is not None:
                    clocks.add(difference)
            for found in _findings(question, before, after):
                assert found.finding.person is not None
                people[_share_of(found.finding.person)].add(found)
    return Told(totals, events)


async def compare_people(rows: AsyncConnection[Any], question: Question, people: int) -> Told:
    """Price the months of one share of the people twice; needs the first pass of every share of cases."""
    totals = Totals()
    units = _units(question, people)
    async with rows.cursor() as cursor:
        decisions = await decisions_of(cursor, sorted({unit.person for unit in units}))
    with Spill(question.lines_file(people)) as lines:
        for unit in sorted(units):
            before, after = units[unit]
            old, new = priced(question.live, before, decisions), priced(question.changed, after, decisions)
            for pair in line_pairs(question.period, old, new):
                difference = pair.difference
                totals.take_lines(pair, difference)
                if difference is not None:
                    lines.add(difference)
    return Told(totals)


def _judge(question: Question, case_id: str, history: Sequence[Recorded]) -> tuple[Verdict, Verdict]:
    before, after = CaseFold.open(question.live, case_id), CaseFold.open(question.changed, case_id)
    for event in history:
        before.take(event)
        after.take(event)
    return before.at(question.as_of), after.at(question.as_of)


def _findings(question: Question, before: Verdict, after: Verdict) -> Iterator[Found]:
    for changed, settings, verdict in (
        (False, question.live, before),
        (True, question.changed, after),
    ):
        for finding in verdict.findings:
            if finding.person is not None:
                yield Found(changed, penalty_month(settings, finding), finding)


def _units(question: Question, people: int) -> dict[Unit, tuple[list[Finding], list[Finding]]]:
    """The months with something in the period, each with its findings under both settings."""
    units: dict[Unit, tuple[list[Finding], list[Finding]]] = {}
    touched = set()
    for share in range(SHARES):
        for found in read(question.findings_file(share, people), Found):
            assert found.finding.person is not None
            unit = Unit(found.finding.person, found.month)
            units.setdefault(unit, ([], []))[found.changed].append(found.finding)
            if question.period.holds(found.finding.at):
                touched.add(unit)
    return {unit: units[unit] for unit in touched}


async def _histories(rows: AsyncConnection[Any], share: int) -> AsyncIterator[tuple[str, Sequence[Recorded]]]:
    """The cases of one share in order, each with its events in the order of the log."""
    async with rows.cursor(binary=True) as cursor:
        await cursor.execute(_CASES, (SHARES - 1, share))
        ids = [case_id for (case_id,) in await cursor.fetchall()]
        for start in range(0, len(ids), CASES_AT_ONCE):
            found: dict[str, list[Recorded]] = {case_id: [] for case_id in ids[start : start + CASES_AT_ONCE]}
            await cursor.execute(_EVENTS, (list(found),))
            for case_id, position, recorded_at, raw in await cursor.fetchall():
                found[case_id].append(from_bytes(raw, position, recorded_at))
            for one in found.items():
                yield one


def _share_of(person: str) -> int:
    return crc32(person.encode()) % PEOPLE_SHARES
