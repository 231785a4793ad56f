"""Pays: whose pay was how much in which month? Lines that are a share of it follow what is on record."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections.bulk import delete, insert
from onrecord_projections.findings import Unit
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.penalty_tables import PAYS


async def write(cursor: AsyncCursor[Any], fresh: Sequence[Recorded]) -> set[Unit]:
    """Keep the last pay put on record; the units whose lines may be a share of it."""
    rows = {row[: PAYS.keys]: row for row in map(_row, fresh) if row is not None}
    if not rows:
        return set()
    await delete(cursor, PAYS, rows)
    await insert(cursor, PAYS, [rows[key] for key in sorted(rows)])
    await cursor.execute(
        "SELECT DISTINCT f.person, f.unit FROM findings f "
        "JOIN unnest(%s::text[], %s::text[]) AS p (person, month) USING (person, month)",
        ([person for person, _, _ in rows], [month for _, _, month in rows]),
    )
    return {Unit(person, unit) for person, unit in await cursor.fetchall()}


async def of_persons(cursor: AsyncCursor[Any], persons: Sequence[str]) -> Pays:
    """All pay on record of these persons."""
    await cursor.execute(
        "SELECT person, pay, month, amount FROM pays WHERE person = ANY(%s)", (list(persons),)
    )
    return {(person, pay, month): amount for person, pay, month, amount in await cursor.fetchall()}


def _row(event: Recorded) -> tuple[Any, ...] | None:
    if event.type != "pay.set":
        return None
    body = event.data
    return (
        body["person"],
        body["pay"],
        body["month"],
        Decimal(str(body["amount"])),
        body.get("currency", "CNY"),
        event.position,
    )
