"""Repair order, forms ZC-QR-009 and ZC-QR-010: a repair from order to call-back (RENT-CRM 2.4-1)."""

from collections.abc import Iterable, Sequence

from onrecord_events.envelope import Recorded
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports import words
from onrecord_services.reports.fields import code, instant_of, text
from onrecord_services.reports.histories import at, every, first, last, said, told
from onrecord_services.reports.parameters import Takes
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Entry, Form, Section, Words


async def make(asked: Asked) -> Form:
    """The order, the work, and what the customer said of it."""
    case = asked.parameters.case
    assert case is not None, "checked before"
    async for histories in told(asked.view, [case], asked.progress):
        ordered = first(histories[case], "repair.ordered")
        if ordered is not None:
            return _form(case, ordered, histories[case])
    raise BadQuestion(f"case: no repair {case!r} was ordered by then")


def _form(case: str, ordered: Recorded, history: Sequence[Recorded]) -> Form:
    return Form(
        (
            Section(Words("报修", "The order"), tuple(_order(case, ordered))),
            Section(Words("维修", "The work"), tuple(_work(history))),
            Section(Words("回访", "Call-back"), tuple(_call_back(history))),
        ),
        (Words("接单人", "Taken by"), Words("维修人", "Repaired by"), Words("客户", "Customer")),
    )


def _order(case: str, ordered: Recorded) -> Iterable[Entry]:
    yield text("case", Words("工作单编号", "Work order"), case)
    yield instant_of("ordered_at", Words("报修时间", "Ordered"), ordered.occurred_at)
    yield text("customer", Words("客户编号", "Customer"), said(ordered, "customer"))
    yield text("building", Words("楼宇", "Building"), said(ordered, "building"))
    yield text("about", Words("报修事项", "What is broken"), said(ordered, "about"))
    yield text("received_by", Words("接单人", "Taken by"), said(ordered, "received_by"))


def _work(history: Sequence[Recorded]) -> Iterable[Entry]:
    done = last(history, "repair.done")
    hands = [str(each.data["taker"]) for each in every(history, "handover.accepted")]
    yield text("handed_to", Words("交接", "Handed on to"), "、".join(hands) or None)
    yield text("done_by", Words("维修人", "Repaired by"), said(done, "by"))
    yield instant_of("done_at", Words("完工时间", "Finished"), at(done))


def _call_back(history: Sequence[Recorded]) -> Iterable[Entry]:
    made = last(history, "callback.made", reached=True)
    defect = last(history, "repair.defect-found")
    yield instant_of("called_back_at", Words("回访时间", "Called back"), at(made))
    yield text("called_back_by", Words("回访人", "By"), said(made, "by"))
    yield code("satisfied", Words("满意", "Content"), said(made, "satisfied"), words.YES_NO)
    yield text("remarks", Words("意见", "Remarks"), said(made, "remarks"))
    yield instant_of("defect_at", Words("发现未完事项", "Something unfinished found"), at(defect))


REPORT = Report(
    name="repair-order",
    title=Words("维修工作单", "Repair work order"),
    number="ZC-QR-009/010",
    takes=Takes(case="repair"),
    cites=("RENT-CRM-2.1-2", "RENT-CRM-2.4-1", "RENT-CRM-5.5"),
    make=make,
)
