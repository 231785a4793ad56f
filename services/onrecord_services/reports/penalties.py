"""Penalties: the notice to one person, of a line or a month, and the list of a month's lines.

What is told is a proposal and stays one until a person decides.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal

from onrecord_projections.queries import penalties
from onrecord_projections.queries.answer import cursor_of
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.penalties import PenaltyRow, Wanted
from onrecord_services.reports import words
from onrecord_services.reports.fields import code, count, instant_of, money, text
from onrecord_services.reports.parameters import Takes
from onrecord_services.reports.promises import PAGE_ROWS
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Cell, Column, Entry, Form, Section, Table, Words

_WHOSE = "SELECT person, month FROM penalties WHERE id = %s"
COLUMNS = (
    words.PERSON,
    Column("at", Words("发生时间", "When"), "instant", width=20),
    words.CASE,
    words.CLAUSE,
    words.SAYS,
    words.PACK,
    words.EDITION,
    Column("kind", Words("类别", "Kind"), "code", words.LINE, width=10),
    Column("amount", Words("拟定金额", "Proposed"), "money", width=12),
    Column("decided", Words("决定金额", "Decided"), "money", width=12),
    Column("adjustment", Words("调整", "Adjustment"), "money", width=12, on_paper=False),
    words.CURRENCY,
    Column("state", Words("状态", "State"), "code", words.PENALTY, width=10),
    Column("id", Words("条目编号", "Line"), width=36, on_paper=False),
)


async def notice(asked: Asked) -> Form:
    """A line, or all of a person's month: the clause, what happened, the amount, how to object."""
    lines = await _lines_asked_for(asked)
    return Form(
        (_whom(lines), *(_line(nth, line) for nth, line in enumerate(lines, start=1)), _rights()),
        (
            Words("被通知人", "The person"),
            Words("部门负责人", "Head of the department"),
            Words("批准人", "Who confirms"),
        ),
    )


async def listed(asked: Asked) -> Table:
    """Every line of the month, person by person."""
    rows = [row async for row in _lines(asked, Wanted(month=asked.parameters.period))]
    return Table(COLUMNS, [_row(row) for row in rows], tuple(_sums(rows)))


async def _lines_asked_for(asked: Asked) -> Sequence[PenaltyRow]:
    person, month, line = asked.parameters.person, asked.parameters.period, asked.parameters.line
    if line is not None and (person is None or month is None):
        found = await asked.view.fetch(_WHOSE, (line,))
        if not found:
            raise BadQuestion(f"line: there is no penalty line {line!r}")
        person, month = found[0]
    rows = [row async for row in _lines(asked, Wanted(person=person, month=month)) if line in (None, row.id)]
    if not rows:
        raise BadQuestion(f"person: {person} had no such penalty line in {month}")
    return rows


async def _lines(asked: Asked, wanted: Wanted) -> AsyncIterator[PenaltyRow]:
    cursor: str | None = None
    while True:
        page = await penalties.find(asked.view, wanted, cursor=cursor, limit=PAGE_ROWS)
        for row in page.items:
            yield row
        cursor = cursor_of(page.after)
        if cursor is None:
            return


def _whom(lines: Sequence[PenaltyRow]) -> Section:
    return Section(
        Words("被通知人", "To whom"),
        (
            text("person", Words("人员", "Person"), lines[0].person),
            text("month", Words("所属月份", "Month"), lines[0].month),
            count("lines", Words("条目数", "Lines"), len(lines)),
            *_sums(lines),
        ),
    )


def _sums(lines: Iterable[PenaltyRow]) -> list[Entry]:
    """What the lines come to, currency by currency; those waived or reversed left out."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        if line.state not in {"waived", "reversed"}:
            sums[line.currency] = sums.get(line.currency, Decimal(0)) + (line.amount or 0)
    return [
        money(f"sum_{currency}", Words(f"拟定合计（{currency}）", f"Proposed in all ({currency})"), amount)
        for currency, amount in sorted(sums.items())
    ]


def _line(nth: int, line: PenaltyRow) -> Section:
    key = f"line_{nth}"
    return Section(
        Words(f"第{nth}条", f"Line {nth}"),
        (
            text(f"{key}_id", Words("条目编号", "Line"), line.id),
            text(f"{key}_clause", Words("依据条款", "Clause"), f"{line.clause} ({line.pack}@{line.edition})"),
            text(f"{key}_says", Words("条款内容", "What it says"), line.says),
            instant_of(f"{key}_at", Words("发生时间", "When"), line.at),
            text(f"{key}_case", Words("事件单", "Case"), line.case),
            text(f"{key}_cause", Words("事实", "Found"), f"{line.cause_clause} {line.cause_code}".strip()),
            count(f"{key}_counted_as", Words("当月第几次", "The how-manieth"), line.counted_as),
            code(f"{key}_kind", Words("类别", "Kind"), line.line, words.LINE),
            money(
                f"{key}_amount",
                Words(f"拟定金额（{line.currency}）", f"Proposed ({line.currency})"),
                line.amount,
            ),
            text(f"{key}_sanction", Words("处分", "Sanction"), line.sanction),
            text(f"{key}_lacks", Words("待补", "Not on record"), line.lacks or None),
            code(f"{key}_state", Words("状态", "State"), line.state, words.PENALTY),
            text(f"{key}_evidence", Words("凭据序号", "Events"), " ".join(map(str, line.evidence))),
        ),
    )


def _rights() -> Section:
    said = Words(
        "本通知为拟处罚，未经确认不执行；可提出申诉。",
        "A proposal: nothing is owed before it is confirmed; you may object.",
    )
    return Section(
        Words("申诉", "Objection"),
        (
            Entry(Column("rights", Words("说明", "Note"), "code", {"proposal": said}), "proposal"),
            text("objection", Words("申诉意见", "What I object to"), None),
        ),
    )


def _row(row: PenaltyRow) -> tuple[Cell, ...]:
    return (
        row.person,
        row.at,
        row.case,
        row.clause,
        row.says,
        row.pack,
        row.edition,
        row.line,
        row.amount,
        row.decided_amount,
        row.adjustment,
        row.currency,
        row.state,
        row.id,
    )


NOTICE = Report(
    name="penalty-notice",
    title=Words("处罚告知单", "Notice of a proposed penalty"),
    takes=Takes(line=True),
    cites=("CC02-E9", "CC13-D4"),
    make=notice,
)
LIST = Report(
    name="penalties",
    title=Words("拟处罚清单", "Penalty lines of a month"),
    takes=Takes(period=("month",)),
    cites=("CC02-E9",),
    make=listed,
)
