"""Complaint statistics of a month, due by the tenth of the next (CC03-27): how many of what, how handled."""

from collections.abc import Sequence
from datetime import date, timedelta

from onrecord_projections.judging.figures import days_of
from onrecord_services.reports.complaint import Complaint
from onrecord_services.reports.complaint_analysis import mean, registered, share
from onrecord_services.reports.parameters import Takes
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Cell, Column, Entry, Table, Words

TENTH = timedelta(days=9)
SEVEN_DAYS = "CC03-26"
"""The clause that limits how long a complaint may take, and how the id of its other reading begins."""
COLUMNS = (
    Column("about", Words("投诉事由", "About"), "code", width=20),
    Column("registered", Words("受理", "Registered"), "count", width=12),
    Column("minor", Words("轻微", "Minor"), "count", width=10),
    Column("major", Words("重大", "Major"), "count", width=10),
    Column("valid", Words("有效", "Valid"), "count", width=10),
    Column("withdrawn", Words("撤回", "Withdrawn"), "count", width=12),
    Column("settled", Words("解决", "Settled"), "count", width=10),
    Column("closed", Words("结案", "Closed"), "count", width=10),
    Column("settled_share", Words("解决率", "Settled share"), "ratio", width=12),
    Column("took", Words("平均用时", "Took on average"), "duration", width=14),
    Column("late", Words("逾7天未结案", "Over seven days"), "count", width=14),
)
_Found = Sequence[tuple[Complaint, Sequence[str]]]


async def make(asked: Asked) -> Table:
    """A row a cause, the most frequent first, and all together at the end."""
    found = [each async for each in registered(asked)]
    by_cause: dict[str, list[tuple[Complaint, Sequence[str]]]] = {}
    for each in found:
        by_cause.setdefault(str(each[0].about or "-"), []).append(each)
    causes = sorted(by_cause, key=lambda cause: (-len(by_cause[cause]), cause))
    assert asked.parameters.period is not None, "checked before"
    return Table(
        COLUMNS,
        [(cause, *_counts(by_cause[cause])) for cause in causes],
        (
            *_all_of(found),
            Entry(Column("due_on", Words("报送期限", "Due on"), "day"), due_on(asked.parameters.period)),
        ),
    )


def due_on(month: str) -> date:
    """The last day on which the statistics of a month are in time."""
    _, after, _ = days_of(month)
    return after + TENTH


def _counts(found: _Found) -> tuple[Cell, ...]:
    complaints = [complaint for complaint, _ in found]
    spans = [each.took for each in complaints if each.took is not None]
    return (
        len(complaints),
        sum(each.severity == "minor" for each in complaints),
        sum(each.severity == "major" for each in complaints),
        sum(each.valid == "yes" for each in complaints),
        sum(each.standing == "withdrawn" for each in complaints),
        len(spans),
        sum(each.closed_at is not None for each in complaints),
        share(len(spans), len(complaints)),
        mean(spans),
        sum(any(clause.startswith(SEVEN_DAYS) for clause in broken) for _, broken in found),
    )


def _all_of(found: _Found) -> tuple[Entry, ...]:
    return tuple(Entry(column, value) for column, value in zip(COLUMNS[1:], _counts(found), strict=True))


REPORT = Report(
    name="complaint-statistics",
    title=Words("投诉统计表", "Complaint statistics"),
    takes=Takes(period=("month",)),
    cites=("CC03-27", SEVEN_DAYS),
    make=make,
)
