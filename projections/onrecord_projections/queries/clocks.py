"""Clocks: which promises run, were kept or broken, as seen at the watermark?

Ordered by when they are due, those without a due date (paused ones) last. A row may lag behind the watermark
by nothing but time itself: an open clock whose due date has passed is broken, whatever its row still says.
"""

# ruff: noqa: S608  (statements are put together from our own text; values travel apart)

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec

from onrecord_projections.judging import Clock
from onrecord_projections.queries.answer import Page, key_of
from onrecord_projections.queries.filters import Filters
from onrecord_projections.queries.view import View

Kind = Literal["clock", "recurring", "retention"]
State = Literal["running", "paused", "met", "breached", "cancelled", "excused"]

_COLUMNS = (
    "case_id, clause, instance, pack, edition, kind, owner, state, started_at, due_at, stopped_at, used, "
    "paused, overrun, provisional, justified, note, findings, evidence, started_by, stopped_by"
)
_NAMES = tuple(_COLUMNS.replace("case_id", "case").split(", "))
_SEEN_BROKEN = "(state = 'breached' OR (state = 'running' AND kind <> 'retention' AND due_at < %s))"


class _DueKey(NamedTuple):
    due_at: datetime | None
    case: str
    clause: str
    instance: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which clocks; None asks for nothing in particular."""

    state: State | None = None
    open: bool | None = None
    """Whether nothing has stopped it yet. `state=breached` and `open` together: overdue now."""
    due_before: datetime | None = None
    due_after: datetime | None = None
    """Half-open: at or after this, before the other."""
    owner: str | None = None
    clause: str | None = None
    case: str | None = None
    kind: Kind | None = None


class ClockRow(msgspec.Struct, frozen=True, kw_only=True):
    """One promise, measured once."""

    case: str
    clause: str
    instance: str
    says: str = ""
    """The clause in our own words, in the language asked for."""
    pack: str
    edition: int
    kind: Kind
    owner: str | None
    state: State
    open: bool
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    used_s: int
    paused_s: int
    late_s: int | None
    """How late it was stopped, or is by now."""
    provisional: bool
    justified: bool
    note: str
    findings: list[str]
    evidence: list[int]
    """Positions of the events it rests on."""
    started_by: str
    stopped_by: str | None


class Counts(msgspec.Struct, frozen=True):
    """How it stands."""

    overdue: int
    due_soon: int | None
    open: int


async def find(view: View, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[ClockRow]:
    """A page of clocks, soonest due first. Raises BadQuestion."""
    key = key_of(cursor, _DueKey)
    rows: list[tuple[Any, ...]] = []
    if key is None or key.due_at is not None:
        rows = await _dated(view, wanted, key, limit + 1)
    if len(rows) <= limit and wanted.due_before is None and wanted.due_after is None:
        rows += await _undated(view, wanted, key, limit + 1 - len(rows))
    items = [_seen(row, view) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, _key(items[-1]) if more else None)


async def of_case(view: View, case: str) -> list[ClockRow]:
    """Every clock of one case, in the order they began."""
    rows = await view.fetch(
        f"SELECT {_COLUMNS} FROM sla WHERE case_id = %s ORDER BY started_at, clause, instance", (case,)
    )
    return [_seen(row, view) for row in rows]


async def count(view: View, soon: timedelta) -> Counts:
    """Overdue now, due within `soon`, open in all."""
    now = view.now
    found = await view.fetch(
        f"SELECT count(*) FILTER (WHERE {_SEEN_BROKEN}), "
        "count(*) FILTER (WHERE state = 'running' AND due_at >= %s AND due_at < %s), count(*) "
        "FROM sla WHERE stopped_at IS NULL AND state IN ('running', 'paused', 'breached') "
        "AND kind <> 'retention'",
        (now, now, now + soon),
    )
    return Counts(*found[0])


def seen(clock: Clock, view: View) -> ClockRow:
    """An evaluated clock as a row."""
    zone = view.zone
    return _row_of(
        view,
        view.at,
        case=clock.case,
        clause=clock.clause,
        instance=clock.instance,
        pack=clock.pack,
        edition=clock.edition,
        kind=clock.kind,
        owner=clock.owner,
        state=clock.state,
        started_at=clock.started_at.astimezone(zone),
        due_at=clock.due_at and clock.due_at.astimezone(zone),
        stopped_at=clock.stopped_at and clock.stopped_at.astimezone(zone),
        used=clock.used,
        paused=clock.paused,
        overrun=clock.overrun,
        provisional=clock.provisional,
        justified=clock.justified,
        note=clock.note,
        findings=list(clock.findings),
        evidence=list(clock.evidence),
        started_by=clock.started_by,
        stopped_by=clock.stopped_by,
    )


def matches(row: ClockRow, wanted: Wanted) -> bool:
    """Whether a clock is one of those asked for: the same conditions as in the statements below."""
    return (
        wanted.state in (None, row.state)
        and wanted.open in (None, row.open)
        and wanted.owner in (None, row.owner)
        and wanted.clause in (None, row.clause)
        and wanted.case in (None, row.case)
        and wanted.kind in (None, row.kind)
        and (wanted.due_before is None or (row.due_at is not None and row.due_at < wanted.due_before))
        and (wanted.due_after is None or (row.due_at is not None and row.due_at >= wanted.due_after))
    )


async def _dated(view: View, wanted: Wanted, key: _DueKey | None, limit: int) -> list[tuple[Any, ...]]:
    filters = _conditions(wanted, view.now)
    filters.add("due_at IS NOT NULL")
    filters.add_if("due_at < %s", wanted.due_before)
    filters.add_if("due_at >= %s", wanted.due_after)
    if key is not None:
        filters.add("(due_at, case_id, clause, instance) > (%s, %s, %s, %s)", *key)
    return await _select(view, filters, "due_at, case_id, clause, instance", limit)


async def _undated(view: View, wanted: Wanted, key: _DueKey | None, limit: int) -> list[tuple[Any, ...]]:
    filters = _conditions(wanted, view.now)
    filters.add("due_at IS NULL")
    if key is not None and key.due_at is None:
        filters.add("(case_id, clause, instance) > (%s, %s, %s)", *key[1:])
    return await _select(view, filters, "case_id, clause, instance", limit)


async def _select(view: View, filters: Filters, order: str, limit: int) -> list[tuple[Any, ...]]:
    return await view.fetch(
        f"SELECT {_COLUMNS} FROM sla {filters.where} ORDER BY {order} LIMIT %s", (*filters.values, limit)
    )


def _conditions(wanted: Wanted, now: datetime) -> Filters:
    filters = Filters()
    if wanted.state == "breached":
        filters.add(f"{_SEEN_BROKEN} AND kind <> 'retention'", now)
    elif wanted.state == "running":
        filters.add("state = 'running' AND (kind = 'retention' OR due_at >= %s)", now)
    else:
        filters.add_if("state = %s", wanted.state)
    if wanted.open is not None:
        filters.add(f"stopped_at IS {'' if wanted.open else 'NOT '}NULL")
    filters.add_if("owner = %s", wanted.owner)
    filters.add_if("clause = %s", wanted.clause)
    filters.add_if("case_id = %s", wanted.case)
    filters.add_if("kind = %s", wanted.kind)
    return filters


def _key(row: ClockRow) -> _DueKey:
    return _DueKey(row.due_at, row.case, row.clause, row.instance)


def _seen(row: tuple[Any, ...], view: View) -> ClockRow:
    return _row_of(view, view.now, **dict(zip(_NAMES, row, strict=True)))


def _row_of(
    view: View,
    now: datetime,
    *,
    pack: str,
    edition: int,
    clause: str,
    kind: Kind,
    state: State,
    due_at: datetime | None,
    stopped_at: datetime | None,
    used: timedelta,
    paused: timedelta,
    overrun: timedelta | None,
    **rest: Any,
) -> ClockRow:
    if state == "running" and kind != "retention" and due_at is not None and due_at < now:
        state = "breached"
    late = overrun
    if late is None and state == "breached" and stopped_at is None and due_at is not None:
        late = now - due_at
    return ClockRow(
        pack=pack,
        edition=edition,
        clause=clause,
        says=view.says(pack, edition, clause),
        kind=kind,
        state=state,
        open=stopped_at is None,
        due_at=due_at,
        stopped_at=stopped_at,
        used_s=_seconds(used),
        paused_s=_seconds(paused),
        late_s=None if late is None else _seconds(late),
        **rest,
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
