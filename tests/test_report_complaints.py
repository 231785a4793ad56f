"""Reports about complaints: rows and forms out of events on real engines, with values written by hand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from onrecord_projections.judging.shipped import shipped_rulebooks
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.engines import Engines
from onrecord_services.reports.sheet import Mark, Personal
from onrecord_services.reports.shelf import REPORTS
from projecting import adopted, at, calendar, said
from reporting import Desk, book_of, desk, pages_of

SEALED = {"key": "ab" * 16, "nonce": "AAAAAAAAAAAAAAAA", "ciphertext": "AAAA"}
CALLED = {"kind": "complaint", "channel": "phone", "by": "chen"}
FORM = "complaint.disposal-form-"


def a_minor_one(case: str) -> list[New]:
    """Taken on Monday, settled on Tuesday, called back on Wednesday; told a day and an hour late."""
    stream = f"complaint/{case}"

    def step(type_name: str, when: str, **data: Any) -> New:
        return said(type_name, stream, when, **data)

    return [
        step(
            "complaint.registered", "06-01 08:00:00", severity="minor", channel="phone", customer="c-1",
            received_by="chen", area_manager="gao", about="lift", building="L01", accused="wu",
            name=SEALED, phone=SEALED, words=SEALED,
        ),
        step("complaint.validity-judged", "06-01 08:05:00", valid=True),
        step(f"{FORM}issued", "06-01 08:10:00", department="engineering"),
        step(f"{FORM}received", "06-01 08:15:00", department="engineering"),
        step(
            "complaint.disposal-plan-signed", "06-01 08:45:00", department="engineering", signed_by="sun",
            due_at="2026-06-03T18:00:00+08:00",
        ),
        step("work-letter.sent", "06-01 09:00:00", to="engineering", due_at="2026-06-02T18:00:00+08:00"),
        step("work-letter.sent", "06-01 09:30:00", to="cleaning"),
        step("work-letter.answered", "06-02 10:00:00"),
        step("complaint.progress-shared", "06-02 09:00:00", channel="phone"),
        step("complaint.resolved", "06-02 14:00:00", accepted_by_customer=True),
        step("callback.made", "06-02 20:00:00", **CALLED, reached=False),
        step("callback.made", "06-03 10:00:00", **CALLED, satisfied=False),
        step("complaint.linked", "06-03 11:00:00", group_complaint="AZ"),
        step("complaint.compensation-promised", "06-04 09:00:00", amount="300.00"),
        step("complaint.compensation-promised", "06-04 10:00:00", amount="150.50"),
        step("act.done", "06-04 11:00:00", act="compensate", by="chen", value="300.00"),
        step("complaint.archived", "06-05 09:00:00"),
    ]  # fmt: skip


def a_major_one(case: str) -> list[New]:
    """Taken as a minor one, found to be major, still open."""
    stream = f"complaint/{case}"
    registered = {"severity": "minor", "channel": "visit", "customer": "c-2", "received_by": "li"}
    return [
        said("complaint.registered", stream, "06-30 23:59:59", about="fees", **registered),
        said("complaint.classified", stream, "07-01 00:10:00", severity="major", ground="1.1-2a"),
        said("complaint.major-reported", stream, "07-01 00:12:00", to="head"),
    ]


def a_july_one(case: str) -> list[New]:
    """A second too late for June; withdrawn."""
    body = {"severity": "minor", "channel": "app", "customer": "c-3", "received_by": "li", "about": "lift"}
    return [
        said("complaint.registered", f"complaint/{case}", "07-01 00:00:00", **body),
        said("complaint.withdrawn", f"complaint/{case}", "07-01 09:00:00"),
    ]


@pytest.fixture(scope="module")
async def june(engines: Engines) -> AsyncIterator[Desk]:
    book, text = shipped_rulebook("rent-crm")
    events = sorted([*a_minor_one("A"), *a_major_one("B"), *a_july_one("C")], key=lambda e: e.occurred_at)
    async with desk(engines) as made:
        await made.bench.project(calendar(), adopted(text, book.pack, book.edition), *events)
        yield made


async def test_the_analysis_has_a_row_for_every_complaint_of_the_month(june: Desk) -> None:
    rows = await june.rows("complaint-analysis", period="2026-06")
    assert [row["事件单"] for row in rows] == ["complaint/A", "complaint/B"]
    assert rows[0] == {
        "事件单": "complaint/A",
        "受理时间": "2026-06-01 08:00:00",
        "渠道": "电话",
        "层级": "服务站",
        "程度": "轻微",
        "事由": "lift",
        "楼宇": "L01",
        "客户编号": "c-1",
        "受理人": "chen",
        "片区经理": "gao",
        "被投诉人": "wu",
        "有效": "是",
        "处理部门": "engineering",
        "首次反馈": "2026-06-02 09:00:00",
        "解决时间": "2026-06-02 14:00:00",
        "处理用时": "30:00:00",
        "结案时间": "2026-06-05 09:00:00",
        "回访时间": "2026-06-03 10:00:00",
        "回访满意": "否",
        "状态": "已结案",
        "超期条款": "RENT-CRM-1.2-4C",
    }
    assert (rows[1]["程度"], rows[1]["状态"], rows[1]["处理用时"]) == ("重大", "处理中", "")


async def test_its_summary_counts_what_the_rows_say(june: Desk) -> None:
    made = await june.report("complaint-analysis", "xlsx", "en", period="2026-06")
    sheet = book_of(made.content)["Summary"]
    assert {row[0].value: row[1].value for row in sheet.rows if row[0].value != "Item"} == {
        "Registered": 2,
        "Major": 1,
        "Valid": 1,
        "Withdrawn": 0,
        "Settled": 1,
        "Settled of registered": 0.5,
        "Called back of settled": 1,
        "Content of those who said": 0,
        "Took on average": timedelta(hours=30),
        "With a broken promise": 1,
    }


async def test_a_quarter_and_a_year_take_more_in(june: Desk) -> None:
    assert len(await june.rows("complaint-analysis", period="2026-Q2")) == 2
    assert len(await june.rows("complaint-analysis", period="2026")) == 3
    assert await june.rows("complaint-analysis", period="2026-05") == []


async def test_as_of_another_instant_it_says_what_was_true_then(june: Desk) -> None:
    rows = await june.rows("complaint-analysis", period="2026-06", as_of=at("06-02 10:00:00"))
    assert [(row["事件单"], row["状态"], row["首次反馈"], row["超期条款"]) for row in rows] == [
        ("complaint/A", "处理中", "2026-06-02 09:00:00", "RENT-CRM-1.2-4C")
    ]
    earlier = await june.rows("complaint-analysis", period="2026-06", known_at=at("06-02 08:30:00"))
    assert [(row["状态"], row["首次反馈"], row["超期条款"]) for row in earlier] == [("处理中", "", "")]


async def test_the_same_question_gives_the_same_bytes_and_another_position_another_file(june: Desk) -> None:
    asked: dict[str, Any] = {"period": "2026-06", "known_at": at("06-03 12:00:00")}
    for fmt in ("xlsx", "csv", "pdf"):
        first = await june.report("complaint-analysis", fmt, **asked)
        second = await june.report("complaint-analysis", fmt, **asked)
        assert first.content == second.content
        assert first.event == second.event
    assert first.event.position < (await june.report("complaint-analysis", period="2026-06")).event.position


async def test_every_run_is_on_record_with_what_it_came_to(june: Desk) -> None:
    made = [
        await june.report("complaint-analysis", fmt, lang, period="2026-06")
        for fmt, lang in (("xlsx", "zh"), ("csv", "en"), ("pdf", "zh"))
    ]
    assert {stream for stream, _ in june.on_record[-3:]} == {"report/complaint-analysis"}
    assert [body for _, body in june.on_record[-3:]] == [each.event for each in made]
    assert len({each.event.rows_sha256 for each in made}) == 1
    assert len({each.event.file_sha256 for each in made}) == 3
    assert len({each.event.report_id for each in made}) == 1
    event = made[0].event
    assert (event.rows, event.period, event.format, event.lang) == (2, "2026-06", "xlsx", "zh")
    assert made[0].file_name == "complaint-analysis-2026-06-zh.xlsx"


async def test_the_statistics_are_by_cause_and_due_on_the_tenth(june: Desk) -> None:
    made = await june.report("complaint-statistics", "xlsx", period="2026-06")
    book = book_of(made.content)
    rows = [[cell.value for cell in row] for row in book.worksheets[0].rows]
    assert [row[:8] for row in rows[1:]] == [
        ["fees", 1, 0, 1, 0, 0, 0, 0],
        ["lift", 1, 1, 0, 1, 0, 1, 1],
    ]
    summary = {row[0].value: row[1].value for row in book["汇总"].rows}
    assert (summary["受理"], summary["重大"], f"{summary['报送期限']:%Y-%m-%d}") == (2, 1, "2026-07-10")


async def test_the_record_is_a_form_whose_personal_fields_stay_sealed(june: Desk) -> None:
    fields = dict(await june.fields("complaint-record", case="complaint/A"))
    assert {name: fields[name] for name in ("姓名", "电话", "投诉内容", "受理人", "是否有效", "渠道")} == {
        "姓名": "（已密封）",
        "电话": "（已密封）",
        "投诉内容": "（已密封）",
        "受理人": "chen",
        "是否有效": "是",
        "渠道": "电话",
    }
    (page,) = pages_of((await june.report("complaint-record", "pdf", case="complaint/A")).content)
    for words in ("客户投诉记录表 ZC-QR-027", "投诉受理", "片区经理:", "（盖章处）"):
        assert words in page, words


async def test_an_erased_person_is_erased_on_paper_too_and_the_digest_stays(june: Desk) -> None:
    def gone(field: Personal) -> Mark:
        assert field.place.startswith("complaint.registered.")
        return Mark.ERASED

    before = await june.report("complaint-record", case="complaint/A")
    after = await june.report("complaint-record", "csv", "en", case="complaint/A", given=gone)
    assert "Name,erased" in after.content.decode()
    assert after.event.rows_sha256 == before.event.rows_sha256


async def test_the_disposal_form_tells_the_whole_way(june: Desk) -> None:
    fields = await june.fields("complaint-disposal", "en", case="complaint/A")
    assert fields == [
        ("Complaint", "complaint/A"),
        ("Received", "2026-06-01 08:00:00"),
        ("About", "lift"),
        ("Severity", "minor"),
        ("Part of group complaint", "AZ"),
        ("Complaints in it", ""),
        ("Department", "engineering"),
        ("Issued", "2026-06-01 08:10:00"),
        ("Received by it", "2026-06-01 08:15:00"),
        ("Plan signed", "2026-06-01 08:45:00"),
        ("Returned", ""),
        ("Signed by", "sun"),
        ("To be done by", "2026-06-03 18:00:00"),
        ("First answer", "2026-06-02 09:00:00"),
        ("Settled", "2026-06-02 14:00:00"),
        ("Customer agrees", "yes"),
        ("Checked", ""),
        ("Opinion given", ""),
        ("Compensation promised", "450.50"),
        ("Compensation given", "300.00"),
        ("Closed", "2026-06-05 09:00:00"),
        ("State", "closed"),
        ("Call-back 1", "2026-06-02 20:00:00"),
        ("By", "chen"),
        ("How", "phone"),
        ("Reached", "no"),
        ("Content", ""),
        ("Remarks", ""),
        ("Call-back 2", "2026-06-03 10:00:00"),
        ("By", "chen"),
        ("How", "phone"),
        ("Reached", "yes"),
        ("Content", "no"),
        ("Remarks", ""),
        ("Broken clauses", "RENT-CRM-1.2-4C"),
    ]


async def test_each_letter_stands_with_its_own_answer(june: Desk) -> None:
    fields = await june.fields("work-contact-letter", "en", case="complaint/A")
    assert fields[4:] == [
        ("Call-back with a bad answer", "2026-06-03 10:00:00"),
        ("To", "engineering"),
        ("Sent", "2026-06-01 09:00:00"),
        ("To be done by", "2026-06-02 18:00:00"),
        ("Answered", "2026-06-02 10:00:00"),
        ("To", "cleaning"),
        ("Sent", "2026-06-01 09:30:00"),
        ("To be done by", ""),
        ("Answered", ""),
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("complaint-analyses", {}, "report: there is no 'complaint-analyses'; there are complaint-ana"),
        ("complaint-analysis", {}, "period: is missing; the report takes a month such as 2026-06 or a"),
        ("complaint-analysis", {"period": "2026-W24"}, "period: '2026-W24' will not do; the report takes"),
        ("complaint-statistics", {"period": "2026-Q2"}, "period: '2026-Q2' will not do; the report takes"),
        ("complaint-record", {}, "case: the report takes a case such as complaint/ID"),
        ("complaint-record", {"case": "repair/A"}, "case: the report takes a case such as complaint/ID"),
        ("complaint-record", {"case": "complaint/Z"}, "case: no complaint 'complaint/Z' was"),
        ("complaint-record", {"case": "complaint/A", "days": 3}, "days: nothing this report takes"),
        ("work-contact-letter", {"case": "complaint/B"}, "case: no work contact letter of"),
        ("repair-order", {"case": "repair/A"}, "case: no repair 'repair/A' was ordered by then"),
        ("penalty-notice", {"person": "li"}, "line: the report takes --line ID, or --person P"),
        ("penalty-notice", {"line": "L-9"}, "line: there is no penalty line 'L-9'"),
        ("due-list", {"days": 400}, "days: 1 to 366"),
    ],
)  # fmt: skip
async def test_a_question_that_cannot_be_answered_says_what_to_ask(
    june: Desk, name: str, parameters: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadQuestion) as refused:
        await june.report(name, **parameters)
    assert str(refused.value).startswith(words)


async def test_an_unknown_format_names_the_known_ones(june: Desk) -> None:
    with pytest.raises(BadQuestion, match="format: xlsx, csv, pdf"):
        await june.report("breaches", "docx", period="2026-06")


def test_every_report_cites_clauses_that_exist() -> None:
    packs = {name.partition("/")[0] for name in shipped_rulebooks()}
    known = {clause.id for pack in packs for clause in shipped_rulebook(pack)[0].clause}
    for report in REPORTS.values():
        for cited in report.cites:
            assert any(clause.startswith(cited) for clause in known), f"{report.name}: {cited}"
