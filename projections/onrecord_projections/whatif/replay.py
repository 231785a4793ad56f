"""Replay: one share of a tenant's cases under two settings, then one share of its people.

In two passes, because a penalty depends on other findings of its person and these come from many cases.
The first pass reads cases and writes what differs of their clocks, in order, and every finding by whom it is
about; the second reads the findings of its people and writes what differs of their lines. Both only read the
database. How cases and people are shared out changes no figure: totals add up, and lists are merged by key.

What a ranking of figures finds (`kpi_ranks`) stands as it is under both settings: it is not ranked anew.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
from psycopg import AsyncConnection, AsyncCursor

from onrecord_events.envelope import Recorded, from_bytes
from onrecord_projections import findings, pays, penalty_decisions
from onrecord_projections.judging import CaseFold, Finding, Settings, Verdict
from onrecord_projections.judging.penalty_rules import unit_of
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.penalty_decisions import Decisions
from onrecord_projections.whatif.clocks import pairs
from onrecord_projections.whatif.lines import ShownLine, line_pairs, priced
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
_RANKED = (
    f"SELECT {findings.FIELDS} FROM findings WHERE person = ANY(%s) AND starts_with(case_id, 'figure/') "  # noqa: S608 (our own columns)
    "ORDER BY case_id, instance"
)


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
    """A finding on its way to its person."""

    changed: bool
    """Under which of the two settings."""
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
            for found in _findings(before, after):
                assert found.finding.person is not None
                people[_share_of(found.finding.person)].add(found)
    return Told(totals, events)


async def compare_people(rows: AsyncConnection[Any], question: Question, people: int) -> Told:
    """Price what one share of the people did twice; needs the first pass of every share of cases."""
    totals = Totals()
    found = _by_person(question, people)
    persons = sorted(found)
    async with rows.cursor() as cursor:
        decisions = await penalty_decisions.of_persons(cursor, persons)
        paid = await pays.of_persons(cursor, persons)
        for finding in await _ranked(cursor, persons):
            for side in found[finding.person or ""]:
                side.append(finding)
    with Spill(question.lines_file(people)) as lines:
        for person in persons:
            before, after = found[person]
            old = _priced(question.live, before, decisions, paid)
            new = _priced(question.changed, after, decisions, paid)
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


def _findings(before: Verdict, after: Verdict) -> Iterator[Found]:
    for changed, verdict in ((False, before), (True, after)):
        for finding in verdict.findings:
            if finding.person is not None:
                yield Found(changed, finding)


Sides = tuple[list[Finding], list[Finding]]


def _by_person(question: Question, people: int) -> dict[str, Sides]:
    """The people with something in the period, each with all findings under both settings."""
    found: dict[str, Sides] = {}
    touched = set()
    for share in range(SHARES):
        for one in read(question.findings_file(share, people), Found):
            person = one.finding.person
            assert person is not None
            found.setdefault(person, ([], []))[one.changed].append(one.finding)
            if question.period.holds(one.finding.at):
                touched.add(person)
    return {person: found[person] for person in touched}


def _priced(
    settings: Settings, found: Sequence[Finding], decisions: Decisions, paid: Pays
) -> dict[str, ShownLine]:
    """All lines of one person by id, unit by unit as the projector assesses them."""
    units: dict[str, list[Finding]] = {}
    for finding in found:
        units.setdefault(unit_of(settings, finding), []).append(finding)
    lines: dict[str, ShownLine] = {}
    for unit in sorted(units):
        lines |= priced(settings, units[unit], decisions, paid)
    return lines


async def _ranked(cursor: AsyncCursor[Any], persons: Sequence[str]) -> list[Finding]:
    """What rankings found of these people."""
    await cursor.execute(_RANKED, (list(persons),))
    return [findings.finding_of(row) for row in await cursor.fetchall()]


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
