"""Tables of the journal. They only grow."""

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
    counts = sorted([(*entry, count) for entry, count in tally.counts.items() if count])
    await _name(cursor, {number: tally.keys[number] for _, number, _, _ in counts})
    await insert(cursor, ENTRIES, counts)
    await insert(cursor, FOUND, _found(tally))
    await insert(cursor, WATERMARKS, zip(tally.passed.watermarks, tally.passed.positions, strict=True))


async def _name(cursor: AsyncCursor[Any], named: dict[int, Key]) -> None:
    """Write down what the new numbers stand for."""
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
