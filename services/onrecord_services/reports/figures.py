"""Figures: what the KPIs of the policies come to in a period; archive hand-in, completeness (CC02-E8)."""

from decimal import Decimal
from functools import partial

from onrecord_projections.queries import figures
from onrecord_projections.queries.figures import FigureRow
from onrecord_projections.queries.telling import Wanted
from onrecord_services.reports import words
from onrecord_services.reports.parameters import Takes
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Cell, Column, Table, Words

COLUMNS = (
    Column("kpi", Words("指标", "Figure"), width=22),
    Column("says", Words("指标内容", "What it says"), width=44),
    words.PACK,
    words.EDITION,
    Column("part", Words("口径", "Of"), width=14),
    Column("group", Words("分组", "Group"), width=14),
    Column("numerator", Words("分子", "Numerator"), "count", width=12),
    Column("denominator", Words("分母", "Denominator"), "count", width=12),
    Column("share", Words("比率", "Share"), "ratio", width=10),
    Column("target", Words("目标", "Target"), "ratio", width=10),
    Column("reached", Words("达标", "Reached"), "code", words.YES_NO, width=10),
    Column("formula", Words("算法", "Formula"), width=40, on_paper=False),
)
_DIGITS = Decimal("0.0001")
_ONE = Decimal(1)


async def make(asked: Asked, *, pack: str | None) -> Table:
    """A row a figure and group, all together after the groups."""
    assert asked.parameters.period is not None, "checked before"
    wanted = Wanted(period=asked.parameters.period, pack=pack)
    return Table(COLUMNS, [_row(row) for row in await figures.of_period(asked.view, wanted)])


def _row(row: FigureRow) -> tuple[Cell, ...]:
    """A share is one of counts; what is a number by itself, or a mean, stands as it is."""
    below = row.denominator
    a_share = None
    if below and row.ranks is None and abs(row.numerator) <= below:
        a_share = (row.numerator / below).quantize(_DIGITS)
    return (
        row.kpi,
        row.says,
        row.pack,
        row.edition,
        row.part,
        row.group,
        row.numerator,
        below,
        a_share,
        row.target if row.target is not None and row.target <= _ONE else None,
        None if row.reached is None else ("yes" if row.reached else "no"),
        row.formula,
    )


ARCHIVE = Report(
    name="archive-kpis",
    title=Words("客户档案上交指标", "Customer archive: figures"),
    takes=Takes(period=("month", "quarter", "year")),
    cites=("CC02-E8",),
    make=partial(make, pack="cc02-archive"),
)
ALL = Report(
    name="kpis",
    title=Words("指标汇总", "All figures of a period"),
    takes=Takes(period=("month", "quarter", "year")),
    cites=("AUTO-5.2-1", "DAILY-COMM-5.2-1", "LEASE-COMM-6.2a", "RENT-CRM-2.2-1"),
    make=partial(make, pack=None),
)
