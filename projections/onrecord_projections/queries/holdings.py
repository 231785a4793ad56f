"""Holdings: whose clients are whose, and which are nobody's any more?

Now is read from rows. At other times the families are evaluated, page by page: a page looks at a bounded
number of clients and names the one to go on from, so it may be short although more follow.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime
from typing import Any

import msgspec

from onrecord_projections.judging.ownership import Span
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.ownership import evaluated
from onrecord_projections.queries.view import View

LOOKED_AT_MAX = 500
"""Clients a page looks at when a time is asked about: about half a second's work."""
_AFTER_ALL = "\U0010ffff"
"""Sorts after every pack, so that the next page begins with the next client."""

_CLIENTS = "SELECT client FROM client_families WHERE client >= %s ORDER BY client LIMIT %s"


class HeldRow(msgspec.Struct, frozen=True):
    """A client somebody has at the instant asked about."""

    client: str
    pack: str
    line: str
    owner: str | None
    since: datetime
    clause: str
    why: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose clients; None asks for nothing in particular."""

    owner: str | None = None
    pool: bool | None = None
    """Only those that nobody has any more, or only those that somebody has."""
    pack: str | None = None


class _Key(msgspec.Struct, frozen=True, array_like=True):
    client: str
    pack: str
    line: str


async def find(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[HeldRow]:
    """A page of what somebody has, or nobody has any more, by client. Raises BadQuestion."""
    key = key_of(cursor, _Key)
    if view.timed:
        return await _then(view, wanted, key, limit)
    filters = Filters()
    filters.add("until IS NULL")
    filters.add_if("owner = %s", wanted.owner)
    filters.add_if("pack = %s", wanted.pack)
    if wanted.pool is not None:
        filters.add("owner IS NULL" if wanted.pool else "owner IS NOT NULL")
    if key is not None:
        filters.add("(client, pack, line) > (%s, %s, %s)", key.client, key.pack, key.line)
    found: list[tuple[Any, ...]] = await view.fetch(
        f"SELECT client, pack, line, owner, since, clause, why FROM ownership {filters.where} "
        "ORDER BY client, pack, line LIMIT %s",
        (*filters.values, limit + 1),
    )
    rows = [HeldRow(*row) for row in found[:limit]]
    last = rows[-1] if len(found) > limit else None
    return Page(rows, _Key(last.client, last.pack, last.line) if last else None)


async def _then(view: View, wanted: Wanted, after: _Key | None, limit: int) -> Page[HeldRow]:
    """The same at other times than now, from the events."""
    clients = await view.fetch(_CLIENTS, (after.client if after else "", LOOKED_AT_MAX + 1))
    past = (after.client, after.pack, after.line) if after else ("", "", "")
    rows: list[HeldRow] = []
    for (client,) in clients[:LOOKED_AT_MAX]:
        for span in await _open_spans(view, client):
            if _key(span) > past and _is_wanted(wanted, span):
                rows.append(_row(view, span))
                if len(rows) == limit:
                    return Page(rows, _Key(*_key(span)))
    if len(clients) > LOOKED_AT_MAX:
        return Page(rows, _Key(clients[LOOKED_AT_MAX - 1][0], _AFTER_ALL, ""))
    return Page(rows, None)


async def _open_spans(view: View, client: str) -> list[Span]:
    known = await evaluated(view, client)
    spans = known.spans if known else ()
    return sorted((span for span in spans if span.client == client and span.until is None), key=_key)


def _is_wanted(wanted: Wanted, span: Span) -> bool:
    return (
        wanted.owner in {None, span.owner}
        and wanted.pack in {None, span.pack}
        and wanted.pool in {None, span.owner is None}
    )


def _key(span: Span) -> tuple[str, str, str]:
    return span.client, span.pack, span.line


def _row(view: View, span: Span) -> HeldRow:
    since = span.since.astimezone(view.zone)
    return HeldRow(span.client, span.pack, span.line, span.owner, since, span.clause, span.why)
