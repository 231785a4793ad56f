"""Promises: what falls due in the next days, and what was broken in a period."""

from collections.abc import AsyncIterator
from datetime import timedelta

from onrecord_projections.queries import questions
from onrecord_projections.queries.answer import cursor_of
from onrecord_projections.queries.clocks import ClockRow, Wanted
from onrecord_services.reports import words
from onrecord_services.reports.parameters import Takes, span_of
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Cell, Column, Table, Words

PAGE_ROWS = 1_000
NEXT_DAYS = 7
_DUE = Column("due_at", Words("到期时间", "Due"), "instant", width=20)
_BEGAN = Column("started_at", Words("开始时间", "Began"), "instant", width=20, on_paper=False)
_STATE = Column("state", Words("状态", "State"), "code", words.CLOCK, width=10)
DUE_COLUMNS = (
    _DUE,
    Column("left", Words("剩余", "Left"), "duration", width=12),
    words.CASE,
    words.OWNER,
    words.CLAUSE,
    words.SAYS,
    words.PACK,
    words.EDITION,
    _BEGAN,
    _STATE,
)
BROKEN_COLUMNS = (
    _DUE,
    Column("stopped_at", Words("实际完成", "Done"), "instant", width=20),
    Column("late", Words("超时", "Late by"), "duration", width=12),
    words.CASE,
    words.OWNER,
    words.CLAUSE,
    words.SAYS,
    words.PACK,
    words.EDITION,
    _BEGAN,
    Column("justified", Words("有正当理由", "Excuse on record"), "code", words.YES_NO, width=10),
    Column("note", Words("备注", "Note"), width=20, on_paper=False),
)


async def due(asked: Asked) -> Table:
    """Whatever nothing has stopped yet and is due within the days asked about, the soonest first."""
    view = asked.view
    until = view.at + timedelta(days=asked.parameters.days or NEXT_DAYS)
    wanted = Wanted(open=True, due_after=view.at, due_before=until)
    rows = [
        (row.due_at, row.due_at and row.due_at - view.at, *_whose(row), row.started_at, row.state)
        async for row in _clocks(asked, wanted)
    ]
    return Table(DUE_COLUMNS, sorted(rows, key=_by_due))


async def broken(asked: Asked) -> Table:
    """Every promise whose limit passed in the period without being kept, in the order they broke."""
    assert asked.parameters.period is not None, "checked before"
    begin, end = span_of(asked.view, asked.parameters.period)
    wanted = Wanted(state="breached", due_after=begin, due_before=end)
    rows = [
        (
            row.due_at,
            row.stopped_at,
            None if row.late_s is None else timedelta(seconds=row.late_s),
            *_whose(row),
            row.started_at,
            "yes" if row.justified else "no",
            row.note or None,
        )
        async for row in _clocks(asked, wanted)
    ]
    return Table(BROKEN_COLUMNS, sorted(rows, key=_by_due))


async def _clocks(asked: Asked, wanted: Wanted) -> AsyncIterator[ClockRow]:
    """Page by page; what must be kept is no promise to anybody."""
    cursor: str | None = None
    done = 0
    while True:
        page = await questions.find_clocks(asked.view, wanted, cursor=cursor, limit=PAGE_ROWS)
        for row in page.items:
            if row.kind != "retention":
                yield row
        done += len(page.items)
        asked.progress(done, done)
        cursor = cursor_of(page.after)
        if cursor is None:
            return


def _whose(row: ClockRow) -> tuple[Cell, ...]:
    return row.case, row.owner, row.clause, row.says, row.pack, row.edition


def _by_due(row: tuple[Cell, ...]) -> tuple[object, ...]:
    """By when it was due, then case, then clause."""
    due_at, _, *rest = row
    named = [cell for cell in rest if isinstance(cell, str)]
    return due_at, named[0], named[1:3]


DUE = Report(
    name="due-list",
    title=Words("待办到期清单", "What falls due"),
    takes=Takes(days=NEXT_DAYS),
    cites=("CC18-12", "DAILY-COMM-4.3-2"),
    make=due,
)
BROKEN = Report(
    name="breaches",
    title=Words("超期事项清单", "Broken promises"),
    takes=Takes(period=("month", "quarter", "year")),
    cites=("RENT-CRM-2.6", "DAILY-COMM-5.2-1"),
    make=broken,
)
