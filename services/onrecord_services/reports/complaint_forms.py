"""Complaint forms: the record ZC-QR-027 and the disposal form ZC-QR-028, filled from one's events."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from onrecord_events.envelope import Recorded
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports import words
from onrecord_services.reports.broken import clauses_of
from onrecord_services.reports.complaint import Complaint, complaint_of
from onrecord_services.reports.fields import code, count, instant_of, money, text
from onrecord_services.reports.histories import at, every, first, instant, last, said, told
from onrecord_services.reports.parameters import Takes
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Entry, Form, Section, Words


async def record(asked: Asked) -> Form:
    """Who complained about what, how it was judged, and who heard of it (RENT-CRM 1.2-1, 1.2-4A)."""
    complaint, history = await _complaint(asked)
    registered = first(history, "complaint.registered")
    classified = last(history, "complaint.classified")
    return Form(
        (
            Section(
                Words("投诉受理", "How it came in"),
                (
                    text("case", Words("投诉编号", "Complaint"), complaint.case),
                    instant_of("registered_at", Words("受理时间", "Received"), complaint.registered_at),
                    code("channel", Words("渠道", "Channel"), complaint.channel, words.CHANNEL),
                    code("level", Words("层级", "Level"), complaint.level, words.LEVEL),
                    text("received_by", Words("受理人", "Taken by"), complaint.received_by),
                    text("building", Words("楼宇", "Building"), complaint.building),
                ),
            ),
            Section(
                Words("投诉人及内容", "Who complains, of what"),
                (
                    text("customer", Words("客户编号", "Customer"), complaint.customer),
                    text("name", Words("姓名", "Name"), said(registered, "name")),
                    text("phone", Words("电话", "Phone"), said(registered, "phone")),
                    text("about", Words("事由", "About"), complaint.about),
                    text("words", Words("投诉内容", "In the customer's words"), said(registered, "words")),
                    text("accused", Words("被投诉人", "Accused"), complaint.accused),
                ),
            ),
            Section(
                Words("判定与转办", "How it was judged and passed on"),
                (
                    code("severity", Words("程度", "Severity"), complaint.severity, words.SEVERITY),
                    text("ground", Words("依据", "Ground"), said(classified, "ground")),
                    code("valid", Words("是否有效", "Valid"), complaint.valid, words.YES_NO),
                    text(
                        "forwarded_to", Words("转办", "Passed on to"), _named(history, "complaint.forwarded")
                    ),
                    instant_of(
                        "reported_at",
                        Words("重大投诉上报", "Major: reported"),
                        at(first(history, "complaint.major-reported")),
                    ),
                    text(
                        "reported_to",
                        Words("上报对象", "Reported to"),
                        _named(history, "complaint.major-reported"),
                    ),
                ),
            ),
        ),
        (Words("受理人", "Taken by"), Words("片区经理", "Area manager")),
    )


async def disposal(asked: Asked) -> Form:
    """What the department did, the customer heard and the call-back found (RENT-CRM 1.2-4, 1.3-1)."""
    complaint, history = await _complaint(asked)
    broken = (await clauses_of(asked.view, [complaint.case])).get(complaint.case, [])
    return Form(
        (
            Section(
                Words("投诉", "The complaint"),
                (
                    text("case", Words("投诉编号", "Complaint"), complaint.case),
                    instant_of("registered_at", Words("受理时间", "Received"), complaint.registered_at),
                    text("about", Words("事由", "About"), complaint.about),
                    code("severity", Words("程度", "Severity"), complaint.severity, words.SEVERITY),
                    *_group(history),
                ),
            ),
            Section(Words("责任部门处置", "What the department does"), tuple(_plan(complaint, history))),
            Section(Words("处理结果", "What came of it"), tuple(_outcome(complaint, history))),
            Section(Words("回访", "Call-backs"), tuple(_call_backs(history))),
            Section(
                Words("时限", "Promises"),
                (text("broken", Words("超期条款", "Broken clauses"), " ".join(broken) or None),),
            ),
        ),
        (
            Words("责任部门负责人", "Head of the department"),
            Words("片区经理", "Area manager"),
            Words("资产管理部负责人意见", "Opinion, head of asset management"),
        ),
    )


def _plan(complaint: Complaint, history: Sequence[Recorded]) -> Iterable[Entry]:
    signed = last(history, "complaint.disposal-plan-signed")
    yield text("department", Words("责任部门", "Department"), complaint.department)
    for key, name, type_name in (
        ("issued_at", Words("发出时间", "Issued"), "complaint.disposal-form-issued"),
        ("received_at", Words("接收时间", "Received by it"), "complaint.disposal-form-received"),
        ("signed_at", Words("方案签署", "Plan signed"), "complaint.disposal-plan-signed"),
        ("returned_at", Words("退回时间", "Returned"), "complaint.disposal-form-returned"),
    ):
        yield instant_of(key, name, at(last(history, type_name)))
    yield text("signed_by", Words("签署人", "Signed by"), said(signed, "signed_by"))
    yield instant_of("due_at", Words("承诺期限", "To be done by"), instant(signed, "due_at"))


def _outcome(complaint: Complaint, history: Sequence[Recorded]) -> Iterable[Entry]:
    resolved = last(history, "complaint.resolved")
    yield instant_of("answered_at", Words("首次反馈", "First answer"), complaint.answered_at)
    yield instant_of("resolved_at", Words("解决时间", "Settled"), complaint.resolved_at)
    yield code(
        "accepted", Words("客户认可", "Customer agrees"), said(resolved, "accepted_by_customer"), words.YES_NO
    )
    yield instant_of(
        "verified_at", Words("结果核实", "Checked"), at(last(history, "complaint.result-verified"))
    )
    yield instant_of(
        "opinion_at", Words("负责人意见", "Opinion given"), at(last(history, "complaint.opinion-attached"))
    )
    yield from _compensation(history)
    yield instant_of("closed_at", Words("结案时间", "Closed"), complaint.closed_at)
    yield code("standing", Words("状态", "State"), complaint.standing, words.STANDING)


def _compensation(history: Sequence[Recorded]) -> Iterable[Entry]:
    """What the customer was promised and what he got of it; nothing where nobody spoke of it (CC05-2.9)."""
    promised = _sum(every(history, "complaint.compensation-promised"), "amount")
    yield money("compensation_promised", Words("承诺补偿", "Compensation promised"), promised)
    given = _sum(every(history, "act.done", act="compensate"), "value")
    yield money("compensation_given", Words("已付补偿", "Compensation given"), given)


def _sum(events: Sequence[Recorded], field: str) -> Decimal | None:
    return sum((Decimal(str(event.data[field])) for event in events), Decimal(0)) if events else None


def _group(history: Sequence[Recorded]) -> Iterable[Entry]:
    """The group complaint it belongs to, or how many belong to it (AUTO-8.2-2)."""
    linked = last(history, "complaint.linked")
    yield text("group", Words("所属群诉", "Part of group complaint"), said(linked, "group_complaint"))
    members = {event.data["member"] for event in every(history, "complaint.member-added")}
    yield count("members", Words("群诉件数", "Complaints in it"), len(members) or None)


def _call_backs(history: Sequence[Recorded]) -> Iterable[Entry]:
    for nth, made in enumerate(every(history, "callback.made"), start=1):
        key = f"call_back_{nth}"
        yield instant_of(f"{key}_at", Words(f"第{nth}次回访", f"Call-back {nth}"), made.occurred_at)
        yield text(f"{key}_by", Words("回访人", "By"), said(made, "by"))
        yield code(f"{key}_channel", Words("方式", "How"), said(made, "channel"), words.CHANNEL)
        yield code(f"{key}_reached", Words("联系到", "Reached"), said(made, "reached") or "yes", words.YES_NO)
        yield code(f"{key}_satisfied", Words("满意", "Content"), said(made, "satisfied"), words.YES_NO)
        yield text(f"{key}_remarks", Words("意见", "Remarks"), said(made, "remarks"))


def _named(history: Sequence[Recorded], type_name: str) -> str | None:
    """To whom, each once, in the order they were told."""
    return "、".join(dict.fromkeys(str(each.data["to"]) for each in every(history, type_name))) or None


async def _complaint(asked: Asked) -> tuple[Complaint, Sequence[Recorded]]:
    case = asked.parameters.case
    assert case is not None, "checked before"
    async for histories in told(asked.view, [case], asked.progress):
        complaint = complaint_of(case, histories[case])
        if complaint is not None:
            return complaint, histories[case]
    raise BadQuestion(f"case: no complaint {case!r} was registered by then")


RECORD = Report(
    name="complaint-record",
    title=Words("客户投诉记录表", "Complaint record"),
    number="ZC-QR-027",
    takes=Takes(case="complaint"),
    cites=("RENT-CRM-1.2-1", "RENT-CRM-1.2-4A", "RENT-CRM-5.1"),
    make=record,
)
DISPOSAL = Report(
    name="complaint-disposal",
    title=Words("客户投诉处置表", "Complaint disposal form"),
    number="ZC-QR-028",
    takes=Takes(case="complaint"),
    cites=("RENT-CRM-1.2-4", "RENT-CRM-1.3-1", "RENT-CRM-2.4-2", "RENT-CRM-5.2"),
    make=disposal,
)
