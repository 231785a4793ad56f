"""SLA: which promises run, were kept, were broken: whose, since when, until when, on which events?

One row a clock. A row holds nothing that depends on who looks when: how late an open clock is follows from
`due_at` and the instant asked about.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncCursor

from onrecord_projections.bulk import Shape, delete, insert, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Clock

SHAPE = Shape(
    "sla",
    (
        ("case_id", "text"),
        ("clause", "text"),
        ("instance", "text"),
        ("pack", "text"),
        ("edition", "int4"),
        ("kind", "text"),
        ("owner", "text"),
        ("state", "text"),
        ("started_at", "timestamptz"),
        ("due_at", "timestamptz"),
        ("stopped_at", "timestamptz"),
        ("used", "interval"),
        ("paused", "interval"),
        ("overrun", "interval"),
        ("provisional", "bool"),
        ("justified", "bool"),
        ("note", "text"),
        ("findings", "text[]"),
        ("evidence", "int8[]"),
        ("started_by", "text"),
        ("stopped_by", "text"),
    ),
    keys=3,
)
RETRACTED = Shape(
    "retracted", (("case_id", "text"), ("clause", "text"), ("instance", "text"), ("position", "int8")), keys=4
)
TABLES = (("sla", "case_id, clause, instance"), ("retracted", "case_id, clause, instance, position"))
DDL = """
CREATE TABLE sla (
    case_id text NOT NULL,
    clause text NOT NULL,
    instance text NOT NULL,
    pack text NOT NULL,
    edition integer NOT NULL,
    kind text NOT NULL,
    owner text,
    state text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz,
    stopped_at timestamptz,
    used interval NOT NULL,
    paused interval NOT NULL,
    overrun interval,
    provisional boolean NOT NULL,
    justified boolean NOT NULL,
    note text NOT NULL,
    findings text[] NOT NULL,
    evidence bigint[] NOT NULL,
    started_by text NOT NULL,
    stopped_by text,
    PRIMARY KEY (case_id, clause, instance)
) WITH (fillfactor = 70);
CREATE INDEX sla_due ON sla (due_at, case_id, clause, instance);
CREATE INDEX sla_open ON sla (due_at, case_id, clause, instance)
    WHERE stopped_at IS NULL AND kind <> 'retention';
CREATE INDEX sla_owner ON sla (owner, due_at);
CREATE TABLE retracted (
    case_id text NOT NULL,
    clause text NOT NULL,
    instance text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (case_id, clause, instance, position)
);
"""
"""`retracted`: a breach that was visible until the event at `position` arrived late and took it back."""


async def write(cursor: AsyncCursor[Any], changes: Iterable[Change]) -> None:
    """Only what differs: clocks that are new or moved, clocks that are no more, breaches taken back."""
    moved: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    retractions: list[tuple[Any, ...]] = []
    for change in changes:
        before = {_key(clock): clock for clock in change.old.clocks}
        moved += [_row(clock) for clock in change.new.clocks if before.pop(_key(clock), None) != clock]
        gone += before
        retractions += [(change.case_id, *retraction) for retraction in change.retractions]
    await delete(cursor, SHAPE, gone)
    await merge(cursor, SHAPE, moved)
    if retractions:
        await insert(cursor, RETRACTED, sorted(retractions))


def _key(clock: Clock) -> tuple[str, str, str]:
    return clock.case, clock.clause, clock.instance


def _row(clock: Clock) -> tuple[Any, ...]:
    return (
        *_key(clock),
        clock.pack,
        clock.edition,
        clock.kind,
        clock.owner,
        clock.state,
        clock.started_at,
        clock.due_at,
        clock.stopped_at,
        clock.used,
        clock.paused,
        clock.overrun,
        clock.provisional,
        clock.justified,
        clock.note,
        list(clock.findings),
        list(clock.evidence),
        clock.started_by,
        clock.stopped_by,
    )
