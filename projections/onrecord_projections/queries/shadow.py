"""Shadow: which drafts run beside what is in force, and what would they come to, against what stands?

Counted is what fell or falls due, and what penalty lies, at or after the first instant of the earliest draft;
before that nothing can differ. Clocks that are paused now have no due date and are counted by neither side.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from onrecord_projections import shadow
from onrecord_projections.judging.pricing.line import OWED
from onrecord_projections.penalty_decisions import DROPPED
from onrecord_projections.queries import as_of, clocks
from onrecord_projections.queries.answer import Page
from onrecord_projections.queries.clocks import ClockRow
from onrecord_projections.queries.view import View

GroupBy = Literal["clause", "person"]

_CLOCKS = (
    "SELECT {by}, count(*), count(*) FILTER (WHERE state = 'breached' OR "
    "(state = 'running' AND kind <> 'retention' AND due_at < %s)) FROM {schema}.sla "
    "WHERE due_at >= %s AND {by} IS NOT NULL GROUP BY 1"
)
_LINES = (
    "SELECT {by}, currency, count(*), coalesce(sum(amount) FILTER (WHERE line = ANY(%s) "
    "AND NOT state = ANY(%s)), 0) FROM {schema}.penalties WHERE at >= %s GROUP BY 1, 2 ORDER BY 1, 2"
)


class DraftRow(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that runs beside."""

    pack: str
    edition: int
    title: str
    since: datetime
    """From when it would hold."""
    live_edition: int | None
    """What is in force by now in its place; None where nothing is."""


class Standing(msgspec.Struct):
    """What there is, as it is or as it would be."""

    clocks: int = 0
    broken: int = 0
    lines: int = 0
    owed: dict[str, Decimal] = {}
    """By currency; without what was waived, and without rewards."""


class ComparedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One clause, or one person, of which something would differ."""

    name: str
    says: str
    """The clause in our own words; nothing for a person."""
    live: Standing
    draft: Standing


def drafts(view: View) -> list[DraftRow]:
    """Every draft that runs, by policy."""
    found = []
    for pack in sorted(view.settings.shadows):
        draft = view.settings.shadows[pack]
        held = view.settings.in_force(pack, view.at)
        title = draft.book.title
        found.append(
            DraftRow(
                pack=pack,
                edition=draft.book.edition,
                title=title.zh if view.lang == "zh" else title.en,
                since=draft.since.astimezone(view.zone),
                live_edition=held.edition if held else None,
            )
        )
    return found


async def compare(view: View, by: GroupBy) -> list[ComparedRow]:
    """What would differ, clause by clause or person by person; nothing where no draft runs."""
    if not view.settings.shadows:
        return []
    name = await _generation(view)
    live = await _standing(view, name, by)
    draft = await _standing(view, shadow.schema_of(name), by)
    return [
        ComparedRow(
            name=key,
            says=_says(view, key) if by == "clause" else "",
            live=live.get(key, Standing()),
            draft=draft.get(key, Standing()),
        )
        for key in sorted(live.keys() | draft.keys())
        if live.get(key, Standing()) != draft.get(key, Standing())
    ]


async def find_clocks(
    view: View, wanted: clocks.Wanted, *, cursor: str | None = None, limit: int = 50
) -> Page[ClockRow]:
    """A page of clocks as the drafts would have them; with times, the drafts that ran then.

    Raises BadQuestion.
    """
    if not view.timed:
        async with beside(view) as drafts:
            return await clocks.find(drafts, wanted, cursor=cursor, limit=limit)
    if view.settings.shadow is None:
        return Page([])
    then = replace(view, settings=view.settings.shadow, _said={})
    return await as_of.find_clocks(then, wanted, cursor=cursor, limit=limit)


@asynccontextmanager
async def beside(view: View) -> AsyncIterator[View]:
    """The same view, for any question, on the rows of the drafts; empty where none runs."""
    async with shadow.first(view.rows, await _generation(view)):
        yield replace(view, settings=view.settings.shadow or view.settings, _said={})


async def _standing(view: View, schema: str, by: GroupBy) -> dict[str, Standing]:
    since = min(draft.since for draft in view.settings.shadows.values())
    found: dict[str, Standing] = {}
    column = "owner" if by == "person" else "clause"
    for name, promises, broken in await view.fetch(
        _CLOCKS.format(by=column, schema=schema), (view.now, since)
    ):
        found[name] = Standing(promises, broken)
    for name, currency, lines, owed in await view.fetch(
        _LINES.format(by=by, schema=schema), (sorted(OWED), sorted(DROPPED), since)
    ):
        standing = found.setdefault(name, Standing())
        standing.lines += lines
        standing.owed[currency] = owed
    return found


def _says(view: View, clause: str) -> str:
    """In the words of a draft that has it, else of what is in force."""
    rules = view.settings.shadow or view.settings
    for pack in sorted(rules.packs):
        book = rules.in_force(pack, view.now)
        for known in book.clause if book else ():
            if known.id == clause:
                return known.says_zh if view.lang == "zh" else known.says_en
    return ""


async def _generation(view: View) -> str:
    ((name,),) = await view.fetch("SELECT current_schema()")
    return str(name)
