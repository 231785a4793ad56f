"""Penalties: what do the rules propose that broken promises cost, whom, and why?

A finding is one thing that went against a clause; `penalties` holds the lines that follow from all findings
of one person in one month. Lines are proposals: what people decide about them comes as events.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.cases import Change
from onrecord_projections.judging import Finding, Settings

FINDINGS = Shape(
    "findings",
    (
        ("case_id", "text"),
        ("clause", "text"),
        ("instance", "text"),
        ("code", "text"),
        ("pack", "text"),
        ("edition", "int4"),
        ("person", "text"),
        ("at", "timestamptz"),
        ("due_at", "timestamptz"),
        ("quantity", "int4"),
        ("evidence", "int8[]"),
    ),
    keys=4,
)
TABLES = (("findings", "case_id, clause, instance, code"),)
DDL = """
CREATE TABLE findings (
    case_id text NOT NULL,
    clause text NOT NULL,
    instance text NOT NULL,
    code text NOT NULL,
    pack text NOT NULL,
    edition integer NOT NULL,
    person text,
    at timestamptz NOT NULL,
    due_at timestamptz,
    quantity integer NOT NULL,
    evidence bigint[] NOT NULL,
    PRIMARY KEY (case_id, clause, instance, code)
);
CREATE INDEX findings_person ON findings (person, at);
"""


async def write(
    cursor: AsyncCursor[Any], changes: Iterable[Change], fresh: Sequence[Recorded], settings: Settings
) -> None:
    """Findings that came, went or changed."""
    moved: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    for change in changes:
        if change.old.findings == change.new.findings:
            continue
        before = {_key(finding): finding for finding in change.old.findings}
        moved += [
            _row(finding) for finding in change.new.findings if before.pop(_key(finding), None) != finding
        ]
        gone += before
    await delete(cursor, FINDINGS, gone)
    await merge(cursor, FINDINGS, moved)


def _key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.case, finding.clause, finding.instance, finding.code


def _row(finding: Finding) -> tuple[Any, ...]:
    return (
        *_key(finding),
        finding.pack,
        finding.edition,
        finding.person,
        finding.at,
        finding.due_at,
        finding.quantity,
        list(finding.evidence),
    )
