"""Penalties: what do the rules propose that broken promises cost, whom, why, and what was decided about it?

Lines are proposals. What people decide comes as events (`penalty/<line id>`) and stands beside the line; when
the facts change after a decision, the difference is an adjustment, never a changed decision.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections import findings
from onrecord_projections.bulk import Shape, delete, insert, merge
from onrecord_projections.change import Change
from onrecord_projections.findings import Unit
from onrecord_projections.judging import Finding, PenaltyLine, Settings, assess

SHAPE = Shape(
    "penalties",
    (
        ("id", "text"),
        ("person", "text"),
        ("month", "text"),
        ("pack", "text"),
        ("edition", "int4"),
        ("clause", "text"),
        ("clauses", "text[]"),
        ("case_id", "text"),
        ("at", "timestamptz"),
        ("counted_as", "int4"),
        ("quantity", "int4"),
        ("base", "numeric"),
        ("factor", "int4"),
        ("amount", "numeric"),
        ("currency", "text"),
        ("cause_clause", "text"),
        ("cause_code", "text"),
        ("cause_instance", "text"),
        ("evidence", "int8[]"),
        ("state", "text"),
        ("decided_amount", "numeric"),
        ("adjustment", "numeric"),
    ),
)
DECISIONS = Shape(
    "penalty_decisions",
    (
        ("line_id", "text"),
        ("position", "int8"),
        ("decision", "text"),
        ("person", "text"),
        ("amount", "numeric"),
        ("currency", "text"),
        ("decided_at", "timestamptz"),
        ("decided_by", "text"),
    ),
    keys=2,
)
TABLES = (("penalties", "id"), ("penalty_decisions", "line_id, position"))
DDL = """
CREATE TABLE penalties (
    id text PRIMARY KEY,
    person text NOT NULL,
    month text NOT NULL,
    pack text NOT NULL,
    edition integer NOT NULL,
    clause text NOT NULL,
    clauses text[] NOT NULL,
    case_id text NOT NULL,
    at timestamptz NOT NULL,
    counted_as integer NOT NULL,
    quantity integer NOT NULL,
    base numeric NOT NULL,
    factor integer NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    cause_clause text NOT NULL,
    cause_code text NOT NULL,
    cause_instance text NOT NULL,
    evidence bigint[] NOT NULL,
    state text NOT NULL,
    decided_amount numeric,
    adjustment numeric
);
CREATE INDEX penalties_unit ON penalties (person, month);
CREATE INDEX penalties_case ON penalties (case_id);
CREATE TABLE penalty_decisions (
    line_id text NOT NULL,
    position bigint NOT NULL,
    decision text NOT NULL,
    person text NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    decided_at timestamptz NOT NULL,
    decided_by text,
    PRIMARY KEY (line_id, position)
);
"""

_BINDING = frozenset({"approved", "exported"})
DROPPED = frozenset({"waived", "reversed"})


class Decision(NamedTuple):
    """What was decided about one line, latest last."""

    decision: str
    amount: Decimal


Decisions = dict[str, list[Decision]]


async def write(
    cursor: AsyncCursor[Any],
    changes: Sequence[Change],
    fresh: Sequence[Recorded],
    settings: Settings,
    *,
    rules_changed: bool,
) -> None:
    """Assess anew every person's month that a finding or a decision touched."""
    units = await findings.write(cursor, changes, settings, rules_changed=rules_changed)
    decided = [event for event in fresh if event.type.startswith("penalty.")]
    if decided:
        await insert(cursor, DECISIONS, sorted(_decision_row(event) for event in decided))
        units |= await _units_of_lines(cursor, [_line_of(event) for event in decided])
    if not units:
        return
    ordered = sorted(units)
    found = await findings.of_units(cursor, ordered)
    decisions = await decisions_of(cursor, sorted({unit.person for unit in ordered}))
    lines = [
        _row(line, decisions.get(line.id, ()))
        for unit in ordered
        for line in lines_of(settings, found[unit], decisions)
    ]
    await cursor.execute(
        "SELECT p.id FROM penalties p JOIN unnest(%s::text[], %s::text[]) AS u (person, month) "
        "ON p.person = u.person AND p.month = u.month",
        ([unit.person for unit in ordered], [unit.month for unit in ordered]),
    )
    kept = {line[0] for line in lines}
    await delete(cursor, SHAPE, [(line_id,) for (line_id,) in await cursor.fetchall() if line_id not in kept])
    await merge(cursor, SHAPE, lines)


def lines_of(settings: Settings, found: Iterable[Finding], decisions: Decisions) -> list[PenaltyLine]:
    """The unit's lines: a case all of whose lines were waived counts no more on any ladder."""
    found = list(found)
    proposed = assess(settings, found)
    dropped = {line.id for line in proposed if state_of(decisions.get(line.id, ())) in DROPPED}
    still = {line.case for line in proposed if line.id not in dropped}
    waived = {line.case for line in proposed if line.id in dropped} - still
    standing = assess(settings, found, waived) if waived else proposed
    return list({line.id: line for line in (*proposed, *standing)}.values())


def state_of(decisions: Sequence[Decision]) -> str:
    """What became of a line by its decisions, the latest last."""
    return decisions[-1].decision if decisions else "proposed"


def _row(line: PenaltyLine, decisions: Sequence[Decision]) -> tuple[Any, ...]:
    binding = [decision.amount for decision in decisions if decision.decision in _BINDING]
    state = state_of(decisions)
    decided = binding[-1] if binding else None
    owed = Decimal(0) if state in DROPPED else line.amount
    return (
        line.id,
        line.person,
        line.month,
        line.pack,
        line.edition,
        line.clause,
        list(line.clauses),
        line.case,
        line.at,
        line.counted_as,
        line.quantity,
        line.base,
        line.factor,
        line.amount,
        line.currency,
        line.cause.clause,
        line.cause.code,
        line.cause.instance,
        list(line.cause.evidence),
        state,
        decided,
        None if decided is None or decided == owed else owed - decided,
    )


def _line_of(event: Recorded) -> str:
    return event.stream.partition("/")[2]


def _decision_row(event: Recorded) -> tuple[Any, ...]:
    body = event.data
    decision = event.type.partition(".")[2]
    if decision == "appeal-decided":
        decision = "appeal-upheld" if body["upheld"] else "appeal-rejected"
    amount = Decimal(str(body["amount"]))
    line = _line_of(event)
    return (
        line,
        event.position,
        decision,
        body["person"],
        amount,
        body["currency"],
        event.occurred_at,
        event.actor,
    )


async def _units_of_lines(cursor: AsyncCursor[Any], lines: Sequence[str]) -> set[Unit]:
    await cursor.execute("SELECT person, month FROM penalties WHERE id = ANY(%s)", (list(lines),))
    return {Unit(person, month) for person, month in await cursor.fetchall()}


async def decisions_of(cursor: AsyncCursor[Any], persons: Sequence[str]) -> Decisions:
    """What was decided about the lines of these persons."""
    await cursor.execute(
        "SELECT line_id, decision, amount FROM penalty_decisions WHERE person = ANY(%s) "
        "ORDER BY decided_at, position",
        (list(persons),),
    )
    found: Decisions = {}
    for line_id, decision, amount in await cursor.fetchall():
        found.setdefault(line_id, []).append(Decision(decision, amount))
    return found
