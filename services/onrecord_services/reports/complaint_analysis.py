"""Complaint analysis, form ZC-QR-029: a period's complaints and what became of them (RENT-CRM 2.6, 1.3-4)."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter

from onrecord_services.reports import words
from onrecord_services.reports.broken import clauses_of
from onrecord_services.reports.complaint import Complaint, complaint_of
from onrecord_services.reports.histories import lived, told
from onrecord_services.reports.parameters import Takes, span_of
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Cell, Column, Entry, Table, Words

COLUMNS = (
    words.CASE,
    Column("registered_at", Words("受理时间", "Received"), "instant", width=20),
    Column("channel", Words("渠道", "Channel"), "code", words.CHANNEL, width=8),
    Column("level", Words("层级", "Level"), "code", words.LEVEL, width=10, on_paper=False),
    Column("severity", Words("程度", "Severity"), "code", words.SEVERITY, width=8),
    Column("about", Words("事由", "About"), "code", width=14),
    Column("building", Words("楼宇", "Building"), width=12),
    words.CUSTOMER,
    Column("received_by", Words("受理人", "Taken by"), width=12),
    Column("area_manager", Words("片区经理", "Area manager"), width=12, on_paper=False),
    Column("accused", Words("被投诉人", "Accused"), width=12, on_paper=False),
    Column("valid", Words("有效", "Valid"), "code", words.YES_NO, width=8),
    Column("department", Words("处理部门", "Department"), width=14),
    Column("answered_at", Words("首次反馈", "First answer"), "instant", width=20, on_paper=False),
    Column("resolved_at", Words("解决时间", "Settled"), "instant", width=20),
    Column("took", Words("处理用时", "Took"), "duration", width=12, on_paper=False),
    Column("closed_at", Words("结案时间", "Closed"), "instant", width=20, on_paper=False),
    Column("called_back_at", Words("回访时间", "Called back"), "instant", width=20, on_paper=False),
    Column("satisfied", Words("回访满意", "Content"), "code", words.YES_NO, width=10),
    Column("standing", Words("状态", "State"), "code", words.STANDING, width=10),
    Column("broken", Words("超期条款", "Broken clauses"), width=26),
)
_first = attrgetter(*(column.key for column in COLUMNS[:15]))
_rest = attrgetter(*(column.key for column in COLUMNS[16:-1]))
_RATIO_DIGITS = Decimal("0.0001")


async def make(asked: Asked) -> Table:
    """A row a complaint registered in the period, in the order they came in."""
    found = [each async for each in registered(asked)]
    return Table(COLUMNS, [_row(complaint, broken) for complaint, broken in found], tuple(_summary(found)))


async def registered(asked: Asked) -> AsyncIterator[tuple[Complaint, Sequence[str]]]:
    """The complaints registered in the period asked about, each with the clauses broken in it."""
    assert asked.parameters.period is not None, "checked before"
    begin, end = span_of(asked.view, asked.parameters.period)
    found: list[tuple[Complaint, Sequence[str]]] = []
    cases = await lived(asked.view, "complaint", begin, end)
    async for histories in told(asked.view, cases, asked.progress):
        broken = await clauses_of(asked.view, list(histories))
        for case, history in histories.items():
            complaint = complaint_of(case, history)
            if complaint and begin <= complaint.registered_at < end:
                found.append((complaint, broken.get(case, ())))
    for each in sorted(found, key=lambda each: (each[0].registered_at, each[0].case)):
        yield each


def share(part: int, whole: int) -> Decimal | None:
    """So many of so many; nothing of nothing."""
    return (Decimal(part) / whole).quantize(_RATIO_DIGITS) if whole else None


def mean(spans: Sequence[timedelta]) -> timedelta | None:
    """In whole seconds; nothing of nothing."""
    seconds = round(sum(span.total_seconds() for span in spans) / len(spans)) if spans else None
    return None if seconds is None else timedelta(seconds=seconds)


def _row(complaint: Complaint, broken: Sequence[str]) -> tuple[Cell, ...]:
    return (*_first(complaint), complaint.took, *_rest(complaint), " ".join(broken) or None)


def _summary(found: Sequence[tuple[Complaint, Sequence[str]]]) -> Iterable[Entry]:
    complaints = [complaint for complaint, _ in found]
    settled = [each for each in complaints if each.took is not None]
    called = [each for each in settled if each.called_back_at]
    judged = [each for each in called if each.satisfied is not None]
    content = sum(each.satisfied == "yes" for each in judged)
    yield _count("registered", Words("受理投诉", "Registered"), len(complaints))
    yield _count("major", Words("重大投诉", "Major"), sum(c.severity == "major" for c in complaints))
    yield _count("valid", Words("有效投诉", "Valid"), sum(c.valid == "yes" for c in complaints))
    yield _count(
        "withdrawn", Words("已撤回", "Withdrawn"), sum(c.standing == "withdrawn" for c in complaints)
    )
    yield _count("settled", Words("已解决", "Settled"), len(settled))
    yield _ratio("settled_share", Words("解决率", "Settled of registered"), len(settled), len(complaints))
    yield _ratio("called_share", Words("回访率", "Called back of settled"), len(called), len(settled))
    yield _ratio("content_share", Words("回访满意率", "Content of those who said"), content, len(judged))
    average = Column("took", Words("平均处理用时", "Took on average"), "duration")
    yield Entry(average, mean([each.took for each in settled if each.took is not None]))
    yield _count(
        "late", Words("有超期的投诉", "With a broken promise"), sum(bool(broken) for _, broken in found)
    )


def _count(key: str, name: Words, value: int) -> Entry:
    return Entry(Column(key, name, "count"), value)


def _ratio(key: str, name: Words, part: int, whole: int) -> Entry:
    return Entry(Column(key, name, "ratio"), share(part, whole))


REPORT = Report(
    name="complaint-analysis",
    title=Words("客户投诉分析报告表", "Complaint analysis"),
    number="ZC-QR-029",
    takes=Takes(period=("month", "quarter", "year")),
    cites=("RENT-CRM-2.6", "RENT-CRM-1.3-4", "RENT-CRM-5.3"),
    make=make,
)
