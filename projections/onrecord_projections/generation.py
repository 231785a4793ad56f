"""Generation: one tenant's read models, whole, in one PostgreSQL schema of their own.

`rm_<tenant>_<n>` holds the rows and the checkpoint they belong to; `control.active` says which one readers
see. A rebuild fills the next generation beside the live one and moves the pointer in one transaction.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection, sql
from psycopg.errors import UndefinedTable

from onrecord_events.log import Checkpoint
from onrecord_events.subjects import tenant_token
from onrecord_projections import (
    cases,
    findings,
    handovers,
    journal,
    kpi,
    ownership,
    penalties,
    satisfaction,
    seen,
    service,
    shadow,
    sla,
    staff,
    timeline,
)
from onrecord_projections.errors import NoReadModel, NotOwner

TABLES: tuple[tuple[str, str], ...] = (
    *timeline.TABLES,
    *seen.TABLES,
    *cases.TABLES,
    *sla.TABLES,
    *findings.TABLES,
    *penalties.TABLES,
    *satisfaction.TABLES,
    *handovers.TABLES,
    *journal.TABLES,
    *kpi.TABLES,
    *ownership.TABLES,
    *staff.TABLES,
    *service.TABLES,
)
"""Every table of a generation: its name and the columns its rows are sorted by."""

MERGED = (
    cases.SHAPE,
    sla.SHAPE,
    findings.SHAPE,
    penalties.SHAPE,
    *satisfaction.SHAPES,
    handovers.SHAPE,
    *kpi.SHAPES,
    *ownership.SHAPES,
    staff.MOVES,
    *service.SHAPES,
)
"""The tables whose rows are replaced; the others only grow."""

_DDL = (
    timeline.DDL,
    seen.DDL,
    cases.DDL,
    sla.DDL,
    findings.DDL,
    penalties.DDL,
    satisfaction.DDL,
    handovers.DDL,
    journal.DDL,
    kpi.DDL,
    ownership.DDL,
    staff.DDL,
    service.DDL,
)

_CONTROL = """
CREATE SCHEMA IF NOT EXISTS control;
CREATE TABLE IF NOT EXISTS control.active (tenant text PRIMARY KEY, generation text NOT NULL);
GRANT USAGE ON SCHEMA control TO onrecord_writer, onrecord_reader, onrecord_notices;
GRANT SELECT ON control.active TO onrecord_writer, onrecord_reader, onrecord_notices;
"""

_UNTOLD_OF = """
SELECT generation FROM control.active
WHERE to_regnamespace(generation) IS NOT NULL
AND NOT has_schema_privilege('onrecord_notices', generation, 'USAGE') ORDER BY generation
"""
"""Generations made before notices had a role of their own."""

_CHECKPOINT = """
CREATE TABLE checkpoint (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch text NOT NULL,
    position bigint NOT NULL,
    digest bytea NOT NULL,
    watermark timestamptz
);
CREATE TABLE stopped (
    position bigint PRIMARY KEY,
    error text NOT NULL,
    stopped_at timestamptz NOT NULL DEFAULT now()
);
"""


class Held(NamedTuple):
    """How far a generation is: its checkpoint and the latest recorded time up to there."""

    checkpoint: Checkpoint
    watermark: Any


async def prepare(owner: AsyncConnection[Any]) -> None:
    """The pointer table every tenant shares, and rights older generations lack. Needs the owner's role."""
    await owner.execute(_CONTROL)
    for (name,) in await (await owner.execute(_UNTOLD_OF)).fetchall():
        await _let_notices_read(owner, name)


async def create(owner: AsyncConnection[Any], tenant: str, epoch: str) -> str:
    """A new, empty generation for a log of this epoch; its name. Needs the owner's role."""
    async with owner.transaction():
        name = await _next_name(owner, tenant)
        await owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        await use(owner, name)
        for statements in (*_DDL, _CHECKPOINT):
            await owner.execute(statements)
        await _make_shadow(owner, name)
        await owner.execute("INSERT INTO checkpoint VALUES (true, %s, 0, '', NULL)", (epoch,))
        for schema in (name, shadow.schema_of(name)):
            await _grant(owner, schema)
        await _let_notices_read(owner, name)
    return name


async def activate(owner: AsyncConnection[Any], tenant: str, name: str) -> str | None:
    """Let readers see this generation from now on; the name of the one before."""
    async with owner.transaction():
        before = await active(owner, tenant)
        await owner.execute(
            "INSERT INTO control.active VALUES (%s, %s) "
            "ON CONFLICT (tenant) DO UPDATE SET generation = excluded.generation",
            (tenant_token(tenant), name),
        )
    return before


async def drop(owner: AsyncConnection[Any], name: str) -> None:
    """Forget a generation that nobody reads any more."""
    assert re.fullmatch(r"rm_[a-z0-9_]+", name), "only read models are dropped"
    for schema in (shadow.schema_of(name), name):
        await owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


async def analyze(owner: AsyncConnection[Any]) -> None:
    """Let the planner know what the generation in use holds, before anybody asks it."""
    for table, _ in TABLES:
        await owner.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


async def active(connection: AsyncConnection[Any], tenant: str) -> str | None:
    """The generation readers see, None if the tenant has none."""
    try:
        cursor = await connection.execute(
            "SELECT generation FROM control.active WHERE tenant = %s", (tenant,)
        )
    except UndefinedTable:
        return None
    row = await cursor.fetchone()
    return row and str(row[0])


async def tenants(connection: AsyncConnection[Any]) -> list[str]:
    """Every tenant that has a live generation."""
    try:
        cursor = await connection.execute("SELECT tenant FROM control.active ORDER BY tenant")
    except UndefinedTable:
        return []
    return [tenant for (tenant,) in await cursor.fetchall()]


async def enter(connection: AsyncConnection[Any], tenant: str) -> str:
    """Point this connection's statements at the tenant's live generation. Raises NoReadModel."""
    name = await active(connection, tenant)
    if name is None:
        raise NoReadModel(f"tenant {tenant} has no read model; `onrecord tenant create {tenant}` makes one")
    await use(connection, name)
    return name


async def use(connection: AsyncConnection[Any], name: str) -> None:
    """Point this connection's statements at one generation."""
    await connection.execute("SELECT set_config('search_path', %s, false)", (name,))


async def held(connection: AsyncConnection[Any]) -> Held:
    """The checkpoint of the generation in use."""
    cursor = await connection.execute("SELECT epoch, position, digest, watermark FROM checkpoint")
    row = await cursor.fetchone()
    assert row is not None, "a generation is made with its checkpoint"
    epoch, position, digest, watermark = row
    return Held(Checkpoint(epoch, position, bytes(digest)), watermark)


async def advance(connection: AsyncConnection[Any], was: Held, now: Held) -> None:
    """Compare and set, in the transaction of the rows. Raises NotOwner: somebody else moved it first."""
    cursor = await connection.execute(
        "UPDATE checkpoint SET position = %s, digest = %s, watermark = %s "
        "WHERE epoch = %s AND position = %s AND digest = %s",
        (
            now.checkpoint.position,
            now.checkpoint.digest,
            now.watermark,
            was.checkpoint.epoch,
            was.checkpoint.position,
            was.checkpoint.digest,
        ),
    )
    if cursor.rowcount != 1:
        raise NotOwner(f"another projector moved on from position {was.checkpoint.position}; this one stops")


async def _make_shadow(owner: AsyncConnection[Any], name: str) -> None:
    """The second, empty tables for drafts; statements go to the first schema again on return."""
    schema = shadow.schema_of(name)
    await owner.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    await use(owner, schema)
    for statements in shadow.DDL:
        await owner.execute(statements)
    await use(owner, name)


async def _grant(owner: AsyncConnection[Any], schema: str) -> None:
    for grant in (
        "GRANT USAGE ON SCHEMA {} TO onrecord_writer, onrecord_reader",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO onrecord_writer",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO onrecord_reader",
    ):
        await owner.execute(sql.SQL(grant).format(sql.Identifier(schema)))


async def _let_notices_read(owner: AsyncConnection[Any], name: str) -> None:
    """Clocks and events, no figure and no penalty: nothing else is told to anybody."""
    schema = sql.Identifier(name)
    await owner.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO onrecord_notices").format(schema))
    for table in ("checkpoint", "timeline", "policy", "cases", "sla"):
        grant = sql.SQL("GRANT SELECT ON {}.{} TO onrecord_notices")
        await owner.execute(grant.format(schema, sql.Identifier(table)))


async def _next_name(owner: AsyncConnection[Any], tenant: str) -> str:
    stem = f"rm_{tenant_token(tenant).replace('-', '_')}_"
    cursor = await owner.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", (stem,))
    taken: Sequence[tuple[str]] = await cursor.fetchall()
    numbers = [int(name[len(stem) :]) for (name,) in taken if name[len(stem) :].isdigit()]
    return f"{stem}{max(numbers, default=0) + 1}"
