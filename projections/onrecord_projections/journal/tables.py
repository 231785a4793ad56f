"""Tables of the journal. They only grow."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec
from psycopg import AsyncCursor

from onrecord_projections.bulk import Shape, insert
from onrecord_projections.journal.entries import Tally
from onrecord_projections.journal.figures import Key

ENTRIES = Shape(
    "journal",
    (("position", "int8"), ("figure_id", "int8"), ("since", "timestamptz"), ("delta", "int4")),
    keys=3,
)
FIGURES = Shape("journal_figures", (("id", "int8"), ("key", "text[]")))
FOUND = Shape(
    "journal_findings",
    (
        ("position", "int8"),
        ("since", "timestamptz"),
        ("delta", "int2"),
        ("person", "text"),
        ("at", "timestamptz"),
        ("finding", "text"),
    ),
)
WATERMARKS = Shape("watermarks", (("watermark", "timestamptz"), ("position", "int8")))
TABLES = (
    ("journal", "position, figure_id, since"),
    ("journal_figures", "id"),
    ("journal_findings", "position, since, finding"),
    ("watermarks", "watermark"),
)
DDL = """
CREATE TABLE journal (
    position bigint NOT NULL,
    figure_id bigint NOT NULL,
    since timestamptz NOT NULL,
    delta integer NOT NULL
);
CREATE INDEX journal_position ON journal USING brin (position);
CREATE TABLE journal_figures (id bigint PRIMARY KEY, key text[] NOT NULL);
CREATE TABLE journal_findings (
    position bigint NOT NULL,
    since timestamptz NOT NULL,
    delta smallint NOT NULL,
    person text NOT NULL,
    at timestamptz NOT NULL,
    finding text NOT NULL
);
CREATE INDEX journal_findings_at ON journal_findings (at, person);
CREATE TABLE watermarks (watermark timestamptz NOT NULL, position bigint NOT NULL);
CREATE INDEX watermarks_at ON watermarks (watermark, position);
"""
"""`journal_figures`: what a figure is counted by, under a number made of it. `journal_findings`: what
penalties are assessed of. `watermarks`: where the watermark moved, so that an instant can be told as a
position. None has a key: that each entry is made once is for the checkpoint to say."""


async def write(cursor: AsyncCursor[Any], tally: Tally) -> None:
    """What a batch did, once."""
    counts = [(*key, count) for key, count in tally.counts.items() if count]
    await _name(cursor, {key for _, key, _, _ in counts})
    await insert(cursor, ENTRIES, sorted((at, id_of(key), since, n) for at, key, since, n in counts))
    await insert(cursor, FOUND, _found(tally))
    await insert(cursor, WATERMARKS, zip(tally.passed.watermarks, tally.passed.positions, strict=True))


@lru_cache(maxsize=100_000)
def id_of(key: Key) -> int:
    """A number that is the same in every replay."""
    return int.from_bytes(blake2b(msgspec.json.encode(key), digest_size=8).digest(), signed=True)


async def _name(cursor: AsyncCursor[Any], keys: Iterable[Key]) -> None:
    """Write down what the new numbers stand for."""
    named = {id_of(key): key for key in keys}
    if not named:
        return
    await cursor.execute("SELECT id FROM journal_figures WHERE id = ANY(%s)", (list(named),))
    for (known,) in await cursor.fetchall():
        del named[known]
    if named:
        await insert(cursor, FIGURES, sorted((number, list(key)) for number, key in named.items()))


def _found(tally: Tally) -> list[tuple[Any, ...]]:
    """Findings that name a person, whole, so that penalties can be assessed of them again."""
    return sorted(
        (position, since, count, finding.person, finding.at, msgspec.json.encode(finding).decode())
        for (position, finding, since), count in tally.findings.items()
        if count and finding.person is not None
    )
