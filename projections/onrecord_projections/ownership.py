"""Ownership: whose client is it by now, since when, by which clause, on which events?

The unit is a family of clients: streams that were ever said to be related, under one name, the first of
theirs. An event re-evaluates its own family and nothing else; so does a lapse, at its instant. What a queue
gives to whom is kept apart, so that a newcomer's family need not read the queue's whole history.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncCursor

from onrecord_events.envelope import Recorded
from onrecord_projections import timeline
from onrecord_projections.bulk import Shape, delete, merge
from onrecord_projections.change import Change
from onrecord_projections.judging import Settings
from onrecord_projections.judging.ownership import (
    Ownership,
    Span,
    Turn,
    evaluate_ownership,
    regimes_of,
    turns_of,
)

SHAPE = Shape(
    "ownership",
    (
        ("client", "text"),
        ("pack", "text"),
        ("line", "text"),
        ("since", "timestamptz"),
        ("owner", "text"),
        ("until", "timestamptz"),
        ("why", "text"),
        ("clause", "text"),
        ("evidence", "int8[]"),
        ("shares", "text[]"),
    ),
    keys=4,
)
MEMBERS = Shape("client_families", (("client", "text"), ("family", "text")))
FAMILIES = Shape("families", (("family", "text"), ("next_change_at", "timestamptz")))
TURNS = Shape(
    "client_turns",
    (
        ("queue", "text"),
        ("client", "text"),
        ("pack", "text"),
        ("position", "int8"),
        ("clause", "text"),
        ("person", "text"),
        ("why", "text"),
        ("at", "timestamptz"),
        ("exact_at", "timestamptz"),
        ("sequence", "int8"),
    ),
    keys=4,
)
SHAPES = (SHAPE, MEMBERS, FAMILIES, TURNS)
TABLES = (
    ("ownership", "client, pack, line, since"),
    ("client_families", "client"),
    ("families", "family"),
    ("client_turns", "queue, client, pack, position"),
)
DDL = """
CREATE TABLE ownership (
    client text NOT NULL,
    pack text NOT NULL,
    line text NOT NULL,
    since timestamptz NOT NULL,
    owner text,
    until timestamptz,
    why text NOT NULL,
    clause text NOT NULL,
    evidence bigint[] NOT NULL,
    shares text[] NOT NULL,
    PRIMARY KEY (client, pack, line, since)
) WITH (fillfactor = 80);
CREATE INDEX ownership_owner ON ownership (owner, client) WHERE until IS NULL;
CREATE TABLE client_families (client text PRIMARY KEY, family text NOT NULL);
CREATE INDEX client_families_family ON client_families (family);
CREATE TABLE families (family text PRIMARY KEY, next_change_at timestamptz);
CREATE INDEX families_due ON families (next_change_at) WHERE next_change_at IS NOT NULL;
CREATE TABLE client_turns (
    queue text NOT NULL,
    client text NOT NULL,
    pack text NOT NULL,
    position bigint NOT NULL,
    clause text NOT NULL,
    person text NOT NULL,
    why text NOT NULL,
    at timestamptz NOT NULL,
    exact_at timestamptz NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (queue, client, pack, position)
);
CREATE INDEX client_turns_client ON client_turns (client);
"""
"""`line`: `client` for the rules of claims, else the clause whose thing it is. `until` NULL: to this day."""

QUEUE = "queue/"
_COLUMNS = ", ".join(name for name, _ in SHAPE.columns)
_TURN_COLUMNS = ", ".join(name for name, _ in TURNS.columns)


class _Family(NamedTuple):
    """Clients that count as one, their events, and what queues gave them."""

    name: str
    members: Sequence[str]
    events: Sequence[Recorded]
    turns: Sequence[Turn]


async def write(
    cursor: AsyncCursor[Any],
    changes: Sequence[Change],
    settings: Settings,
    now: datetime,
    *,
    rules_changed: bool,
) -> None:
    """Re-evaluate every family that was touched, or whose time has come; write down what differs."""
    types = regimes_of(settings).types
    if not types and not rules_changed:
        return
    told = [change for change in changes if _speaks(change, types, whole=rules_changed)]
    touched = {change.case_id for change in told if not change.case_id.startswith(QUEUE)}
    touched |= await _turns(cursor, told, settings)
    touched |= await _due(cursor, None if rules_changed else now)
    if not touched:
        return
    links = [link for change in told for link in _links(change.history)]
    families = await _families(cursor, touched, links, {change.case_id: change.history for change in changes})
    found = [evaluate_ownership(settings, family.events, now, family.turns) for family in families]
    await _write(cursor, families, found)


def _speaks(change: Change, types: frozenset[str], *, whole: bool) -> bool:
    """Whether what came, or after a change of the rules anything of the case, matters to ownership."""
    return any(event.type in types for event in (change.history if whole else change.events))


def _links(history: Iterable[Recorded]) -> Iterable[tuple[str, str]]:
    """Which cases were ever said to be related to which."""
    for event in history:
        if isinstance(relative := event.data.get("relative"), str):
            yield event.case, relative


async def _due(cursor: AsyncCursor[Any], now: datetime | None) -> set[str]:
    """A member of each family that changes by itself up to now; without `now` of each there is."""
    where = "WHERE f.next_change_at <= %s" if now else ""
    await cursor.execute(f"SELECT f.family FROM families f {where}", (now,) if now else ())
    return {family for (family,) in await cursor.fetchall()}


async def _turns(cursor: AsyncCursor[Any], told: Iterable[Change], settings: Settings) -> set[str]:
    """Write down what the touched queues give to whom; the clients for whom that changed."""
    queues = {change.case_id: change.history for change in told if change.case_id.startswith(QUEUE)}
    if not queues:
        return set()
    await cursor.execute(f"SELECT {_TURN_COLUMNS} FROM client_turns WHERE queue = ANY(%s)", (list(queues),))
    before = set(await cursor.fetchall())
    after = {
        turn_row(queue, turn) for queue, history in queues.items() for turn in turns_of(settings, history)
    }
    await delete(cursor, TURNS, {row[:4] for row in before} - {row[:4] for row in after})
    await merge(cursor, TURNS, sorted(after - before))
    return {row[1] for row in before ^ after}


async def _families(
    cursor: AsyncCursor[Any],
    touched: set[str],
    links: Sequence[tuple[str, str]],
    histories: Mapping[str, Sequence[Recorded]],
) -> list[_Family]:
    """The families of these clients, with the links that came just now."""
    named = touched | {client for link in links for client in link}
    groups = _grouped(named, [*links, *await _members(cursor, named)])
    missing = sorted({client for group in groups for client in group} - histories.keys())
    histories = {**histories, **await timeline.of_cases(cursor.connection, missing)}
    turns = await turns_for(cursor, [client for group in groups for client in group])
    return [
        _Family(
            group[0],
            group,
            tuple(event for client in group for event in histories[client]),
            tuple(turn for turn in turns if turn.client in group),
        )
        for group in groups
    ]


async def _members(cursor: AsyncCursor[Any], clients: Iterable[str]) -> list[tuple[str, str]]:
    """(client, family) of everything that is one with one of these by what was known before."""
    await cursor.execute(
        "SELECT client, family FROM client_families WHERE family IN "
        "(SELECT family FROM client_families WHERE client = ANY(%s))",
        (sorted(clients),),
    )
    return [(client, family) for client, family in await cursor.fetchall()]


def _grouped(clients: Iterable[str], links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Clients put together link by link, each group sorted."""
    group_of = {client: {client} for client in clients}
    for one, other in links:
        whole = group_of.get(one, {one}) | group_of.get(other, {other})
        group_of.update(dict.fromkeys(whole, whole))
    return sorted(sorted(group) for group in {id(group): group for group in group_of.values()}.values())


def related(client: str, events: Iterable[Recorded]) -> list[str]:
    """The family of one client by these events, whenever it came together."""
    return next(group for group in _grouped([client], _links(events)) if client in group)


async def turns_for(cursor: AsyncCursor[Any], clients: Sequence[str]) -> list[Turn]:
    """What queues gave to these clients."""
    await cursor.execute(
        f"SELECT {_TURN_COLUMNS} FROM client_turns WHERE client = ANY(%s) ORDER BY exact_at, position",
        (list(clients),),
    )
    return [
        Turn(client, pack, clause, person, why, at, (exact_at, sequence, position))
        for _, client, pack, position, clause, person, why, at, exact_at, sequence in await cursor.fetchall()
    ]


def turn_row(queue: str, turn: Turn) -> tuple[Any, ...]:
    """A turn as it is kept."""
    exact_at, sequence, position = turn.key
    told = turn.clause, turn.person, turn.why, turn.at
    return queue, turn.client, turn.pack, position, *told, exact_at, sequence


async def _write(cursor: AsyncCursor[Any], families: Sequence[_Family], found: Sequence[Ownership]) -> None:
    members = [client for family in families for client in family.members]
    await cursor.execute(f"SELECT {_COLUMNS} FROM ownership WHERE client = ANY(%s)", (members,))
    before = {row[:4]: _hashable(row) for row in await cursor.fetchall()}
    after = {row[:4]: row for one in found for row in map(_row, one.spans)}
    await delete(cursor, SHAPE, before.keys() - after.keys())
    await merge(
        cursor,
        SHAPE,
        [(*row[:8], list(row[8]), list(row[9])) for key, row in after.items() if before.get(key) != row],
    )
    await merge(cursor, MEMBERS, [(client, family.name) for family in families for client in family.members])
    gone = {(client,) for family in families for client in family.members[1:]}
    await delete(cursor, FAMILIES, gone)
    await merge(
        cursor,
        FAMILIES,
        [(family.name, one.next_change) for family, one in zip(families, found, strict=True)],
    )


def _row(span: Span) -> tuple[Any, ...]:
    shares = tuple(f"{person} {percent.normalize():f}" for person, percent in span.shares)
    return (
        span.client, span.pack, span.line, span.since, span.owner, span.until, span.why, span.clause,
        span.evidence, shares,
    )  # fmt: skip


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[:8], tuple(row[8]), tuple(row[9]))
