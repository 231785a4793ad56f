"""Feed: what was recorded after a position, page by page, a page never larger than memory is meant to be?"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from onrecord_events.envelope import Recorded, from_bytes

BYTES_MAX = 1_000_000
"""A page ends with the event that reaches it; one event is always in it."""
POSITIONS_MAX = 5000
"""Looked through for a page, whether or not any of them is wanted."""

_PAGE = """
SELECT position, recorded_at, raw FROM (
    SELECT position, recorded_at, raw, sum(length(raw)) OVER (ORDER BY position) - length(raw) AS before
    FROM (
        SELECT position, recorded_at, raw FROM timeline
        WHERE position > %(after)s AND position <= %(until)s AND (%(types)s::text[] = '{}'
            OR type = ANY(%(types)s) OR split_part(type, '.', 1) || '.*' = ANY(%(types)s))
        ORDER BY position LIMIT %(limit)s
    ) AS wanted
) AS sized
WHERE before < %(bytes)s ORDER BY position
"""


class Page(NamedTuple):
    """Events in the order of the log, and the position up to which there is no other wanted one."""

    events: list[Recorded]
    position: int


async def page(
    rows: AsyncConnection[Any],
    after: int,
    known_to: int,
    limit: int,
    types: Sequence[str] = (),
    *,
    bytes_max: int = BYTES_MAX,
) -> Page:
    """What was recorded after `after`. `known_to`: how far these rows are. Types: exact, or `area.*`."""
    until = min(known_to, after + POSITIONS_MAX)
    wanted = {"after": after, "until": until, "types": list(types), "limit": limit, "bytes": bytes_max}
    found = await (await rows.execute(_PAGE, wanted)).fetchall()
    events = [from_bytes(raw, position, at) for position, at, raw in found]
    cut = len(events) == limit or sum(len(event.raw) for event in events) >= bytes_max
    return Page(events, events[-1].position if cut else max(until, after))
