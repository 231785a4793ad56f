"""Penalty tables: lines, what was decided about them, what is left for payroll, and pay on record."""

from onrecord_projections.bulk import Shape

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
        ("line", "text"),
        ("sanction", "text"),
        ("days", "int4"),
        ("value", "numeric"),
        ("low", "numeric"),
        ("high", "numeric"),
        ("shares", "int4"),
        ("lacks", "text"),
        ("unit", "text"),
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
        ("clause", "text"),
        ("edition", "int4"),
    ),
    keys=2,
)
PAYS = Shape(
    "pays",
    (
        ("person", "text"),
        ("pay", "text"),
        ("month", "text"),
        ("amount", "numeric"),
        ("currency", "text"),
        ("position", "int8"),
    ),
    keys=3,
)
SHARES = Shape(
    "penalty_shares",
    (
        ("line_id", "text"),
        ("position", "int8"),
        ("rank", "int4"),
        ("person", "text"),
        ("amount", "numeric"),
        ("decided_at", "timestamptz"),
    ),
    keys=3,
)
"""How a line was split: who bears how much, in the order in which they were named."""
OPEN = Shape("penalty_open", (("line_id", "text"), ("month", "text")))
"""Lines of which something may still go through payroll, and the month they were decided for."""
TABLES = (
    ("penalties", "id"),
    ("penalty_decisions", "line_id, position"),
    ("penalty_shares", "line_id, position, rank"),
    ("penalty_open", "line_id"),
    ("pays", "person, pay, month"),
)
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
    base numeric,
    factor integer NOT NULL,
    amount numeric,
    currency text NOT NULL,
    cause_clause text NOT NULL,
    cause_code text NOT NULL,
    cause_instance text NOT NULL,
    evidence bigint[] NOT NULL,
    state text NOT NULL,
    decided_amount numeric,
    adjustment numeric,
    line text NOT NULL DEFAULT 'fine',
    sanction text,
    days integer,
    value numeric,
    low numeric,
    high numeric,
    shares integer NOT NULL DEFAULT 1,
    lacks text NOT NULL DEFAULT '',
    unit text NOT NULL DEFAULT ''
);
CREATE INDEX penalties_month ON penalties (person, month);
CREATE INDEX penalties_unit ON penalties (person, unit);
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
    clause text NOT NULL,
    edition integer NOT NULL,
    PRIMARY KEY (line_id, position)
);
CREATE INDEX penalty_decisions_person ON penalty_decisions (person);
CREATE TABLE penalty_shares (
    line_id text NOT NULL,
    position bigint NOT NULL,
    rank integer NOT NULL,
    person text NOT NULL,
    amount numeric NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (line_id, position, rank)
);
CREATE INDEX penalty_shares_person ON penalty_shares (person);
CREATE TABLE penalty_open (line_id text PRIMARY KEY, month text NOT NULL);
CREATE TABLE pays (
    person text NOT NULL,
    pay text NOT NULL,
    month text NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (person, pay, month)
);
"""
