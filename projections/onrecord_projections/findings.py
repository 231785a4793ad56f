"""Findings: what went against which clause, by whom, in which month?

What penalty lines follow from; one row a finding, as long as the facts bear it.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Finding, Settings, penalty_month, unit_of

SHAPE = Shape(
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
        ("month", "text"),
        ("value", "numeric"),
        ("among", "text[]"),
        ("unit", "text"),
        ("parts", "int8[]"),
        ("at_limit", "text"),
    ),
    keys=4,
)
FIELDS = (
    "pack, edition, clause, code, case_id, instance, person, at, due_at, quantity, evidence, value, among, "
    "parts, at_limit"
)
"""The columns a finding is made of again, in the order `finding_of` takes them."""
_UNIT = [name for name, _ in SHAPE.columns].index("unit")
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
    month text NOT NULL,
    value numeric,
    among text[] NOT NULL,
    unit text NOT NULL,
    parts bigint[] NOT NULL,
    at_limit text,
    PRIMARY KEY (case_id, clause, instance, code)
);
CREATE INDEX findings_unit ON findings (person, unit) WHERE person IS NOT NULL;
CREATE INDEX findings_month ON findings (person, month) WHERE person IS NOT NULL;
"""


class Unit(NamedTuple):
    """What is assessed together: one person's month, or what a counter without months counts."""

    person: str
    name: str


async def write(
    cursor: AsyncCursor[Any], changes: Sequence[Change], settings: Settings, *, rules_changed: bool
) -> set[Unit]:
    """Findings that came, went or changed; the units whose penalties may differ for it."""
    moved: list[Finding] = []
    gone: list[Finding] = []
    for change in changes:
        if change.old.findings == change.new.findings and not rules_changed:
            continue
        before = {_key(finding): finding for finding in change.old.findings}
        moved += [
            finding
            for finding in change.new.findings
            if rules_changed or before.get(_key(finding)) != finding
        ]
        after = {_key(finding) for finding in change.new.findings}
        gone += [finding for key, finding in before.items() if key not in after]
    touching = [finding for finding in (*moved, *gone) if rules_changed or _is_priced(settings, finding)]
    units = await _units_of(cursor, [_key(finding) for finding in touching])
    await delete(cursor, SHAPE, [_key(finding) for finding in gone])
    rows = {_key(finding): _row(settings, finding) for finding in moved}
    await merge(cursor, SHAPE, list(rows.values()))
    return units | {
        Unit(finding.person, rows[_key(finding)][_UNIT])
        for finding in touching
        if finding.person is not None and _key(finding) in rows
    }


def _is_priced(settings: Settings, finding: Finding) -> bool:
    """Whether a clause of its edition puts a price on it; most findings only count."""
    book = settings.edition(finding.pack, finding.edition)
    return book is not None and any(book.tariff.priced_by(finding.clause, finding.code))


async def of_units(cursor: AsyncCursor[Any], units: Sequence[Unit]) -> dict[Unit, list[Finding]]:
    """All findings of these units."""
    await cursor.execute(
        f"SELECT {FIELDS}, unit FROM findings "
        "JOIN unnest(%s::text[], %s::text[]) AS u (person, unit) USING (person, unit)",
        ([unit.person for unit in units], [unit.name for unit in units]),
    )
    found: dict[Unit, list[Finding]] = {unit: [] for unit in units}
    for row in await cursor.fetchall():
        found[Unit(row[6], row[-1])].append(finding_of(row[:-1]))
    return found


def finding_of(row: Sequence[Any]) -> Finding:
    """The finding of a row of `FIELDS`."""
    *head, evidence, value, among, parts, at_limit = row
    values = (*head, tuple(evidence), value, tuple(among), tuple(parts), at_limit)
    return Finding(**dict(zip(Finding.__struct_fields__, values, strict=True)))


async def _units_of(cursor: AsyncCursor[Any], keys: Sequence[tuple[Any, ...]]) -> set[Unit]:
    """The units in which findings of these keys stand now."""
    if not keys:
        return set()
    await cursor.execute(
        "SELECT f.person, f.unit FROM findings f "
        "JOIN unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS k (case_id, clause, instance, code) "
        "USING (case_id, clause, instance, code) WHERE f.person IS NOT NULL",
        [list(column) for column in zip(*keys, strict=True)],
    )
    return {Unit(person, unit) for person, unit in await cursor.fetchall()}


def _key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.case, finding.clause, finding.instance, finding.code


def _row(settings: Settings, finding: Finding) -> tuple[Any, ...]:
    return (
        *_key(finding),
        finding.pack,
        finding.edition,
        finding.person,
        finding.at,
        finding.due_at,
        finding.quantity,
        list(finding.evidence),
        penalty_month(settings, finding),
        finding.value,
        list(finding.among),
        unit_of(settings, finding),
        list(finding.parts),
        finding.at_limit,
    )
