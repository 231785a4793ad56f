"""Visits: the plans handed in for them and the reports made of them (CC17-3.1, CC17-3.4-1)."""

from collections.abc import Sequence
from datetime import datetime

from onrecord_events.envelope import Recorded
from onrecord_services.reports import words
from onrecord_services.reports.broken import clauses_of
from onrecord_services.reports.histories import at, first, of_types, said, told
from onrecord_services.reports.parameters import Takes, span_of
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Cell, Column, Table, Words

PLAN, PLANNED, REPORT_FORM = "visit-plan", "planned-visit", "visit-report"
_WHAT = {
    "visit-plan": Words("月度计划", "the month's plan"),
    "planned-visit": Words("拟访", "a planned visit"),
}
PLAN_COLUMNS = (
    Column("what", Words("类别", "What"), "code", _WHAT, width=14),
    Column("handed_in_at", Words("提交时间", "Handed in"), "instant", width=20),
    words.PERSON,
    Column("period", Words("所属期间", "For"), width=12),
    words.CUSTOMER,
    words.CASE,
    Column("reviewed_at", Words("审核时间", "Reviewed"), "instant", width=20),
    Column("reviewed_by", Words("审核人", "Reviewed by"), width=12),
)
REPORT_COLUMNS = (
    Column("visited_at", Words("拜访时间", "Visited"), "instant", width=20),
    words.PERSON,
    Column("customer", Words("客户编号", "Customer"), width=14),
    Column("about", Words("事由", "About"), "code", width=14),
    Column("summary", Words("内容", "What was said"), width=20, on_paper=False, personal=True),
    words.CASE,
    Column("reported_at", Words("报告时间", "Reported"), "instant", width=20),
    Column("reported_by", Words("报告人", "Reported by"), width=12),
    Column("reviewed_at", Words("审核时间", "Reviewed"), "instant", width=20),
    Column("reviewed_by", Words("审核人", "Reviewed by"), width=12),
    Column("late", Words("超期条款", "Broken clauses"), width=20),
)


async def plans(asked: Asked) -> Table:
    """What was handed in during the month, plan by plan and visit by visit."""
    found = []
    for event in await of_types(asked.view, ("duty.done", "record.filed"), *_span(asked)):
        what = event.data.get("duty" if event.type == "duty.done" else "form")
        if what in _WHAT:
            found.append((str(what), event))
    cases = sorted({event.case for _, event in found})
    reviews: dict[str, Recorded | None] = {}
    async for histories in told(asked.view, cases, asked.progress):
        for _, event in found:
            if event.case in histories:
                reviews[event.id] = _next(histories[event.case], event, "approval.given", kind=PLAN)
    return Table(PLAN_COLUMNS, [_plan(what, event, reviews[event.id]) for what, event in found])


def _plan(what: str, event: Recorded, review: Recorded | None) -> tuple[Cell, ...]:
    return (
        what,
        event.occurred_at,
        said(event, "by") or event.actor,
        said(event, "period"),
        said(event, "customer") or said(event, "about"),
        event.case,
        at(review),
        said(review, "by"),
    )


async def reports(asked: Asked) -> Table:
    """A row a visit of the month, with the report that followed it, if one did."""
    visits = [
        event
        for event in await of_types(asked.view, ("interaction.logged",), *_span(asked))
        if event.data.get("kind") == "visit" and event.data.get("direction") == "out"
    ]
    rows: dict[int, tuple[Cell, ...]] = {}
    cases = sorted({event.case for event in visits})
    async for histories in told(asked.view, cases, asked.progress):
        broken = await clauses_of(asked.view, list(histories))
        for visit in visits:
            if visit.case in histories:
                rows[visit.position] = _visit(visit, histories[visit.case], broken.get(visit.case, ()))
    return Table(REPORT_COLUMNS, [rows[visit.position] for visit in visits])


def _visit(visit: Recorded, history: Sequence[Recorded], broken: Sequence[str]) -> tuple[Cell, ...]:
    report = _next(history, visit, "record.filed", form=REPORT_FORM)
    review = report and _next(history, report, "approval.given", kind=REPORT_FORM)
    return (
        visit.occurred_at,
        said(visit, "staff") or visit.actor,
        said(visit, "customer"),
        said(visit, "about"),
        said(visit, "summary"),
        visit.case,
        at(report),
        said(report, "by") or (report.actor if report else None),
        at(review),
        said(review, "by"),
        " ".join(clause for clause in broken if clause.startswith("CC17-3.4")) or None,
    )


def _next(history: Sequence[Recorded], after: Recorded, *types: str, **where: str) -> Recorded | None:
    """The first event of a type that did not happen before another one."""
    later = [event for event in history if event.occurred_at >= after.occurred_at]
    return first(later, *types, **where)


def _span(asked: Asked) -> tuple[datetime, datetime]:
    assert asked.parameters.period is not None, "checked before"
    return span_of(asked.view, asked.parameters.period)


PLANS = Report(
    name="visit-plans",
    title=Words("拜访计划", "Visit plans"),
    takes=Takes(period=("month",)),
    cites=("CC17-3.1",),
    make=plans,
)
REPORTS = Report(
    name="visit-reports",
    title=Words("客户拜访报告", "Customer visits and their reports"),
    takes=Takes(period=("month",)),
    cites=("CC17-3.4-1",),
    make=reports,
)
